//! Route 53 on the wire: REST with XML bodies.

use serde_json::{Value, json};
use winterbaume_core::{MockRequest, MockResponse, extract_path, extract_query_string};
use winterbaume_route53::model::{
    AliasTarget, ChangeResourceRecordSetsResponse, CreateHostedZoneRequest, CreateHostedZoneResponse,
    DelegationSet, GetChangeResponse, GetHostedZoneResponse, HostedZone, HostedZoneConfig,
    ListHostedZonesByNameRequest, ListHostedZonesRequest, ListResourceRecordSetsRequest, ResourceRecord,
    ResourceRecordSet,
};
use winterbaume_route53::wire;

use super::batch::RecordChange;
use super::zones::NAME_SERVERS;
use super::{RecordSet, Route53, Zone};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::query_form;
use crate::routing::segments;

mod asks;
mod health;
mod request_record;

#[derive(Debug)]
pub(crate) enum Request {
    CreateZone(CreateHostedZoneRequest),
    GetZone { zone: String },
    ListZones(ListHostedZonesRequest),
    ListZonesByName(ListHostedZonesByNameRequest),
    ListRecords(ListResourceRecordSetsRequest),
    Change(ChangeRequest),
    GetChange { change: String },
    Health(health::Request),
}

#[derive(Debug)]
pub(crate) struct ChangeRequest {
    zone: String,
    comment: Option<String>,
    changes: Vec<RecordChange>,
}

impl Request {
    pub(crate) fn decode(operation: &str, request: &MockRequest) -> Result<Option<Self>, AwsError> {
        let labels = segments(&extract_path(&request.uri));
        let id = plain_id(labels.get(2).map(String::as_str).unwrap_or_default()).to_owned();
        let query = query_form::parse(extract_query_string(&request.uri));
        let zone_label = [("HostedZoneId", id.as_str())];
        let decoded = match operation {
            "CreateHostedZone" => {
                wire::deserialize_create_hosted_zone_request(request, &[], &query).map(Self::CreateZone)
            }
            "GetHostedZone" => Ok(Self::GetZone { zone: id }),
            "GetChange" => Ok(Self::GetChange { change: id }),
            "ListHostedZones" => {
                wire::deserialize_list_hosted_zones_request(request, &[], &query).map(Self::ListZones)
            }
            "ListHostedZonesByName" => {
                wire::deserialize_list_hosted_zones_by_name_request(request, &[], &query)
                    .map(Self::ListZonesByName)
            }
            "ListResourceRecordSets" => {
                wire::deserialize_list_resource_record_sets_request(request, &zone_label, &query)
                    .map(Self::ListRecords)
            }
            "ChangeResourceRecordSets" => {
                let decoded =
                    wire::deserialize_change_resource_record_sets_request(request, &zone_label, &query)
                        .map_err(|reason| AwsError::refused("MalformedInput", reason))?;
                let batch = decoded.change_batch;
                let changes = batch
                    .changes
                    .items
                    .into_iter()
                    .map(request_record::change)
                    .collect::<Result<_, _>>()?;
                Ok(Self::Change(ChangeRequest {
                    zone: id,
                    comment: batch.comment,
                    changes,
                }))
            }
            _ => {
                let decoded = health::Request::decode(operation, request, &id, &query)?;
                return Ok(decoded.map(Self::Health));
            }
        };
        decoded
            .map(Some)
            .map_err(|reason| AwsError::refused("InvalidInput", reason))
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::CreateZone(request) => Brief {
                subject: request.name.clone(),
                ..Brief::default()
            },
            Self::GetZone { zone } => Brief {
                subject: zone.clone(),
                detail: json!({}),
            },
            Self::ListZones(_) | Self::ListZonesByName(_) => Brief::default(),
            Self::ListRecords(request) => {
                let zone = &request.hosted_zone_id;
                let subject = request.start_record_name.clone().unwrap_or_else(|| zone.clone());
                Brief {
                    subject,
                    detail: json!({ "zone": zone, "max_items": request.max_items }),
                }
            }
            Self::Change(request) => request.brief(),
            Self::GetChange { change } => Brief {
                subject: change.clone(),
                detail: json!({}),
            },
            Self::Health(request) => request.brief(),
        }
    }
}

impl ChangeRequest {
    fn brief(&self) -> Brief {
        let mut names: Vec<&str> = self
            .changes
            .iter()
            .map(|change| change.record.name.as_str())
            .collect();
        names.dedup();
        let subject = names.join(",");
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|change| {
                json!({
                    "action": change.action.name(),
                    "name": change.record.name,
                    "set_identifier": change.record.set_identifier,
                    "weight": change.record.weight,
                })
            })
            .collect();
        Brief {
            subject,
            detail: Value::Array(changes),
        }
    }
}

