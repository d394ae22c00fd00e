//! Messages of an SNS topic. Each is text that is JSON again.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{self, text};
use super::identity::{Arn, Identity};
use super::unrecognised::{Refusal, Shape, Unrecognised, Why};
use super::{Trigger, alarm, dms};

/// SNS delivers one record. Should there be more, the first that is recognised counts: whatever follows is seen by
/// the look that it causes.
pub(super) fn read(event: &Value, identity: &Identity, now: Timestamp) -> Result<Trigger, Unrecognised> {
    let records = event.get("Records").and_then(Value::as_array);
    let mut refused = None;
    for record in records.into_iter().flatten() {
        match one(record, identity, now) {
            Ok(trigger) => return Ok(trigger),
            Err(unrecognised) => refused = refused.or(Some(unrecognised)),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Why::Malformed
            .because("Records is not a list of any")
            .of(Shape::Object)
    }))
}

fn one(record: &Value, identity: &Identity, now: Timestamp) -> Result<Trigger, Unrecognised> {
    let service = field(record, "EventSource")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if service != "aws:sns" {
        return Err(Why::UnknownEnvelope
            .because(format!("a record from {service}"))
            .of(Shape::Object));
    }
    let notification = field(record, "Sns").unwrap_or(&Value::Null);
    let message = message(notification, identity).map_err(|refusal| refusal.of(Shape::SnsOther))?;
    let message_id = text(notification, "/MessageId");
    let sent = text(notification, "/Timestamp");
    if message.get("AlarmName").is_some() {
        return alarm::from_notice(&message, message_id, sent, identity, now)
            .map(Trigger::Alarm)
            .map_err(|refusal| refusal.of(Shape::SnsAlarm));
    }
    if message.get("Event Source").is_some() {
        return dms::from_notice(&message, message_id, sent, identity, now)
            .map(Trigger::Replication)
            .map_err(|refusal| refusal.of(Shape::SnsDms));
    }
    Err(Why::UnknownEnvelope
        .because("a message of neither an alarm nor DMS")
        .of(Shape::SnsOther))
}

/// The message of a topic that is ours. Only the topic's ARN says where a DMS notice comes from.
fn message(notification: &Value, identity: &Identity) -> Result<Value, Refusal> {
    let topic = text(notification, "/TopicArn")
        .and_then(Arn::parse)
        .filter(|topic| topic.service == "sns")
        .ok_or_else(|| Why::Malformed.because("no topic"))?;
    identity.is_at(Some(topic.account), Some(topic.region))?;
    let message = text(notification, "/Message").ok_or_else(|| Why::Malformed.because("no message"))?;
    document::read(message.as_bytes())
}

/// Lambda spells these names with a capital, other services without, and people who replay them as they like.
fn field<'record>(record: &'record Value, name: &str) -> Option<&'record Value> {
    let mut fields = record.as_object()?.iter();
    fields.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}
