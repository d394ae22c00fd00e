//! One request and what comes of it: logged, struck by faults, throttled, carried out, answered.

use std::time::Duration;

use winterbaume_core::{MockRequest, MockResponse};

use crate::call_log::{Arrival, CallOutcome};
use crate::compression;
use crate::error::AwsError;
use crate::fault_rules::FaultKind;
use crate::meaning::{Brief, Meaning};
use crate::reply;
use crate::routing::{self, Route, Service};
use crate::twin::Twin;

/// What the caller gets to see.
#[derive(Debug)]
pub(crate) enum Exchange {
    Reply(MockResponse),
    /// The connection breaks.
    Lost,
    /// Nothing, ever: the caller is dead.
    Never,
}

/// A request on its way.
struct Errand {
    number: u64,
    request_id: String,
    route: Route,
    meaning: Result<Meaning, AwsError>,
    brief: Brief,
    invocation: Option<String>,
}

impl Twin {
    pub(crate) async fn exchange(&self, request: MockRequest, invocation: Option<&str>) -> Exchange {
        if invocation.is_some_and(|id| self.invocations().is_dead(id)) {
            return Exchange::Never;
        }
        let request = compression::unpacked(request);
        let route = routing::route(&request);
        let meaning = Meaning::decode(&route, &request);
        let brief = meaning.as_ref().map(Meaning::brief).unwrap_or_default();
        let invocation = invocation.map(str::to_owned);
        let number = self.call_log().arrived(Arrival {
            at: self.clock().now(),
            service: route.service.name().to_owned(),
            operation: route.operation.clone(),
            subject: brief.subject.clone(),
            invocation: invocation.clone(),
            detail: brief.detail.clone(),
        });
        let request_id = self.identifiers().request();
        let errand = Errand {
            number,
            request_id,
            route,
            meaning,
            brief,
            invocation,
        };
        // A service finishes what it was asked even when the one who asked has hung up.
        let carried_out = tokio::spawn(self.clone().carry_out(errand));
        carried_out.await.unwrap_or(Exchange::Lost)
    }

    async fn carry_out(self, errand: Errand) -> Exchange {
        let route = &errand.route;
        let fault = self
            .faults()
            .strike(route.service.name(), &route.operation, &errand.brief.subject);
        let there = self.call_latency() / 2;
        let back = self.call_latency().saturating_sub(there);
        self.clock().sleep(there + delay_of(fault)).await;
        if fault == Some(FaultKind::CrashBefore) {
            return self.crash(&errand, fault);
        }
        let result = match self.refusal(&errand, fault) {
            Some(refusal) => Err(refusal),
            None => self.effect(&errand).await,
        };
        self.deliver();
        if fault == Some(FaultKind::CrashAfter) {
            return self.crash(&errand, fault);
        }
        self.clock().sleep(back).await;
        if fault == Some(FaultKind::ReplyLost) {
            self.call_log()
                .ended(errand.number, self.clock().now(), CallOutcome::ReplyLost, fault);
            return Exchange::Lost;
        }
        let (response, outcome) = match result {
            Ok(response) => (
                reply::finish(response, route.protocol, &errand.request_id),
                CallOutcome::Ok,
            ),
            Err(error) => (
                reply::error(&route.service, route.protocol, &error, &errand.request_id),
                CallOutcome::Error {
                    status: error.status,
                    code: error.code,
                },
            ),
        };
        self.call_log()
            .ended(errand.number, self.clock().now(), outcome, fault);
        Exchange::Reply(response)
    }

    /// What stands between a request and its effect.
    fn refusal(&self, errand: &Errand, fault: Option<FaultKind>) -> Option<AwsError> {
        let service = &errand.route.service;
        match fault {
            Some(FaultKind::Throttle) => return Some(throttled(service)),
            Some(FaultKind::FailBefore) => return Some(internal_error(service)),
            Some(FaultKind::Deny) => return Some(self.denied(errand)),
            Some(
                FaultKind::ReplyLost | FaultKind::Delay(_) | FaultKind::CrashBefore | FaultKind::CrashAfter,
            )
            | None => {}
        }
        (!self.admitted(service, &errand.route.operation)).then(|| throttled(service))
    }

