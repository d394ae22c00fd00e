//! What nobody asked for: the clock and events look, and promote only when everything allows it.

use jiff::Timestamp;

use super::{Decision, Intent, Question, plans};
use crate::blocker::{Blocker, Code};
use crate::dr::loss::{self, LossEstimate};
use crate::dr::phase::{Action, Phase};
use crate::dr::policy::Mode;
use crate::dr::record::{Record, Would};
use crate::dr::side::Side;
use crate::dr::verb::{self, Verb};
use crate::dr::votes::{Says, Vote, is_seen_alive};
use crate::dr::{candidate, roles};
use crate::observation::AlarmState;

pub(super) fn look(question: &Question<'_>) -> Decision {
    let record = &question.standing.record;
    let writer = match question.writer() {
        Ok(writer) => writer,
        // A global cluster that cannot be read is no reason to think that it has changed.
        Err(blocker) if is_quiet(question.votes) => {
            return Decision::Rest(format!(
                "nothing says that the writer is in trouble; {}",
                blocker.message
            ));
        }
        Err(blocker) => return Decision::Hold(vec![blocker]),
    };
    if let Some(failover) = roles::under_way(question.seen) {
        return Decision::InProgress(format!(
            "AWS is moving the writer ({}): what follows is done once it is there",
            failover.status
        ));
    }
    if writer != record.writer {
        return adopt(question, writer);
    }
    if record.phase == Phase::NeedsHuman {
        return Decision::Rest("a person has to look: acknowledge it, or give a command".to_owned());
    }
    if record.drilling && writer == Side::Dr {
        return super::planned::drill_back(question);
    }
    match writer {
        Side::Primary => about_the_primary(question),
        // Nobody is left to fail over to by itself: the way back is a person's.
        Side::Dr => Decision::Rest("the DR cluster serves".to_owned()),
    }
}

pub(super) fn is_quiet(votes: &[Vote]) -> bool {
    !votes.iter().any(|vote| vote.says == Says::Bad)
}

/// Somebody moved the writer without us: the console, the CLI, or a promotion of ours that was given up. It is not
/// repeated, and what follows a promotion is done.
fn adopt(question: &Question<'_>, writer: Side) -> Decision {
    let (seen, before) = (question.seen, &question.standing.record);
    let record = Record {
        writer,
        drilling: false,
        ..before
            .clone()
            .entering(Record::resting(writer), seen.at)
            .blocked(seen.at, &question.settings.policy)
    };
    Decision::Go(Box::new(Intent {
        action: Action::Adopt,
        cause: format!("the {writer} cluster was made the writer, and not by us"),
        detected: seen.at,
        during: plans::during(Action::Adopt),
        before: before.clone(),
        plan: plans::adopted(writer, question.settings.equipment),
        record,
        previous: question.standing.previous,
    }))
}

fn about_the_primary(question: &Question<'_>) -> Decision {
    let record = &question.standing.record;
    if is_quiet(question.votes) {
        return if record.phase == Phase::Suspected {
            let calm = record.clone().entering(Phase::Normal, question.seen.at);
            question.mark(Action::Clear, "no signal is bad any more".to_owned(), calm)
        } else {
            Decision::Rest("no signal is bad".to_owned())
        };
    }
    let blockers = against(question);
    let choice = verb::choose(verb::Intent::Automatic, Side::Dr, question.seen);
    match (choice, record.mode(&question.settings.policy)) {
        (Ok(verb), Mode::Auto) if blockers.is_empty() => promote(question, &verb),
        (Ok(_), Mode::Observe) if blockers.is_empty() => would_promote(question),
        (Ok(verb), Mode::Approve) if blockers.is_empty() => {
            suspect(question).unwrap_or_else(|| Decision::Hold(vec![asks(question, &verb)]))
        }
        (choice, _) => {
            let all = blockers.into_iter().chain(choice.err()).collect();
            suspect(question).unwrap_or(Decision::Hold(all))
        }
    }
}

fn suspect(question: &Question<'_>) -> Option<Decision> {
    let record = &question.standing.record;
    (record.phase == Phase::Normal).then(|| {
        let suspected = record.clone().entering(Phase::Suspected, question.seen.at);
        question.mark(Action::Suspect, bad_signals(question.votes), suspected)
    })
}

