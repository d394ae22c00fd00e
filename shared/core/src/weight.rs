//! Shares of traffic: a weight, the pair of weights of a record, and what all pairs carry.

use serde::{Deserialize, Serialize};

/// The target's share of a pair in percent, 0 to 100. The source has the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(try_from = "u8", into = "u8")]
#[cfg_attr(feature = "schemas", schemars(extend("maximum" = 100)))]
pub struct Weight(u8);

impl Weight {
    pub const ZERO: Self = Self(0);
    pub const FULL: Self = Self(100);

    #[must_use]
    pub fn percent(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Weight {
    type Error = WeightOutOfRange;

    fn try_from(percent: u8) -> Result<Self, WeightOutOfRange> {
        if percent <= 100 {
            Ok(Self(percent))
        } else {
            Err(WeightOutOfRange(percent))
        }
    }
}

impl From<Weight> for u8 {
    fn from(weight: Weight) -> Self {
        weight.0
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a weight: a weight is 0 to 100")]
pub struct WeightOutOfRange(u8);

/// The two Route 53 weights of one pair as they stand in the zone, each 0 to 255.
///
/// We write weights that add up to 100. What we find may be anything: weights are relative, and both 0 means
/// that Route 53 answers evenly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Weights {
    pub source: u8,
    pub target: u8,
}

impl Weights {
    #[must_use]
    pub fn of(target: Weight) -> Self {
        Self {
            source: 100 - target.0,
            target: target.0,
        }
    }

    /// The target's share as Route 53 answers, rounded down to a whole percent, or `None` when both are 0.
    #[must_use]
    pub fn share(self) -> Option<Weight> {
        let (source, target) = (u16::from(self.source), u16::from(self.target));
        let percent = (target * 100).checked_div(source + target)?;
        u8::try_from(percent).ok().map(Weight)
    }

    /// Both weights 0: nobody was chosen, and Route 53 answers evenly.
    #[must_use]
    pub fn is_nobody(self) -> bool {
        self.source == 0 && self.target == 0
    }

    /// Everything goes to the source.
    #[must_use]
    pub fn is_all_source(self) -> bool {
        self.target == 0 && self.source > 0
    }

    /// Everything goes to the target.
    #[must_use]
    pub fn is_all_target(self) -> bool {
        self.source == 0 && self.target > 0
    }
}

impl std::fmt::Display for Weights {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "source {} / target {}", self.source, self.target)
    }
}

/// A weighted pair of records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Pair {
    /// Carries reads only.
    Reader,
    /// Carries writes only.
    Writer,
    /// One name for reads and writes.
    Shared,
}

impl Pair {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Reader => "reader",
            Self::Writer => "writer",
            Self::Shared => "shared",
        }
    }
}

/// Which pairs an environment has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Topology {
    /// A reader pair and a writer pair.
    Separate,
    /// One pair for both.
    Shared,
}

impl Topology {
    #[must_use]
    pub fn pairs(self) -> &'static [Pair] {
        match self {
            Self::Separate => &[Pair::Reader, Pair::Writer],
            Self::Shared => &[Pair::Shared],
        }
    }

    /// The pair whose weight `gradual_cutover` moves.
    #[must_use]
    pub fn reads(self) -> Pair {
        match self {
            Self::Separate => Pair::Reader,
            Self::Shared => Pair::Shared,
        }
    }

    /// The pair that carries writes.
    #[must_use]
    pub fn writes(self) -> Pair {
        match self {
            Self::Separate => Pair::Writer,
            Self::Shared => Pair::Shared,
        }
    }
}

/// The weights of reads and of writes. With one shared name both are that pair's weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Traffic {
    pub reader: Weights,
    pub writer: Weights,
}

impl Traffic {
    #[must_use]
    pub fn of(self, pair: Pair) -> Weights {
        match pair {
            Pair::Reader => self.reader,
            Pair::Writer | Pair::Shared => self.writer,
        }
    }

    #[must_use]
    pub fn with(self, pair: Pair, weights: Weights) -> Self {
        match pair {
            Pair::Reader => Self {
                reader: weights,
                ..self
            },
            Pair::Writer => Self {
                writer: weights,
                ..self
            },
            Pair::Shared => Self {
                reader: weights,
                writer: weights,
            },
        }
    }

    #[must_use]
    pub fn is_all_source(self) -> bool {
        self.reader.is_all_source() && self.writer.is_all_source()
    }
}

#[cfg(test)]
mod tests {
    use super::{Pair, Traffic, Weight, Weights};

    #[test]
    fn a_weight_ends_at_one_hundred() {
        assert!(Weight::try_from(100).is_ok());
        assert!(Weight::try_from(101).is_err());
    }

    #[test]
    fn a_share_follows_route_53_and_not_the_sum_of_one_hundred() {
        assert_eq!(
            Weights { source: 3, target: 1 }.share(),
            Weight::try_from(25).ok()
        );
        assert_eq!(
            Weights {
                source: 255,
                target: 255
            }
            .share(),
            Weight::try_from(50).ok()
        );
        assert_eq!(Weights { source: 0, target: 0 }.share(), None);
    }

    #[test]
    fn a_shared_pair_moves_reads_and_writes_together() {
        let all_source = Weights::of(Weight::ZERO);
        let traffic = Traffic {
            reader: all_source,
            writer: all_source,
        };
        let moved = traffic.with(Pair::Shared, Weights::of(Weight::FULL));
        assert!(moved.reader.is_all_target() && moved.writer.is_all_target());
        assert!(
            traffic
                .with(Pair::Reader, Weights::of(Weight::FULL))
                .writer
                .is_all_source()
        );
    }
}
