//! What the handling of a disaster needs of the world: one small trait per capability, with our own types only.
//!
//! Whatever concerns another region has a short time of its own inside the adapter, and a value for no answer: nothing
//! here may wait for a region that is gone.

use std::future::Future;

use jiff::Timestamp;

use super::Disaster;
use super::observation::{AlarmSeen, ClusterSeen, Far, GlobalSeen, LagSeen, MigrationSeen, Probed};
use super::side::Side;
use super::verb::Verb;
use crate::error::PortError;
use crate::ports::{Clock, Notifier, StateLog};
use crate::replication::Seen;
use crate::told::Memory;

/// The clusters, and the operations that move their writer.
pub trait Clusters: Sync {
    /// The global cluster, asked of the DR region; `None` where none is configured.
    fn global(&self) -> impl Future<Output = Option<Far<GlobalSeen>>> + Send;
    /// A cluster with its instances, asked of its own region.
    fn cluster(&self, side: Side) -> impl Future<Output = Far<ClusterSeen>> + Send;
    /// The newest reading of the lag of the side that is not `writer`, from that side's own region.
    fn lag(&self, writer: Side) -> impl Future<Output = Seen<LagSeen>> + Send;
    /// Asks for the operation, in the region where it belongs. Accepted is not done.
    fn promote(&self, verb: &Verb, to: Side) -> impl Future<Output = Result<Promoted, PortError>> + Send;
    /// Snapshots of writes that a promotion lost, in the region of the side that lost them.
    fn lost_tails(&self, side: Side) -> impl Future<Output = Result<Vec<Tail>, PortError>> + Send;
    /// Copies such a snapshot to one that does not expire; once is enough, however often it is asked.
    fn keep_tail(&self, side: Side, tail: &Tail) -> impl Future<Output = Result<String, PortError>> + Send;
}

/// What AWS said to an operation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Promoted {
    Accepted,
    /// AWS refuses it as things stand, in its words. Nothing changed.
    Refused(String),
    /// One is under way already, in AWS's words.
    UnderWay(String),
}

/// A snapshot that AWS made of writes that did not survive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tail {
    pub identifier: String,
    pub made_at: Timestamp,
    /// A copy of it that does not expire.
    pub kept_as: Option<String>,
}

/// Connections to the clusters' writer endpoints.
pub trait Probes: Sync {
    /// Connects, and asks for the role where credentials are configured. `endpoint` is the DNS name last seen.
    fn probe(&self, side: Side, endpoint: Option<&str>) -> impl Future<Output = Probed> + Send;
    /// Writes a row and reads it back; `None` where no credentials are configured.
    fn write(&self, side: Side, endpoint: &str)
    -> impl Future<Output = Option<Result<(), PortError>>> + Send;
}

/// The DR alarms and the witness, as `CloudWatch` has them now; one that cannot be read says so itself.
pub trait DrAlarms: Sync {
    fn read(&self) -> impl Future<Output = Vec<AlarmSeen>> + Send;
}

/// Who gets the traffic.
pub trait Routes: Sync {
    /// The metric that health checks follow: 1 while the DR cluster serves.
    fn serve(&self, from: Side) -> impl Future<Output = Result<(), PortError>> + Send;
    /// The side that the alarm on this metric leads the health checks to; `None` where it cannot be read or has not decided.
    fn leads_to(&self) -> impl Future<Output = Option<Side>> + Send;
    /// Weighted or failover records, by the control plane. The sentence says what was done.
    fn move_records(&self, to: Side) -> impl Future<Output = Result<String, PortError>> + Send;
    /// Whether the global writer endpoint leads to this side; `None` where nobody can say.
    fn endpoint_leads_to(
        &self,
        endpoint: &str,
        cluster_endpoint: &str,
    ) -> impl Future<Output = Option<bool>> + Send;
}

/// The application's own configuration.
pub trait Application: Sync {
    /// Sets its parameters to the side's endpoint and secret.
    fn configure(&self, to: Side, endpoint: &str) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Starts the replacement of its instances; one that runs already counts. The sentence says what was started.
    fn refresh(&self) -> impl Future<Output = Result<String, PortError>> + Send;
}

/// Other people's functions, before and after.
pub trait Hooks: Sync {
    fn ask(&self, call: &HookCall) -> impl Future<Output = Result<HookAnswer, PortError>> + Send;
    fn tell(&self, call: &HookCall) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// What a hook is told. Public: other people's functions parse it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct HookCall {
    pub environment: String,
    /// `before` or `after`.
    pub moment: String,
    pub action: String,
    pub generation: u32,
    pub to: Side,
    pub reason: String,
    pub dry_run: bool,
}

/// `{"veto":true,"reason":"…"}`; anything else lets it go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAnswer {
    GoOn,
    Veto(String),
}

/// The migration that may be under way between other clusters of the same environment.
pub trait MigrationWatch: Sync {
    /// `None` where none is configured.
    fn read(&self) -> impl Future<Output = Option<Far<MigrationSeen>>> + Send;
    /// Stops it from taking a step of its own.
    fn freeze(&self, reason: &str) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// All of it, as one invocation has it.
pub trait World: Sync {
    type Log: StateLog<Disaster>;
    type Clusters: Clusters;
    type Probes: Probes;
    type Alarms: DrAlarms;
    type Routes: Routes;
    type Application: Application;
    type Hooks: Hooks;
    type Migration: MigrationWatch;
    type Notifier: Notifier;
    type Clock: Clock;

    fn log(&self) -> &Self::Log;
    fn clusters(&self) -> &Self::Clusters;
    fn probes(&self) -> &Self::Probes;
    fn alarms(&self) -> &Self::Alarms;
    fn routes(&self) -> &Self::Routes;
    fn application(&self) -> &Self::Application;
    fn hooks(&self) -> &Self::Hooks;
    fn migration(&self) -> &Self::Migration;
    fn notifier(&self) -> &Self::Notifier;
    fn clock(&self) -> &Self::Clock;
    /// What this instance of the function has told already.
    fn memory(&self) -> &Memory;
}
