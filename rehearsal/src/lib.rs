//! The rehearsal: stories played on the twin with the shipped functions, and a port for the AWS CLI.

pub mod bench;
pub mod change;
pub mod change_line;
mod conduct;
mod deployed;
pub mod disaster_storm;
pub mod documents;
pub mod dr;
pub mod earlier;
pub mod expect;
mod fault_line;
pub mod fleet;
pub mod hosted;
mod often;
pub mod permissions;
pub mod player;
pub mod proof;
mod reactions;
pub mod script;
pub mod serve;
pub mod stage;
pub mod storm;
pub mod story;
pub mod transcript;
pub mod virtual_time;
pub mod way_in;
mod weather;
