//! What a connection to a PostgreSQL endpoint finds: whether it answers, whether it takes writes, and whether a write
//! comes back. Each within one time limit, so that a server that is gone costs no more than that.

mod found;
mod probe;
mod trust;

pub mod login;

pub use found::Found;
pub use probe::{PORT, Postgres, WriteError};
pub use trust::TrustError;
