//! `alarm-rollback`: takes traffic back, or holds it, when a migration alarm says so.

/// Answers one payload.
pub use cutover_core::engine::react::guard as answer;

/// The function's name, as deployed before `-<environment>`.
pub const NAME: &str = "alarm-rollback";
