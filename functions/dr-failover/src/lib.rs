//! `dr-failover`: makes the other region serve when one is lost, once, and by hand when asked.

/// Answers one payload.
pub use cutover_core::dr::engine::react::answer;

/// The function's name, as deployed before `-<environment>`.
pub const NAME: &str = "dr-failover";
