//! What reaches a function, told apart and checked. A trigger is a hint that it is time to look: what is acted on
//! is what is read back afterwards, but nothing that is not ours may even make us look.
//!
//! Anyone who may invoke the function can forge any of these, so each is believed only as far as its account,
//! region, name and time agree with the configuration.

mod alarm;
mod dms;
pub(crate) mod document;
mod eventbridge;
mod happening;
pub(crate) mod identity;
pub(crate) mod moment;
pub(crate) mod number;
pub(crate) mod ours;
mod sns;
pub(crate) mod unrecognised;

use jiff::Timestamp;

use crate::text::Text;
use ours::Found;

pub use document::{ID_BYTES_MAX, PAYLOAD_BYTES_MAX};
pub use happening::{Happening, Subject};
pub use identity::Identity;
pub use moment::{EVENT_AGE_SECONDS_MAX, EVENT_AHEAD_SECONDS_MAX};
pub use unrecognised::{DETAIL_BYTES_MAX, KEY_BYTES_MAX, Shape, Unrecognised, Why};

/// Longest message or reason that is kept, in bytes of its JSON form.
pub const MESSAGE_BYTES_MAX: usize = 200;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trigger {
    /// DMS says that something happened to one of our resources.
    Replication(ReplicationEvent),
    /// CloudWatch says that one of our alarms changed.
    Alarm(AlarmEvent),
    /// The schedule.
    Tick { id: Option<String> },
    /// A JSON object with an "action": somebody's command, to be read by `Command::parse`.
    Manual,
    /// Anything else: logged and counted, never acted on.
    Unrecognised(Unrecognised),
}

/// DMS makes no promise of delivery: it may come late, twice or never.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationEvent {
    pub id: Option<String>,
    pub at: Timestamp,
    /// The ARN, as the configuration has it.
    pub resource: String,
    pub subject: Subject,
    pub happening: Happening,
    pub message: Text<MESSAGE_BYTES_MAX>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlarmEvent {
    /// A direct alarm action has none.
    pub id: Option<String>,
    /// When the state changed, which may be well before the event was sent.
    pub at: Timestamp,
    pub name: String,
    pub arn: String,
    pub from: StateValue,
    pub to: StateValue,
    /// CloudWatch tells of the change, but somebody asked that nothing be done about it now: by a composite
    /// alarm's suppressor or by a mute rule.
    pub suppressed: bool,
    pub reason: Text<MESSAGE_BYTES_MAX>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateValue {
    Ok,
    Alarm,
    InsufficientData,
}

impl StateValue {
    /// As CloudWatch writes it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    fn parse(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData]
            .into_iter()
            .find(|value| value.name() == name)
    }
}

/// Reads a payload, whatever it is.
#[must_use]
pub fn parse(payload: &[u8], identity: &Identity, now: Timestamp) -> Trigger {
    match ours::recognise(payload, identity, now) {
        Ok(Found::Own(event)) => Trigger::Replication(event),
        Ok(Found::Alarm(event)) => Trigger::Alarm(event),
        Ok(Found::Tick { id }) => Trigger::Tick { id },
        Ok(Found::Command) => Trigger::Manual,
        Err(unrecognised) => Trigger::Unrecognised(unrecognised),
    }
}
