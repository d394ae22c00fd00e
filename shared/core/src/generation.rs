//! The number of a transition.

use serde::{Deserialize, Serialize};

/// The number of the last transition. It grows by exactly one; 0 means that nothing was ever decided.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Generation(u32);

/// Digits of a generation in a parameter's name, so that names sort as numbers do.
const NAME_DIGITS: usize = 8;

impl Generation {
    pub const NONE: Self = Self(0);

    #[must_use]
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }

    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }

    #[must_use]
    pub fn plus(self, count: u32) -> Self {
        Self(self.0.saturating_add(count))
    }

    #[must_use]
    pub fn minus(self, count: u32) -> Self {
        Self(self.0.saturating_sub(count))
    }

    /// The last part of the journal parameter's name, for example `00000007`.
    #[must_use]
    pub fn name(self) -> String {
        format!("{:0width$}", self.0, width = NAME_DIGITS)
    }
}

impl std::fmt::Display for Generation {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(formatter)
    }
}
