//! Which service, which operation, which protocol: read from the request itself, never from its host.

use http::HeaderMap;
use winterbaume_core::MockRequest;

use crate::query_form;

const ROUTE53_VERSION: &str = "2013-04-01";
const LAMBDA_VERSION: &str = "2015-03-31";

/// The services the twin knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Service {
    Route53,
    Ssm,
    Dms,
    CloudWatch,
    Sns,
    Sts,
    Lambda,
    Events,
    AutoScaling,
    Rds,
    /// By its signing name.
    Unknown(String),
}

/// How the request is written, and therefore the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Protocol {
    RestXml,
    RestJson,
    Json,
    Query,
    Cbor,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub service: Service,
    pub operation: String,
    pub protocol: Protocol,
    pub signed: bool,
    /// The region that the request is signed for.
    pub region: Option<String>,
}

impl Service {
    /// The name used in the log and in fault rules.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Route53 => "route53",
            Self::Ssm => "ssm",
            Self::Dms => "dms",
            Self::CloudWatch => "cloudwatch",
            Self::Sns => "sns",
            Self::Sts => "sts",
            Self::Lambda => "lambda",
            Self::Events => "events",
            Self::AutoScaling => "autoscaling",
            Self::Rds => "rds",
            Self::Unknown(name) => name,
        }
    }

    fn from_signing_name(name: &str) -> Self {
        match name {
            "route53" => Self::Route53,
            "ssm" => Self::Ssm,
            "dms" => Self::Dms,
            "monitoring" => Self::CloudWatch,
            "sns" => Self::Sns,
            "sts" => Self::Sts,
            "lambda" => Self::Lambda,
            "events" => Self::Events,
            "autoscaling" => Self::AutoScaling,
            "rds" => Self::Rds,
            other => Self::Unknown(other.to_owned()),
        }
    }
}

/// Reads a request's route. Always answers: what it cannot tell is an unknown service or operation.
pub(crate) fn route(request: &MockRequest) -> Route {
    let path = winterbaume_core::extract_path(&request.uri);
    let signing_name = signing_name(&request.headers);
    let signed = signing_name.is_some();
    let service = signing_name.map_or_else(
        || service_of_unsigned(&request.headers, &path),
        |name| Service::from_signing_name(&name),
    );
    let (protocol, operation) = protocol_and_operation(request, &service, &path);
    Route {
        service,
        operation,
        protocol,
        signed,
        region: winterbaume_core::auth::extract_region_from_headers(&request.headers)
            .filter(|region| !region.is_empty()),
    }
}

fn protocol_and_operation(request: &MockRequest, service: &Service, path: &str) -> (Protocol, String) {
    if header(&request.headers, "smithy-protocol") == Some("rpc-v2-cbor") {
        let operation = path.rsplit('/').next().unwrap_or_default();
        return (Protocol::Cbor, operation.to_owned());
    }
    if let Some(target) = header(&request.headers, "x-amz-target") {
        let operation = target.rsplit('.').next().unwrap_or_default();
        return (Protocol::Json, operation.to_owned());
    }
    match service {
        Service::Route53 => (Protocol::RestXml, route53_operation(&request.method, path)),
        Service::Lambda => (Protocol::RestJson, lambda_operation(&request.method, path)),
        Service::Ssm | Service::Dms | Service::Events => (Protocol::Json, described(&request.method, path)),
        Service::CloudWatch
        | Service::Sns
        | Service::Sts
        | Service::AutoScaling
        | Service::Rds
        | Service::Unknown(_) => {
            let action = form(request).remove("Action");
            (
                Protocol::Query,
                action.unwrap_or_else(|| described(&request.method, path)),
            )
        }
    }
}

/// The form of a query request, from its body or, for GET, from its address.
pub(crate) fn form(request: &MockRequest) -> std::collections::HashMap<String, String> {
    let mut form = query_form::parse(winterbaume_core::extract_query_string(&request.uri));
    if let Ok(body) = std::str::from_utf8(&request.body) {
        form.extend(query_form::parse(body));
    }
    form
}

/// The segments of a path, decoded.
pub(crate) fn segments(path: &str) -> Vec<String> {
    path.split('/')
        .filter(|segment| !segment.is_empty())
        .map(query_form::decode_path)
        .collect()
}

fn signing_name(headers: &HeaderMap) -> Option<String> {
    winterbaume_core::auth::extract_service_from_headers(headers)
}

fn service_of_unsigned(headers: &HeaderMap, path: &str) -> Service {
    let target = header(headers, "x-amz-target").unwrap_or_default();
    if target.starts_with("AmazonSSM.") {
        Service::Ssm
    } else if target.starts_with("AmazonDMS") {
        Service::Dms
    } else if target.starts_with("AWSEvents.") {
        Service::Events
    } else if target.starts_with("Granite") || path.starts_with("/service/Granite") {
        Service::CloudWatch
    } else if path.starts_with(&format!("/{ROUTE53_VERSION}/")) {
        Service::Route53
    } else if path.starts_with(&format!("/{LAMBDA_VERSION}/")) {
        Service::Lambda
    } else {
        Service::Unknown("an unnamed service".to_owned())
    }
}

fn route53_operation(method: &str, path: &str) -> String {
    let segments = segments(path);
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    let name = match (method, parts.as_slice()) {
        ("POST", [ROUTE53_VERSION, "hostedzone"]) => "CreateHostedZone",
        ("GET", [ROUTE53_VERSION, "hostedzone"]) => "ListHostedZones",
        ("GET", [ROUTE53_VERSION, "hostedzonesbyname"]) => "ListHostedZonesByName",
        ("GET", [ROUTE53_VERSION, "hostedzone", _]) => "GetHostedZone",
        ("POST", [ROUTE53_VERSION, "hostedzone", _, "rrset"]) => "ChangeResourceRecordSets",
        ("GET", [ROUTE53_VERSION, "hostedzone", _, "rrset"]) => "ListResourceRecordSets",
        ("GET", [ROUTE53_VERSION, "change", _]) => "GetChange",
        ("DELETE", [ROUTE53_VERSION, "hostedzone", _]) => "DeleteHostedZone",
        ("GET", [ROUTE53_VERSION, "healthcheck"]) => "ListHealthChecks",
        ("POST", [ROUTE53_VERSION, "healthcheck"]) => "CreateHealthCheck",
        ("GET", [ROUTE53_VERSION, "healthcheck", _]) => "GetHealthCheck",
        ("DELETE", [ROUTE53_VERSION, "healthcheck", _]) => "DeleteHealthCheck",
        ("GET", [ROUTE53_VERSION, "healthcheck", _, "status"]) => "GetHealthCheckStatus",
        ("GET", [ROUTE53_VERSION, "testdnsanswer"]) => "TestDNSAnswer",
        _ => return described(method, path),
    };
    name.to_owned()
}

fn lambda_operation(method: &str, path: &str) -> String {
    let segments = segments(path);
    let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (method, parts.as_slice()) {
        ("POST", [LAMBDA_VERSION, "functions", _, "invocations"]) => "Invoke".to_owned(),
        ("GET", [LAMBDA_VERSION, "functions"]) => "ListFunctions".to_owned(),
        ("GET", [LAMBDA_VERSION, "functions", _]) => "GetFunction".to_owned(),
        _ => described(method, path),
    }
}

fn described(method: &str, path: &str) -> String {
    format!("{method} {path}")
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
