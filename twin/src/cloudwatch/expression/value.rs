//! What an expression comes to, and how two such values are put together.

use std::collections::BTreeMap;

use super::Line;
use super::parse::Operator;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    Scalar(f64),
    Line(Line),
    /// An array of series, as a search finds them.
    Lines(Vec<Line>),
}

/// Two arrays cannot be put together: nobody says which series belongs to which.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TwoArrays;

impl Value {
    pub(super) fn combined(self, operator: Operator, other: Self) -> Result<Self, TwoArrays> {
        Ok(match (self, other) {
            (Self::Scalar(left), Self::Scalar(right)) => Self::Scalar(operator.of(left, right)),
            (Self::Scalar(left), Self::Line(right)) => {
                Self::Line(right.each(|value| operator.of(left, value)))
            }
            (Self::Line(left), Self::Scalar(right)) => {
                Self::Line(left.each(|value| operator.of(value, right)))
            }
            (Self::Line(left), Self::Line(right)) => Self::Line(left.with(&right, operator)),
            (Self::Lines(lines), other @ (Self::Scalar(_) | Self::Line(_))) => {
                Self::Lines(every(lines, |line| {
                    Self::Line(line).combined(operator, other.clone())
                })?)
            }
            (one @ (Self::Scalar(_) | Self::Line(_)), Self::Lines(lines)) => {
                Self::Lines(every(lines, |line| {
                    one.clone().combined(operator, Self::Line(line))
                })?)
            }
            (Self::Lines(_), Self::Lines(_)) => return Err(TwoArrays),
        })
    }

    pub(super) fn negative(self) -> Self {
        match self {
            Self::Scalar(value) => Self::Scalar(-value),
            Self::Line(line) => Self::Line(line.each(|value| -value)),
            Self::Lines(lines) => {
                Self::Lines(lines.into_iter().map(|line| line.each(|value| -value)).collect())
            }
        }
    }

    /// The value that holds at a time.
    pub(super) fn at(&self, second: i64) -> Option<f64> {
        match self {
            Self::Scalar(value) => Some(*value),
            Self::Line(line) => line.points.get(&second).copied(),
            Self::Lines(_) => None,
        }
    }
}

fn every(
    lines: Vec<Line>,
    change: impl Fn(Line) -> Result<Value, TwoArrays>,
) -> Result<Vec<Line>, TwoArrays> {
    let mut changed = Vec::with_capacity(lines.len());
    for line in lines {
        let label = line.label.clone();
        if let Value::Line(line) = change(line)? {
            changed.push(Line { label, ..line });
        }
    }
    Ok(changed)
}

impl Line {
    /// Points that come to no number, as after a division by zero, are left out.
    pub(super) fn of(label: &str, period_seconds: i64, points: impl Iterator<Item = (i64, f64)>) -> Self {
        Self {
            label: label.to_owned(),
            period_seconds,
            points: points.filter(|(_, value)| value.is_finite()).collect(),
        }
    }

    pub(super) fn each(&self, change: impl Fn(f64) -> f64) -> Self {
        let points = self
            .points
            .iter()
            .map(|(second, value)| (*second, change(*value)));
        Self::of(&self.label, self.period_seconds, points)
    }

    /// Only times at which both have a value have one in the result.
    fn with(&self, other: &Self, operator: Operator) -> Self {
        let both = self.points.iter().filter_map(|(second, left)| {
            let right = other.points.get(second)?;
            Some((*second, operator.of(*left, *right)))
        });
        Self::of(&self.label, self.period_seconds.max(other.period_seconds), both)
    }
}

/// The values of several lines at each time at which any has one.
pub(super) fn by_time(lines: &[Line]) -> BTreeMap<i64, Vec<f64>> {
    let mut times: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
    for (second, value) in lines.iter().flat_map(|line| &line.points) {
        times.entry(*second).or_default().push(*value);
    }
    times
}

impl Operator {
    fn of(self, left: f64, right: f64) -> f64 {
        let truth = |holds: bool| if holds { 1.0 } else { 0.0 };
        match self {
            Self::Add => left + right,
            Self::Subtract => left - right,
            Self::Multiply => left * right,
            Self::Divide => left / right,
            Self::Power => left.powf(right),
            Self::Less => truth(left < right),
            Self::LessOrEqual => truth(left <= right),
            Self::Greater => truth(left > right),
            Self::GreaterOrEqual => truth(left >= right),
            Self::Equal => truth(same(left, right)),
            Self::NotEqual => truth(!same(left, right)),
            Self::And => truth(!same(left, 0.0) && !same(right, 0.0)),
            Self::Or => truth(!same(left, 0.0) || !same(right, 0.0)),
        }
    }
}

/// Metric math compares exactly.
pub(super) fn same(left: f64, right: f64) -> bool {
    left.partial_cmp(&right) == Some(std::cmp::Ordering::Equal)
}
