//! What is ours.

use jiff::Timestamp;
use serde_json::Value;

use super::ours::{Notice, Ours};
use super::unrecognised::{Refusal, Shape, Why};
use super::{ReplicationEvent, Subject, dms};

/// What is ours, from the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    pub account: String,
    pub region: String,
    /// ARNs of the replication tasks, forward and reverse.
    pub tasks: Vec<String>,
    /// Identifiers of those tasks, each with its ARN, as DMS told them. They are all that a DMS notice has.
    pub task_names: Vec<(String, String)>,
    /// ARNs of other DMS resources whose events are worth a look: replication instance, serverless replication
    /// configuration, endpoints.
    pub related: Vec<String>,
    /// Names of the migration alarms.
    pub alarms: Vec<String>,
}

impl Identity {
    /// Nothing happens to us in another account or another region.
    pub(super) fn is_at(&self, account: Option<&str>, region: Option<&str>) -> Result<(), Refusal> {
        stands_in([(self.account.as_str(), self.region.as_str())], account, region)
    }

    /// One of our DMS resources, by its whole ARN.
    pub(super) fn resource(&self, arn: &str) -> Option<&str> {
        self.resources().find(|ours| *ours == arn)
    }

    /// One of our DMS resources, by its ARN or by the last segment of it. DMS notices have nothing more.
    pub(super) fn resource_named(&self, kind: &str, name: &str) -> Option<&str> {
        self.resources().find(|ours| {
            let resource = Arn::parse(ours).and_then(|arn| arn.resource.split_once(':'));
            let named = |its_name: &str| its_name == name || *ours == name || self.is_called(ours, name);
            resource.is_some_and(|(its_kind, its_name)| its_kind == kind && named(its_name))
        })
    }

    fn is_called(&self, arn: &str, name: &str) -> bool {
        self.task_names
            .iter()
            .any(|(its_name, its_arn)| its_arn == arn && its_name == name)
    }

    fn resources(&self) -> impl Iterator<Item = &str> {
        self.tasks.iter().chain(&self.related).map(String::as_str)
    }
}

impl Ours for Identity {
    type Subject = Subject;
    type Event = ReplicationEvent;
    const NOTICE: Shape = Shape::SnsDms;

    fn subject(source: &str, detail_type: &str) -> Option<Subject> {
        dms::subject(source, detail_type)
    }

    fn shape(subject: Subject) -> Shape {
        dms::shape(subject)
    }

    fn is_home(&self, account: Option<&str>, region: Option<&str>) -> Result<(), Refusal> {
        self.is_at(account, region)
    }

    fn is_topic_s_place(&self, topic: &Arn<'_>) -> Result<(), Refusal> {
        self.is_at(Some(topic.account), Some(topic.region))
    }

    fn is_alarm_s_place(&self, alarm: &Arn<'_>, _arn: &str) -> Result<(), Refusal> {
        self.is_at(Some(alarm.account), Some(alarm.region))
    }

    fn has_alarm(&self, name: &str, _arn: &str) -> bool {
        self.alarms.iter().any(|ours| ours == name)
    }

    fn read_envelope(
        &self,
        event: &Value,
        subject: Subject,
        now: Timestamp,
    ) -> Result<ReplicationEvent, Refusal> {
        dms::from_envelope(event, subject, self, now)
    }

    fn read_notice(&self, notice: &Notice<'_>, now: Timestamp) -> Result<ReplicationEvent, Refusal> {
        dms::from_notice(notice, self, now)
    }
}

/// One of these places, each an account and a region.
pub(crate) fn stands_in<'place>(
    places: impl IntoIterator<Item = (&'place str, &'place str)>,
    account: Option<&str>,
    region: Option<&str>,
) -> Result<(), Refusal> {
    let mut in_our_account = places
        .into_iter()
        .filter(|(ours, _)| account == Some(*ours))
        .peekable();
    if in_our_account.peek().is_none() {
        return Err(Why::ForeignAccount.because(format!("account {}", account.unwrap_or("not given"))));
    }
    if in_our_account.any(|(_, ours)| region == Some(ours)) {
        Ok(())
    } else {
        Err(Why::ForeignRegion.because(format!("region {}", region.unwrap_or("not given"))))
    }
}

/// `arn:<partition>:<service>:<region>:<account>:<resource>`
pub(crate) struct Arn<'text> {
    pub partition: &'text str,
    pub service: &'text str,
    pub region: &'text str,
    pub account: &'text str,
    pub resource: &'text str,
}

const ARN_PARTS: usize = 6;

impl<'text> Arn<'text> {
    pub(crate) fn parse(text: &'text str) -> Option<Self> {
        let mut parts = text.splitn(ARN_PARTS, ':');
        if parts.next()? != "arn" {
            return None;
        }
        Some(Self {
            partition: parts.next()?,
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }
}
