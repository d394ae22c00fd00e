//! Evaluating the queries of a request: metrics, and expressions that refer to them and to one another.

use winterbaume_cloudwatch::model::MetricDataQuery;

use super::parse::{self, Expression};
use super::value::Value;
use super::{Line, functions, insights};
use crate::cloudwatch::CloudWatch;
use crate::cloudwatch::reading::Window;
use crate::error::AwsError;

/// Expressions that refer to expressions end here; so do those that refer to themselves.
const REFERENCES_MAX: usize = 10;

/// What an expression can see.
pub(in crate::cloudwatch) struct Scope<'a> {
    pub(super) cloudwatch: &'a CloudWatch,
    pub(super) queries: &'a [MetricDataQuery],
    pub(super) window: Window,
}

/// An expression while it is evaluated: whose it is, and how many references led to it.
#[derive(Clone, Copy)]
pub(super) struct Origin<'a> {
    pub id: &'a str,
    pub references: usize,
    /// How long the periods of the query are, for what has none of its own.
    pub period_seconds: Option<i64>,
}

impl<'a> Scope<'a> {
    pub(in crate::cloudwatch) fn new(
        cloudwatch: &'a CloudWatch,
        queries: &'a [MetricDataQuery],
        window: Window,
    ) -> Self {
        Self {
            cloudwatch,
            queries,
            window,
        }
    }

    /// The series that a query comes to; a search may find none or many.
    pub(in crate::cloudwatch) fn lines(&self, query: &MetricDataQuery) -> Result<Vec<Line>, AwsError> {
        let named = |line: Line| Line {
            label: if query.expression.is_some() {
                query.id.clone()
            } else {
                line.label
            },
            ..line
        };
        match self.query(query, 0)? {
            Value::Line(line) => Ok(vec![named(line)]),
            Value::Lines(lines) => Ok(lines),
            Value::Scalar(_) => Err(wrong(&query.id, "The expression does not return a time series")),
        }
    }

    fn query(&self, query: &MetricDataQuery, references: usize) -> Result<Value, AwsError> {
        match (&query.metric_stat, query.expression.as_deref()) {
            (Some(stat), None) => {
                let line = self.cloudwatch.metric_line(&query.id, stat, self.window)?;
                Ok(Value::Line(line))
            }
            (None, Some(expression)) => {
                let origin = Origin {
                    id: &query.id,
                    references,
                    period_seconds: query.period.map(i64::from),
                };
                if insights::is_query(expression) {
                    return self.insights(expression, origin);
                }
                let parsed = parse::parse(expression).map_err(|_| wrong(&query.id, "Invalid syntax"))?;
                self.value(&parsed, origin)
            }
            (Some(_), Some(_)) | (None, None) => Err(AwsError::refused(
                "ValidationError",
                format!(
                    "Either Expression or MetricStat must be specified, and not both (query {}).",
                    query.id
                ),
            )),
        }
    }

    pub(super) fn value(&self, expression: &Expression, origin: Origin<'_>) -> Result<Value, AwsError> {
        match expression {
            Expression::Number(number) => Ok(Value::Scalar(*number)),
            Expression::Text(_) => Err(wrong(origin.id, "Invalid syntax")),
            Expression::Name(name) => self.reference(name, origin),
            Expression::Call(function, arguments) => self.call(function, arguments, origin),
            Expression::Array(items) => {
                let mut lines = Vec::new();
                for item in items {
                    lines.extend(self.array(item, origin)?);
                }
                Ok(Value::Lines(lines))
            }
            Expression::Negative(of) => Ok(self.value(of, origin)?.negative()),
            Expression::Binary(operator, left, right) => {
                let left = self.value(left, origin)?;
                let right = self.value(right, origin)?;
                left.combined(*operator, right).map_err(|_| {
                    wrong(
                        origin.id,
                        "Arithmetic between two arrays of time series is not supported",
                    )
                })
            }
        }
    }

    /// An argument as an array of series.
    pub(super) fn array(&self, expression: &Expression, origin: Origin<'_>) -> Result<Vec<Line>, AwsError> {
        match self.value(expression, origin)? {
            Value::Line(line) => Ok(vec![line]),
            Value::Lines(lines) => Ok(lines),
            Value::Scalar(_) => Err(wrong(
                origin.id,
                "A time series is expected where a number stands",
            )),
        }
    }

    fn reference(&self, name: &str, origin: Origin<'_>) -> Result<Value, AwsError> {
        if origin.references >= REFERENCES_MAX {
            return Err(wrong(origin.id, "The references of the expression are circular"));
        }
        let query = self.queries.iter().find(|query| query.id == name);
        let query = query.ok_or_else(|| wrong(origin.id, &format!("Undefined id '{name}'")))?;
        self.query(query, origin.references + 1)
    }

    fn call(&self, function: &str, arguments: &[Expression], origin: Origin<'_>) -> Result<Value, AwsError> {
        match (function, arguments) {
            ("AVG" | "MIN" | "MAX" | "SUM", [of]) => {
                let over = functions::reduction(function);
                Ok(functions::reduced(self.value(of, origin)?, over))
            }
            ("FILL", [of, filler]) => self.fill(of, filler, origin),
            ("IF", [condition, then]) => self.choice(condition, then, None, origin),
            ("IF", [condition, then, otherwise]) => self.choice(condition, then, Some(otherwise), origin),
            ("METRICS", []) => self.metrics("", origin),
            ("METRICS", [Expression::Text(part)]) => self.metrics(part, origin),
            ("PERIOD", [of]) => self.period(of, origin),
            (
                "SEARCH",
                [
                    Expression::Text(text),
                    Expression::Text(stat),
                    Expression::Number(period),
                ],
            ) => self.search(text, stat, *period, origin),
            ("SEARCH", [Expression::Text(text), Expression::Text(stat)]) => match origin.period_seconds {
                Some(period) => self.search_by(text, stat, period, origin),
                None => Err(wrong(origin.id, "Period must not be null")),
            },
            ("AVG" | "MIN" | "MAX" | "SUM" | "FILL" | "IF" | "METRICS" | "PERIOD" | "SEARCH", _) => {
                Err(wrong(
                    origin.id,
                    &format!("Function '{function}' does not take these arguments"),
                ))
            }
            _ => Err(wrong(origin.id, &format!("Function '{function}' not found"))),
        }
    }
}

pub(super) fn wrong(id: &str, message: &str) -> AwsError {
    AwsError::refused(
        "ValidationError",
        format!("Error in expression '{id}': {message}"),
    )
}
