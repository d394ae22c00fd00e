//! What is ours: in two regions, and the witness in a third.

use jiff::Timestamp;
use serde_json::Value;

use super::{DatabaseEvent, Subject, rds};
use crate::trigger::identity::{Arn, stands_in};
use crate::trigger::ours::{Notice, Ours};
use crate::trigger::unrecognised::{Refusal, Shape};

/// What is ours, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Account and region of each cluster. The first is the DR cluster's, where the schedule and the alarms are too.
    pub places: Vec<(String, String)>,
    /// ARNs of the clusters.
    pub clusters: Vec<String>,
    /// Identifier of the global cluster.
    pub global_cluster: Option<String>,
    /// Names of the DR alarms.
    pub alarms: Vec<String>,
    /// ARN of an alarm elsewhere.
    pub witness: Option<String>,
}

impl Identity {
    /// Nothing happens to our databases in another account or another region.
    pub(super) fn is_at(&self, account: Option<&str>, region: Option<&str>) -> Result<(), Refusal> {
        stands_in(self.places(), account, region)
    }

    pub(super) fn has_cluster(&self, arn: &str) -> bool {
        self.clusters.iter().any(|ours| ours == arn)
    }

    pub(super) fn is_global_cluster(&self, identifier: &str) -> bool {
        self.global_cluster.as_deref() == Some(identifier)
    }

    fn is_witness(&self, arn: &str) -> bool {
        self.witness.as_deref() == Some(arn)
    }

    fn places(&self) -> impl Iterator<Item = (&str, &str)> {
        self.places
            .iter()
            .map(|(account, region)| (account.as_str(), region.as_str()))
    }
}

impl Ours for Identity {
    type Subject = Subject;
    type Event = DatabaseEvent;
    const NOTICE: Shape = Shape::SnsRds;

    fn subject(source: &str, detail_type: &str) -> Option<Subject> {
        rds::subject(source, detail_type)
    }

    fn shape(subject: Subject) -> Shape {
        match subject {
            Subject::Cluster => Shape::RdsCluster,
            Subject::Instance => Shape::RdsInstance,
            Subject::Snapshot => Shape::RdsSnapshot,
        }
    }

    fn is_home(&self, account: Option<&str>, region: Option<&str>) -> Result<(), Refusal> {
        stands_in(self.places().take(1), account, region)
    }

    /// The witness's topic is where the witness is.
    fn is_topic_s_place(&self, topic: &Arn<'_>) -> Result<(), Refusal> {
        let witness = self.witness.as_deref().and_then(Arn::parse);
        let witness_s = witness.map(|witness| (witness.account, witness.region));
        let places = self.places().chain(witness_s);
        stands_in(places, Some(topic.account), Some(topic.region))
    }

    fn is_alarm_s_place(&self, alarm: &Arn<'_>, arn: &str) -> Result<(), Refusal> {
        if self.is_witness(arn) {
            return Ok(());
        }
        self.is_home(Some(alarm.account), Some(alarm.region))
    }

    fn has_alarm(&self, name: &str, arn: &str) -> bool {
        self.is_witness(arn) || self.alarms.iter().any(|ours| ours == name)
    }

    fn read_envelope(
        &self,
        event: &Value,
        subject: Subject,
        now: Timestamp,
    ) -> Result<DatabaseEvent, Refusal> {
        rds::from_envelope(event, subject, self, now)
    }

    fn read_notice(&self, notice: &Notice<'_>, now: Timestamp) -> Result<DatabaseEvent, Refusal> {
        rds::from_notice(notice, self, now)
    }
}
