//! Events about something that did not happen: forged ones, and true ones of another time.

use super::stage::{CANARY_ALARM, REPLICATION_ALARM};

/// The alarm that the samples name.
const ALARM_IN_SAMPLES: &str = "dr-dev-replication-silent";

/// A sample of `events/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sample {
    pub name: &'static str,
    text: &'static str,
    /// The alarm it speaks of, instead of the sample's own.
    alarm: Option<&'static str>,
}

impl Sample {
    /// As it is put on the bus.
    #[must_use]
    pub fn text(&self) -> String {
        match self.alarm {
            Some(alarm) => self.text.replace(ALARM_IN_SAMPLES, alarm),
            None => self.text.to_owned(),
        }
    }
}

macro_rules! sample {
    ($name:literal) => {
        Sample {
            name: $name,
            text: include_str!(concat!("../../../events/", $name, ".json")),
            alarm: None,
        }
    };
}

/// Nothing may follow from any of them.
pub(super) static SAMPLES: [Sample; 17] = [
    Sample {
        name: "cloudwatch.alarm.dr-in-alarm of the canary",
        text: include_str!("../../../events/cloudwatch.alarm.dr-in-alarm.json"),
        alarm: Some(CANARY_ALARM),
    },
    Sample {
        name: "cloudwatch.alarm.dr-in-alarm of replication",
        text: include_str!("../../../events/cloudwatch.alarm.dr-in-alarm.json"),
        alarm: Some(REPLICATION_ALARM),
    },
    sample!("cloudwatch.alarm.dr-foreign-account"),
    sample!("rds.cluster.failover-done"),
    sample!("rds.cluster.failover-failed"),
    sample!("rds.cluster.foreign-account"),
    sample!("rds.cluster.foreign-region"),
    sample!("rds.cluster.old-primary-shut-down"),
    sample!("rds.cluster.other-cluster"),
    sample!("rds.cluster.promoted"),
    sample!("rds.cluster.promoted-without-instances"),
    sample!("rds.cluster.switchover-cancelled"),
    sample!("rds.cluster.switchover-started"),
    sample!("rds.cluster.version-drift"),
    sample!("rds.cluster.writer-endpoint-changed"),
    sample!("rds.instance.fencing-timed-out"),
    sample!("rds.snapshot.lost-tail"),
];
