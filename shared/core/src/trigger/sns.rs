//! Messages of an SNS topic. Each is text that is JSON again.

use jiff::Timestamp;
use serde_json::Value;

use super::alarm;
use super::document::{self, text};
use super::identity::Arn;
use super::ours::{Found, Notice, Ours};
use super::unrecognised::{Refusal, Shape, Unrecognised, Why};

/// SNS delivers one record. Should there be more, the first that is recognised counts: whatever follows is seen by
/// the look that it causes.
pub(super) fn read<O: Ours>(
    event: &Value,
    ours: &O,
    now: Timestamp,
) -> Result<Found<O::Event>, Unrecognised> {
    let records = event.get("Records").and_then(Value::as_array);
    let mut refused = None;
    for record in records.into_iter().flatten() {
        match one(record, ours, now) {
            Ok(found) => return Ok(found),
            Err(unrecognised) => refused = refused.or(Some(unrecognised)),
        }
    }
    Err(refused.unwrap_or_else(|| {
        Why::Malformed
            .because("Records is not a list of any")
            .of(Shape::Object)
    }))
}

fn one<O: Ours>(record: &Value, ours: &O, now: Timestamp) -> Result<Found<O::Event>, Unrecognised> {
    let service = field(record, "EventSource")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if service != "aws:sns" {
        return Err(Why::UnknownEnvelope
            .because(format!("a record from {service}"))
            .of(Shape::Object));
    }
    let notification = field(record, "Sns").unwrap_or(&Value::Null);
    let (topic, message) = message(notification, ours).map_err(|refusal| refusal.of(Shape::SnsOther))?;
    let notice = Notice {
        message: &message,
        topic,
        id: text(notification, "/MessageId"),
        sent: text(notification, "/Timestamp"),
    };
    if message.get("AlarmName").is_some() {
        return alarm::from_notice(&notice, ours, now)
            .map(Found::Alarm)
            .map_err(|refusal| refusal.of(Shape::SnsAlarm));
    }
    if message.get("Event Source").is_some() {
        return ours
            .read_notice(&notice, now)
            .map(Found::Own)
            .map_err(|refusal| refusal.of(O::NOTICE));
    }
    Err(Why::UnknownEnvelope
        .because("a message of neither an alarm nor an event subscription")
        .of(Shape::SnsOther))
}

/// The message of a topic that is ours. Only the topic's ARN says for certain where a notice comes from.
fn message<'event>(notification: &'event Value, ours: &impl Ours) -> Result<(Arn<'event>, Value), Refusal> {
    let topic = text(notification, "/TopicArn")
        .and_then(Arn::parse)
        .filter(|topic| topic.service == "sns")
        .ok_or_else(|| Why::Malformed.because("no topic"))?;
    ours.is_topic_s_place(&topic)?;
    let message = text(notification, "/Message").ok_or_else(|| Why::Malformed.because("no message"))?;
    Ok((topic, document::read(message.as_bytes())?))
}

/// Lambda spells these names with a capital, other services without, and people who replay them as they like.
fn field<'record>(record: &'record Value, name: &str) -> Option<&'record Value> {
    let mut fields = record.as_object()?.iter();
    fields.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
}
