//! Why a metric alarm is in its state, in the words of CloudWatch.

use jiff::Timestamp;
use serde::Serialize;

use super::state::{ALARM, INSUFFICIENT_DATA, written};
use super::verdict::{Comparison, Condition, Datapoint, Missing, Verdict};

/// More datapoints than this are not all listed.
const LISTED_MAX: usize = 5;

/// The reason for a state. `crossing` are the datapoints that speak for it, newest first.
pub(super) fn of(condition: &Condition, value: &str, crossing: &[Datapoint], received: usize) -> String {
    let missing = condition.periods - received;
    if value == INSUFFICIENT_DATA {
        return format!(
            "Insufficient Data: {} {} unknown.",
            datapoints(missing),
            was(missing)
        );
    }
    let filled = filled(condition.missing, missing);
    if crossing.is_empty() {
        return format!(
            "Threshold Crossed: {}.",
            only_filled(condition.periods, received, filled)
        );
    }
    let not = if value == ALARM { "" } else { "not " };
    let crossed = format!(
        "{} {not}{} the threshold ({:?})",
        was(crossing.len()),
        condition.comparison.words(),
        condition.threshold
    );
    // Only an alarm that was told how many datapoints it takes speaks of how many there could be.
    match (condition.needed, filled) {
        (Some(needed), None) => of_so_many(condition, value == ALARM, needed, (crossing, &crossed)),
        (_, filled) => {
            let tail = filled.map(|filled| format!(" and {filled}")).unwrap_or_default();
            let count = datapoints(crossing.len());
            let list = list(crossing);
            if crossing.len() <= LISTED_MAX {
                format!("Threshold Crossed: {count} [{list}] {crossed}{tail}.")
            } else {
                format!("Threshold Crossed: {count} {crossed}{tail}. The most recent datapoints: [{list}].")
            }
        }
    }
}

/// When nothing but what stands for missing data speaks for the state.
fn only_filled(periods: usize, received: usize, filled: Option<String>) -> String {
    let received = match received {
        0 => "no datapoints were".to_owned(),
        count => format!("{} {}", datapoints(count), was(count)),
    };
    let plural = if periods == 1 { "" } else { "s" };
    let tail = filled.map(|filled| format!(" and {filled}")).unwrap_or_default();
    format!("{received} received for {periods} period{plural}{tail}")
}

fn of_so_many(
    condition: &Condition,
    alarm: bool,
    needed: usize,
    (crossing, crossed): (&[Datapoint], &str),
) -> String {
    let (minimum, way) = if alarm {
        (needed, "OK -> ALARM")
    } else {
        (condition.periods - needed + 1, "ALARM -> OK")
    };
    let minimum = format!("(minimum {} for {way} transition)", datapoints(minimum));
    let of = format!(
        "{} out of the last {} datapoints",
        crossing.len(),
        condition.periods
    );
    let list = list(crossing);
    if crossing.len() < LISTED_MAX {
        return format!("Threshold Crossed: {of} [{list}] {crossed} {minimum}.");
    }
    format!(
        "Threshold Crossed: {of} {crossed}. The most recent datapoints which crossed the threshold: [{list}] \
         {minimum}."
    )
}

fn list(points: &[Datapoint]) -> String {
    let listed: Vec<String> = points.iter().take(LISTED_MAX).map(listed).collect();
    listed.join(", ")
}

/// `StateReasonData`: the same for machines.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Data<'a> {
    version: &'static str,
    query_date: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    statistic: Option<&'a str>,
    period: i64,
    recent_datapoints: Vec<f64>,
    threshold: f64,
    evaluated_datapoints: Vec<Evaluated>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Evaluated {
    timestamp: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sample_count: Option<f64>,
    value: f64,
}

/// What is evaluated, for `StateReasonData`. An expression has no statistic.
pub(super) struct Measure<'a> {
    pub statistic: Option<&'a str>,
    pub unit: Option<&'a str>,
    pub period_seconds: i64,
}

pub(super) fn data(measure: &Measure<'_>, threshold: f64, verdict: &Verdict, now: Timestamp) -> String {
    let evaluated = verdict.datapoints.iter().map(|point| Evaluated {
        timestamp: written(at(point)),
        sample_count: point.samples,
        value: point.value,
    });
    let data = Data {
        version: "1.0",
        query_date: written(now),
        start_date: verdict.datapoints.last().map(|oldest| written(at(oldest))),
        unit: measure.unit,
        statistic: measure.statistic,
        period: measure.period_seconds,
        recent_datapoints: verdict.datapoints.iter().rev().map(|point| point.value).collect(),
        threshold,
        evaluated_datapoints: evaluated.collect(),
    };
    serde_json::to_string(&data).unwrap_or_default()
}

fn filled(rule: Missing, missing: usize) -> Option<String> {
    let treated = match rule {
        Missing::Breaching => "Breaching",
        Missing::NotBreaching => "NonBreaching",
        Missing::Missing | Missing::Ignore => return None,
    };
    let plural = if missing == 1 { "" } else { "s" };
    let sentence = format!(
        "{missing} missing datapoint{plural} {} treated as [{treated}]",
        was(missing)
    );
    (missing > 0).then_some(sentence)
}

fn listed(point: &Datapoint) -> String {
    format!("{:?} ({})", point.value, at(point).strftime("%d/%m/%y %H:%M:%S"))
}

fn at(point: &Datapoint) -> Timestamp {
    Timestamp::from_second(point.second).unwrap_or(Timestamp::UNIX_EPOCH)
}

fn datapoints(count: usize) -> String {
    format!("{count} datapoint{}", if count == 1 { "" } else { "s" })
}

fn was(count: usize) -> &'static str {
    if count == 1 { "was" } else { "were" }
}

impl Comparison {
    fn words(self) -> &'static str {
        match self {
            Self::GreaterThan => "greater than",
            Self::GreaterThanOrEqualTo => "greater than or equal to",
            Self::LessThan => "less than",
            Self::LessThanOrEqualTo => "less than or equal to",
        }
    }
}
