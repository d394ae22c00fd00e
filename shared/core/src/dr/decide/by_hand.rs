//! What only a person may ask: a failover that may lose writes, and how far the clock may go.

use super::automatic::loss;
use super::planned::{Target, named, within};
use super::{Decision, Intent, Question, plans};
use crate::blocker::{Blocker, Code};
use crate::dr::phase::{Action, Phase};
use crate::dr::policy::Mode;
use crate::dr::record::Record;
use crate::dr::side::Side;
use crate::dr::verb::{self, Verb};
use crate::dr::{candidate, roles};
use crate::replication::Seen;

/// Votes, budget, block period and mode are the clock's; a person only has to accept the loss. What could not serve is
/// promoted for nobody.
pub(super) fn failover(question: &Question<'_>, target: Option<&str>) -> Decision {
    // Where the topology cannot be read, what was verified last is the best there is: AWS itself judges the rest.
    let writer = match &question.standing.writer {
        Seen::Known(writer) => *writer,
        Seen::Unknown(_) => question.standing.record.writer,
    };
    let to = match named(question, writer, target) {
        Ok(Target::Cluster(to)) => to,
        Ok(Target::Instance(instance)) => return within(question, Action::Failover, writer, &instance),
        Err(invalid) => return Decision::Invalid(invalid),
    };
    if question.standing.writer == Seen::Known(to) {
        return Decision::Rest(format!("the {to} cluster is the writer"));
    }
    if !question.command.options.accept_data_loss {
        return not_accepted(question);
    }
    let mut blockers = candidate::unfit(verb::Intent::ByHand, to, question.seen);
    let verb = match verb::choose(verb::Intent::ByHand, to, question.seen) {
        // Found under way, whoever began it: what follows is done, and it is not asked for again.
        Err(_) if roles::is_moving_to(question.seen, to, question.settings) => Verb::FailoverGlobalCluster,
        Ok(verb) => verb,
        Err(blocker) => {
            blockers.push(blocker);
            return Decision::Hold(blockers);
        }
    };
    if !blockers.is_empty() {
        return Decision::Hold(blockers);
    }
    go(question, &verb, to)
}

fn go(question: &Question<'_>, verb: &Verb, to: Side) -> Decision {
    let (seen, before) = (question.seen, &question.standing.record);
    let action = Action::Failover;
    let record = Record {
        writer: to,
        drilling: false,
        detached: !verb.keeps_topology(),
        ..before
            .clone()
            .entering(Record::resting(to), seen.at)
            .blocked(seen.at, &question.settings.policy)
    };
    Decision::Go(Box::new(Intent {
        action,
        cause: String::new(),
        detected: seen.at,
        during: plans::during(action),
        before: before.clone(),
        plan: plans::forced(verb, to, question.settings.equipment),
        record,
        previous: question.standing.previous,
    }))
}

fn not_accepted(question: &Question<'_>) -> Decision {
    let stake = match loss(question) {
        Some(loss) => format!(
            "up to {} s of writes (lag {} ms, read {} s ago)",
            loss.seconds, loss.lag_milliseconds, loss.age_seconds
        ),
        None => "nobody knows how many writes, because no reading of the lag was ever seen".to_owned(),
    };
    let message =
        format!("a failover may lose acknowledged writes, now {stake}: accept_data_loss must be true");
    Decision::Refuse(
        vec![Blocker::new(Code::DataLossNotAccepted, message.clone())],
        message,
    )
}

/// Ends the block period, and gives the clock back what it had left to a person.
pub(super) fn acknowledge(question: &Question<'_>) -> Decision {
    let before = &question.standing.record;
    if before.blocked_until.is_none() && before.phase != Phase::NeedsHuman {
        return Decision::Rest("there is nothing to acknowledge".to_owned());
    }
    let phase = if before.phase == Phase::NeedsHuman {
        Record::resting(before.writer)
    } else {
        before.phase
    };
    let record = Record {
        blocked_until: None,
        drilling: false,
        ..before.clone().entering(phase, question.seen.at)
    };
    question.mark(Action::Acknowledge, String::new(), record)
}

pub(super) fn arm(question: &Question<'_>, mode: Option<Mode>) -> Decision {
    let before = &question.standing.record;
    if before.armed == mode {
        let now = before.mode(&question.settings.policy).name();
        return Decision::Rest(format!("the mode is {now} already"));
    }
    let record = Record {
        armed: mode,
        ..before.clone()
    };
    question.mark(Action::Arm, String::new(), record)
}
