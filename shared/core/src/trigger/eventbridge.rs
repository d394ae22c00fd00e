//! Envelopes of `EventBridge`: the rule's events, and those of the schedule.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{id, text};
use super::identity::Identity;
use super::unrecognised::{Refusal, Shape, Unrecognised, Why};
use super::{Subject, Trigger, alarm, dms, moment};

pub(super) fn read(event: &Value, identity: &Identity, now: Timestamp) -> Result<Trigger, Unrecognised> {
    let source = text(event, "/source").unwrap_or_default();
    let detail_type = text(event, "/detail-type").unwrap_or_default();
    let kind = Kind::of(source, detail_type);
    let read = match kind {
        Kind::Dms(subject) => dms::from_envelope(event, subject, identity, now).map(Trigger::Replication),
        Kind::Alarm => alarm::from_envelope(event, identity, now).map(Trigger::Alarm),
        Kind::Scheduled => scheduled(event, identity, now),
        Kind::AlarmConfiguration | Kind::Other => {
            Err(Why::UnknownDetailType.because(format!("{detail_type} from {source}")))
        }
    };
    read.map_err(|refusal| refusal.of(kind.shape()))
}

fn scheduled(event: &Value, identity: &Identity, now: Timestamp) -> Result<Trigger, Refusal> {
    identity.is_at(text(event, "/account"), text(event, "/region"))?;
    let _at = moment::fresh(text(event, "/time"), now)?;
    Ok(Trigger::Tick {
        id: id(text(event, "/id")),
    })
}

#[derive(Clone, Copy)]
enum Kind {
    Dms(Subject),
    Alarm,
    AlarmConfiguration,
    Scheduled,
    Other,
}

impl Kind {
    fn of(source: &str, detail_type: &str) -> Self {
        match (source, detail_type) {
            ("aws.dms", detail_type) => subject(detail_type).map_or(Self::Other, Self::Dms),
            ("aws.cloudwatch", "CloudWatch Alarm State Change") => Self::Alarm,
            ("aws.cloudwatch", "CloudWatch Alarm Configuration Change") => Self::AlarmConfiguration,
            ("aws.events" | "aws.scheduler", "Scheduled Event") => Self::Scheduled,
            _ => Self::Other,
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Dms(Subject::Task) => Shape::DmsTask,
            Self::Dms(Subject::Instance) => Shape::DmsInstance,
            Self::Dms(Subject::Configuration) => Shape::DmsConfiguration,
            Self::Dms(Subject::Endpoint) => Shape::DmsEndpoint,
            Self::Dms(Subject::DataMigration) => Shape::DmsDataMigration,
            Self::Alarm => Shape::Alarm,
            Self::AlarmConfiguration => Shape::AlarmConfiguration,
            Self::Scheduled => Shape::Scheduled,
            Self::Other => Shape::EventBridgeOther,
        }
    }
}

/// Instances have a detail type for each thing that may happen to them.
fn subject(detail_type: &str) -> Option<Subject> {
    match detail_type {
        "DMS Replication Task State Change" => Some(Subject::Task),
        "DMS Replication Instance State Change"
        | "DMS Replication Instance Class State Change"
        | "DMS Replication Instance Storage State Change"
        | "DMS Replication Instance Multi-AZ State Change"
        | "DMS Replication Instance Patch State"
        | "DMS Replication Instance Failover State" => Some(Subject::Instance),
        "DMS Replication State Change" => Some(Subject::Configuration),
        "DMS Replication Endpoint State Change" => Some(Subject::Endpoint),
        "DMS Data Migration State Change" => Some(Subject::DataMigration),
        _ => None,
    }
}
