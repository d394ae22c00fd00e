//! `CloudWatch` on the wire, in the three protocols it speaks: CBOR, JSON and query.

use serde::de::DeserializeOwned;
use serde_json::json;
use winterbaume_cloudwatch::model::{
    DeleteAlarmsInput, DescribeAlarmsInput, GetMetricDataInput, PutCompositeAlarmInput, PutMetricAlarmInput,
    PutMetricDataInput, SetAlarmStateInput,
};
use winterbaume_cloudwatch::wire;
use winterbaume_core::{MockRequest, MockResponse};

use super::{CloudWatch, encoding};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::query_tree;
use crate::routing::{self, Protocol};

#[derive(Debug)]
pub(crate) enum Request {
    PutData(PutMetricDataInput),
    GetData(GetMetricDataInput),
    DescribeAlarms(DescribeAlarmsInput),
    PutAlarm(Box<PutMetricAlarmInput>),
    PutComposite(Box<PutCompositeAlarmInput>),
    SetState(SetAlarmStateInput),
    DeleteAlarms(DeleteAlarmsInput),
}

impl Request {
    pub(crate) fn decode(
        operation: &str,
        protocol: Protocol,
        request: &MockRequest,
    ) -> Result<Option<Self>, AwsError> {
        let written = Written { protocol, request };
        let decoded = match operation {
            "PutMetricData" => written
                .read(wire::deserialize_put_metric_data_request)
                .map(Self::PutData),
            "GetMetricData" => written
                .read(wire::deserialize_get_metric_data_request)
                .map(Self::GetData),
            "DescribeAlarms" => written
                .read(wire::deserialize_describe_alarms_request)
                .map(Self::DescribeAlarms),
            "PutMetricAlarm" => written
                .read(wire::deserialize_put_metric_alarm_request)
                .map(|input| Self::PutAlarm(Box::new(input))),
            "PutCompositeAlarm" => written
                .read(wire::deserialize_put_composite_alarm_request)
                .map(|input| Self::PutComposite(Box::new(input))),
            "SetAlarmState" => written
                .read(wire::deserialize_set_alarm_state_request)
                .map(Self::SetState),
            "DeleteAlarms" => written
                .read(wire::deserialize_delete_alarms_request)
                .map(Self::DeleteAlarms),
            _ => return Ok(None),
        };
        decoded
            .map(Some)
            .map_err(|reason| AwsError::refused("MalformedInput", reason))
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::PutData(request) => {
                let datums = request.metric_data.as_deref().unwrap_or_default();
                let metrics: Vec<&str> = datums.iter().map(|datum| datum.metric_name.as_str()).collect();
                about(&metrics, json!({ "namespace": request.namespace }))
            }
            Self::GetData(request) => {
                let stats = request
                    .metric_data_queries
                    .iter()
                    .filter_map(|query| query.metric_stat.as_ref());
                let metrics: Vec<&str> = stats
                    .filter_map(|stat| stat.metric.metric_name.as_deref())
                    .collect();
                about(&metrics, json!({ "queries": request.metric_data_queries.len() }))
            }
            Self::DescribeAlarms(request) => {
                let names: Vec<&str> = request.alarm_names.iter().flatten().map(String::as_str).collect();
                about(
                    &names,
                    json!({ "prefix": request.alarm_name_prefix, "state": request.state_value }),
                )
            }
            Self::PutAlarm(request) => about(&[&request.alarm_name], json!({})),
            Self::PutComposite(request) => {
                about(&[&request.alarm_name], json!({ "rule": request.alarm_rule }))
            }
            Self::SetState(request) => about(&[&request.alarm_name], json!({ "state": request.state_value })),
            Self::DeleteAlarms(request) => {
                let names: Vec<&str> = request.alarm_names.iter().map(String::as_str).collect();
                about(&names, json!({}))
            }
        }
    }
}

/// A request body in one of the three protocols.
struct Written<'a> {
    protocol: Protocol,
    request: &'a MockRequest,
}

impl Written<'_> {
    fn read<T: DeserializeOwned>(&self, cbor: fn(&[u8]) -> Result<T, String>) -> Result<T, String> {
        match self.protocol {
            Protocol::Cbor => cbor(&self.request.body),
            Protocol::Json | Protocol::RestJson => {
                serde_json::from_slice(&self.request.body).map_err(|reason| reason.to_string())
            }
            Protocol::Query | Protocol::RestXml => query_tree::read(&routing::form(self.request)),
        }
    }
}

impl CloudWatch {
    pub(crate) fn answer(&mut self, request: &Request, protocol: Protocol) -> Result<MockResponse, AwsError> {
        let done = |action, cbor: fn() -> MockResponse| encoding::done(protocol, action, cbor);
        let response = match request {
            Request::PutData(request) => {
                self.put_data(request)?;
                done("PutMetricData", wire::serialize_put_metric_data_response)
            }
            Request::GetData(request) => encoding::answer(
                protocol,
                "GetMetricData",
                &self.get_data(request)?,
                wire::serialize_get_metric_data_response,
            ),
            Request::DescribeAlarms(request) => encoding::answer(
                protocol,
                "DescribeAlarms",
                &self.describe(request)?,
                wire::serialize_describe_alarms_response,
            ),
            Request::PutAlarm(request) => {
                self.put_metric_alarm(request)?;
                done("PutMetricAlarm", wire::serialize_put_metric_alarm_response)
            }
            Request::PutComposite(request) => {
                self.put_composite_alarm(request)?;
                done("PutCompositeAlarm", wire::serialize_put_composite_alarm_response)
            }
            Request::SetState(request) => {
                self.set_state(request)?;
                done("SetAlarmState", wire::serialize_set_alarm_state_response)
            }
            Request::DeleteAlarms(request) => {
                self.delete_alarms(&request.alarm_names)?;
                done("DeleteAlarms", wire::serialize_delete_alarms_response)
            }
        };
        Ok(response)
    }
}

fn about(subjects: &[&str], detail: serde_json::Value) -> Brief {
    Brief {
        subject: subjects.join(","),
        detail,
    }
}
