//! What the bus puts around an event: an id, an account, a region, a time.

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::emission::Event;
use crate::place::Place;

/// Why a raw event is not put on the bus.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEnvelope {
    #[error("the event is not JSON: {0}")]
    NotJson(String),
    #[error("the event needs \"{0}\"")]
    Missing(&'static str),
}

/// An event of a service, as it appears on the bus.
pub(crate) fn enveloped(event: &Event, place: &Place) -> Value {
    json!({
        "version": "0",
        "id": place.identifiers.request(),
        "detail-type": event.detail_type,
        "source": event.source,
        "account": place.account,
        "time": to_the_second(place.clock.now()),
        "region": place.region,
        "resources": event.resources,
        "detail": event.detail,
    })
}

/// What a schedule sends when it has no input of its own.
pub(crate) fn scheduled(rule_arn: &str, place: &Place) -> Value {
    let event = Event {
        source: "aws.events".to_owned(),
        detail_type: "Scheduled Event".to_owned(),
        resources: vec![rule_arn.to_owned()],
        detail: json!({}),
    };
    enveloped(&event, place)
}

/// A raw event with what it does not say itself filled in.
pub(crate) fn completed(text: &str, place: &Place) -> Result<Value, InvalidEnvelope> {
    let given: Value =
        serde_json::from_str(text).map_err(|problem| InvalidEnvelope::NotJson(problem.to_string()))?;
    let word = |name: &'static str| {
        let word = given.get(name).and_then(Value::as_str);
        word.filter(|word| !word.is_empty())
            .map(str::to_owned)
            .ok_or(InvalidEnvelope::Missing(name))
    };
    let detail = given.get("detail").filter(|detail| detail.is_object());
    let event = Event {
        source: word("source")?,
        detail_type: word("detail-type")?,
        resources: Vec::new(),
        detail: detail.ok_or(InvalidEnvelope::Missing("detail"))?.clone(),
    };
    let mut whole = enveloped(&event, place);
    // Whoever writes an event by hand decides what it says, a forged account included.
    if let (Some(whole), Some(given)) = (whole.as_object_mut(), given.as_object()) {
        whole.extend(given.clone());
    }
    Ok(whole)
}

/// A time as events carry it.
pub(super) fn to_the_second(time: Timestamp) -> String {
    format!("{time:.0}")
}
