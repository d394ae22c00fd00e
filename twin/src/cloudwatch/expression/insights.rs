//! A query of Metrics Insights over one metric: `SELECT SUM(Failed) FROM SCHEMA("Cutover/App", Service) WHERE Service = 'orders'`.

use std::collections::{BTreeMap, BTreeSet};

use super::Line;
use super::evaluate::{Origin, Scope, wrong};
use super::value::Value;
use crate::cloudwatch::series::{SeriesKey, Summary};
use crate::error::AwsError;

const KEYWORD: &str = "SELECT ";

pub(super) fn is_query(expression: &str) -> bool {
    let start = expression.trim_start().get(..KEYWORD.len());
    start.is_some_and(|start| start.eq_ignore_ascii_case(KEYWORD))
}

#[derive(Debug, PartialEq)]
struct Query {
    statistic: &'static str,
    metric: String,
    namespace: String,
    /// Exactly these dimensions; any, if none are named.
    dimensions: Option<BTreeSet<String>>,
    /// The dimension, whether it must be equal, and the value.
    conditions: Vec<(String, bool, String)>,
}

impl Scope<'_> {
    pub(super) fn insights(&self, text: &str, origin: Origin<'_>) -> Result<Value, AwsError> {
        let query = Query::parse(text).ok_or_else(|| {
            // GROUP BY and ORDER BY are not among what the twin knows either.
            wrong(origin.id, "Invalid syntax")
        })?;
        let period = origin
            .period_seconds
            .ok_or_else(|| AwsError::refused("ValidationError", "Period must not be null"))?;
        if period < 1 {
            return Err(wrong(origin.id, "Period must be greater than 0"));
        }
        let mut summaries: BTreeMap<i64, Summary> = BTreeMap::new();
        for key in self.cloudwatch.series.keys().filter(|key| query.finds(key)) {
            for (second, summary) in self.cloudwatch.summaries(key, period, None, self.window) {
                let entry = summaries.entry(second);
                entry
                    .and_modify(|sum| *sum = sum.with(summary))
                    .or_insert(summary);
            }
        }
        let value = |(second, summary): (i64, Summary)| Some((second, summary.statistic(query.statistic)?));
        let points = summaries.into_iter().filter_map(value);
        Ok(Value::Line(Line::of(origin.id, period, points)))
    }
}

impl Query {
    fn parse(text: &str) -> Option<Self> {
        let words = words(text)?;
        let mut rest: &[String] = words.get(1..)?;
        let statistic = match next(&mut rest)?.to_ascii_uppercase().as_str() {
            "AVG" => "Average",
            "COUNT" => "SampleCount",
            "MAX" => "Maximum",
            "MIN" => "Minimum",
            "SUM" => "Sum",
            _ => return None,
        };
        expect(&mut rest, "(")?;
        let metric = next(&mut rest)?;
        expect(&mut rest, ")")?;
        expect(&mut rest, "FROM")?;
        let (namespace, dimensions) = source(&mut rest)?;
        let mut conditions = Vec::new();
        let mut joint = "WHERE";
        while !rest.is_empty() {
            expect(&mut rest, joint)?;
            let name = next(&mut rest)?;
            let equal = match next(&mut rest)?.as_str() {
                "=" => true,
                "!=" => false,
                _ => return None,
            };
            conditions.push((name, equal, next(&mut rest)?));
            joint = "AND";
        }
        Some(Self {
            statistic,
            metric,
            namespace,
            dimensions,
            conditions,
        })
    }

    fn finds(&self, key: &SeriesKey) -> bool {
        let names = self.dimensions.as_ref();
        key.namespace == self.namespace
            && key.metric == self.metric
            && names.is_none_or(|names| names.iter().eq(key.dimensions.keys()))
            && self
                .conditions
                .iter()
                .all(|(name, equal, value)| (key.dimensions.get(name) == Some(value)) == *equal)
    }
}

fn source(rest: &mut &[String]) -> Option<(String, Option<BTreeSet<String>>)> {
    let first = next(rest)?;
    if !first.eq_ignore_ascii_case("SCHEMA") {
        return Some((first, None));
    }
    expect(rest, "(")?;
    let namespace = next(rest)?;
    let mut dimensions = BTreeSet::new();
    loop {
        match next(rest)?.as_str() {
            ")" => return Some((namespace, Some(dimensions))),
            "," => dimensions.insert(next(rest)?),
            _ => return None,
        };
    }
}

fn next(rest: &mut &[String]) -> Option<String> {
    let (first, after) = rest.split_first()?;
    *rest = after;
    Some(first.clone())
}

fn expect(rest: &mut &[String], word: &str) -> Option<()> {
    next(rest)?.eq_ignore_ascii_case(word).then_some(())
}

/// Words, quoted names and signs.
fn words(text: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = rest.strip_prefix(first).unwrap_or_default();
        rest = if first == '"' || first == '\'' {
            let (content, after) = after.split_once(first)?;
            words.push(content.to_owned());
            after
        } else if let Some(after) = rest.strip_prefix("!=") {
            words.push("!=".to_owned());
            after
        } else if "(),=".contains(first) {
            words.push(first.to_string());
            after
        } else {
            let ends = |letter: char| letter.is_whitespace() || "(),=!\"'".contains(letter);
            let (word, after) = rest.split_at(rest.find(ends).filter(|end| *end > 0).unwrap_or(rest.len()));
            words.push(word.to_owned());
            after
        }
        .trim_start();
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_read() {
        let read = Query::parse(
            r#"SELECT SUM("Failed") FROM SCHEMA("Cutover/App", Service, Zone) WHERE Service = 'orders' AND Zone != 'b'"#,
        )
        .unwrap();
        assert_eq!((read.statistic, read.metric.as_str()), ("Sum", "Failed"));
        assert_eq!(read.dimensions.as_ref().map(BTreeSet::len), Some(2));
        let key = |zone| {
            SeriesKey::new(
                "Cutover/App",
                "Failed",
                [("Service", "orders"), ("Zone", zone)].into_iter(),
            )
        };
        assert!(read.finds(&key("a")));
        assert!(!read.finds(&key("b")));
    }

    #[test]
    fn what_the_twin_does_not_know_is_refused() {
        for text in [
            "SELECT MEDIAN(a) FROM b",
            "SELECT SUM(a) FROM SCHEMA(b",
            "SELECT SUM(a) FROM b GROUP BY c",
            "SELECT SUM(a)",
            "SELECT SUM(a) FROM b WHERE c = ",
        ] {
            assert_eq!(Query::parse(text), None, "{text}");
        }
    }
}
