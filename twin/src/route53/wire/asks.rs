//! What Route 53 asks of IAM, with the keys that tell which records a change is about.

use super::{ChangeRequest, Request, health};
use crate::iam::{Ask, Key};

impl Request {
    pub(crate) fn asks(&self) -> Vec<Ask> {
        let on_zone = |operation: &str, zone: &str| {
            Ask::new(
                format!("route53:{operation}"),
                format!("arn:aws:route53:::hostedzone/{zone}"),
            )
        };
        vec![match self {
            Self::CreateZone(_) => Ask::anywhere("route53:CreateHostedZone"),
            Self::GetZone { zone } => on_zone("GetHostedZone", zone),
            Self::ListZones(_) => Ask::anywhere("route53:ListHostedZones"),
            Self::ListZonesByName(_) => Ask::anywhere("route53:ListHostedZonesByName"),
            Self::ListRecords(request) => on_zone("ListResourceRecordSets", &request.hosted_zone_id),
            Self::Change(request) => request.described(on_zone("ChangeResourceRecordSets", &request.zone)),
            Self::GetChange { change } => {
                Ask::new("route53:GetChange", format!("arn:aws:route53:::change/{change}"))
            }
            Self::Health(request) => request.ask(),
        }]
    }
}

impl ChangeRequest {
    /// Names are compared as Route 53 normalises them, without the dot at the end.
    fn described(&self, ask: Ask) -> Ask {
        let records = || self.changes.iter().map(|change| &change.record);
        let names = records().map(|record| record.name.trim_end_matches('.').to_owned());
        let types = records().map(|record| record.record_type.clone());
        let actions = self.changes.iter().map(|change| change.action.name().to_owned());
        ask.with_all(Key::RecordNames, names)
            .with_all(Key::RecordTypes, types)
            .with_all(Key::RecordActions, actions)
    }
}

impl health::Request {
    fn ask(&self) -> Ask {
        let on = |operation: &str, id: &str| {
            Ask::new(
                format!("route53:{operation}"),
                format!("arn:aws:route53:::healthcheck/{id}"),
            )
        };
        match self {
            Self::Create { .. } => Ask::anywhere("route53:CreateHealthCheck"),
            Self::Get { id } => on("GetHealthCheck", id),
            Self::Status { id } => on("GetHealthCheckStatus", id),
            Self::Delete { id } => on("DeleteHealthCheck", id),
            Self::List(_) => Ask::anywhere("route53:ListHealthChecks"),
            Self::TestAnswer(_) => Ask::anywhere("route53:TestDNSAnswer"),
        }
    }
}
