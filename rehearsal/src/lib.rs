//! The rehearsal: stories played on the twin with the shipped functions, and a port for the AWS CLI.

pub mod stage;
pub mod hosted;
pub mod script;
pub mod player;
pub mod expect;
pub mod transcript;
pub mod proof;
pub mod story;
pub mod serve;
pub mod bench;
