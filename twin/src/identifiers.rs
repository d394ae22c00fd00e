//! Identifiers in the shapes AWS gives them, the same for the same seed.

use std::sync::{Mutex, PoisonError};

/// Weyl increment and mixing constants of the splitmix64 generator.
const INCREMENT: u64 = 0x9E37_79B9_7F4A_7C15;
const MIX_1: u64 = 0xBF58_476D_1CE4_E5B9;
const MIX_2: u64 = 0x94D0_49BB_1331_11EB;

const ALPHABET: &[u8; 36] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
/// Characters behind the leading letter of a hosted zone or change identifier.
const ROUTE53_LENGTH: usize = 20;
/// Characters of the last segment of a DMS ARN.
const DMS_LENGTH: usize = 26;
/// Characters behind the leading letter of the account's part of a database endpoint.
const ENDPOINT_LENGTH: usize = 11;

/// A seeded source of identifiers.
#[derive(Debug)]
pub(crate) struct Identifiers {
    state: Mutex<u64>,
}

impl Identifiers {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self {
            state: Mutex::new(seed),
        }
    }

    /// A request, message or invocation identifier, shaped like a version 4 UUID.
    pub(crate) fn request(&self) -> String {
        let high = self.next();
        let low = self.next();
        let hex = format!("{high:016x}{low:016x}");
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
        format!(
            "{}-{}-4{}-a{}-{}",
            part(0, 8),
            part(8, 12),
            part(13, 16),
            part(17, 20),
            part(20, 32)
        )
    }

    /// A Route 53 identifier: `C…` for a change, `Z…` for a hosted zone.
    pub(crate) fn route53(&self, letter: char) -> String {
        format!("{letter}{}", self.text(ROUTE53_LENGTH))
    }

    /// The last segment of a DMS ARN.
    pub(crate) fn dms(&self) -> String {
        self.text(DMS_LENGTH)
    }

    /// An EC2 instance's identifier: `i-` and 17 hexadecimal digits.
    pub(crate) fn instance(&self) -> String {
        format!("i-0{:016x}", self.next())
    }

    /// The part of a database endpoint's name that is the account's in a region.
    pub(crate) fn endpoint(&self) -> String {
        format!("c{}", self.text(ENDPOINT_LENGTH).to_ascii_lowercase())
    }

    /// A number below the bound, which is not 0.
    pub(crate) fn below(&self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn text(&self, length: usize) -> String {
        (0..length).map(|_| self.letter()).collect()
    }

    fn letter(&self) -> char {
        let index = self.next() % 36;
        let letter = usize::try_from(index).ok().and_then(|index| ALPHABET.get(index));
        letter.copied().map_or('A', char::from)
    }

    fn next(&self) -> u64 {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        *state = state.wrapping_add(INCREMENT);
        let mut mixed = *state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(MIX_1);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(MIX_2);
        mixed ^ (mixed >> 31)
    }
}
