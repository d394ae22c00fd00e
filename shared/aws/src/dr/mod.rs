//! The ports of a disaster's handling, over the SDK.

mod attempts;
mod far;
mod refusal;

pub mod alarms;
pub mod application;
pub mod clusters;
pub mod direct;
pub mod endpoints;
pub mod hooks;
pub mod lag;
pub mod migration;
pub mod network;
pub mod probes;
pub mod routes;
pub mod tails;
pub mod world;
