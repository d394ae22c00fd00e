//! Health checks and test answers on the wire.

use std::collections::HashMap;

use serde_json::json;
use winterbaume_core::{MockRequest, MockResponse};
use winterbaume_route53::model::{
    AlarmIdentifier, ChildHealthCheckList, CreateHealthCheckRequest, CreateHealthCheckResponse,
    GetHealthCheckResponse, GetHealthCheckStatusResponse, HealthCheck as Encoded, HealthCheckConfig,
    HealthCheckObservation, HealthCheckObservations, ListHealthChecksRequest, ListHealthChecksResponse,
    StatusReport, TestDNSAnswerRequest, TestDNSAnswerResponse,
};
use winterbaume_route53::wire;

use crate::error::AwsError;
use crate::meaning::Brief;
use crate::reply::iso_8601;
use crate::route53::Route53;
use crate::route53::health_checks::{Health, HealthCheck, HealthCheckSpec, InsufficientData};
use crate::route53::listing::page_size;
use crate::route53::record_set::normalised;
use crate::route53::zones::NAME_SERVERS;

const HEALTH_CHECKS_MAX: i32 = 100;
/// From where Route 53 says that it has looked, and with which address.
const CHECKERS: [(&str, &str); 3] = [
    ("us-east-1", "15.177.0.1"),
    ("us-west-2", "15.177.1.1"),
    ("eu-west-1", "15.177.2.1"),
];

#[derive(Debug)]
pub(crate) enum Request {
    Create {
        caller_reference: String,
        spec: HealthCheckSpec,
    },
    Get {
        id: String,
    },
    Status {
        id: String,
    },
    List(ListHealthChecksRequest),
    Delete {
        id: String,
    },
    TestAnswer(TestDNSAnswerRequest),
}

impl Request {
    pub(super) fn decode(
        operation: &str,
        request: &MockRequest,
        id: &str,
        query: &HashMap<String, String>,
    ) -> Result<Option<Self>, AwsError> {
        let id = id.to_owned();
        let unreadable = |reason: String| invalid(&reason);
        Ok(Some(match operation {
            "CreateHealthCheck" => {
                let CreateHealthCheckRequest {
                    caller_reference,
                    health_check_config,
                } = wire::deserialize_create_health_check_request(request, &[], query).map_err(unreadable)?;
                Self::Create {
                    caller_reference,
                    spec: spec(health_check_config)?,
                }
            }
            "GetHealthCheck" => Self::Get { id },
            "GetHealthCheckStatus" => Self::Status { id },
            "DeleteHealthCheck" => Self::Delete { id },
            "ListHealthChecks" => Self::List(
                wire::deserialize_list_health_checks_request(request, &[], query).map_err(unreadable)?,
            ),
            "TestDNSAnswer" => Self::TestAnswer(
                wire::deserialize_test_d_n_s_answer_request(request, &[], query).map_err(unreadable)?,
            ),
            _ => return Ok(None),
        }))
    }

    pub(super) fn brief(&self) -> Brief {
        let about = |id: &str| Brief {
            subject: id.to_owned(),
            detail: json!({}),
        };
        match self {
            Self::Create { caller_reference, .. } => Brief {
                subject: caller_reference.clone(),
                ..Brief::default()
            },
            Self::Get { id } | Self::Status { id } | Self::Delete { id } => about(id),
            Self::List(_) => Brief::default(),
            Self::TestAnswer(request) => Brief {
                subject: normalised(&request.record_name),
                detail: json!({ "zone": request.hosted_zone_id, "type": request.record_type }),
            },
        }
    }
}

/// What is asked for, as far as the twin plays it.
fn spec(config: HealthCheckConfig) -> Result<HealthCheckSpec, AwsError> {
    let watched = match config.r#type.as_str() {
        "CLOUDWATCH_METRIC" => {
            let alarm = config
                .alarm_identifier
                .filter(|alarm| !alarm.name.is_empty() && !alarm.region.is_empty())
                .ok_or_else(|| invalid("A CLOUDWATCH_METRIC health check needs an AlarmIdentifier."))?;
            let meaning = config.insufficient_data_health_status;
            let insufficient_data = match meaning.as_deref() {
                None => InsufficientData::default(),
                Some(name) => InsufficientData::named(name)
                    .ok_or_else(|| invalid(&format!("InsufficientDataHealthStatus cannot be {name}.")))?,
            };
            Health::OfAlarm {
                region: alarm.region,
                alarm: alarm.name,
                insufficient_data,
            }
        }
        "CALCULATED" => Health::OfOthers {
            children: config
                .child_health_checks
                .map(|children| children.items)
                .unwrap_or_default(),
            threshold: usize::try_from(config.health_threshold.unwrap_or_default())
                .map_err(|_| invalid("HealthThreshold must not be negative."))?,
        },
        other => {
            return Err(invalid(&format!(
                "the twin does not implement health checks of type {other}"
            )));
        }
    };
    Ok(HealthCheckSpec {
        watched,
        inverted: config.inverted == Some(true),
        disabled: config.disabled == Some(true),
    })
}

