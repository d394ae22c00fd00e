//! What is decided about the two databases of a migration from what was read inside them: how far behind the target is, how
//! writes are stopped and let again, whether everything has arrived, and where sequences go on.

pub mod drained;
pub mod fence;
pub mod heartbeat;
pub mod leftover;
pub mod sequences;
pub mod sessions;

use serde::{Deserialize, Serialize};

/// One of the two databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Source,
    Target,
}

impl Side {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
