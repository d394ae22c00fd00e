//! What the datapoints of a metric alarm come to. The rules for missing data are those of CloudWatch's
//! user guide, "Configuring how alarms treat missing data", whose tables are the tests below.

use super::reasons;
use super::state::{ALARM, INSUFFICIENT_DATA, OK};

/// Beyond its evaluation periods an alarm looks for older datapoints, rather than count one as missing. The
/// guide does not say how far; in its tables it is two periods.
pub(super) const OLDER_PERIODS: usize = 2;

/// When an alarm is one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Condition {
    pub comparison: Comparison,
    pub threshold: f64,
    pub periods: usize,
    /// How many of the periods it takes; all of them, if that is not said.
    pub needed: Option<usize>,
    pub missing: Missing,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    GreaterThan,
    GreaterThanOrEqualTo,
    LessThan,
    LessThanOrEqualTo,
}

/// What stands for a period without data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missing {
    #[default]
    Missing,
    NotBreaching,
    Breaching,
    Ignore,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Datapoint {
    /// The epoch second at which its period begins.
    pub second: i64,
    pub value: f64,
    pub samples: Option<f64>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Verdict {
    pub value: &'static str,
    pub reason: String,
    /// What was looked at, newest first.
    pub datapoints: Vec<Datapoint>,
}

/// Judges the periods of the evaluation range, newest first. None: the alarm stays as it is.
pub(super) fn judge(condition: &Condition, range: &[Option<Datapoint>]) -> Option<Verdict> {
    let datapoints: Vec<Datapoint> = range.iter().flatten().take(condition.periods).copied().collect();
    let (breaching, calm): (Vec<Datapoint>, Vec<Datapoint>) = datapoints
        .iter()
        .partition(|point| condition.breached_by(point.value));
    let missing = condition.periods - datapoints.len();
    let needed = condition.needed.unwrap_or(condition.periods);
    let value = if breaching.len() >= needed {
        ALARM
    } else {
        match condition.missing {
            Missing::NotBreaching => OK,
            Missing::Breaching if breaching.len() + missing >= needed => ALARM,
            Missing::Breaching => OK,
            Missing::Ignore | Missing::Missing if !calm.is_empty() => OK,
            Missing::Ignore => return None,
            Missing::Missing if datapoints.is_empty() => INSUFFICIENT_DATA,
            // Everything since a breach is missing, and it is as old as an alarm must be.
            Missing::Missing => {
                let oldest = range.iter().take(condition.periods).rposition(Option::is_some)?;
                if oldest + 1 >= needed { ALARM } else { return None }
            }
        }
    };
    let crossing = if value == ALARM { &breaching } else { &calm };
    Some(Verdict {
        value,
        reason: reasons::of(condition, value, crossing, datapoints.len()),
        datapoints,
    })
}

impl Condition {
    fn breached_by(&self, value: f64) -> bool {
        match self.comparison {
            Comparison::GreaterThan => value > self.threshold,
            Comparison::GreaterThanOrEqualTo => value >= self.threshold,
            Comparison::LessThan => value < self.threshold,
            Comparison::LessThanOrEqualTo => value <= self.threshold,
        }
    }
}

impl Comparison {
    /// None for the operators of anomaly detection, and for what is none.
    pub(super) fn read(operator: &str) -> Option<Self> {
        match operator {
            "GreaterThanThreshold" => Some(Self::GreaterThan),
            "GreaterThanOrEqualToThreshold" => Some(Self::GreaterThanOrEqualTo),
            "LessThanThreshold" => Some(Self::LessThan),
            "LessThanOrEqualToThreshold" => Some(Self::LessThanOrEqualTo),
            _ => None,
        }
    }

    pub(super) fn operator(self) -> &'static str {
        match self {
            Self::GreaterThan => "GreaterThanThreshold",
            Self::GreaterThanOrEqualTo => "GreaterThanOrEqualToThreshold",
            Self::LessThan => "LessThanThreshold",
            Self::LessThanOrEqualTo => "LessThanOrEqualToThreshold",
        }
    }
}

impl Missing {
    pub(super) fn read(written: Option<&str>) -> Option<Self> {
        match written {
            None | Some("missing") => Some(Self::Missing),
            Some("notBreaching") => Some(Self::NotBreaching),
            Some("breaching") => Some(Self::Breaching),
            Some("ignore") => Some(Self::Ignore),
            Some(_) => None,
        }
    }

    pub(super) fn written(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NotBreaching => "notBreaching",
            Self::Breaching => "breaching",
            Self::Ignore => "ignore",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The datapoints as the user guide writes them, oldest first: 0, X or -.
    fn verdicts(needed: usize, range: &str) -> [Option<&'static str>; 4] {
        let slots = range.split(' ').rev().zip(0..);
        let slots: Vec<Option<Datapoint>> = slots
            .map(|(sign, age)| {
                let value = if sign == "X" { 9.0 } else { 0.0 };
                (sign != "-").then_some(Datapoint {
                    second: -60 * age,
                    value,
                    samples: None,
                })
            })
            .collect();
        [
            Missing::Missing,
            Missing::Ignore,
            Missing::Breaching,
            Missing::NotBreaching,
        ]
        .map(|missing| {
            let condition = Condition {
                comparison: Comparison::GreaterThan,
                threshold: 5.0,
                periods: 3,
                needed: Some(needed),
                missing,
            };
            judge(&condition, &slots).map(|verdict| verdict.value)
        })
    }

    #[test]
    fn three_of_three_as_in_the_user_guide() {
        let (ok, alarm) = (Some(OK), Some(ALARM));
        assert_eq!(verdicts(3, "0 - X - X"), [ok, ok, ok, ok]);
        assert_eq!(verdicts(3, "- - - - 0"), [ok, ok, ok, ok]);
        assert_eq!(
            verdicts(3, "- - - - -"),
            [Some(INSUFFICIENT_DATA), None, alarm, ok]
        );
        assert_eq!(verdicts(3, "0 X X - X"), [alarm, alarm, alarm, alarm]);
        assert_eq!(verdicts(3, "- - X - -"), [alarm, None, alarm, ok]);
    }

    #[test]
    fn two_of_three_as_in_the_user_guide() {
        let (ok, alarm) = (Some(OK), Some(ALARM));
        assert_eq!(verdicts(2, "0 - X - X"), [alarm, alarm, alarm, alarm]);
        assert_eq!(verdicts(2, "0 0 X 0 X"), [alarm, alarm, alarm, alarm]);
        assert_eq!(verdicts(2, "0 - X - -"), [ok, ok, alarm, ok]);
        assert_eq!(verdicts(2, "- - - - 0"), [ok, ok, alarm, ok]);
        assert_eq!(verdicts(2, "- - - X -"), [alarm, None, alarm, ok]);
    }

    #[test]
    fn a_breach_too_young_to_be_an_alarm_changes_nothing() {
        assert_eq!(verdicts(3, "- - - - X")[0], None);
        assert_eq!(verdicts(3, "- - - X -")[0], None);
        assert_eq!(verdicts(2, "- - - - X")[0], None);
    }
}