impl Route53 {
    pub(crate) fn respond(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        let response = match request {
            Request::CreateZone(request) => self.answer_create(request)?,
            Request::GetZone { zone } => wire::serialize_get_hosted_zone_response(&GetHostedZoneResponse {
                delegation_set: Some(delegation_set()),
                hosted_zone: Some(encoded_zone(self.zone(zone)?)),
                ..GetHostedZoneResponse::default()
            }),
            Request::ListZones(request) => {
                wire::serialize_list_hosted_zones_response(&self.list_zones(request)?)
            }
            Request::ListZonesByName(request) => {
                wire::serialize_list_hosted_zones_by_name_response(&self.list_zones_by_name(request)?)
            }
            Request::ListRecords(request) => {
                wire::serialize_list_resource_record_sets_response(&self.list_records(request)?)
            }
            Request::Change(request) => {
                let id = self.apply(&request.zone, &request.changes, request.comment.clone())?;
                let change_info = Some(self.change_info(&id)?);
                wire::serialize_change_resource_record_sets_response(&ChangeResourceRecordSetsResponse {
                    change_info,
                })
            }
            Request::GetChange { change } => {
                let change_info = Some(self.change_info(change)?);
                wire::serialize_get_change_response(&GetChangeResponse { change_info })
            }
            Request::Health(request) => self.answer_health(request)?,
        };
        Ok(declared(response))
    }

    fn answer_create(&mut self, request: &CreateHostedZoneRequest) -> Result<MockResponse, AwsError> {
        let comment = request
            .hosted_zone_config
            .as_ref()
            .and_then(|config| config.comment.clone());
        let id = self.create_checked(&request.name, &request.caller_reference, comment)?;
        let change = self.submit(None);
        let mut response = wire::serialize_create_hosted_zone_response(&CreateHostedZoneResponse {
            change_info: Some(self.change_info(&change)?),
            delegation_set: Some(delegation_set()),
            hosted_zone: Some(encoded_zone(self.zone(&id)?)),
            ..CreateHostedZoneResponse::default()
        });
        let location = format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}");
        if let Ok(location) = location.parse() {
            response.headers.insert(http::header::LOCATION, location);
        }
        Ok(response)
    }
}

pub(super) fn encoded_zone(zone: &Zone) -> HostedZone {
    HostedZone {
        caller_reference: Some(zone.caller_reference.clone()),
        config: Some(HostedZoneConfig {
            comment: zone.comment.clone(),
            private_zone: Some(false),
        }),
        id: Some(format!("/hostedzone/{}", zone.id)),
        name: Some(zone.name.clone()),
        resource_record_set_count: i64::try_from(zone.records.len()).ok(),
        ..HostedZone::default()
    }
}

pub(super) fn encoded_record(record: &RecordSet) -> ResourceRecordSet {
    let values: Vec<ResourceRecord> = record
        .values
        .iter()
        .map(|value| ResourceRecord { value: value.clone() })
        .collect();
    ResourceRecordSet {
        alias_target: record.alias.as_ref().map(|alias| AliasTarget {
            d_n_s_name: alias.dns_name.clone(),
            evaluate_target_health: alias.evaluate_target_health,
            hosted_zone_id: alias.hosted_zone_id.clone(),
        }),
        failover: record.failover.clone(),
        health_check_id: record.health_check_id.clone(),
        multi_value_answer: record.multi_value_answer,
        name: record.name.clone(),
        region: record.region.clone(),
        resource_records: (!values.is_empty()).then(|| values.into()),
        set_identifier: record.set_identifier.clone(),
        t_t_l: record.ttl_seconds.map(i64::from),
        r#type: record.record_type.clone(),
        weight: record.weight.map(i64::from),
        ..ResourceRecordSet::default()
    }
}

fn delegation_set() -> DelegationSet {
    let items = NAME_SERVERS.iter().map(|&server| server.to_owned()).collect();
    DelegationSet {
        name_servers: Some(winterbaume_route53::model::DelegationSetNameServers { items }),
        ..DelegationSet::default()
    }
}

/// Identifiers come bare or with their kind in front, as the answers give them.
fn plain_id(id: &str) -> &str {
    id.rsplit('/').next().unwrap_or(id)
}

/// The codec leaves out the XML declaration and the namespace that Route 53's answers carry.
fn declared(mut response: MockResponse) -> MockResponse {
    let body = String::from_utf8_lossy(&response.body);
    let with_namespace = body.replacen(
        '>',
        " xmlns=\"https://route53.amazonaws.com/doc/2013-04-01/\">",
        1,
    );
    response.body = format!("<?xml version=\"1.0\"?>\n{with_namespace}").into();
    response
}
