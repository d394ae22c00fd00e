//! An alarm's configuration, as events and functions get it.

use serde_json::{Map, Value, json};
use winterbaume_cloudwatch::model::{CompositeAlarm, Metric, MetricAlarm, MetricDataQuery};

use super::{Alarm, add};
use crate::cloudwatch::evaluation::{expressions, metric_of};

/// The parameters of the 64-bit FNV-1a hash.
const HASH_START: u64 = 0xcbf2_9ce4_8422_2325;
const HASH_PRIME: u64 = 0x0000_0100_0000_01b3;

pub(super) fn of(alarm: Alarm<'_>) -> Value {
    match alarm {
        Alarm::Metric(alarm) => metric(alarm),
        Alarm::Composite(alarm) => composite(alarm),
    }
}

fn metric(alarm: &MetricAlarm) -> Value {
    let metrics: Vec<Value> = match expressions(alarm) {
        Some(queries) => queries.iter().map(query).collect(),
        None if alarm.metric_name.is_some() => vec![json!({
            "id": metric_id(alarm.alarm_arn.as_deref().unwrap_or_default()),
            "metricStat": {
                "metric": metric_value(&metric_of(alarm)),
                "period": alarm.period,
                "stat": alarm.statistic,
            },
            "returnData": true,
        })],
        None => Vec::new(),
    };
    let mut value = json!({ "metrics": metrics });
    add(&mut value, "description", alarm.alarm_description.clone());
    value
}

fn query(query: &MetricDataQuery) -> Value {
    let mut value = json!({ "id": query.id, "returnData": query.return_data != Some(false) });
    add(&mut value, "expression", query.expression.clone());
    add(&mut value, "label", query.label.clone());
    add(&mut value, "period", query.period);
    let stat = query.metric_stat.as_ref().map(|stat| {
        let mut value = json!({
            "metric": metric_value(&stat.metric),
            "period": stat.period,
            "stat": stat.stat,
        });
        add(&mut value, "unit", stat.unit.clone());
        value
    });
    add(&mut value, "metricStat", stat);
    value
}

fn metric_value(metric: &Metric) -> Value {
    let dimensions = metric.dimensions.iter().flatten();
    let dimensions: Map<String, Value> = dimensions
        .map(|dimension| (dimension.name.clone(), Value::String(dimension.value.clone())))
        .collect();
    json!({
        "name": metric.metric_name,
        "namespace": metric.namespace,
        "dimensions": dimensions,
    })
}

fn composite(alarm: &CompositeAlarm) -> Value {
    let mut value = json!({ "alarmRule": alarm.alarm_rule });
    add(&mut value, "description", alarm.alarm_description.clone());
    add(&mut value, "actionsSuppressor", alarm.actions_suppressor.clone());
    add(
        &mut value,
        "actionsSuppressorWaitPeriod",
        alarm.actions_suppressor_wait_period,
    );
    add(
        &mut value,
        "actionsSuppressorExtensionPeriod",
        alarm.actions_suppressor_extension_period,
    );
    value
}

/// The id that `CloudWatch` gives to the metric of an alarm that has only one: shaped like a UUID, and
/// always the same for the same alarm.
fn metric_id(arn: &str) -> String {
    let hash = |start: u64| {
        arn.bytes().fold(start, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(HASH_PRIME)
        })
    };
    let high = hash(HASH_START);
    let hex = format!("{high:016x}{:016x}", hash(high));
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}-{}-{}",
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
