//! A small real world in memory: every port, a virtual clock, faults by script, and laws that are checked
//! after each effect.
#![allow(dead_code, reason = "every test file uses its own part of the world")]

pub mod drive;
pub mod faults;
pub mod hand;
pub mod kinds;
pub mod laws;
pub mod ports;
pub mod schedule;
pub mod search;
pub mod story;
pub mod tasks;
pub mod watchers;
pub mod zone;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};

use cutover_core::generation::Generation;
use cutover_core::journal::Entry;
use cutover_core::notice::Notice;
use cutover_core::observation::{AlarmSeen, LimitSeen};
use cutover_core::replication::Seen;
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use cutover_core::transition::Transition;
use cutover_core::weight::Topology;
use jiff::{SignedDuration, Timestamp};

use faults::{Fault, Op, Script};
use tasks::TaskModel;
use zone::Zone;

/// When every story begins.
pub const BEGIN: i64 = 1_800_000_000;

/// Everything outside the functions.
#[derive(Clone)]
pub struct Inner {
    pub now: Timestamp,
    pub topology: Topology,
    pub journal: BTreeMap<u32, Entry>,
    pub pruned_before: u32,
    /// Of all that was ever claimed.
    pub journal_digest: u64,
    pub snapshot: Option<String>,
    /// The snapshot as it reads; `None` when somebody put another text there.
    pub snapshot_read: Option<State>,
    /// All that were ever written, the first with the number 1.
    pub written: Vec<State>,
    pub written_digest: u64,
    pub zone: Zone,
    pub forward: TaskModel,
    pub reverse: Option<TaskModel>,
    pub alarms: Seen<Vec<AlarmSeen>>,
    pub limits: Vec<LimitSeen>,
    pub instance: Seen<String>,
    pub announced: Vec<Transition>,
    pub notices: Vec<Notice>,
    /// When each generation's headline was told first.
    pub told_at: HashMap<(Generation, String), Timestamp>,
    /// What was told again at a later moment.
    pub told_again: Vec<String>,
    /// Every call, in order, so that a fault can name one by its number.
    pub calls: Vec<Op>,
    pub script: Script,
    /// What a search wants to have seen.
    pub reached: BTreeSet<&'static str>,
}

impl Inner {
    pub fn new(topology: Topology) -> Self {
        Self {
            now: Timestamp::from_second(BEGIN).unwrap(),
            topology,
            journal: BTreeMap::new(),
            pruned_before: 1,
            journal_digest: 0,
            snapshot: None,
            snapshot_read: None,
            written: Vec::new(),
            written_digest: 0,
            zone: Zone::of(topology),
            forward: TaskModel::running(),
            reverse: Some(TaskModel::created()),
            alarms: Seen::Known(Vec::new()),
            limits: Vec::new(),
            instance: Seen::Known("available".to_owned()),
            announced: Vec::new(),
            notices: Vec::new(),
            told_at: HashMap::new(),
            told_again: Vec::new(),
            calls: Vec::new(),
            script: Script::default(),
            reached: BTreeSet::new(),
        }
    }

    pub fn head(&self) -> u32 {
        self.journal.keys().last().copied().unwrap_or(0)
    }

    pub fn state(&self) -> Option<State> {
        self.snapshot.as_deref().map(|text| State::decode(text).unwrap())
    }

    pub fn advance(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
        self.forward.advance(self.now);
        if let Some(reverse) = &mut self.reverse {
            reverse.advance(self.now);
        }
    }

    /// Notes a call and says what is to go wrong with it.
    pub fn number(&mut self, op: Op) -> Option<Fault> {
        self.calls.push(op);
        self.script.fault_at(self.calls.len(), op)
    }

    /// Two worlds with the same fingerprint answer every later call alike.
    pub fn fingerprint(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        self.now.hash(&mut hasher);
        self.journal_digest.hash(&mut hasher);
        self.snapshot.hash(&mut hasher);
        self.written_digest.hash(&mut hasher);
        self.zone.hash(&mut hasher);
        for task in [Some(&self.forward), self.reverse.as_ref()].into_iter().flatten() {
            (task.status.name(), task.due.is_some(), task.ran_until).hash(&mut hasher);
        }
        hasher.finish()
    }
}
