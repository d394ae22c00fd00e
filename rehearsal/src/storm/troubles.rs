//! What goes wrong around a migration: replication, alarms, hands, events, calls.

use std::time::Duration;

use twin::Weather;

use super::dice::Dice;
use super::line::Line;
use super::samples;

/// The alarms that an environment may watch, and what they do.
pub(super) const ALARMS: &str =
    "migration-dev-target-errors=rollback,migration-dev-health=rollback,orders-queue=hold,orders-disk=notify";
/// Those whose state somebody sets; the composite follows the first.
pub(super) const SET_BY_HAND: [&str; 4] = [
    "migration-dev-target-errors",
    "orders-queue",
    "orders-disk",
    "maintenance",
];

const STOPS: [&str; 12] = [
    "failed FATAL_ERROR",
    "failed RECOVERABLE_ERROR",
    "failed RECOVERABLE_ERROR",
    "stopped RECOVERABLE_ERROR",
    "stopped NORMAL",
    "stopped STOPPED_DUE_TO_LOW_MEMORY",
    "stopped STOPPED_DUE_TO_LOW_DISK",
    "stopped FULL_LOAD_ONLY_FINISHED",
    "stopped RECYCLE_TASK",
    "stopped SOMETHING_NEW",
    "modifying",
    "moving",
];
const LAGS: [&str; 10] = [
    "none", "idle", "0s", "0s", "1s", "2s", "30s", "75s", "120s", "900s",
];
const SERVICES: [&str; 9] = [
    "ssm",
    "ssm",
    "ssm",
    "route53",
    "route53",
    "dms",
    "cloudwatch",
    "sns",
    "events",
];
const KINDS: [&str; 8] = [
    "throttle",
    "fail",
    "reply-lost",
    "reply-lost",
    "deny",
    "delay",
    "crash-before",
    "crash-after",
];
const STEPS: [&str; 9] = [
    "claim",
    "claim",
    "set-reader-weight",
    "set-writer-weight",
    "set-writer-weight",
    "start-reverse",
    "stop-reverse",
    "write-state",
    "notify",
];

pub(super) fn any(dice: &mut Dice) -> Line {
    match dice.below(32) {
        0..=3 => replication(dice),
        4..=6 => lag(dice),
        7 => tables(dice),
        8..=12 => alarm(dice),
        13 => by_hand(dice),
        14..=19 => fault(dice),
        20..=23 => crash(dice),
        24 | 25 => weather(dice),
        26..=28 => forged(dice),
        29 => hint(dice),
        30 => limit(dice),
        _ => held_back(dice),
    }
}

pub(super) fn replication(dice: &mut Dice) -> Line {
    let which = dice.pick(&["task", "task", "task", "reverse", "reverse"]);
    // Running again is as frequent as all the rest, or nothing would ever go on.
    let status = if dice.chance(45) {
        "running"
    } else if dice.chance(2) {
        "deleted"
    } else {
        dice.pick(&STOPS)
    };
    Line::story(format!("{which} {status}"))
}

pub(super) fn lag(dice: &mut Dice) -> Line {
    let which = dice.pick(&["lag", "lag", "lag", "reverse-lag"]);
    Line::story(format!("{which} {}", dice.pick(&LAGS)))
}

fn tables(dice: &mut Dice) -> Line {
    Line::story(dice.pick(&[
        "tables errored 1",
        "tables mismatched 1",
        "tables well",
        "tables well",
    ]))
}

pub(super) fn alarm(dice: &mut Dice) -> Line {
    let state = dice.pick(&["ALARM", "ALARM", "ALARM", "OK", "OK", "INSUFFICIENT_DATA"]);
    Line::story(format!("alarm {} {state}", dice.pick(&SET_BY_HAND)))
}

fn by_hand(dice: &mut Dice) -> Line {
    let source = dice.pick(&[0, 20, 50, 80, 100, 100]);
    match dice.below(20) {
        0 => Line::story("lose state"),
        1 => Line::story("spoil state"),
        2 => Line::story(dice.pick(&[
            "delete reader source",
            "delete reader target",
            "delete writer target",
        ])),
        3 => Line::story("edit reader 0/0"),
        // Weights are relative, and by hand anything is possible.
        4 => Line::story("edit reader 1/3"),
        5 => Line::story("edit writer 0/100"),
        6 | 7 => Line::story("edit writer 100/0"),
        _ => Line::story(format!("edit reader {source}/{}", 100 - source)),
    }
}

fn fault(dice: &mut Dice) -> Line {
    let (service, kind) = (dice.pick(&SERVICES), dice.pick(&KINDS));
    let by = match (kind, dice.below(5)) {
        ("delay", 0) => " 50s",
        ("delay", 1) => " 5s",
        ("delay", _) => " 1s",
        _ => "",
    };
    let times = dice.pick(&["1", "1", "2", "3", "5", "8"]);
    let on = match (service, dice.below(4)) {
        ("ssm", 0) => " on /journal/",
        ("ssm", 1) => " of PutParameter on /state",
        ("ssm", 2) => " of PutParameter",
        ("route53", 0 | 1) => " of ChangeResourceRecordSets",
        ("dms", 0) => " of StartReplicationTask",
        ("dms", 1) => " of DescribeReplicationTasks",
        _ => "",
    };
    Line::story(format!("fault {service} {kind}{by} {times}{on}"))
}

fn crash(dice: &mut Dice) -> Line {
    let moment = dice.pick(&["before", "after"]);
    Line::story(format!("crash {moment} {}", dice.pick(&STEPS)))
}

fn weather(dice: &mut Dice) -> Line {
    let permille = |dice: &mut Dice| dice.pick(&[0, 100, 300, 700]);
    Line::Weather(Weather {
        lose_permille: permille(dice),
        double_permille: permille(dice),
        delay: Duration::ZERO,
        delay_max: Duration::from_secs(dice.pick(&[0, 1, 10, 90])),
        reorder: dice.chance(50),
    })
}

fn held_back(dice: &mut Dice) -> Line {
    Line::story(dice.pick(&[
        "events held",
        "events released",
        "events reversed",
        "events reversed",
    ]))
}

/// An event that nobody may act on.
fn forged(dice: &mut Dice) -> Line {
    let forged = samples::forged();
    let bound = u64::try_from(forged.len()).unwrap_or_default();
    let index = usize::try_from(dice.below(bound)).unwrap_or_default();
    let sample = forged.get(index).map_or("", String::as_str);
    let to = dice.pick(&["", " to dms-monitor", " to alarm-rollback"]);
    // What is no envelope cannot be put on a bus.
    let to = if to.is_empty() && !samples::fits_the_bus(sample) {
        " to alarm-rollback"
    } else {
        to
    };
    Line::story(format!("event {sample}{to}"))
}

/// An event of the right shape about something that did not happen.
fn hint(dice: &mut Dice) -> Line {
    Line::story(dice.pick(&[
        "event dms.task.stopped",
        "event dms.task.failed-without-id",
        "event dms.task.deleted to dms-monitor",
        "event dms.task.reading-paused-disk to dms-monitor",
        "event dms.instance.storage-failed to dms-monitor",
        "event schedule.rule to alarm-rollback",
        "event schedule.scheduler to dms-monitor",
    ]))
}

fn limit(dice: &mut Dice) -> Line {
    Line::Limit(dice.pick(&[None, Some(0), Some(10), Some(60), Some(95)]))
}
