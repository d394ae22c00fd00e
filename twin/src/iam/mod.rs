//! IAM: what policies allow, and who calls by which role.
//!
//! What is not allowed is denied, and an explicit denial outweighs everything. A policy with an element, an operator or a
//! condition key that is not known here is refused when it is read, so that none is ever passed over in silence.

mod around;
mod ask;
mod condition;
mod document;
mod judgement;
mod key;
mod ledger;
mod pattern;
mod registry;
mod role;
mod statement;
#[cfg(test)]
mod tests;

pub use around::Around;
pub use ask::Ask;
pub use document::{InvalidPolicy, Kind, Policy};
pub use judgement::Verdict;
pub use key::Key;
pub use ledger::Asked;
pub use registry::Credentials;
pub use role::Role;
pub use statement::{Effect, Statement};

pub(crate) use judgement::{Caller, Guard};
pub(crate) use registry::{Iam, Session};
