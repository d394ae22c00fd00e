//! What an invocation tells CloudWatch: numbers that follow from its answer, and nothing else.

use crate::error::Failure;
use crate::phase::Phase;
use crate::report::{Report, Tally};
use crate::viability::Viability;
use crate::weight::Weights;

/// Namespace of every metric.
pub const NAMESPACE: &str = "Cutover";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    Count,
    Percent,
    Seconds,
    Milliseconds,
    /// A position in a list.
    None,
}

/// One number. Every one also has the dimensions `Environment` and `Function`.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    pub name: &'static str,
    pub unit: Unit,
    pub value: f64,
    /// One more dimension, with a closed set of values.
    pub label: Option<(&'static str, String)>,
}

/// What the runtime around the function measured of an invocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measured {
    pub milliseconds: u32,
    /// Round trips waited for one after the other.
    pub round_trips: u32,
}

/// The metrics of one invocation.
#[must_use]
pub fn of(result: &Result<Report, Failure>, measured: Measured) -> Vec<Metric> {
    let mut metrics = of_any(result.as_ref().err(), measured);
    if let Ok(report) = result {
        // What was not looked at has no value: neither a payload that was none of ours nor a tick that was put off
        // tells anything of the migration.
        if report.unrecognised.is_none() && report.tally.put_off == 0 {
            metrics.extend(of_the_migration(report));
        }
        metrics.extend(of_the_invocation(report));
    }
    metrics
}

/// What every invocation tells, whatever it was about.
pub(crate) fn of_any(failure: Option<&Failure>, measured: Measured) -> Vec<Metric> {
    let mut metrics = vec![
        plain("Duration", Unit::Milliseconds, measured.milliseconds),
        plain("RoundTrips", Unit::Count, measured.round_trips),
    ];
    metrics.extend(failure.map(|failure| labelled("Failures", "ErrorType", failure.class.name())));
    metrics
}

/// What an invocation counted of itself.
pub(crate) fn of_tally(tally: Tally) -> [Metric; 4] {
    [
        plain("NoticesSent", Unit::Count, tally.notices_sent),
        plain("NoticesFailed", Unit::Count, tally.notices_failed),
        plain("ConflictsLost", Unit::Count, tally.conflicts_lost),
        plain("PutOff", Unit::Count, tally.put_off),
    ]
}

fn of_the_migration(report: &Report) -> Vec<Metric> {
    let mut metrics = Vec::new();
    if let Some(traffic) = report.traffic {
        let share = |weights: Weights| weights.share().map(|weight| u32::from(weight.percent()));
        let shares = [
            ("TargetReadWeight", share(traffic.reader)),
            ("TargetWriteWeight", share(traffic.writer)),
        ];
        metrics.extend(
            shares
                .into_iter()
                .filter_map(|(name, share)| Some(plain(name, Unit::Percent, share?))),
        );
    }
    if let Some(seconds) = report.replication.lag_seconds {
        metrics.push(plain("ReplicationLag", Unit::Seconds, small(seconds)));
    }
    let position = Phase::ALL.iter().position(|phase| *phase == report.phase);
    metrics.extend(
        position.map(|position| plain("Phase", Unit::None, u32::try_from(position).unwrap_or(u32::MAX))),
    );
    let (viability, at_stake) = match report.rollback {
        Viability::Lossless => (0, 0),
        Viability::Lossy { seconds } => (1, small(seconds)),
        Viability::Impossible => (2, 0),
    };
    metrics.push(plain("Viability", Unit::None, viability));
    metrics.push(plain("WritesAtStake", Unit::Seconds, at_stake));
    metrics.extend(
        report
            .blockers
            .iter()
            .map(|blocker| labelled("Holds", "Code", blocker.code.name())),
    );
    metrics
}

fn of_the_invocation(report: &Report) -> Vec<Metric> {
    let missed = u32::try_from(report.missed_events.len()).unwrap_or(u32::MAX);
    let mut metrics = of_tally(report.tally).to_vec();
    metrics.push(plain("MissedEvents", Unit::Count, missed));
    metrics.extend(
        report
            .unrecognised
            .as_ref()
            .map(|key| labelled("UnrecognisedEvents", "Shape", key)),
    );
    metrics
}

pub(crate) fn plain(name: &'static str, unit: Unit, value: u32) -> Metric {
    Metric {
        name,
        unit,
        value: f64::from(value),
        label: None,
    }
}

pub(crate) fn labelled(name: &'static str, dimension: &'static str, value: &str) -> Metric {
    Metric {
        label: Some((dimension, value.to_owned())),
        ..plain(name, Unit::Count, 1)
    }
}

pub(crate) fn small(seconds: u64) -> u32 {
    u32::try_from(seconds).unwrap_or(u32::MAX)
}
