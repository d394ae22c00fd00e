//! Dice that fall the same for the same seed.

/// Weyl increment and mixing constants of the splitmix64 generator.
const INCREMENT: u64 = 0x9E37_79B9_7F4A_7C15;
const MIX_1: u64 = 0xBF58_476D_1CE4_E5B9;
const MIX_2: u64 = 0x94D0_49BB_1331_11EB;

#[derive(Debug)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(INCREMENT);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(MIX_1);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(MIX_2);
        mixed ^ (mixed >> 31)
    }

    /// A number below the bound.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    /// True so many times of a hundred.
    pub(crate) fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }

    /// One of these; a choice that stands there twice comes twice as often.
    pub(crate) fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let bound = u64::try_from(choices.len()).unwrap_or(u64::MAX);
        let index = usize::try_from(self.below(bound)).unwrap_or_default();
        choices.get(index).copied().unwrap_or_default()
    }
}
