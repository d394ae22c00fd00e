//! What services put on the default event bus, and the actions that alarms take.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

/// Something a service tells the world. It is delivered later, and perhaps not once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Emission {
    Event(Event),
    /// An event with all that the bus adds, because its sender was already told its id.
    Whole(Value),
    Action(Action),
    Notice(Notice),
}

/// A message that a topic accepted, for its subscribers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Notice {
    pub topic: String,
    pub message_id: String,
    pub at: Timestamp,
    pub subject: Option<String>,
    pub message: String,
    /// Type and value by name.
    pub attributes: BTreeMap<String, (String, String)>,
}

/// An event for the default bus, without what the bus itself adds (id, account, region, time).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    /// For example `aws.dms`.
    pub source: String,
    pub detail_type: String,
    pub resources: Vec<String>,
    pub detail: Value,
}

/// What an alarm does when it changes state.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Action {
    /// The ARN of a topic or of a function.
    pub to: String,
    /// The whole payload of a function; the message of a topic.
    pub payload: Value,
    /// The subject of a topic's message.
    pub subject: String,
}

/// Where services leave what they have to tell, in order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outbox(Arc<Mutex<Vec<Emission>>>);

impl Outbox {
    pub(crate) fn put(&self, emission: Emission) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(emission);
    }

    pub(crate) fn take(&self) -> Vec<Emission> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
