//! The environment of `dr-failover`. Whatever it says twice has to agree: what is only found out when a region is gone
//! is found out too late.

mod arn;
mod environment;
mod policy;

use std::time::Duration;

use cutover_core::dr::settings::Settings;
use cutover_core::dr::side::{ClusterArn, Side};
use cutover_core::dr::trigger::Identity;

pub use arn::Arn;

/// Everything `dr-failover` is told by its environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DrConfig {
    pub settings: Settings,
    /// For example `/dr/dev`, without a slash at the end.
    pub state_prefix: String,
    pub topic_arn: String,
    /// Names of alarms in the DR region.
    pub alarms: Vec<String>,
    /// An alarm in a third region.
    pub witness: Option<Arn>,
    /// Name of the alarm in the DR region that health checks follow.
    pub routing_alarm: Option<String>,
    pub records: Option<RecordPair>,
    pub application: Option<ApplicationNames>,
    /// In the DR region.
    pub auto_scaling_groups: Vec<String>,
    pub pre_hook: Option<Arn>,
    pub post_hook: Option<Arn>,
    pub hook_timeout: Duration,
    pub migration: Option<MigrationNames>,
    pub probes: ProbeRules,
}

impl DrConfig {
    /// What an event must name to be ours.
    #[must_use]
    pub fn identity(&self) -> Identity {
        let settings = &self.settings;
        let clusters = [&settings.dr, &settings.primary];
        let place = |cluster: &ClusterArn| (cluster.account().to_owned(), cluster.region().to_owned());
        Identity {
            places: clusters.map(place).into(),
            clusters: clusters.map(|cluster| cluster.as_str().to_owned()).into(),
            global_cluster: settings.global_cluster.clone(),
            alarms: self.alarms.clone(),
            witness: self.witness.as_ref().map(|witness| witness.arn.clone()),
        }
    }
}

/// A pair of records, one for each side, told apart by set identifier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPair {
    pub hosted_zone_id: String,
    /// As Route 53 lists it.
    pub name: String,
    pub primary_set_identifier: String,
    pub secondary_set_identifier: String,
}

/// What of the application follows the writer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApplicationNames {
    /// For example `/app/orders/database`, without a slash at the end.
    pub parameter_path: String,
    pub secrets: Option<SecretNames>,
}

/// What the application calls the secret of each side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SecretNames {
    pub primary: String,
    pub dr: String,
}

impl SecretNames {
    #[must_use]
    pub fn of(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }
}

/// The migration of the same environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationNames {
    /// The function that takes its commands.
    pub function: Arn,
    /// The parameter with its state, in that function's region.
    pub state_parameter: String,
}

/// How the writer endpoints are tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProbeRules {
    /// For one probe, and for whatever is asked of another region.
    pub timeout: Duration,
    /// Secrets in the DR region, in the form that RDS gives them.
    pub primary_secret: Option<Arn>,
    pub dr_secret: Option<Arn>,
    /// Instead of the secret's own.
    pub database: Option<String>,
    /// A file of certificates in PEM, trusted besides the system's.
    pub ca_file: Option<String>,
}

impl ProbeRules {
    #[must_use]
    pub fn secret(&self, side: Side) -> Option<&Arn> {
        match side {
            Side::Primary => self.primary_secret.as_ref(),
            Side::Dr => self.dr_secret.as_ref(),
        }
    }
}

#[cfg(test)]
mod tests;
