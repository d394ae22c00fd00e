//! What DMS says of a resource, through `EventBridge` or through an event subscription's topic.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{id, text};
use super::identity::Identity;
use super::number::event_number;
use super::ours::Notice;
use super::unrecognised::{Refusal, Shape, Why};
use super::{Happening, ReplicationEvent, Subject, moment};
use crate::text::Text;

const EVENT_ID: &str = "DMS-EVENT-";

/// An `EventBridge` envelope. The resource is known by `resources` alone: no field of `detail` names it reliably.
pub(super) fn from_envelope(
    event: &Value,
    subject: Subject,
    identity: &Identity,
    now: Timestamp,
) -> Result<ReplicationEvent, Refusal> {
    identity.is_at(text(event, "/account"), text(event, "/region"))?;
    let resource = ours(event, identity)?;
    // Documented as `eventName`, seen as `eventId`, and a failure has been seen with neither.
    let number = ["/detail/eventName", "/detail/eventId"]
        .into_iter()
        .find_map(|pointer| event_number(text(event, pointer)?, EVENT_ID));
    let happening = Happening::read(text(event, "/detail/eventType"), number)
        .ok_or_else(|| Why::NoState.because(format!("{resource}: neither eventType nor event id")))?;
    Ok(ReplicationEvent {
        id: id(text(event, "/id")),
        at: moment::fresh(text(event, "/time"), now)?,
        resource: resource.to_owned(),
        subject,
        happening,
        message: Text::new(text(event, "/detail/detailMessage").unwrap_or_default()),
    })
}

fn ours<'identity>(event: &Value, identity: &'identity Identity) -> Result<&'identity str, Refusal> {
    let named = event.get("resources").and_then(Value::as_array);
    let mut arns = named.into_iter().flatten().filter_map(Value::as_str);
    let first = arns.clone().next().unwrap_or("no resource");
    arns.find_map(|arn| identity.resource(arn))
        .ok_or_else(|| Why::ForeignResource.because(first))
}

/// A message of an event subscription. The topic says where it comes from.
pub(super) fn from_notice(
    notice: &Notice<'_>,
    identity: &Identity,
    now: Timestamp,
) -> Result<ReplicationEvent, Refusal> {
    let message = notice.message;
    let source = text(message, "/Event Source").unwrap_or_default();
    let (subject, kind) = match source {
        "replication-task" => (Subject::Task, "task"),
        "replication-instance" => (Subject::Instance, "rep"),
        "endpoint" => (Subject::Endpoint, "endpoint"),
        other => return Err(Why::UnknownDetailType.because(format!("event source {other}"))),
    };
    let name = source_id(message).ok_or_else(|| Why::ForeignResource.because("names no resource"))?;
    let resource = identity
        .resource_named(kind, name)
        .ok_or_else(|| Why::ForeignResource.because(name))?;
    let number = text(message, "/Event ID").and_then(|id| event_number(id, EVENT_ID));
    let happening = Happening::read(None, number)
        .ok_or_else(|| Why::NoState.because(format!("{resource}: no event id")))?;
    Ok(ReplicationEvent {
        id: id(notice.id),
        at: moment::fresh(text(message, "/Event Time").or(notice.sent), now)?,
        resource: resource.to_owned(),
        subject,
        happening,
        message: Text::new(text(message, "/Event Message").unwrap_or_default()),
    })
}

/// Instances have a detail type for each thing that may happen to them.
pub(super) fn subject(source: &str, detail_type: &str) -> Option<Subject> {
    if source != "aws.dms" {
        return None;
    }
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

pub(super) fn shape(subject: Subject) -> Shape {
    match subject {
        Subject::Task => Shape::DmsTask,
        Subject::Instance => Shape::DmsInstance,
        Subject::Configuration => Shape::DmsConfiguration,
        Subject::Endpoint => Shape::DmsEndpoint,
        Subject::DataMigration => Shape::DmsDataMigration,
    }
}

/// Documented as a field; seen as a second line inside the link.
fn source_id(notice: &Value) -> Option<&str> {
    let inside_link = || Some(text(notice, "/Identifier Link")?.split_once("SourceId:")?.1);
    let name = text(notice, "/SourceId").or_else(inside_link)?.trim();
    Some(name).filter(|name| !name.is_empty())
}
