//! What an invocation of `dr-failover` tells CloudWatch.

use super::phase::Phase;
use super::report::Report;
use super::votes::Says;
use crate::error::Failure;
use crate::metrics::{Measured, Metric, Unit, labelled, of_any, of_tally, plain, small};

/// The metrics of one invocation.
#[must_use]
pub fn of(result: &Result<Report, Failure>, measured: Measured) -> Vec<Metric> {
    let mut metrics = of_any(result.as_ref().err(), measured);
    if let Ok(report) = result {
        // What was not looked at has no value.
        if report.unrecognised.is_none() {
            metrics.extend(of_the_regions(report));
        }
        metrics.extend(of_tally(report.tally));
        metrics.extend(
            report
                .unrecognised
                .as_ref()
                .map(|key| labelled("UnrecognisedEvents", "Shape", key)),
        );
    }
    metrics
}

fn of_the_regions(report: &Report) -> Vec<Metric> {
    let position = Phase::ALL.iter().position(|phase| *phase == report.phase);
    let phase =
        position.map(|position| plain("Phase", Unit::None, u32::try_from(position).unwrap_or(u32::MAX)));
    let loss = report.dr.loss_estimate;
    let loss = loss.map(|loss| plain("LossEstimate", Unit::Seconds, small(loss.seconds)));
    let bad = report.dr.votes.iter().filter(|vote| vote.says == Says::Bad);
    let bad = u32::try_from(bad.count()).unwrap_or(u32::MAX);
    let holds = report.blockers.iter();
    let holds = holds.map(|blocker| labelled("Holds", "Code", blocker.code.name()));
    phase
        .into_iter()
        .chain(loss)
        .chain([plain("BadVotes", Unit::Count, bad)])
        .chain(holds)
        .collect()
}
