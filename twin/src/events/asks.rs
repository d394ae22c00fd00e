//! What `EventBridge` asks of IAM: of each event its source and its kind.

use super::Request;
use crate::iam::{Ask, Key};
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        match self {
            Self::Put(request) => {
                let entry = |entry: &winterbaume_eventbridge::model::PutEventsRequestEntry| {
                    let bus = entry.event_bus_name.as_deref().unwrap_or("default");
                    let arn = if bus.starts_with("arn:") {
                        bus.to_owned()
                    } else {
                        place.arn("events", &format!("event-bus/{bus}"))
                    };
                    Ask::new("events:PutEvents", arn)
                        .with_all(Key::EventSource, entry.source.clone())
                        .with_all(Key::DetailType, entry.detail_type.clone())
                };
                request.entries.iter().map(entry).collect()
            }
            Self::TestPattern(_) => vec![Ask::anywhere("events:TestEventPattern")],
            Self::ListRules(_) => vec![Ask::new("events:ListRules", place.arn("events", "rule/*"))],
            Self::ListTargets(request) => vec![Ask::new(
                "events:ListTargetsByRule",
                place.arn("events", &format!("rule/{}", request.rule)),
            )],
        }
    }
}