pub(super) fn bad_signals(votes: &[Vote]) -> String {
    let bad = votes.iter().filter(|vote| vote.says == Says::Bad);
    let named: Vec<&str> = bad.map(|vote| vote.signal.as_str()).collect();
    format!("bad: {}", named.join(", "))
}

fn promote(question: &Question<'_>, verb: &Verb) -> Decision {
    let (seen, before) = (question.seen, &question.standing.record);
    let (action, to) = (Action::Promote, Side::Dr);
    let record = Record {
        writer: to,
        detached: !verb.keeps_topology(),
        ..before
            .clone()
            .entering(Record::resting(to), seen.at)
            .blocked(seen.at, &question.settings.policy)
    };
    Decision::Go(Box::new(Intent {
        action,
        cause: bad_signals(question.votes),
        detected: first_sign(question.votes, seen.at),
        during: plans::during(action),
        before: before.clone(),
        plan: plans::forced(verb, to, question.settings.equipment),
        record,
        previous: question.standing.previous,
    }))
}

/// Once for each suspicion.
fn would_promote(question: &Question<'_>) -> Decision {
    let record = &question.standing.record;
    let now = question.seen.at;
    if let Some(decision) = suspect(question) {
        return decision;
    }
    let told = record.would.first().is_some_and(|would| would.at >= record.since);
    if told {
        let message = "the mode is observe: it would have promoted, and says so once for each outage";
        return Decision::Hold(vec![Blocker::new(Code::NotArmed, message)]);
    }
    let would = Would {
        at: now,
        loss_seconds: loss(question).map_or(0, |loss| loss.seconds),
    };
    question.mark(
        Action::WouldPromote,
        bad_signals(question.votes),
        record.clone().would_have(would),
    )
}

fn asks(question: &Question<'_>, verb: &Verb) -> Blocker {
    let lost = loss(question).map_or_else(String::new, |loss| {
        format!(", and may lose {} s of writes", loss.seconds)
    });
    let message = format!(
        "the mode is approve: {} would make the DR cluster the writer{lost}; only you can say so",
        verb.name()
    );
    Blocker::new(Code::ApprovalNeeded, message)
}

pub(super) fn loss(question: &Question<'_>) -> Option<LossEstimate> {
    loss::estimate(question.seen, question.standing.kept_lag())
}

/// Everything that speaks against a promotion that nobody asked for, the mode apart.
fn against(question: &Question<'_>) -> Vec<Blocker> {
    let mut blockers = Vec::new();
    blockers.extend(no_quorum(question));
    blockers.extend(
        is_seen_alive(question.seen, Side::Primary)
            .map(|sign| Blocker::new(Code::PrimaryAlive, format!("{sign}: it is not dead"))),
    );
    blockers.extend(too_much_to_lose(question));
    blockers.extend(blocked(question));
    blockers.extend(candidate::unfit(verb::Intent::Automatic, Side::Dr, question.seen));
    blockers.extend(migration(question));
    blockers
}

/// Independent signals, an alarm among them, each bad for long enough. A blip of the network between two regions makes
/// several signals bad at once, but not for long.
pub(super) fn no_quorum(question: &Question<'_>) -> Option<Blocker> {
    let policy = &question.settings.policy;
    let bad: Vec<&Vote> = question
        .votes
        .iter()
        .filter(|vote| vote.says == Says::Bad)
        .collect();
    let count = u32::try_from(bad.len()).unwrap_or(u32::MAX);
    if count < policy.quorum {
        let message = format!(
            "{count} of {} signals bad ({}), {} needed",
            question.votes.len(),
            bad_signals(question.votes),
            policy.quorum
        );
        return Some(Blocker::new(Code::QuorumMissing, message));
    }
    if !bad.iter().any(|vote| vote.is_alarm) {
        let message = format!("no DR alarm is in ALARM ({})", bad_signals(question.votes));
        return Some(Blocker::new(Code::QuorumMissing, message));
    }
    let seconds = confirmed_seconds(question.votes, policy.quorum);
    if seconds < policy.confirm_seconds {
        let message = format!(
            "{} signals have been bad for {seconds} s, {} s needed",
            policy.quorum, policy.confirm_seconds
        );
        return Some(Blocker::new(Code::Unconfirmed, message));
    }
    // A primary that is seen at work is a reason of its own.
    if is_seen_alive(question.seen, Side::Primary).is_some() {
        return None;
    }
    let seconds = unseen_seconds(question.votes)?;
    (seconds < policy.confirm_seconds).then(|| {
        let message = format!(
            "the probe and the region's own word have been bad for {seconds} s, {} s needed",
            policy.confirm_seconds
        );
        Blocker::new(Code::Unconfirmed, message)
    })
}