    async fn effect(&self, errand: &Errand) -> Result<MockResponse, AwsError> {
        let meaning = errand.meaning.as_ref().map_err(AwsError::clone)?;
        match meaning {
            Meaning::Route53(request) => self.route53(|route53| route53.answer(request)),
            Meaning::Ssm(request) => self.ssm(|ssm| ssm.answer(request)),
            Meaning::Dms(request) => self.dms(|dms| dms.answer(request)),
            Meaning::CloudWatch(request) => {
                self.cloudwatch(|cloudwatch| cloudwatch.answer(request, errand.route.protocol))
            }
            Meaning::Sns(request) => self.sns(|sns| sns.answer(request)),
            Meaning::Events(request) => self.events(|events| events.answer(request)),
            Meaning::CallerIdentity => Ok(crate::sts::caller_identity(
                self.account(),
                &self.principal(errand.invocation.as_deref()),
            )),
            Meaning::Invoke(request) => self.answer_invoke(request).await,
        }
    }

    /// Kills the invocation that made the call. A caller that is not hosted here sees the connection break.
    fn crash(&self, errand: &Errand, fault: Option<FaultKind>) -> Exchange {
        self.call_log()
            .ended(errand.number, self.clock().now(), CallOutcome::Crashed, fault);
        match &errand.invocation {
            Some(id) if self.invocations().kill(id) => Exchange::Never,
            Some(_) | None => Exchange::Lost,
        }
    }

    fn denied(&self, errand: &Errand) -> AwsError {
        let (status, code) = match &errand.route.service {
            Service::Ssm | Service::Dms | Service::Events => (400, "AccessDeniedException"),
            Service::Lambda => (403, "AccessDeniedException"),
            Service::Sns => (403, "AuthorizationError"),
            Service::Route53 | Service::CloudWatch | Service::Sts | Service::Unknown(_) => {
                (403, "AccessDenied")
            }
        };
        let action = format!(
            "{}:{}",
            errand.route.service.name(),
            iam_action(&errand.route.operation)
        );
        let message = format!(
            "User: {} is not authorized to perform: {action} on resource: {} because no identity-based \
             policy allows the {action} action",
            self.principal(errand.invocation.as_deref()),
            errand.brief.resource.arn(self.account(), self.region()),
        );
        AwsError::new(status, code, message)
    }

    /// The ARN IAM would name for the caller.
    fn principal(&self, invocation: Option<&str>) -> String {
        let account = self.account();
        let function = invocation.and_then(|id| self.invocations().function_of(id));
        match (invocation, function) {
            (_, Some(name)) => format!("arn:aws:sts::{account}:assumed-role/{name}-role/{name}"),
            (Some(id), None) => format!("arn:aws:sts::{account}:assumed-role/twin-role/{id}"),
            (None, None) => format!("arn:aws:sts::{account}:assumed-role/operator/twin"),
        }
    }
}

fn delay_of(fault: Option<FaultKind>) -> Duration {
    if let Some(FaultKind::Delay(by)) = fault {
        by
    } else {
        Duration::ZERO
    }
}

/// IAM's name for an operation differs from the API's in one place here.
fn iam_action(operation: &str) -> &str {
    if operation == "Invoke" {
        "InvokeFunction"
    } else {
        operation
    }
}

fn throttled(service: &Service) -> AwsError {
    match service {
        Service::Ssm | Service::Dms | Service::Events => {
            AwsError::refused("ThrottlingException", "Rate exceeded")
        }
        Service::Lambda => AwsError::new(429, "TooManyRequestsException", "Rate Exceeded."),
        Service::Route53 | Service::CloudWatch | Service::Sns | Service::Sts | Service::Unknown(_) => {
            AwsError::refused("Throttling", "Rate exceeded")
        }
    }
}

fn internal_error(service: &Service) -> AwsError {
    let code = match service {
        Service::Ssm | Service::Dms => "InternalServerError",
        Service::Events => "InternalException",
        Service::Lambda => "ServiceException",
        Service::Route53 | Service::CloudWatch | Service::Sns | Service::Sts | Service::Unknown(_) => {
            "InternalError"
        }
    };
    AwsError::new(500, code, "We encountered an internal error. Please try again.")
}
