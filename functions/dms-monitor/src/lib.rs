//! `dms-monitor`: watches the replication: phase, restarts, holds. It never moves traffic.

use cutover_core::engine::react;
use cutover_core::engine::{Invocation, Settings};
use cutover_core::error::Failure;
use cutover_core::ports::World;
use cutover_core::report::Report;
use cutover_core::trigger::Identity;

/// The function's name, as deployed before `-<environment>`.
pub const NAME: &str = "dms-monitor";

/// Answers one payload.
pub async fn answer<W: World>(
    world: &W,
    settings: &Settings,
    identity: &Identity,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    react::monitor(world, settings, identity, invocation, payload).await
}