/// For how long what is asked directly has been bad: alarms can be wrong together for hours, and then a blip of a second
/// would be all that was missing. `None` where nothing can be asked directly.
fn unseen_seconds(votes: &[Vote]) -> Option<u64> {
    let direct = votes
        .iter()
        .filter(|vote| !vote.is_alarm && vote.says != Says::Unknown);
    direct.map(|vote| vote.bad_for_seconds.unwrap_or(0)).max()
}

/// For how long as many signals as the quorum needs have been bad.
#[must_use]
pub fn confirmed_seconds(votes: &[Vote], quorum: u32) -> u64 {
    let bad = votes.iter().filter(|vote| vote.says == Says::Bad);
    let mut seconds: Vec<u64> = bad.filter_map(|vote| vote.bad_for_seconds).collect();
    seconds.sort_unstable_by(|one, other| other.cmp(one));
    let last = usize::try_from(quorum).unwrap_or(usize::MAX).saturating_sub(1);
    seconds.get(last).copied().unwrap_or(0)
}

/// When the earliest of the bad signals turned bad.
#[must_use]
pub fn first_sign(votes: &[Vote], now: Timestamp) -> Timestamp {
    let bad = votes.iter().filter(|vote| vote.says == Says::Bad);
    let longest = bad.filter_map(|vote| vote.bad_for_seconds).max().unwrap_or(0);
    let seconds = i64::try_from(longest).unwrap_or(i64::MAX);
    now.checked_sub(jiff::SignedDuration::from_secs(seconds))
        .unwrap_or(now)
}

fn too_much_to_lose(question: &Question<'_>) -> Option<Blocker> {
    let budget = question.settings.policy.loss_budget_seconds;
    let Some(loss) = loss(question) else {
        let message = "no reading of the replication lag was ever seen, so nobody can say what would be lost";
        return Some(Blocker::new(Code::LossUnknown, message));
    };
    (loss.seconds > budget).then(|| {
        let message = format!(
            "up to {} s of writes would be lost (lag {} ms, read {} s ago), {budget} s allowed",
            loss.seconds, loss.lag_milliseconds, loss.age_seconds
        );
        Blocker::new(Code::LossOverBudget, message)
    })
}

fn blocked(question: &Question<'_>) -> Option<Blocker> {
    let until = question.standing.record.blocked_until?;
    (question.seen.at < until).then(|| {
        let message = format!(
            "after the last promotion none may follow by itself until {until}: acknowledge ends that"
        );
        Blocker::new(Code::BlockPeriod, message)
    })
}

/// Between its fence and its verification a migration has writes on neither side's word.
fn migration(question: &Question<'_>) -> Option<Blocker> {
    let phase = migration_phase(question)?;
    (phase == CUTTING_OVER).then(|| {
        let message = "a migration is in the middle of moving the writer: which side has the last writes is for a person to say";
        Blocker::new(Code::MigrationRunning, message)
    })
}

const CUTTING_OVER: &str = "cutting-over";

/// As it is now, or, where it does not answer, as it was last seen.
pub(super) fn migration_phase<'q>(question: &'q Question<'_>) -> Option<&'q str> {
    let now = question.seen.migration.as_ref()?;
    if let Some(seen) = now.known() {
        return Some(seen.phase.as_str());
    }
    let kept = question.standing.state.as_ref()?.migration.as_ref()?;
    Some(kept.as_str())
}

/// Alarms that are in ALARM now.
pub(super) fn active_alarms<'q>(question: &'q Question<'_>) -> Vec<&'q str> {
    let alarms = question.seen.alarms.iter();
    let active = alarms.filter(|alarm| alarm.state.known() == Some(&AlarmState::Alarm));
    active.map(|alarm| alarm.name.as_str()).collect()
}
