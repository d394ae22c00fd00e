//! The functions of metric math that the twin knows.

use std::time::Duration;

use super::Line;
use super::evaluate::{Origin, Scope, wrong};
use super::parse::Expression;
use super::search::Search;
use super::value::{Value, by_time, same};
use crate::cloudwatch::reading::check_statistic;
use crate::cloudwatch::series::SeriesKey;
use crate::error::AwsError;

/// As many series as one search returns.
const FOUND_MAX: usize = 100;
/// As many datapoints as one request returns.
const FILLED_MAX: usize = 100_800;

/// The window's end is exclusive; what happens at this very moment has begun.
const NEXT: Duration = Duration::from_nanos(1);

type Reduction = fn(&[f64]) -> f64;

pub(super) fn reduction(function: &str) -> Reduction {
    match function {
        "MIN" => |values| values.iter().copied().fold(f64::NAN, f64::min),
        "MAX" => |values| values.iter().copied().fold(f64::NAN, f64::max),
        "SUM" => |values| values.iter().sum(),
        _ => |values| values.iter().sum::<f64>() / values.iter().map(|_| 1.0).sum::<f64>(),
    }
}

/// One series comes to a number; an array of series comes to a series, time by time.
pub(super) fn reduced(value: Value, over: Reduction) -> Value {
    match value {
        Value::Scalar(_) => value,
        Value::Line(line) => {
            let values: Vec<f64> = line.points.into_values().collect();
            Value::Scalar(if values.is_empty() {
                f64::NAN
            } else {
                over(&values)
            })
        }
        Value::Lines(lines) => {
            let period = lines.iter().map(|line| line.period_seconds).max();
            let points = by_time(&lines).into_iter();
            let points = points.map(|(second, values)| (second, over(&values)));
            Value::Line(Line::of("", period.unwrap_or_default(), points))
        }
    }
}

impl Scope<'_> {
    pub(super) fn fill(
        &self,
        of: &Expression,
        filler: &Expression,
        origin: Origin<'_>,
    ) -> Result<Value, AwsError> {
        let repeat = *filler == Expression::Name("REPEAT".to_owned());
        let filler = if repeat {
            None
        } else {
            Some(self.value(filler, origin)?)
        };
        let filled = |line: Line| -> Line {
            let mut last = None;
            let points = self
                .periods(line.period_seconds)
                .into_iter()
                .filter_map(|second| {
                    let there = line.points.get(&second).copied();
                    last = there.or(last);
                    let missing = filler.as_ref().map_or(last, |filler| filler.at(second));
                    Some((second, there.or(missing)?))
                });
            Line::of(&line.label, line.period_seconds, points)
        };
        match self.value(of, origin)? {
            Value::Line(line) => Ok(Value::Line(filled(line))),
            Value::Lines(lines) => Ok(Value::Lines(lines.into_iter().map(filled).collect())),
            Value::Scalar(_) => Err(wrong(
                origin.id,
                "A time series is expected where a number stands",
            )),
        }
    }

    /// Where the periods of the window begin that have begun.
    fn periods(&self, period_seconds: i64) -> Vec<i64> {
        // An array of no series has no period.
        let Some(step) = usize::try_from(period_seconds).ok().filter(|step| *step > 0) else {
            return Vec::new();
        };
        let now = self.cloudwatch.place.clock.now();
        let until = self.window.until.min(now.saturating_add(NEXT).unwrap_or(now));
        let first = self.window.bucket(self.window.from, period_seconds);
        let begun = until.as_second() + i64::from(until.subsec_nanosecond() > 0);
        (first..begun).step_by(step).take(FILLED_MAX).collect()
    }

    pub(super) fn choice(
        &self,
        condition: &Expression,
        then: &Expression,
        otherwise: Option<&Expression>,
        origin: Origin<'_>,
    ) -> Result<Value, AwsError> {
        let condition = self.value(condition, origin)?;
        let then = self.value(then, origin)?;
        let otherwise = otherwise.map(|other| self.value(other, origin)).transpose()?;
        let chosen = |holds: bool| if holds { Some(&then) } else { otherwise.as_ref() };
        match condition {
            Value::Scalar(value) => match chosen(!same(value, 0.0)) {
                Some(value) => Ok(value.clone()),
                None => Ok(Value::Lines(Vec::new())),
            },
            Value::Line(line) => {
                let points = line.points.iter().filter_map(|(second, value)| {
                    let value = chosen(!same(*value, 0.0))?.at(*second)?;
                    Some((*second, value))
                });
                Ok(Value::Line(Line::of(&line.label, line.period_seconds, points)))
            }
            Value::Lines(_) => Err(wrong(origin.id, "The condition of IF must not be an array")),
        }
    }

    /// The metrics of the request whose ids contain a word, as an array.
    pub(super) fn metrics(&self, part: &str, origin: Origin<'_>) -> Result<Value, AwsError> {
        let metrics = self
            .queries
            .iter()
            .filter(|query| query.metric_stat.is_some() && query.id.contains(part));
        let mut lines = Vec::new();
        for query in metrics {
            lines.extend(self.array(&Expression::Name(query.id.clone()), origin)?);
        }
        Ok(Value::Lines(lines))
    }

    pub(super) fn period(&self, of: &Expression, origin: Origin<'_>) -> Result<Value, AwsError> {
        match self.array(of, origin)?.as_slice() {
            [line] => {
                let seconds = i32::try_from(line.period_seconds).unwrap_or(i32::MAX);
                Ok(Value::Scalar(f64::from(seconds)))
            }
            _ => Err(wrong(origin.id, "PERIOD takes one time series")),
        }
    }

    pub(super) fn search(
        &self,
        text: &str,
        stat: &str,
        period: f64,
        origin: Origin<'_>,
    ) -> Result<Value, AwsError> {
        // Numbers in expressions are floating; only one that is written as a whole is a period.
        let whole = format!("{period}")
            .parse()
            .ok()
            .filter(|seconds: &i64| *seconds > 0);
        let period = whole.ok_or_else(|| wrong(origin.id, "Invalid syntax"))?;
        self.search_by(text, stat, period, origin)
    }

    pub(super) fn search_by(
        &self,
        text: &str,
        stat: &str,
        period_seconds: i64,
        origin: Origin<'_>,
    ) -> Result<Value, AwsError> {
        check_statistic(stat, origin.id)?;
        if period_seconds < 1 {
            return Err(wrong(origin.id, "Period must be greater than 0"));
        }
        let search = Search::parse(text).ok_or_else(|| wrong(origin.id, "Invalid syntax"))?;
        let found = self.cloudwatch.series.keys().filter(|key| search.finds(key));
        let line = |key| {
            let of = (stat, period_seconds);
            self.cloudwatch.line(key, label(key), of, None, self.window)
        };
        // CloudWatch finds only what has had data lately; a series without any in the window adds nothing.
        let with_data = found.map(line).filter(|line| !line.points.is_empty());
        Ok(Value::Lines(with_data.take(FOUND_MAX).collect()))
    }
}

/// A series by its metric and what its dimensions are.
fn label(key: &SeriesKey) -> String {
    let values = key.dimensions.values().map(String::as_str);
    std::iter::once(key.metric.as_str())
        .chain(values)
        .collect::<Vec<_>>()
        .join(" ")
}
