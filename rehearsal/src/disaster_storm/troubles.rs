//! What goes wrong: in the regions, around the alarms, with events and with calls.

use std::time::Duration;

use twin::{Fault, FaultKind, Weather};

use super::happening::Happening;
use super::samples::SAMPLES;
use super::schedule::moment;
use super::stage::{CANARY_ALARM, DR_REGION, PRIMARY_REGION, REPLICATION_ALARM};
use crate::storm::dice::Dice;

/// A blip is shorter than the signals of an outage must last, which is 60 s unless configured.
pub(super) const BLIP_SECONDS_MAX: u64 = 59;
const US_EAST: &str = "us-east-1";
/// The primary region comes back so long after it went dark, in seconds.
const BACK_AFTER: (u64, u64) = (200, 560);
/// People are at it from before the outage until well after it, in seconds.
const HANDS_AFTER: (u64, u64) = (1, 260);
const HANDS_BEFORE_SECONDS: (u64, u64) = (1, 110);
/// Events come from so long before a trouble on, in seconds.
const AROUND_BEFORE_SECONDS: u64 = 10;

type Happenings = Vec<(Duration, Happening)>;

/// Something that is over before it may be believed, or two of it at once.
pub(super) fn blip(dice: &mut Dice, begin: Duration, end: Duration, happenings: &mut Happenings) {
    let at_once = if dice.chance(25) { 2 } else { 1 };
    for _ in 0..at_once {
        let (trouble, over) = one_blip(dice);
        happenings.push((begin, trouble));
        happenings.push((end, over));
    }
}

fn one_blip(dice: &mut Dice) -> (Happening, Happening) {
    let service = |region, service| {
        (
            Happening::Fails { region, service },
            Happening::Works { region, service },
        )
    };
    let dark = |region| (Happening::Dark(region), Happening::Light(region));
    match dice.below(12) {
        0..=2 => dark(PRIMARY_REGION),
        3..=5 => (Happening::Part, Happening::Join),
        6 | 7 => {
            let by = Duration::from_millis(dice.pick(&[200, 900, 1_900, 4_000, 30_000]));
            let (slow, well) = (PRIMARY_REGION, Duration::ZERO);
            (Happening::Slow(slow, by), Happening::Slow(slow, well))
        }
        8 => service(PRIMARY_REGION, dice.pick(&["rds", "cloudwatch"])),
        9 => service(DR_REGION, dice.pick(&["rds", "cloudwatch", "ssm", "sns"])),
        10 => dark(dice.pick(&[US_EAST, DR_REGION])),
        _ => {
            let far = Duration::from_secs(dice.pick(&[60, 400, 4_000]));
            (Happening::Lag(far), Happening::Lag(Duration::from_millis(300)))
        }
    }
}

/// The primary region goes dark. Answers when it is back, if it is.
pub(super) fn outage(dice: &mut Dice, dark: Duration, happenings: &mut Happenings) -> Option<Duration> {
    happenings.push((dark, Happening::Dark(PRIMARY_REGION)));
    if dice.chance(25) {
        let with_it = dark.saturating_sub(Duration::from_secs(dice.below(20)));
        happenings.push((with_it, Happening::Dark(US_EAST)));
        if dice.chance(50) {
            happenings.push((with_it + moment(dice, BACK_AFTER), Happening::Light(US_EAST)));
        }
    }
    if dice.chance(10) {
        let lag = Duration::from_secs(dice.pick(&[20, 60, 250]));
        let before = dark.saturating_sub(Duration::from_secs(dice.below(40)));
        happenings.push((before, Happening::Lag(lag)));
    }
    dice.chance(30).then(|| {
        let back = dark + moment(dice, BACK_AFTER);
        happenings.push((back, Happening::Light(PRIMARY_REGION)));
        back
    })
}

