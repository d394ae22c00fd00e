//! A small real world of two regions in memory: every port of `dr-failover`, a virtual clock, faults by script, and laws
//! that are checked at each effect.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise, and not every test uses all of it"
)]

pub mod aws;
/// Which invocation goes on is decided in the same way, whatever they are about.
#[path = "../world/drive.rs"]
pub mod drive;
pub mod environment;
pub mod faults;
pub mod hand;
pub mod laws;
pub mod log;
pub mod ports;
pub mod schedule;
pub mod search;
pub mod story;
pub mod views;

use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use cutover_core::dr::Entry;
use cutover_core::dr::observation::{AlarmSeen, Far, MigrationSeen, Probed};
use cutover_core::dr::ports::{HookAnswer, HookCall};
use cutover_core::dr::side::Side;
use cutover_core::dr::state::State;
use cutover_core::notice::Notice;
use cutover_core::observation::AlarmState;
use jiff::{SignedDuration, Timestamp};

use aws::{Aws, Region};
use faults::{Fault, Op, Script};

/// When every story begins: at a full minute.
pub const BEGIN: i64 = 1_800_000_000;
pub const PRIMARY: &str = "arn:aws:rds:eu-central-1:111122223333:cluster:orders-primary";
pub const DR: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:orders-dr";
/// It watches the replication, and is in the DR region.
pub const ALARM: &str = "dr-dev-replication-silent";
pub const OTHER_ALARM: &str = "dr-dev-replication-lag";
/// Seconds of silence after which an alarm goes off.
pub const ALARM_SECONDS: u64 = 30;

/// Everything outside the function.
#[derive(Clone)]
pub struct Inner {
    pub now: Timestamp,
    pub aws: Aws,
    /// Since when the primary's region is not seen.
    pub silent_since: Option<Timestamp>,
    /// Alarms that a story sets by hand; without any, they follow the region.
    pub alarms: Option<Vec<AlarmSeen>>,
    /// Whether probes have credentials.
    pub has_credentials: bool,
    pub migration: Option<Far<MigrationSeen>>,
    pub frozen: usize,
    pub journal: BTreeMap<u32, Entry>,
    pub journal_digest: u64,
    /// As it reads; `None` when there is none.
    pub snapshot: Option<State>,
    /// All that were ever written, the first with the number 1.
    pub written: Vec<State>,
    pub written_digest: u64,
    /// What the metric said, oldest first.
    pub served: Vec<(Timestamp, Side)>,
    pub records: Side,
    pub configured: Option<Side>,
    pub refreshes: usize,
    pub hook: Option<HookAnswer>,
    pub asked: Vec<HookCall>,
    pub after: Vec<HookCall>,
    pub notices: Vec<Notice>,
    pub calls: Vec<Op>,
    pub script: Script,
    /// What a search wants to have seen.
    pub reached: BTreeSet<&'static str>,
}

impl Inner {
    pub fn new() -> Self {
        let now = Timestamp::from_second(BEGIN).unwrap();
        Self {
            now,
            aws: Aws::new(now),
            silent_since: None,
            alarms: None,
            has_credentials: true,
            migration: None,
            frozen: 0,
            journal: BTreeMap::new(),
            journal_digest: 0,
            snapshot: None,
            written: Vec::new(),
            written_digest: 0,
            served: Vec::new(),
            records: Side::Primary,
            configured: None,
            refreshes: 0,
            hook: Some(HookAnswer::GoOn),
            asked: Vec::new(),
            after: Vec::new(),
            notices: Vec::new(),
            calls: Vec::new(),
            script: Script::default(),
            reached: BTreeSet::new(),
        }
    }

    pub fn head(&self) -> u32 {
        self.journal.keys().last().copied().unwrap_or(0)
    }

    pub fn state(&self) -> Option<State> {
        self.snapshot.clone()
    }

    pub fn advance(&mut self, seconds: i64) {
        self.aws.advance(self.now, seconds);
        self.now += SignedDuration::from_secs(seconds);
    }

    /// The primary's region from now on.
    pub fn region(&mut self, region: Region) {
        self.silent_since = match region {
            Region::Well => None,
            Region::Dark | Region::CutOff => self.silent_since.or(Some(self.now)),
        };
        self.aws.region = region;
    }

    /// The alarms as they are now.
    pub fn alarms_now(&self) -> Vec<AlarmSeen> {
        if let Some(alarms) = &self.alarms {
            return alarms.clone();
        }
        let window = SignedDuration::from_secs(i64::try_from(ALARM_SECONDS).unwrap());
        let rang = self.silent_since.map(|since| since + window);
        let rang = rang.filter(|rang| *rang <= self.now);
        vec![AlarmSeen {
            name: ALARM.to_owned(),
            is_witness: false,
            state: Far::Known(if rang.is_some() {
                AlarmState::Alarm
            } else {
                AlarmState::Ok
            }),
            suppressed: false,
            since: rang,
            window_seconds: ALARM_SECONDS,
        }]
    }

    pub fn probe(&self, side: Side, endpoint: Option<&str>) -> Probed {
        if endpoint.is_none() {
            return Probed::NotAsked;
        }
        if !self.aws.is_seen(side) {
            return Probed::Silent("no answer within 2 s".to_owned());
        }
        let writes = self.aws.takes_writes(side);
        Probed::Answers {
            writes: self.has_credentials.then_some(writes),
        }
    }

    /// Who is led the traffic by the data plane: the DR cluster if the metric said so within the minute.
    pub fn leads_to(&self) -> Side {
        let minute = self.now - SignedDuration::from_secs(60);
        let mut recent = self.served.iter().filter(|(at, _)| *at > minute).peekable();
        if recent.peek().is_none() {
            return self.served.last().map_or(Side::Primary, |(_, side)| *side);
        }
        if recent.any(|(_, side)| *side == Side::Dr) {
            Side::Dr
        } else {
            Side::Primary
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
        self.aws.hash(&mut hasher);
        self.silent_since.hash(&mut hasher);
        self.journal_digest.hash(&mut hasher);
        self.written_digest.hash(&mut hasher);
        self.served.hash(&mut hasher);
        (self.records, self.configured, self.frozen).hash(&mut hasher);
        hasher.finish()
    }
}
