//! What is not acted on, by closed names, so that it can be counted without an end to the counters.

use crate::text::Text;

/// Longest sentence about what is not acted on, in bytes of its JSON form.
pub const DETAIL_BYTES_MAX: usize = 160;
/// Longest [`Unrecognised::key`].
pub const KEY_BYTES_MAX: usize = 48;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unrecognised {
    pub why: Why,
    pub shape: Shape,
    /// One sentence for the log. It may repeat what a stranger wrote.
    pub detail: Text<DETAIL_BYTES_MAX>,
}

impl Unrecognised {
    /// `<shape>:<why>`: one of a small closed set, so that each can be counted and told once.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}:{}", self.shape.name(), self.why.name())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    NotJson,
    TooLarge,
    TooDeep,
    NotAnObject,
    UnknownEnvelope,
    UnknownDetailType,
    ForeignAccount,
    ForeignRegion,
    ForeignResource,
    UnknownAlarm,
    NoTime,
    TooOld,
    InTheFuture,
    /// The alarm is in the state it was in.
    NoTransition,
    /// The event does not say what happened.
    NoState,
    /// The envelope is known, but a field in it is missing or is not of its form.
    Malformed,
}

impl Why {
    pub const ALL: [Self; 16] = [
        Self::NotJson,
        Self::TooLarge,
        Self::TooDeep,
        Self::NotAnObject,
        Self::UnknownEnvelope,
        Self::UnknownDetailType,
        Self::ForeignAccount,
        Self::ForeignRegion,
        Self::ForeignResource,
        Self::UnknownAlarm,
        Self::NoTime,
        Self::TooOld,
        Self::InTheFuture,
        Self::NoTransition,
        Self::NoState,
        Self::Malformed,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::NotJson => "not-json",
            Self::TooLarge => "too-large",
            Self::TooDeep => "too-deep",
            Self::NotAnObject => "not-an-object",
            Self::UnknownEnvelope => "unknown-envelope",
            Self::UnknownDetailType => "unknown-type",
            Self::ForeignAccount => "foreign-account",
            Self::ForeignRegion => "foreign-region",
            Self::ForeignResource => "foreign-resource",
            Self::UnknownAlarm => "unknown-alarm",
            Self::NoTime => "no-time",
            Self::TooOld => "too-old",
            Self::InTheFuture => "in-the-future",
            Self::NoTransition => "no-transition",
            Self::NoState => "no-state",
            Self::Malformed => "malformed",
        }
    }

    pub(crate) fn because(self, detail: impl AsRef<str>) -> Refusal {
        Refusal {
            why: self,
            detail: Text::new(detail.as_ref()),
        }
    }
}

/// Which envelope it looked like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Shape {
    DmsTask,
    DmsInstance,
    DmsConfiguration,
    DmsEndpoint,
    DmsDataMigration,
    RdsCluster,
    RdsInstance,
    RdsSnapshot,
    Alarm,
    AlarmConfiguration,
    Scheduled,
    EventBridgeOther,
    AlarmAction,
    SnsAlarm,
    SnsDms,
    SnsRds,
    SnsOther,
    /// A JSON object that is no envelope we know.
    Object,
    /// No JSON object.
    Other,
}

impl Shape {
    pub const ALL: [Self; 19] = [
        Self::DmsTask,
        Self::DmsInstance,
        Self::DmsConfiguration,
        Self::DmsEndpoint,
        Self::DmsDataMigration,
        Self::RdsCluster,
        Self::RdsInstance,
        Self::RdsSnapshot,
        Self::Alarm,
        Self::AlarmConfiguration,
        Self::Scheduled,
        Self::EventBridgeOther,
        Self::AlarmAction,
        Self::SnsAlarm,
        Self::SnsDms,
        Self::SnsRds,
        Self::SnsOther,
        Self::Object,
        Self::Other,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::DmsTask => "eventbridge/dms-task",
            Self::DmsInstance => "eventbridge/dms-instance",
            Self::DmsConfiguration => "eventbridge/dms-configuration",
            Self::DmsEndpoint => "eventbridge/dms-endpoint",
            Self::DmsDataMigration => "eventbridge/dms-data-migration",
            Self::RdsCluster => "eventbridge/rds-cluster",
            Self::RdsInstance => "eventbridge/rds-instance",
            Self::RdsSnapshot => "eventbridge/rds-snapshot",
            Self::Alarm => "eventbridge/alarm",
            Self::AlarmConfiguration => "eventbridge/alarm-configuration",
            Self::Scheduled => "eventbridge/scheduled",
            Self::EventBridgeOther => "eventbridge/other",
            Self::AlarmAction => "alarm-action",
            Self::SnsAlarm => "sns/alarm",
            Self::SnsDms => "sns/dms",
            Self::SnsRds => "sns/rds",
            Self::SnsOther => "sns/other",
            Self::Object => "object",
            Self::Other => "other",
        }
    }
}

/// Why something is not acted on, before it is known which envelope it came in.
#[derive(Debug)]
pub(crate) struct Refusal {
    why: Why,
    detail: Text<DETAIL_BYTES_MAX>,
}

impl Refusal {
    pub(crate) fn of(self, shape: Shape) -> Unrecognised {
        Unrecognised {
            why: self.why,
            shape,
            detail: self.detail,
        }
    }
}
