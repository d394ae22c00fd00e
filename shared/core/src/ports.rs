//! What the core needs of the world: one small trait per capability, with our own types only.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use crate::error::PortError;
use crate::generation::Generation;
use crate::journal::Entry;
use crate::notice::Notice;
use crate::observation::{AlarmSeen, LimitSeen, PairSeen};
use crate::replication::{Direction, Seen, Task};
use crate::subject::{Migration, Subject};
use crate::told::Memory;
use crate::transition::Transition;
use crate::weight::Weights;

/// The snapshot, and the journal entries that it does not cover as done.
#[derive(Debug, Clone, PartialEq)]
pub struct LogView<S: Subject = Migration> {
    pub state: Option<S::State>,
    /// Ascending: the snapshot's own entry while that is open, and every later one that was looked for.
    pub entries: Vec<Entry<S>>,
}

impl<S: Subject> LogView<S> {
    /// The last entry that is not known to be done.
    #[must_use]
    pub fn head(&self) -> Option<&Entry<S>> {
        self.entries.last()
    }

    /// Nothing was ever decided here.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        self.state.is_none() && self.entries.is_empty()
    }
}

/// How far to look for entries that the snapshot does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Probe {
    /// Trust the snapshot: a claim on an old number fails anyway. One round trip.
    Snapshot,
    /// Look past it.
    Head,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The entry is ours, now or by an earlier attempt whose reply was lost.
    Won,
    /// Somebody else has that generation.
    Lost,
}

/// Journal and snapshot.
pub trait StateLog<S: Subject = Migration>: Sync {
    /// With no snapshot, the whole journal is read: it alone must be enough.
    fn read(&self, probe: Probe) -> impl Future<Output = Result<LogView<S>, PortError>> + Send;
    /// Creates the entry, or finds that its generation is taken.
    fn claim(&self, entry: &Entry<S>) -> impl Future<Output = Result<Claim, PortError>> + Send;
    /// The entry of one generation, if there is one.
    fn entry(
        &self,
        generation: Generation,
    ) -> impl Future<Output = Result<Option<Entry<S>>, PortError>> + Send;
    /// Replaces the snapshot, whoever wrote the last one, and returns the number of what it wrote: one more than the
    /// last one's.
    fn write_state(&self, state: &S::State) -> impl Future<Output = Result<u64, PortError>> + Send;
    /// The snapshot as it once was, if that is still kept.
    fn earlier_state(&self, version: u64)
    -> impl Future<Output = Result<Option<S::State>, PortError>> + Send;
    /// Deletes entries from `first` on that are older than `before`, a handful at a time and none from `end`
    /// on; returns the first that is left.
    fn prune(
        &self,
        first: Generation,
        end: Generation,
        before: Timestamp,
    ) -> impl Future<Output = Result<Generation, PortError>> + Send;
}

/// A pair as it was read, with whatever the adapter needs to change exactly that.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting<Token> {
    pub seen: PairSeen,
    pub token: Token,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetAnswer {
    /// Accepted under this change id; not in sync yet.
    Accepted(String),
    /// The pair is not as it was read, in the service's words. Nothing changed.
    Moved(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncAnswer {
    Pending,
    InSync,
}

/// The weighted pairs. Setting is apart from verifying.
pub trait TrafficRouter: Sync {
    type Token: Clone + Send + Sync;

    fn read(&self) -> impl Future<Output = Result<Vec<Sighting<Self::Token>>, PortError>> + Send;
    /// Compare-and-swap: changes the pair only if it is still exactly as sighted. Weights that stand already
    /// may be set again, to get a change id.
    fn set(
        &self,
        sighting: &Sighting<Self::Token>,
        to: Weights,
    ) -> impl Future<Output = Result<SetAnswer, PortError>> + Send;
    fn sync(&self, change: &str) -> impl Future<Output = Result<SyncAnswer, PortError>> + Send;
}

/// Puts transitions on the event bus.
pub trait Announcer: Sync {
    fn announce(&self, transition: &Transition) -> impl Future<Output = Result<(), PortError>> + Send;
}

/// The replication tasks. What cannot be read is `Unknown` with the reason, never an error: a rollback must
/// not fail because a metric does.
pub trait ReplicationMonitor: Sync {
    fn forward(&self) -> impl Future<Output = Seen<Task>> + Send;
    fn reverse(&self) -> impl Future<Output = Option<Seen<Task>>> + Send;
    fn start_reverse(&self) -> impl Future<Output = Result<(), PortError>> + Send;
    fn stop_reverse(&self) -> impl Future<Output = Result<(), PortError>> + Send;
    /// A task that stopped goes on where it stopped.
    fn resume(&self, direction: Direction) -> impl Future<Output = Result<(), PortError>> + Send;
    /// Status of the forward task's replication instance.
    fn instance(&self) -> impl Future<Output = Seen<String>> + Send;
}

/// The migration alarms, as CloudWatch has them now.
pub trait Alarms: Sync {
    fn read(&self) -> impl Future<Output = Seen<Vec<AlarmSeen>>> + Send;
    /// The error conditions that are configured, as they are now.
    fn limits(&self) -> impl Future<Output = Vec<LimitSeen>> + Send;
}

/// Tells people.
pub trait Notifier: Sync {
    fn publish(&self, notice: &Notice) -> impl Future<Output = Result<(), PortError>> + Send;
}

pub trait Clock: Sync {
    fn now(&self) -> Timestamp;
    fn sleep(&self, duration: Duration) -> impl Future<Output = ()> + Send;
}

/// All of it, as one invocation has it.
pub trait World: Sync {
    type Log: StateLog;
    type Router: TrafficRouter;
    type Monitor: ReplicationMonitor;
    type Alarms: Alarms;
    type Notifier: Notifier;
    type Announcer: Announcer;
    type Clock: Clock;

    fn log(&self) -> &Self::Log;
    fn router(&self) -> &Self::Router;
    fn monitor(&self) -> &Self::Monitor;
    fn alarms(&self) -> &Self::Alarms;
    fn notifier(&self) -> &Self::Notifier;
    fn announcer(&self) -> &Self::Announcer;
    fn clock(&self) -> &Self::Clock;
    /// What this instance of the function has told already.
    fn memory(&self) -> &Memory;
}

/// The token type of a world's router.
pub type TokenOf<W> = <<W as World>::Router as TrafficRouter>::Token;
