//! The other half of the environment `dev`: a global database in two regions, `dr-failover` in the second, clients that
//! write through it all, and what a story may do to them.

pub mod bench;
pub mod change;
pub mod change_line;
pub(crate) mod clients;
pub(crate) mod expect;
pub(crate) mod hosted;
pub(crate) mod lines;
pub(crate) mod playing;
pub mod probe;
pub(crate) mod proof;
pub mod setting;
pub mod stage;
mod surroundings;
