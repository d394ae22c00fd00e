//! The one place that talks to AWS: the core's ports over the SDK, configuration, and the Lambda runtime.

mod call_error;
mod lag;

pub mod alarms;
pub mod announcer;
pub mod clients;
pub mod config;
pub mod dr;
pub mod journal_log;
pub mod lambda;
pub mod metrics;
pub mod notifier;
pub mod replication;
pub mod round_trips;
pub mod router;
pub mod world;
