//! A request, decoded: what it asks of which service.

use serde_json::{Value, json};
use winterbaume_core::MockRequest;

use crate::error::AwsError;
use crate::lambda_api::InvokeRequest;
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

/// A request in a few words, for the log, for fault rules and for IAM's refusals.
#[derive(Debug, Default, Clone)]
pub(crate) struct Brief {
    pub subject: String,
    pub detail: Value,
    /// The ARN, or `*` for operations that IAM does not tie to a resource; without the account and
    /// region, which the twin knows.
    pub resource: Resource,
}

impl Brief {
    /// About one thing that has an ARN.
    pub(crate) fn of_arn(arn: &str, detail: Value) -> Self {
        Self {
            subject: arn.to_owned(),
            detail,
            resource: Resource::Arn(arn.to_owned()),
        }
    }
}

#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    #[default]
    Any,
    Arn(String),
    HostedZone(String),
    Parameter(String),
    Function(String),
    EventBus,
    /// A kind such as `cluster` or `global-cluster`, and an identifier.
    Rds(&'static str, String),
}

impl Resource {
    pub(crate) fn arn(&self, account: &str, region: &str) -> String {
        match self {
            Self::Any => "*".to_owned(),
            Self::Arn(arn) => arn.clone(),
            Self::HostedZone(id) => format!("arn:aws:route53:::hostedzone/{id}"),
            Self::Parameter(name) => ssm::parameter_arn(account, region, name),
            // A global database belongs to no region.
            Self::Rds("global-cluster", name) => format!("arn:aws:rds::{account}:global-cluster:{name}"),
            Self::Rds(kind, name) => format!("arn:aws:rds:{region}:{account}:{kind}:{name}"),
            Self::EventBus => format!("arn:aws:events:{region}:{account}:event-bus/default"),
            Self::Function(name) => format!("arn:aws:lambda:{region}:{account}:function:{name}"),
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
                resource: Resource::Function(request.function_name.clone()),
            },
        }
    }
}

fn not_implemented(route: &Route) -> AwsError {
    let code = match route.protocol {
        Protocol::Json | Protocol::RestJson | Protocol::Cbor => "UnknownOperationException",
        Protocol::Query | Protocol::RestXml => "InvalidAction",
    };
    let message = format!(
        "the twin does not implement {}:{}",
        route.service.name(),
        route.operation
    );
    AwsError::refused(code, message)
}
