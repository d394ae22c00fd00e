//! A request, decoded: what it asks of which service.

use serde_json::{Value, json};
use winterbaume_core::MockRequest;

use crate::error::{AwsError, UNKNOWN_OPERATION};
use crate::iam::Ask;
use crate::lambda_api::InvokeRequest;
use crate::place::Place;
use crate::routing::{Protocol, Route, Service};
use crate::{autoscaling, cloudwatch, dms, events, rds, route53, sns, ssm};

/// A decoded request.
#[derive(Debug)]
pub(crate) enum Meaning {
    Route53(route53::Request),
    Ssm(ssm::Request),
    Dms(dms::Request),
    CloudWatch(cloudwatch::Request),
    Sns(sns::Request),
    CallerIdentity,
    Invoke(InvokeRequest),
    Events(events::Request),
    AutoScaling(autoscaling::Request),
    Rds(rds::Request),
}

/// A request in a few words, for the log and for fault rules.
#[derive(Debug, Default, Clone)]
pub(crate) struct Brief {
    pub subject: String,
    pub detail: Value,
}

impl Brief {
    /// About one thing that has an ARN.
    pub(crate) fn of_arn(arn: &str, detail: Value) -> Self {
        Self {
            subject: arn.to_owned(),
            detail,
        }
    }
}

impl Meaning {
    pub(crate) fn decode(route: &Route, request: &MockRequest) -> Result<Self, AwsError> {
        if !route.signed {
            return Err(AwsError::new(
                403,
                "MissingAuthenticationToken",
                "Request is missing Authentication Token",
            ));
        }
        let operation = route.operation.as_str();
        let decoded = match &route.service {
            Service::Route53 => route53::Request::decode(operation, request)?.map(Self::Route53),
            Service::Ssm => ssm::Request::decode(operation, &request.body)?.map(Self::Ssm),
            Service::Dms => dms::Request::decode(operation, &request.body)?.map(Self::Dms),
            Service::CloudWatch => {
                cloudwatch::Request::decode(operation, route.protocol, request)?.map(Self::CloudWatch)
            }
            Service::Sns => sns::Request::decode(operation, request)?.map(Self::Sns),
            Service::Sts => (operation == "GetCallerIdentity").then_some(Self::CallerIdentity),
            Service::Lambda if operation == "Invoke" => Some(Self::Invoke(InvokeRequest::decode(request))),
            Service::Events => events::Request::decode(operation, &request.body)?.map(Self::Events),
            Service::AutoScaling => autoscaling::Request::decode(operation, request)?.map(Self::AutoScaling),
            Service::Rds => rds::Request::decode(operation, request)?.map(Self::Rds),
            Service::Lambda | Service::Unknown(_) => None,
        };
        decoded.ok_or_else(|| not_implemented(route))
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::Route53(request) => request.brief(),
            Self::Ssm(request) => request.brief(),
            Self::Dms(request) => request.brief(),
            Self::CloudWatch(request) => request.brief(),
            Self::Sns(request) => request.brief(),
            Self::Events(request) => request.brief(),
            Self::AutoScaling(request) => request.brief(),
            Self::Rds(request) => request.brief(),
            Self::CallerIdentity => Brief::default(),
            Self::Invoke(request) => Brief {
                subject: request.function_name.clone(),
                detail: json!({ "invocation_type": request.invocation_type, "bytes": request.payload.len() }),
            },
        }
    }

    /// What somebody must be allowed to do who sends this request.
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        match self {
            Self::Route53(request) => request.asks(),
            Self::Ssm(request) => request.asks(place),
            Self::Dms(request) => request.asks(),
            Self::CloudWatch(request) => request.asks(place),
            Self::Sns(request) => request.asks(place),
            Self::Events(request) => request.asks(place),
            Self::AutoScaling(request) => request.asks(place),
            Self::Rds(request) => request.asks(place),
            // Nobody needs a permission to be told who they are.
            Self::CallerIdentity => Vec::new(),
            Self::Invoke(request) => request.asks(place),
        }
    }
}

fn not_implemented(route: &Route) -> AwsError {
    let [exception, action] = UNKNOWN_OPERATION;
    let code = match route.protocol {
        Protocol::Json | Protocol::RestJson | Protocol::Cbor => exception,
        Protocol::Query | Protocol::RestXml => action,
    };
    let message = format!(
        "the twin does not implement {}:{}",
        route.service.name(),
        route.operation
    );
    AwsError::refused(code, message)
}