impl Route53 {
    pub(super) fn answer_health(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        Ok(match request {
            Request::Create {
                caller_reference,
                spec,
            } => {
                let id = self.create_checked_health(caller_reference, spec.clone())?;
                let health_check = Some(encoded(self.health_check(&id)?));
                let mut response =
                    wire::serialize_create_health_check_response(&CreateHealthCheckResponse { health_check });
                let location = format!("https://route53.amazonaws.com/2013-04-01/healthcheck/{id}");
                if let Ok(location) = location.parse() {
                    response.headers.insert(http::header::LOCATION, location);
                }
                response
            }
            Request::Get { id } => wire::serialize_get_health_check_response(&GetHealthCheckResponse {
                health_check: Some(encoded(self.health_check(id)?)),
            }),
            Request::Status { id } => {
                wire::serialize_get_health_check_status_response(&GetHealthCheckStatusResponse {
                    health_check_observations: Some(self.observations(id)?),
                })
            }
            Request::List(request) => {
                wire::serialize_list_health_checks_response(&self.list_health_checks(request)?)
            }
            Request::Delete { id } => {
                self.delete_health_check(id)?;
                MockResponse::xml(200, "<DeleteHealthCheckResponse></DeleteHealthCheckResponse>")
            }
            Request::TestAnswer(request) => {
                wire::serialize_test_d_n_s_answer_response(&self.test_answer(request)?)
            }
        })
    }

    fn list_health_checks(
        &self,
        request: &ListHealthChecksRequest,
    ) -> Result<ListHealthChecksResponse, AwsError> {
        let (max_items, limit) = page_size(request.max_items, HEALTH_CHECKS_MAX)?;
        let from = request.marker.clone().unwrap_or_default();
        let mut rest = self.health_checks.range(from..).map(|(_, check)| check);
        let page: Vec<Encoded> = rest.by_ref().take(limit).map(encoded).collect();
        let next_marker = rest.next().map(|check| check.id.clone());
        Ok(ListHealthChecksResponse {
            health_checks: Some(page.into()),
            is_truncated: Some(next_marker.is_some()),
            marker: Some(request.marker.clone().unwrap_or_default()),
            max_items: Some(max_items),
            next_marker,
        })
    }

    fn observations(&self, id: &str) -> Result<HealthCheckObservations, AwsError> {
        let check = self.health_check(id)?;
        let status = if self.is_healthy(id) == Some(true) {
            "Success: what the health check watches is healthy"
        } else {
            "Failure: what the health check watches is unhealthy"
        };
        let seen_from = |(region, address): (&str, &str)| HealthCheckObservation {
            i_p_address: Some(address.to_owned()),
            region: Some(region.to_owned()),
            status_report: Some(StatusReport {
                checked_time: Some(iso_8601(check.observed)),
                status: Some(status.to_owned()),
            }),
        };
        let items = CHECKERS.into_iter().map(seen_from).collect();
        Ok(HealthCheckObservations { items })
    }

    /// Rolls the dice anew each time.
    fn test_answer(&self, request: &TestDNSAnswerRequest) -> Result<TestDNSAnswerResponse, AwsError> {
        let zone = &self.zone(&request.hosted_zone_id)?.id;
        let dice = self.dice.below(u64::MAX);
        let data = self.answer(zone, &request.record_name, &request.record_type, dice);
        let code = if data.is_empty() { "NXDOMAIN" } else { "NOERROR" };
        let [name_server, ..] = NAME_SERVERS;
        Ok(TestDNSAnswerResponse {
            nameserver: Some(name_server.to_owned()),
            protocol: Some("UDP".to_owned()),
            record_data: Some(data.into()),
            record_name: Some(normalised(&request.record_name)),
            record_type: Some(request.record_type.clone()),
            response_code: Some(code.to_owned()),
        })
    }
}

fn encoded(check: &HealthCheck) -> Encoded {
    let spec = &check.spec;
    let config = HealthCheckConfig {
        inverted: Some(spec.inverted),
        disabled: Some(spec.disabled),
        ..HealthCheckConfig::default()
    };
    let config = match &spec.watched {
        Health::OfAlarm {
            region,
            alarm,
            insufficient_data,
        } => HealthCheckConfig {
            r#type: "CLOUDWATCH_METRIC".to_owned(),
            alarm_identifier: Some(AlarmIdentifier {
                name: alarm.clone(),
                region: region.clone(),
            }),
            insufficient_data_health_status: Some(insufficient_data.to_string()),
            ..config
        },
        Health::OfOthers { children, threshold } => HealthCheckConfig {
            r#type: "CALCULATED".to_owned(),
            child_health_checks: Some(ChildHealthCheckList {
                items: children.clone(),
            }),
            health_threshold: i32::try_from(*threshold).ok(),
            ..config
        },
    };
    Encoded {
        caller_reference: Some(check.caller_reference.clone()),
        health_check_config: Some(config),
        health_check_version: Some(1),
        id: Some(check.id.clone()),
        ..Encoded::default()
    }
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("InvalidInput", message)
}