/// People are at it as well.
pub(super) fn hands(dice: &mut Dice, dark: Duration, happenings: &mut Happenings) {
    const FAILOVER: &str = r#"{"action":"failover","accept_data_loss":true,"reason":"the region is down"}"#;
    const NOT_ACCEPTED: &str = r#"{"action":"failover"}"#;
    const SWITCHOVER: &str = r#"{"action":"switchover","reason":"planned"}"#;
    const DRILL: &str = r#"{"action":"drill","reason":"monthly"}"#;
    let after = dark + moment(dice, HANDS_AFTER);
    let before = dark.saturating_sub(moment(dice, HANDS_BEFORE_SECONDS));
    match dice.below(20) {
        0 | 1 => happenings.push((after, Happening::Console)),
        2 | 3 => happenings.push((after, Happening::Invoke(FAILOVER))),
        4 => happenings.push((after, Happening::Invoke(NOT_ACCEPTED))),
        5 => happenings.push((after, Happening::Invoke(SWITCHOVER))),
        6 | 7 => happenings.push((before, Happening::Invoke(SWITCHOVER))),
        8 | 9 => happenings.push((before, Happening::Invoke(DRILL))),
        10 => happenings.push((after, Happening::Invoke(r#"{"action":"status"}"#))),
        _ => {}
    }
}

/// What goes wrong around it: alarms that flap, events that lie, calls that fail.
pub(super) fn around(dice: &mut Dice, begin: Duration, end: Duration, happenings: &mut Happenings) {
    let from = begin.as_secs().saturating_sub(AROUND_BEFORE_SECONDS);
    let span = (from, end.as_secs().saturating_add(AROUND_BEFORE_SECONDS));
    if dice.chance(35) {
        happenings.push((Duration::ZERO, Happening::Weather(weather(dice))));
    }
    for _ in 0..dice.pick(&[0, 0, 0, 1, 2, 4]) {
        let (name, state) = (
            dice.pick(&[CANARY_ALARM, REPLICATION_ALARM]),
            dice.pick(&["ALARM", "ALARM", "OK", "INSUFFICIENT_DATA"]),
        );
        happenings.push((moment(dice, span), Happening::Alarm { name, state }));
    }
    for _ in 0..dice.pick(&[0, 0, 0, 1, 2]) {
        let (sample, times) = (dice.pick(&SAMPLES), dice.pick(&[1, 1, 2, 10]));
        happenings.push((moment(dice, span), Happening::Event { sample, times }));
    }
    for _ in 0..dice.pick(&[0, 0, 1, 1, 2]) {
        happenings.push((moment(dice, span), Happening::Fault(fault(dice))));
    }
}

fn weather(dice: &mut Dice) -> Weather {
    let permille = |dice: &mut Dice| dice.pick(&[0, 100, 300, 1000]);
    Weather {
        lose_permille: permille(dice),
        double_permille: permille(dice),
        delay: Duration::ZERO,
        delay_max: Duration::from_secs(dice.pick(&[0, 1, 10, 90])),
        reorder: dice.chance(50),
    }
}

fn fault(dice: &mut Dice) -> Fault {
    let kind = match dice.below(8) {
        0 => FaultKind::Throttle,
        1 => FaultKind::FailBefore,
        2 => FaultKind::ReplyLost,
        3 => FaultKind::Delay(Duration::from_secs(dice.pick(&[1, 2, 5]))),
        4 | 5 => FaultKind::CrashBefore,
        _ => FaultKind::CrashAfter,
    };
    let (service, operation) = match dice.below(8) {
        0 => ("rds", Some("FailoverGlobalCluster")),
        1 => ("rds", Some("DescribeGlobalClusters")),
        2 => ("ssm", Some("PutParameter")),
        3 => ("ssm", None),
        4 => ("sns", Some("Publish")),
        5 => ("cloudwatch", Some("PutMetricData")),
        6 => ("cloudwatch", None),
        _ => ("", None),
    };
    Fault {
        service: Some(service.to_owned()).filter(|service| !service.is_empty()),
        operation: operation.map(str::to_owned),
        skip: u32::try_from(dice.below(if operation.is_some() { 4 } else { 60 })).unwrap_or_default(),
        times: Some(dice.pick(&[1, 1, 1, 2, 3])),
        ..Fault::always(kind)
    }
}
