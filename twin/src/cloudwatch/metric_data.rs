//! Putting and getting metric data.

use jiff::Timestamp;
use winterbaume_cloudwatch::model::{
    GetMetricDataInput, GetMetricDataOutput, MetricDataQuery, MetricDataResult, MetricDatum,
    PutMetricDataInput,
};

use super::CloudWatch;
use super::reading::{Window, pairs};
use super::series::{Point, SeriesKey, Summary};
use crate::error::AwsError;
use crate::reply::{epoch_seconds, from_epoch_seconds};

const DATUMS_MAX: usize = 1000;
const QUERIES_MAX: usize = 500;
const DATAPOINTS_MAX: i32 = 100_800;

impl CloudWatch {
    pub(super) fn put_data(&mut self, request: &PutMetricDataInput) -> Result<(), AwsError> {
        if request.namespace.is_empty() || request.namespace.starts_with("AWS/") {
            let message = format!(
                "The value {} for parameter Namespace is invalid.",
                request.namespace
            );
            return Err(AwsError::refused("InvalidParameterValue", message));
        }
        let datums = request.metric_data.as_deref().unwrap_or_default();
        if datums.len() > DATUMS_MAX {
            let message =
                format!("The collection MetricData must not have a size greater than {DATUMS_MAX}.");
            return Err(AwsError::refused("ValidationError", message));
        }
        let now = self.place.clock.now();
        let points = datums
            .iter()
            .map(|datum| point(datum, now))
            .collect::<Result<Vec<_>, _>>()?;
        for (datum, point) in datums.iter().zip(points) {
            let key = SeriesKey::new(
                &request.namespace,
                &datum.metric_name,
                pairs(datum.dimensions.as_deref()),
            );
            self.series.entry(key).or_default().add(point);
        }
        Ok(())
    }

    pub(super) fn get_data(&self, request: &GetMetricDataInput) -> Result<GetMetricDataOutput, AwsError> {
        let window = window(request)?;
        if request.metric_data_queries.is_empty() || request.metric_data_queries.len() > QUERIES_MAX {
            return Err(invalid(&format!(
                "A request has between 1 and {QUERIES_MAX} queries."
            )));
        }
        let ascending = match request.scan_by.as_deref() {
            None | Some("TimestampDescending") => false,
            Some("TimestampAscending") => true,
            Some(other) => {
                return Err(invalid(&format!(
                    "The value {other} for parameter ScanBy is invalid."
                )));
            }
        };
        let mut left = datapoints_max(request.max_datapoints)?;
        let mut skip = position(request.next_token.as_deref())?;
        let seen_before = skip;
        let mut sent = 0;
        let mut cut = false;
        let mut results = Vec::new();
        for (query, line) in self.lines(&request.metric_data_queries, window)? {
            let mut values: Vec<(i64, f64)> = line.points.into_iter().collect();
            if !ascending {
                values.reverse();
            }
            let skipped = skip.min(values.len());
            skip -= skipped;
            let available = values.len() - skipped;
            let page: Vec<_> = values.into_iter().skip(skipped).take(left).collect();
            left -= page.len();
            sent += page.len();
            let whole = page.len() == available;
            cut |= !whole;
            results.push(result(query, line.label, page, whole));
        }
        let next_token = cut.then(|| (seen_before + sent).to_string());
        Ok(GetMetricDataOutput {
            metric_data_results: Some(results),
            next_token,
            ..GetMetricDataOutput::default()
        })
    }
}

fn result(query: &MetricDataQuery, label: String, page: Vec<(i64, f64)>, whole: bool) -> MetricDataResult {
    let (timestamps, values) = page
        .into_iter()
        .filter_map(|(second, value)| Some((epoch_seconds(Timestamp::from_second(second).ok()?), value)))
        .unzip();
    MetricDataResult {
        id: Some(query.id.clone()),
        label: query.label.clone().or(Some(label)),
        status_code: Some(if whole { "Complete" } else { "PartialData" }.to_owned()),
        timestamps: Some(timestamps),
        values: Some(values),
        ..MetricDataResult::default()
    }
}

fn point(datum: &MetricDatum, now: Timestamp) -> Result<Point, AwsError> {
    let at = match datum.timestamp {
        None => now,
        Some(seconds) => {
            from_epoch_seconds(seconds).ok_or_else(|| invalid("The parameter Timestamp is invalid."))?
        }
    };
    let summary = summary(datum).ok_or_else(|| {
        AwsError::refused(
            "MissingParameter",
            "At least one of the parameters Value, Values or StatisticValues must be specified.",
        )
    })?;
    if [summary.minimum, summary.maximum, summary.sum, summary.count]
        .iter()
        .any(|value| !value.is_finite())
    {
        let message = format!(
            "The value of {} is invalid: it must be a finite number.",
            datum.metric_name
        );
        return Err(AwsError::refused("InvalidParameterValue", message));
    }
    Ok(Point {
        at,
        summary,
        unit: datum.unit.clone(),
    })
}

fn summary(datum: &MetricDatum) -> Option<Summary> {
    if let Some(set) = &datum.statistic_values {
        return Some(Summary {
            minimum: set.minimum,
            maximum: set.maximum,
            sum: set.sum,
            count: set.sample_count,
        });
    }
    if let Some(value) = datum.value {
        return Some(Summary::of(value));
    }
    let counts = datum
        .counts
        .iter()
        .flatten()
        .copied()
        .chain(std::iter::repeat(1.0));
    let values = datum.values.iter().flatten().zip(counts);
    values
        .map(|(value, count)| Summary::repeated(*value, count))
        .reduce(Summary::with)
}

fn window(request: &GetMetricDataInput) -> Result<Window, AwsError> {
    let time = |seconds: f64, name: &str| {
        from_epoch_seconds(seconds).ok_or_else(|| invalid(&format!("The parameter {name} is invalid.")))
    };
    let from = time(request.start_time, "StartTime")?;
    let until = time(request.end_time, "EndTime")?;
    if from >= until {
        return Err(invalid(
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    Ok(Window::since_epoch(from, until))
}

fn datapoints_max(asked: Option<i32>) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(DATAPOINTS_MAX);
    let fits = (1..=DATAPOINTS_MAX).contains(&asked);
    let most = usize::try_from(asked).ok().filter(|_| fits);
    most.ok_or_else(|| {
        invalid(&format!(
            "The parameter MaxDatapoints must be between 1 and {DATAPOINTS_MAX}."
        ))
    })
}

/// A token is the number of datapoints already sent.
fn position(token: Option<&str>) -> Result<usize, AwsError> {
    let Some(token) = token else { return Ok(0) };
    token
        .parse()
        .map_err(|_| AwsError::refused("InvalidNextToken", "The next token specified is invalid."))
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationError", message)
}
