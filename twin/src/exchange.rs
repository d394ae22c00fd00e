//! One request and what comes of it: logged, struck by faults, throttled, carried out, answered.

use std::time::Duration;

use winterbaume_core::{MockRequest, MockResponse};

use crate::call_log::{Arrival, CallOutcome};
use crate::compression;
use crate::error::AwsError;
use crate::fault_rules::FaultKind;
use crate::iam::Session;
use crate::meaning::{Brief, Meaning};
use crate::outages::Reach;
use crate::reply;
use crate::routing::{self, Route, Service};
use crate::twin::Twin;

/// What the caller gets to see.
#[derive(Debug)]
pub(crate) enum Exchange {
    Reply(MockResponse),
    /// The connection breaks.
    Lost,
    /// Nothing: there is nobody to answer. The caller waits as long as it likes.
    Silence,
    /// Nothing, ever: the caller is dead.
    Never,
}

/// Where Route 53's control plane is. Its data plane is everywhere.
const ROUTE53_REGION: &str = "us-east-1";
/// A service that fails takes this long to say so.
const FAILING_DELAY: Duration = Duration::from_secs(1);

/// A request on its way.
struct Errand {
    number: u64,
    request_id: String,
    route: Route,
    meaning: Result<Meaning, AwsError>,
    brief: Brief,
    invocation: Option<String>,
    /// Whose credentials signed it. None for the account's administrator.
    session: Option<Session>,
    /// The region of the caller. None for one outside AWS.
    from: Option<String>,
    /// The region it is sent to.
    to: String,
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
        let from = invocation.as_ref().map(|id| {
            self.invocations()
                .region_of(id)
                .unwrap_or_else(|| self.region().to_owned())
        });
        let (there, to) = self.addressed(&route);
        let session = self.iam().session(&request.headers);
        let number = self.call_log().arrived(Arrival {
            at: self.clock().now(),
            region: to.clone(),
            service: route.service.name().to_owned(),
            operation: route.operation.clone(),
            subject: brief.subject.clone(),
            invocation: invocation.clone(),
            detail: brief.detail.clone(),
        });
        let request_id = there.identifiers().request();
        let errand = Errand {
            number,
            request_id,
            route,
            meaning,
            brief,
            invocation,
            session,
            from,
            to,
        };
        // A service finishes what it was asked even when the one who asked has hung up.
        let carried_out = tokio::spawn(there.carry_out(errand));
        carried_out.await.unwrap_or(Exchange::Lost)
    }

    /// The region whose service answers a request, and the one it is sent to. Route 53 is everywhere the same.
    fn addressed(&self, route: &Route) -> (Self, String) {
        if route.service == Service::Route53 {
            return (self.clone(), ROUTE53_REGION.to_owned());
        }
        let to = route.region.clone().unwrap_or_else(|| self.region().to_owned());
        (self.at(&to), to)
    }

    async fn carry_out(self, errand: Errand) -> Exchange {
        let route = &errand.route;
        if self.reach(&errand) == Reach::Silent {
            return self.unheard(&errand, CallOutcome::Unreachable, None);
        }
        let fault = self
            .faults()
            .strike(route.service.name(), &route.operation, &errand.brief.subject);
        let there = self.call_latency() / 2;
        let back = self.call_latency().saturating_sub(there);
        self.clock().sleep(there + delay_of(fault)).await;
        let reach = self.reach(&errand);
        if reach == Reach::Silent {
            return self.unheard(&errand, CallOutcome::Unreachable, fault);
        }
        if fault == Some(FaultKind::CrashBefore) {
            return self.crash(&errand, fault);
        }
        let result = match self.refusal(&errand, fault, reach) {
            Some(refusal) => Err(refusal),
            None => self.effect(&errand).await,
        };
        self.deliver();
        if fault == Some(FaultKind::CrashAfter) {
            return self.crash(&errand, fault);
        }
        self.clock().sleep(back + extra(reach)).await;
        if self.reach(&errand) == Reach::Silent {
            return self.unheard(&errand, CallOutcome::ReplyLost, fault);
        }
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
    fn refusal(&self, errand: &Errand, fault: Option<FaultKind>, reach: Reach) -> Option<AwsError> {
        let service = &errand.route.service;
        if reach == Reach::Failing {
            return Some(internal_error(service));
        }
        match fault {
            Some(FaultKind::Throttle) => return Some(throttled(service)),
            Some(FaultKind::FailBefore) => return Some(internal_error(service)),
            Some(FaultKind::Deny) => {
                let meaning = errand.meaning.as_ref();
                return Some(self.denied(&self.principal(errand), &errand.route, meaning));
            }
            Some(
                FaultKind::ReplyLost | FaultKind::Delay(_) | FaultKind::CrashBefore | FaultKind::CrashAfter,
            )
            | None => {}
        }
        if !self.admitted(service, &errand.route.operation) {
            return Some(throttled(service));
        }
        let session = errand.session.as_ref()?;
        self.unauthorized(session, &errand.route, errand.meaning.as_ref())
    }

    async fn effect(&self, errand: &Errand) -> Result<MockResponse, AwsError> {
        let meaning = errand.meaning.as_ref().map_err(AwsError::clone)?;
        match meaning {
            Meaning::Route53(request) => self.route53(|route53| route53.respond(request)),
            Meaning::Ssm(request) => self.ssm(|ssm| ssm.answer(request)),
            Meaning::Dms(request) => self.dms(|dms| dms.answer(request)),
            Meaning::CloudWatch(request) => {
                self.cloudwatch(|cloudwatch| cloudwatch.answer(request, errand.route.protocol))
            }
            Meaning::Sns(request) => self.sns(|sns| sns.answer(request)),
            Meaning::Events(request) => self.events(|events| events.answer(request)),
            Meaning::AutoScaling(request) => self.autoscaling(|groups| groups.answer(request)),
            Meaning::Rds(request) => self.rds(|rds| rds.answer(self.region(), request)),
            Meaning::CallerIdentity => Ok(crate::sts::caller_identity(
                self.account(),
                &self.principal(errand),
            )),
            Meaning::Invoke(request) => self.answer_invoke(request).await,
        }
    }

    /// How this call fares right now.
    fn reach(&self, errand: &Errand) -> Reach {
        let service = errand.route.service.name();
        self.outages().reach(errand.from.as_deref(), &errand.to, service)
    }

    /// Notes what came of a call whose caller hears nothing.
    fn unheard(&self, errand: &Errand, outcome: CallOutcome, fault: Option<FaultKind>) -> Exchange {
        self.call_log()
            .ended(errand.number, self.clock().now(), outcome, fault);
        Exchange::Silence
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

    /// The ARN that IAM names for the caller. A function that nobody deployed has a role all the same.
    fn principal(&self, errand: &Errand) -> String {
        if let Some(session) = &errand.session {
            return session.arn();
        }
        let account = self.account();
        let invocation = errand.invocation.as_deref();
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

/// By how much an answer is late.
fn extra(reach: Reach) -> Duration {
    match reach {
        Reach::Open | Reach::Silent => Duration::ZERO,
        Reach::Slow(by) => by,
        Reach::Failing => FAILING_DELAY,
    }
}

fn throttled(service: &Service) -> AwsError {
    match service {
        Service::Ssm | Service::Dms | Service::Events => {
            AwsError::refused("ThrottlingException", "Rate exceeded")
        }
        Service::Lambda => AwsError::new(429, "TooManyRequestsException", "Rate Exceeded."),
        Service::Route53
        | Service::CloudWatch
        | Service::Sns
        | Service::Sts
        | Service::AutoScaling
        | Service::Rds
        | Service::Unknown(_) => AwsError::refused("Throttling", "Rate exceeded"),
    }
}

fn internal_error(service: &Service) -> AwsError {
    let code = match service {
        Service::Ssm | Service::Dms => "InternalServerError",
        Service::Events => "InternalException",
        Service::Lambda => "ServiceException",
        Service::AutoScaling => "InternalFailure",
        Service::Rds => "InternalFailure",
        Service::Route53 | Service::CloudWatch | Service::Sns | Service::Sts | Service::Unknown(_) => {
            "InternalError"
        }
    };
    AwsError::new(500, code, "We encountered an internal error. Please try again.")
}
