//! Every decision of a migration, and nothing else: no AWS, no clock, no environment.
//!
//! Reading order: the words (`weight`, `phase`, `blocker`), what is asked (`command`) and seen (`observation`,
//! `replication`), the checks (`gates`), the decision (`decide`), what it writes (`journal`, `state`), and how it
//! is carried out over the [`ports`] (`engine`).

pub mod blocker;
pub mod command;
mod counts;
pub mod database;
pub mod decide;
pub mod dr;
pub mod engine;
pub mod error;
pub mod gates;
pub mod generation;
pub mod held;
pub mod journal;
#[cfg(feature = "schemas")]
pub mod json_schemas;
pub mod ladder;
pub mod merge;
pub mod metrics;
pub mod notice;
pub mod observation;
pub mod phase;
pub mod plan;
pub mod policy;
pub mod ports;
pub mod record;
pub mod replication;
pub mod report;
pub mod saving;
pub mod schema;
pub mod state;
pub mod stepping;
pub mod subject;
pub mod text;
pub mod told;
pub mod transition;
pub mod trigger;
pub mod viability;
pub mod weight;
