//! What `CloudWatch` asks of IAM. A metric is not a resource; its namespace is a condition key.

use super::Request;
use crate::iam::{Ask, Key};
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        let on_alarm = |operation: &str, name: &str| {
            Ask::new(
                format!("cloudwatch:{operation}"),
                place.arn("cloudwatch", &format!("alarm:{name}")),
            )
        };
        match self {
            Self::PutData(request) => vec![
                Ask::anywhere("cloudwatch:PutMetricData").with(Key::Namespace, request.namespace.clone()),
            ],
            Self::GetData(_) => vec![Ask::anywhere("cloudwatch:GetMetricData")],
            // Whichever names are asked for: seen in the refusals of AWS.
            Self::DescribeAlarms(_) => vec![on_alarm("DescribeAlarms", "*")],
            Self::PutAlarm(request) => vec![on_alarm("PutMetricAlarm", &request.alarm_name)],
            Self::PutComposite(request) => vec![on_alarm("PutCompositeAlarm", &request.alarm_name)],
            Self::SetState(request) => vec![on_alarm("SetAlarmState", &request.alarm_name)],
            Self::DeleteAlarms(request) => {
                let names = request.alarm_names.iter();
                names.map(|name| on_alarm("DeleteAlarms", name)).collect()
            }
        }
    }
}
