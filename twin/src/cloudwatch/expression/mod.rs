//! Metric math: expressions over metrics, searches for metrics, and queries of Metrics Insights.

mod evaluate;
mod functions;
mod insights;
mod parse;
mod search;
mod value;

use std::collections::BTreeMap;

pub(super) use evaluate::Scope;

/// One series of values, by the second that each period begins at.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub label: String,
    pub period_seconds: i64,
    pub points: BTreeMap<i64, f64>,
}

/// Whether an expression contains this function, if it can be read at all.
pub(super) fn calls(expression: &str, function: &str) -> bool {
    parse::parse(expression).is_ok_and(|parsed| parsed.calls(function))
}
