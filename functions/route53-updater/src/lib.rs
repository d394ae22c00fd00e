//! `route53-updater`: shifts the weighted records of a migration, step by step, and takes them back.

/// Answers one payload.
pub use cutover_core::engine::react::command as answer;

/// The function's name, as deployed before `-<environment>`.
pub const NAME: &str = "route53-updater";
