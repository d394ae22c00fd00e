//! What a journal is about: a migration, or the loss of a region. Both keep their decisions in the same way.

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::generation::Generation;
use crate::schema::SchemaError;
use crate::{phase, plan, record, state};

/// The words of one subject.
pub trait Subject: Debug + Clone + PartialEq + Eq + Send + Sync + 'static {
    type Action: Stored;
    type Phase: Stored;
    type Record: Stored;
    type Step: Stored;
    type State: Snapshot;
}

/// Something that an entry keeps.
pub trait Stored: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync {}

impl<T: Debug + Clone + PartialEq + Eq + Serialize + DeserializeOwned + Send + Sync> Stored for T {}

/// The readable snapshot of a journal's head, as far as whoever keeps it has to know it.
pub trait Snapshot: Debug + Clone + PartialEq + Send + Sync {
    fn generation(&self) -> Generation;
    /// Its plan still runs or waits.
    fn is_open(&self) -> bool;
    /// The number that Parameter Store gave it; 0 for one that was not written yet.
    fn version(&self) -> u64;
    fn set_version(&mut self, version: u64);
    /// `self` was written over `theirs` by somebody who only knew `before`.
    #[must_use]
    fn merged(&self, before: Option<&Self>, theirs: &Self) -> Self;
    fn encode(&self) -> Result<String, SchemaError>;
    fn decode(text: &str) -> Result<Self, SchemaError>;
}

/// A database's move from a source to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Migration;

impl Subject for Migration {
    type Action = phase::Action;
    type Phase = phase::Phase;
    type Record = record::Record;
    type Step = plan::Step;
    type State = state::State;
}
