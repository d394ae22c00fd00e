//! What is ours.

use super::unrecognised::{Refusal, Why};

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
        if account != Some(self.account.as_str()) {
            return Err(Why::ForeignAccount.because(format!("account {}", account.unwrap_or("not given"))));
        }
        if region != Some(self.region.as_str()) {
            return Err(Why::ForeignRegion.because(format!("region {}", region.unwrap_or("not given"))));
        }
        Ok(())
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

    pub(super) fn has_alarm(&self, name: &str) -> bool {
        self.alarms.iter().any(|ours| ours == name)
    }

    fn resources(&self) -> impl Iterator<Item = &str> {
        self.tasks.iter().chain(&self.related).map(String::as_str)
    }
}

/// `arn:<partition>:<service>:<region>:<account>:<resource>`
pub(super) struct Arn<'text> {
    pub service: &'text str,
    pub region: &'text str,
    pub account: &'text str,
    pub resource: &'text str,
}

const ARN_PARTS: usize = 6;

impl<'text> Arn<'text> {
    pub(super) fn parse(text: &'text str) -> Option<Self> {
        let mut parts = text.splitn(ARN_PARTS, ':');
        let ("arn", _partition) = (parts.next()?, parts.next()?) else {
            return None;
        };
        Some(Self {
            service: parts.next()?,
            region: parts.next()?,
            account: parts.next()?,
            resource: parts.next()?,
        })
    }
}
