//! The one way in for every payload: the envelopes are told apart here, and what is in them is held against what a
//! function says is its own.

use jiff::Timestamp;
use serde_json::Value;

use super::identity::Arn;
use super::unrecognised::{Refusal, Shape, Unrecognised, Why};
use super::{AlarmEvent, alarm, document, eventbridge, sns};

/// What is ours, and how the events are read that only this function is told.
pub(crate) trait Ours {
    /// What its own events are about.
    type Subject: Copy;
    /// What only this function is told.
    type Event;
    /// How a notice of an event subscription is called.
    const NOTICE: Shape;

    /// `None` for an event of `EventBridge` that is none of its own.
    fn subject(source: &str, detail_type: &str) -> Option<Self::Subject>;
    fn shape(subject: Self::Subject) -> Shape;

    /// The schedule is here.
    fn is_home(&self, account: Option<&str>, region: Option<&str>) -> Result<(), Refusal>;
    /// A topic that is here may speak of us.
    fn is_topic_s_place(&self, topic: &Arn<'_>) -> Result<(), Refusal>;
    /// The alarm of this ARN is where one of ours may be.
    fn is_alarm_s_place(&self, alarm: &Arn<'_>, arn: &str) -> Result<(), Refusal>;
    /// Asked of a name and an ARN that agree, in a place where one of ours may be.
    fn has_alarm(&self, name: &str, arn: &str) -> bool;

    fn read_envelope(
        &self,
        event: &Value,
        subject: Self::Subject,
        now: Timestamp,
    ) -> Result<Self::Event, Refusal>;
    fn read_notice(&self, notice: &Notice<'_>, now: Timestamp) -> Result<Self::Event, Refusal>;
}

/// A payload that is understood, and ours.
pub(crate) enum Found<Event> {
    Own(Event),
    Alarm(AlarmEvent),
    Tick {
        id: Option<String>,
    },
    /// A JSON object with an "action".
    Command,
}

/// A message that one of our topics delivered.
pub(crate) struct Notice<'event> {
    pub message: &'event Value,
    pub topic: Arn<'event>,
    pub id: Option<&'event str>,
    /// When SNS took it.
    pub sent: Option<&'event str>,
}

/// The envelopes are told apart by the one field that only they have: `detail-type` (`EventBridge`), `alarmData`
/// (direct alarm action), `Records` (SNS), and `action` where none of these is there.
pub(crate) fn recognise<O: Ours>(
    payload: &[u8],
    ours: &O,
    now: Timestamp,
) -> Result<Found<O::Event>, Unrecognised> {
    let event = document::read(payload).map_err(|refusal| refusal.of(Shape::Other))?;
    if event.get("detail-type").is_some() {
        return eventbridge::read(&event, ours, now);
    }
    if event.get("alarmData").is_some() {
        return alarm::from_action(&event, ours, now)
            .map(Found::Alarm)
            .map_err(|refusal| refusal.of(Shape::AlarmAction));
    }
    if event.get("Records").is_some() {
        return sns::read(&event, ours, now);
    }
    if event.get("action").is_some_and(Value::is_string) {
        return Ok(Found::Command);
    }
    Err(Why::UnknownEnvelope
        .because("an object with neither an envelope's fields nor an \"action\" that is text")
        .of(Shape::Object))
}
