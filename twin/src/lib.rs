//! A simulated AWS for rehearsals and tests.
//!
//! The twin speaks the wire protocols of the services that a migration depends on. It can be reached
//! in process, as an HTTP client for the AWS SDK ([`Twin::http_client`]), and over TCP
//! ([`Twin::serve`]) by the AWS CLI, boto3 and real binaries. Its clock is virtual, its identifiers
//! follow from a seed, every request is kept in a log, and faults are injected by rule.
//!
//! What it claims about a service is what that service documents or was seen to do; an operation it
//! does not know is refused by name, never guessed.

mod authorization;
mod call_log;
mod clock;
mod compression;
mod delivery;
mod door;
mod emission;
mod error;
mod exchange;
mod fault_rules;
mod http_client;
mod identifiers;
mod lambda;
mod lambda_api;
mod meaning;
mod outages;
mod place;
mod query_form;
mod query_tree;
mod rates;
mod region;
mod reply;
mod routing;
mod sts;
mod twin;
mod twin_options;

pub mod autoscaling;
pub mod cloudwatch;
pub mod deployment;
pub mod dms;
pub mod events;
pub mod iam;
pub mod rds;
pub mod route53;
pub mod sns;
pub mod ssm;

pub use call_log::{Call, CallOutcome};
pub use clock::Clock;
pub use delivery::{AsyncSettings, Cause, DeadLetter, Invoked, Permission, Weather};
pub use door::SideDoor;
pub use error::AwsError;
pub use fault_rules::{Fault, FaultKind, Faults};
pub use lambda::{FunctionFailure, HostedCall, HostedFunction, Invocation, UnknownFunction};
pub use outages::{Night, Outage, Outages, Reach};
pub use rates::{PUT_PARAMETER_PER_SECOND, ROUTE53_PER_SECOND};
pub use twin::Twin;
pub use twin_options::TwinOptions;
