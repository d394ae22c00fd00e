//! Envelopes of `EventBridge`: the rule's events, and those of the schedule.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{id, text};
use super::ours::{Found, Ours};
use super::unrecognised::{Refusal, Shape, Unrecognised, Why};
use super::{alarm, moment};

pub(super) fn read<O: Ours>(
    event: &Value,
    ours: &O,
    now: Timestamp,
) -> Result<Found<O::Event>, Unrecognised> {
    let source = text(event, "/source").unwrap_or_default();
    let detail_type = text(event, "/detail-type").unwrap_or_default();
    let kind = Kind::of::<O>(source, detail_type);
    let read = match kind {
        Kind::Own(subject, _) => ours.read_envelope(event, subject, now).map(Found::Own),
        Kind::Alarm => alarm::from_envelope(event, ours, now).map(Found::Alarm),
        Kind::Scheduled => scheduled(event, ours, now),
        Kind::AlarmConfiguration | Kind::Other => {
            Err(Why::UnknownDetailType.because(format!("{detail_type} from {source}")))
        }
    };
    read.map_err(|refusal| refusal.of(kind.shape()))
}

fn scheduled<O: Ours>(event: &Value, ours: &O, now: Timestamp) -> Result<Found<O::Event>, Refusal> {
    ours.is_home(text(event, "/account"), text(event, "/region"))?;
    let _at = moment::fresh(text(event, "/time"), now)?;
    Ok(Found::Tick {
        id: id(text(event, "/id")),
    })
}

#[derive(Clone, Copy)]
enum Kind<Subject> {
    Own(Subject, Shape),
    Alarm,
    AlarmConfiguration,
    Scheduled,
    Other,
}

impl<Subject: Copy> Kind<Subject> {
    fn of<O: Ours<Subject = Subject>>(source: &str, detail_type: &str) -> Self {
        match (source, detail_type) {
            ("aws.cloudwatch", "CloudWatch Alarm State Change") => Self::Alarm,
            ("aws.cloudwatch", "CloudWatch Alarm Configuration Change") => Self::AlarmConfiguration,
            ("aws.events" | "aws.scheduler", "Scheduled Event") => Self::Scheduled,
            _ => O::subject(source, detail_type)
                .map_or(Self::Other, |subject| Self::Own(subject, O::shape(subject))),
        }
    }

    fn shape(self) -> Shape {
        match self {
            Self::Own(_, shape) => shape,
            Self::Alarm => Shape::Alarm,
            Self::AlarmConfiguration => Shape::AlarmConfiguration,
            Self::Scheduled => Shape::Scheduled,
            Self::Other => Shape::EventBridgeOther,
        }
    }
}
