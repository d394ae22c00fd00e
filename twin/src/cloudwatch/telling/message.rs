//! The message that an alarm publishes to a topic.

use serde_json::{Value, json};
use winterbaume_cloudwatch::model::{Dimension, MetricAlarm, MetricDataQuery};

use super::{Alarm, Change, add};
use crate::cloudwatch::evaluation::{expressions, period_of};
use crate::cloudwatch::state::{time, written};
use crate::place::Place;

/// The regions as CloudWatch names them in its messages.
const REGION_NAMES: [(&str, &str); 12] = [
    ("us-east-1", "US East (N. Virginia)"),
    ("us-east-2", "US East (Ohio)"),
    ("us-west-1", "US West (N. California)"),
    ("us-west-2", "US West (Oregon)"),
    ("ap-northeast-1", "Asia Pacific (Tokyo)"),
    ("ap-southeast-1", "Asia Pacific (Singapore)"),
    ("ap-southeast-2", "Asia Pacific (Sydney)"),
    ("eu-central-1", "EU (Frankfurt)"),
    ("eu-north-1", "EU (Stockholm)"),
    ("eu-west-1", "EU (Ireland)"),
    ("eu-west-2", "EU (London)"),
    ("eu-west-3", "EU (Paris)"),
];

pub(super) fn subject(change: &Change<'_>, place: &Place) -> String {
    format!(
        "{}: \"{}\" in {}",
        change.state.value,
        change.alarm.common().name,
        region(place)
    )
}

pub(super) fn of(change: &Change<'_>, place: &Place) -> Value {
    let common = change.alarm.common();
    let mut message = json!({
        "AlarmName": common.name,
        "AlarmDescription": common.description,
        "AWSAccountId": place.account,
        "AlarmConfigurationUpdatedTimestamp": written(time(common.updated)),
        "NewStateValue": change.state.value,
        "NewStateReason": change.state.reason,
        "StateChangeTime": written(change.state.at),
        "Region": region(place),
        "AlarmArn": common.arn,
        "OldStateValue": change.previous.value,
        "OKActions": common.ok_actions,
        "AlarmActions": common.alarm_actions,
        "InsufficientDataActions": common.insufficient_data_actions,
    });
    match change.alarm {
        Alarm::Metric(alarm) => add(&mut message, "Trigger", Some(trigger(alarm))),
        Alarm::Composite(alarm) => {
            add(&mut message, "AlarmRule", alarm.alarm_rule.clone());
            add(&mut message, "TriggeringChildren", Some(triggering(change)));
        }
    }
    message
}

fn trigger(alarm: &MetricAlarm) -> Value {
    let mut trigger = json!({
        "EvaluationPeriods": alarm.evaluation_periods,
        "ComparisonOperator": alarm.comparison_operator,
        "Threshold": alarm.threshold,
        "TreatMissingData": alarm.treat_missing_data.as_deref().unwrap_or("missing"),
        "EvaluateLowSampleCountPercentile": "",
    });
    add(&mut trigger, "DatapointsToAlarm", alarm.datapoints_to_alarm);
    if let Some(queries) = expressions(alarm) {
        add(&mut trigger, "Period", period_of(queries));
        add(
            &mut trigger,
            "Metrics",
            Some(queries.iter().map(query).collect::<Value>()),
        );
        return trigger;
    }
    // An alarm without a metric, as stories create it, has nothing more to say.
    if alarm.metric_name.is_some() {
        let statistic = alarm.statistic.as_deref().unwrap_or_default().to_uppercase();
        add(&mut trigger, "MetricName", alarm.metric_name.clone());
        add(&mut trigger, "Namespace", alarm.namespace.clone());
        add(&mut trigger, "StatisticType", Some("Statistic"));
        add(&mut trigger, "Statistic", Some(statistic));
        add(&mut trigger, "Unit", Some(json!(alarm.unit)));
        add(
            &mut trigger,
            "Dimensions",
            Some(dimensions(alarm.dimensions.as_deref())),
        );
        add(&mut trigger, "Period", alarm.period);
    }
    trigger
}

fn query(query: &MetricDataQuery) -> Value {
    let mut value = json!({ "Id": query.id, "ReturnData": query.return_data != Some(false) });
    add(&mut value, "Expression", query.expression.clone());
    add(&mut value, "Label", query.label.clone());
    let stat = query.metric_stat.as_ref().map(|stat| {
        json!({
            "Metric": {
                "Dimensions": dimensions(stat.metric.dimensions.as_deref()),
                "MetricName": stat.metric.metric_name,
                "Namespace": stat.metric.namespace,
            },
            "Period": stat.period,
            "Stat": stat.stat,
        })
    });
    add(&mut value, "MetricStat", stat);
    value
}

/// In messages, and only there, these names are in lower case.
fn dimensions(dimensions: Option<&[Dimension]>) -> Value {
    let dimensions = dimensions.unwrap_or_default().iter();
    dimensions
        .map(|dimension| json!({ "value": dimension.value, "name": dimension.name }))
        .collect()
}

/// The alarms that made a composite change, told again from its reason.
fn triggering(change: &Change<'_>) -> Value {
    let data = change.state.data.as_deref().unwrap_or_default();
    let data: Value = serde_json::from_str(data).unwrap_or_default();
    let alarms = data.get("triggeringAlarms").and_then(Value::as_array).cloned();
    let child = |alarm: Value| {
        json!({
            "Arn": alarm.pointer("/arn"),
            "State": {
                "Value": alarm.pointer("/state/value"),
                "Timestamp": alarm.pointer("/state/timestamp"),
            },
        })
    };
    alarms.unwrap_or_default().into_iter().map(child).collect()
}

fn region(place: &Place) -> &str {
    let named = REGION_NAMES.iter().find(|(region, _)| *region == place.region);
    named.map_or(place.region.as_str(), |(_, name)| name)
}
