//! What DMS says of a resource, through `EventBridge` or through an event subscription's topic.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{id, text};
use super::happening::event_number;
use super::identity::Identity;
use super::unrecognised::{Refusal, Why};
use super::{Happening, ReplicationEvent, Subject, moment};
use crate::text::Text;

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
        .find_map(|pointer| event_number(text(event, pointer)?));
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

/// A message of an event subscription. The topic says where it comes from; `at` is when SNS took it.
pub(super) fn from_notice(
    notice: &Value,
    message_id: Option<&str>,
    at: Option<&str>,
    identity: &Identity,
    now: Timestamp,
) -> Result<ReplicationEvent, Refusal> {
    let source = text(notice, "/Event Source").unwrap_or_default();
    let (subject, kind) = match source {
        "replication-task" => (Subject::Task, "task"),
        "replication-instance" => (Subject::Instance, "rep"),
        "endpoint" => (Subject::Endpoint, "endpoint"),
        other => return Err(Why::UnknownDetailType.because(format!("event source {other}"))),
    };
    let name = source_id(notice).ok_or_else(|| Why::ForeignResource.because("names no resource"))?;
    let resource = identity
        .resource_named(kind, name)
        .ok_or_else(|| Why::ForeignResource.because(name))?;
    let number = text(notice, "/Event ID").and_then(event_number);
    let happening = Happening::read(None, number)
        .ok_or_else(|| Why::NoState.because(format!("{resource}: no event id")))?;
    Ok(ReplicationEvent {
        id: id(message_id),
        at: moment::fresh(text(notice, "/Event Time").or(at), now)?,
        resource: resource.to_owned(),
        subject,
        happening,
        message: Text::new(text(notice, "/Event Message").unwrap_or_default()),
    })
}

/// Documented as a field; seen as a second line inside the link.
fn source_id(notice: &Value) -> Option<&str> {
    let inside_link = || Some(text(notice, "/Identifier Link")?.split_once("SourceId:")?.1);
    let name = text(notice, "/SourceId").or_else(inside_link)?.trim();
    Some(name).filter(|name| !name.is_empty())
}
