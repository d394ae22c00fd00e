//! The two clusters, by what the configuration calls them, and their ARNs.

use serde::{Deserialize, Serialize};

/// One of the two clusters. The names are the configuration's and stay, whichever of them is the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Side {
    Primary,
    Dr,
}

impl Side {
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Primary => Self::Dr,
            Self::Dr => Self::Primary,
        }
    }

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Dr => "dr",
        }
    }
}

impl std::fmt::Display for Side {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// `arn:<partition>:rds:<region>:<account>:cluster:<identifier>`
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ClusterArn {
    arn: String,
    region: String,
    account: String,
    identifier: String,
}

impl ClusterArn {
    #[must_use]
    pub fn parse(arn: &str) -> Option<Self> {
        let parts: Vec<&str> = arn.split(':').collect();
        match parts.as_slice() {
            ["arn", _, "rds", region, account, "cluster", identifier]
                if !region.is_empty() && !account.is_empty() && !identifier.is_empty() =>
            {
                Some(Self {
                    arn: arn.to_owned(),
                    region: (*region).to_owned(),
                    account: (*account).to_owned(),
                    identifier: (*identifier).to_owned(),
                })
            }
            _ => None,
        }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.arn
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    #[must_use]
    pub fn identifier(&self) -> &str {
        &self.identifier
    }
}
