//! `dms-monitor`: watches the replication: phase, restarts, holds. It never moves traffic.

/// Answers one payload.
pub use cutover_core::engine::react::monitor as answer;

/// The function's name, as deployed before `-<environment>`.
pub const NAME: &str = "dms-monitor";
