//! What alarms and limits do to a migration: traffic back to the source, a hold, or words. Never traffic forward.

use super::{Decision, Intent, Question, rollback};
use crate::blocker::{Blocker, Code};
use crate::generation::Generation;
use crate::held::{Held, REPLICATION, WINDOW, replaced};
use crate::observation::{AlarmPolicy, AlarmState, Observation};
use crate::phase::{Action, Phase};
use crate::policy::Policy;
use crate::record::Record;
use crate::replication::Seen;

/// One thing that speaks against the migration now, as it was read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// An alarm's name, or the limit's.
    pub by: String,
    pub policy: AlarmPolicy,
    pub message: String,
}

pub(super) fn decide(question: &Question<'_>) -> Decision {
    if question.standing.head == Generation::NONE {
        return Decision::Rest("nothing was ever decided here".to_owned());
    }
    let causes = causes(question.record(), question.observation, question.policy);
    let against = |cause: &Cause| cause.policy == AlarmPolicy::Rollback;
    if causes.iter().any(against) && has_moved(question.record().phase) {
        return back(question, &causes);
    }
    holds(question, &causes, None)
}

/// Everything that speaks against the migration, by alarm and limit. What is only unknown holds, and moves nothing.
#[must_use]
pub fn causes(record: &Record, observation: &Observation, policy: &Policy) -> Vec<Cause> {
    let mut causes = Vec::new();
    if let Seen::Known(alarms) = &observation.alarms {
        let in_alarm = alarms
            .iter()
            .filter(|alarm| alarm.state == AlarmState::Alarm && !alarm.suppressed);
        causes.extend(in_alarm.map(|alarm| Cause {
            by: alarm.name.clone(),
            policy: alarm.policy,
            message: format!("alarm {} is in ALARM", alarm.name),
        }));
    }
    if has_moved(record.phase) {
        causes.extend(limits(observation, policy.limit_policy));
    }
    if record.phase == Phase::Shifting
        && let Some(until) = record.window_until.filter(|until| observation.at >= *until)
    {
        let minutes = policy.window_minutes;
        causes.push(Cause {
            by: WINDOW.to_owned(),
            policy: policy.window_policy,
            message: format!("the migration window of {minutes} min has been over since {until}"),
        });
    }
    causes
}

/// No data is not good data: a limit that cannot be judged holds, whatever it would do otherwise.
fn limits(observation: &Observation, policy: AlarmPolicy) -> impl Iterator<Item = Cause> {
    observation.limits.iter().filter_map(move |limit| {
        let (name, max) = (limit.name, limit.percent_max);
        let (policy, message) = match &limit.percent {
            Seen::Known(percent) if *percent > max => {
                (policy, format!("{name} is {percent} %, limit {max} %"))
            }
            Seen::Known(_) => return None,
            Seen::Unknown(why) => (AlarmPolicy::Hold, format!("{name} is unknown: {why}")),
        };
        Some(Cause {
            by: name.to_owned(),
            policy,
            message,
        })
    })
}

#[must_use]
pub fn has_moved(phase: Phase) -> bool {
    match phase {
        Phase::Shifting | Phase::CuttingOver | Phase::CutOver => true,
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => false,
        Phase::RollingBack | Phase::RolledBack | Phase::Completed => false,
    }
}

/// Back to the source by the same rules as a person's rollback; where only a person may say yes, it holds and asks.
fn back(question: &Question<'_>, causes: &[Cause]) -> Decision {
    let against = causes
        .iter()
        .filter(|cause| cause.policy == AlarmPolicy::Rollback);
    let cause = because(against);
    match rollback::decide(question) {
        Decision::Go(intent) => Decision::Go(Box::new(Intent {
            action: Action::Rollback,
            cause,
            ..*intent
        })),
        Decision::Ask(blockers, _) | Decision::Hold(blockers) => holds(question, causes, blockers.first()),
        other @ (Decision::Rest(_) | Decision::InProgress(_) | Decision::Refuse(..)) => other,
        other @ (Decision::Continue | Decision::Abandon(_)) => other,
    }
}

/// Keeps the holds of alarms and limits as they have to be. `instead`: why traffic could not be taken back.
fn holds(question: &Question<'_>, causes: &[Cause], instead: Option<&Blocker>) -> Decision {
    if let Some(entry) = &question.standing.behind {
        let (generation, action) = (entry.generation, entry.action.name());
        return Decision::InProgress(format!("generation {generation} ({action}) is being carried out"));
    }
    let record = question.record();
    let holding: Vec<&Cause> = causes
        .iter()
        .filter(|cause| cause.policy != AlarmPolicy::Notify)
        .collect();
    if !has_moved(record.phase) && record.held.iter().all(|held| held.is_by(REPLICATION)) {
        return Decision::Rest(told(question, causes));
    }
    let code = |cause: &Cause| {
        let instead = instead.filter(|_| cause.policy == AlarmPolicy::Rollback);
        instead.map_or(Code::AlarmActive, |blocker| blocker.code)
    };
    let wanted: Vec<Held> = holding
        .iter()
        .filter(|_| has_moved(record.phase))
        .map(|cause| Held::new(&cause.by, code(cause), question.now()))
        .collect();
    // An alarm that nobody could read is neither in ALARM nor OK: what it holds stays held.
    let unread = |held: &Held| is_unread(question, held);
    let held = replaced(
        &record.held,
        |held| !held.is_by(REPLICATION) && !unread(held),
        &wanted,
    );
    if held == record.held {
        return instead.map_or_else(
            || Decision::Rest(told(question, causes)),
            |blocker| Decision::Hold(vec![blocker.clone()]),
        );
    }
    let new = held.iter().any(|held| !record.held.contains(held));
    let after = Record {
        held,
        ..record.clone()
    };
    if !new {
        return question.mark(Action::Release, told(question, causes), after);
    }
    let mut sentences = vec![because(holding.into_iter())];
    sentences.extend(instead.map(|blocker| blocker.message.clone()));
    question.mark(Action::Hold, sentences.join("; "), after)
}

/// Whether nothing is known of what holds: its alarm could not be read, is gone, lacks data, or is suppressed.
fn is_unread(question: &Question<'_>, held: &Held) -> bool {
    let configured = question
        .observation
        .limits
        .iter()
        .any(|limit| held.is_by(limit.name));
    if held.is_by(WINDOW) || configured {
        return false;
    }
    match &question.observation.alarms {
        Seen::Unknown(_) => true,
        Seen::Known(alarms) => {
            let alarm = alarms.iter().find(|alarm| held.is_by(&alarm.name));
            alarm.is_some_and(|alarm| match alarm.state {
                AlarmState::Ok => false,
                AlarmState::Alarm => alarm.suppressed,
                AlarmState::InsufficientData | AlarmState::Absent => true,
            })
        }
    }
}

fn told(question: &Question<'_>, causes: &[Cause]) -> String {
    let mut sentences: Vec<String> = causes.iter().map(|cause| cause.message.clone()).collect();
    if let Seen::Unknown(why) = &question.observation.alarms {
        sentences.push(format!("the migration alarms are unknown: {why}"));
    }
    if sentences.is_empty() {
        return "no migration alarm is in ALARM".to_owned();
    }
    sentences.join("; ")
}

fn because<'a>(causes: impl Iterator<Item = &'a Cause>) -> String {
    let sentences: Vec<&str> = causes.map(|cause| cause.message.as_str()).collect();
    sentences.join("; ")
}
