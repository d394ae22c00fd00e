//! What is asked of a PostgreSQL server and done to it. The probes tell whether it answers, whether it takes writes, and
//! whether a write comes back. The rest is the databases' side of a cutover: a session for one step, the heartbeat, the fence,
//! what is not drained, the sequences, and what is left afterwards. What is decided from it is in `cutover_core::database`.
//!
//! Works on PostgreSQL 12 to 17, without a superuser's rights.

mod connection;
mod found;
mod probe;
mod quoted;
mod trust;

pub mod after;
pub mod drained;
pub mod error;
pub mod fence;
pub mod heartbeat;
pub mod login;
pub mod prepare;
pub mod secret;
pub mod sequences;
pub mod session;
pub mod sessions;
pub mod write;

pub use found::Found;
pub use probe::{PORT, Postgres, WriteError};
pub use trust::TrustError;
