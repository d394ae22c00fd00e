//! What an environment is, apart from its AWS names.

use super::plan::Equipment;
use super::policy::Policy;
use super::side::{ClusterArn, Side};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub environment: String,
    pub function: String,
    pub primary: ClusterArn,
    pub dr: ClusterArn,
    /// `None`: the DR cluster is a cross-region read replica.
    pub global_cluster: Option<String>,
    pub policy: Policy,
    pub equipment: Equipment,
}

impl Settings {
    #[must_use]
    pub fn cluster(&self, side: Side) -> &ClusterArn {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }
}
