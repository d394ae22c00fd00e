//! What each signal says of the writer's region: bad, good, or nothing.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::observation::{AlarmSeen, ClusterSeen, Far, Observation, Probed};
use super::policy::SIGNALS_MAX;
use super::side::Side;
use crate::observation::AlarmState;
use crate::replication::seconds_between;
use crate::text::Text;

/// Bytes kept of a signal's name. Alarm names may be longer: their beginning tells them apart.
const NAME_BYTES: usize = 64;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Says {
    Bad,
    Good,
    /// Nothing. It counts neither way.
    Unknown,
}

/// One independent signal. Public: it stands in answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Vote {
    /// `alarm <name>`, `witness <name>`, `probe` or `rds-api`.
    pub signal: Text<NAME_BYTES>,
    pub says: Says,
    /// For how long it has been bad at least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bad_for_seconds: Option<u64>,
    pub detail: String,
    #[serde(skip)]
    pub is_alarm: bool,
}

/// A signal that is bad, and since when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct BadSince {
    pub signal: Text<NAME_BYTES>,
    pub since: Timestamp,
}

/// All signals about the region of the writer, which is `side`. `known` are those that were bad at the last look.
#[must_use]
pub fn votes(seen: &Observation, side: Side, known: &[BadSince]) -> Vec<Vote> {
    let alarms = seen.alarms.iter().map(|alarm| of_alarm(alarm, seen.at));
    let mut votes: Vec<Vote> = alarms.collect();
    votes.extend(of_probe(seen.probe(side)));
    votes.push(of_api(seen.cluster(side)));
    for vote in &mut votes {
        if vote.says == Says::Bad && vote.bad_for_seconds.is_none() {
            let since = known.iter().find(|bad| bad.signal == vote.signal);
            vote.bad_for_seconds = Some(since.map_or(0, |bad| seconds_between(bad.since, seen.at)));
        }
    }
    votes
}

/// Since when each bad signal has been bad, for the next look.
#[must_use]
pub fn bad_since(votes: &[Vote], now: Timestamp) -> Vec<BadSince> {
    let bad = votes.iter().filter(|vote| vote.says == Says::Bad);
    let since = |vote: &Vote| {
        let seconds = i64::try_from(vote.bad_for_seconds.unwrap_or(0)).unwrap_or(i64::MAX);
        let since = now.checked_sub(jiff::SignedDuration::from_secs(seconds));
        BadSince {
            signal: vote.signal.clone(),
            since: since.unwrap_or(now),
        }
    };
    bad.map(since).take(SIGNALS_MAX).collect()
}

/// An alarm proves at least as much trouble as it needs to go off. One that is not in ALARM proves none, and neither does
/// one that somebody told to be silent.
fn of_alarm(alarm: &AlarmSeen, now: Timestamp) -> Vote {
    let kind = if alarm.is_witness { "witness" } else { "alarm" };
    let (says, detail) = match &alarm.state {
        Far::Known(AlarmState::Alarm) if alarm.suppressed => {
            (Says::Unknown, "in ALARM, and suppressed".to_owned())
        }
        Far::Known(AlarmState::Alarm) => (Says::Bad, "in ALARM".to_owned()),
        Far::Known(AlarmState::Ok) => (Says::Good, "OK".to_owned()),
        Far::Known(AlarmState::InsufficientData) => (Says::Unknown, "insufficient data".to_owned()),
        Far::Known(AlarmState::Absent) => (Says::Unknown, "no such alarm".to_owned()),
        Far::Unreachable(why) | Far::Unknown(why) => (Says::Unknown, why.clone()),
    };
    let standing = alarm.since.map_or(0, |since| seconds_between(since, now));
    Vote {
        signal: Text::new(&format!("{kind} {}", alarm.name)),
        says,
        bad_for_seconds: (says == Says::Bad).then(|| standing.saturating_add(alarm.window_seconds)),
        detail,
        is_alarm: true,
    }
}

fn of_probe(probe: &Probed) -> Option<Vote> {
    let (says, detail) = match probe {
        Probed::NotAsked => return None,
        Probed::Answers { writes: Some(true) } => (Says::Good, "the endpoint takes writes".to_owned()),
        Probed::Answers { writes: Some(false) } => {
            (Says::Bad, "the endpoint answers, and takes no writes".to_owned())
        }
        Probed::Answers { writes: None } => (Says::Good, "the endpoint takes connections".to_owned()),
        Probed::Refused(why) => (Says::Bad, why.clone()),
        Probed::Silent(why) => (Says::Bad, why.clone()),
    };
    Some(plain("probe", says, detail))
}

/// That we may not ask says nothing; that nobody answers says much.
fn of_api(cluster: &Far<ClusterSeen>) -> Vote {
    let (says, detail) = match cluster {
        Far::Known(cluster) => of_status(cluster),
        Far::Unreachable(why) => (Says::Bad, why.clone()),
        Far::Unknown(why) => (Says::Unknown, why.clone()),
    };
    plain("rds-api", says, detail)
}

/// Statuses of a cluster that something is being done to, by AWS or a person: it says nothing of a disaster.
const PASSING: &[&str] = &[
    "backing-up",
    "backtracking",
    "failing-over",
    "maintenance",
    "migrating",
    "modifying",
    "promoting",
    "renaming",
    "resetting-master-credentials",
    "starting",
    "switching-over",
    "upgrading",
    "update-iam-db-auth",
];

fn of_status(cluster: &ClusterSeen) -> (Says, String) {
    let status = &cluster.status;
    let writer = cluster.writer();
    if PASSING.contains(&status.as_str()) {
        return (Says::Unknown, format!("the cluster is {status}"));
    }
    if !cluster.is_available() {
        return (Says::Bad, format!("the cluster is {status}"));
    }
    match writer {
        None => (Says::Bad, "the cluster has no writer instance".to_owned()),
        Some(_) => (Says::Good, "the cluster is available".to_owned()),
    }
}

fn plain(signal: &str, says: Says, detail: String) -> Vote {
    Vote {
        signal: Text::new(signal),
        says,
        bad_for_seconds: None,
        detail,
        is_alarm: false,
    }
}

/// Whether the writer was seen at work. It must not be taken for dead then, whatever else is bad: a role query that says
/// so, or both a connection and the region's own word.
#[must_use]
pub fn is_seen_alive(seen: &Observation, side: Side) -> Option<String> {
    let api_says_well = of_api(seen.cluster(side)).says == Says::Good;
    match seen.probe(side) {
        Probed::Answers { writes: Some(true) } => Some(format!("the {side} endpoint takes writes")),
        Probed::Answers { writes: None } if api_says_well => Some(format!(
            "the {side} endpoint takes connections, and its region says that the cluster is available"
        )),
        Probed::NotAsked if api_says_well => {
            Some(format!("its region says that the {side} cluster is available"))
        }
        Probed::Answers { .. } | Probed::NotAsked | Probed::Refused(_) | Probed::Silent(_) => None,
    }
}
