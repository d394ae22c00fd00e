//! Journal and snapshot over the one world in memory.

use super::Inner;
use super::faults::Op;
use super::hand::Hand;
use super::laws;
use cutover_core::dr::state::State;
use cutover_core::dr::{Disaster, Entry};
use cutover_core::error::PortError;
use cutover_core::generation::Generation;
use cutover_core::journal::Outcome;
use cutover_core::ports::{Claim, LogView, Probe, StateLog};
use cutover_core::subject::Snapshot;
use jiff::Timestamp;
use std::hash::{DefaultHasher, Hash, Hasher};

fn folded(digest: u64, text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (digest, text).hash(&mut hasher);
    hasher.finish()
}

impl StateLog<Disaster> for Hand {
    async fn read(&self, probe: Probe) -> Result<LogView<Disaster>, PortError> {
        self.call(Op::ReadLog, |inner| Ok(read_log(inner, probe))).await
    }

    async fn claim(&self, entry: &Entry) -> Result<Claim, PortError> {
        self.call(Op::Claim, |inner| {
            let number = entry.generation.number();
            if let Some(there) = inner.journal.get(&number) {
                let ours = there.invocation == entry.invocation;
                if !ours {
                    inner.reached.insert("a claim was lost");
                }
                return Ok(if ours { Claim::Won } else { Claim::Lost });
            }
            laws::entry_is_lawful(inner, entry);
            let text = entry.encode().unwrap();
            inner.journal_digest = folded(inner.journal_digest, &text);
            inner.journal.insert(number, entry.clone());
            Ok(Claim::Won)
        })
        .await
    }

    async fn entry(&self, generation: Generation) -> Result<Option<Entry>, PortError> {
        self.call(Op::ReadEntry, |inner| {
            Ok(inner.journal.get(&generation.number()).cloned())
        })
        .await
    }

    async fn write_state(&self, state: &State) -> Result<u64, PortError> {
        self.call(Op::WriteState, |inner| {
            laws::state_is_lawful(inner, state);
            let text = state.encode().unwrap();
            let version = u64::try_from(inner.written.len()).unwrap() + 1;
            inner.written_digest = folded(inner.written_digest, &text);
            let read = State::decode(&text).unwrap();
            inner.snapshot = Some(State {
                version,
                ..read.clone()
            });
            inner.written.push(State { version, ..read });
            Ok(version)
        })
        .await
    }

    async fn earlier_state(&self, version: u64) -> Result<Option<State>, PortError> {
        self.call(Op::EarlierState, |inner| {
            let index = usize::try_from(version).unwrap().checked_sub(1);
            Ok(index.and_then(|index| inner.written.get(index)).cloned())
        })
        .await
    }

    async fn prune(
        &self,
        first: Generation,
        end: Generation,
        before: Timestamp,
    ) -> Result<Generation, PortError> {
        self.call(Op::Prune, |inner| {
            let old =
                |entry: &Entry| entry.generation >= first && entry.generation < end && entry.at < before;
            inner.journal.retain(|_, entry| !old(entry));
            let left = inner.journal.keys().next();
            Ok(left.map_or(first, |number| Generation::new(*number)))
        })
        .await
    }
}

fn read_log(inner: &Inner, probe: Probe) -> LogView<Disaster> {
    let Some(state) = inner.state() else {
        return LogView {
            state: None,
            entries: inner.journal.values().cloned().collect(),
        };
    };
    let own = state.generation.number();
    let open = state.outcome == Outcome::Open;
    let is_meant = |number: u32| (number == own && open) || (number > own && probe == Probe::Head);
    let entries = inner.journal.values();
    let entries = entries.filter(|entry| is_meant(entry.generation.number()));
    LogView {
        entries: entries.cloned().collect(),
        state: Some(state),
    }
}
