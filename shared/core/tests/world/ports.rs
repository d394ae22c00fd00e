//! The ports over the one world in memory.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

use cutover_core::error::{Class, PortError};
use cutover_core::generation::Generation;
use cutover_core::journal::Entry;
use cutover_core::notice::Notice;
use cutover_core::observation::{AlarmSeen, LimitSeen};
use cutover_core::ports::{
    Alarms, Announcer, Claim, Clock, LogView, Notifier, Probe, ReplicationMonitor, SetAnswer, Sighting,
    StateLog, SyncAnswer, TrafficRouter,
};
use cutover_core::replication::{Direction, Seen, Task};
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use cutover_core::transition::Transition;
use cutover_core::weight::Weights;
use jiff::Timestamp;

use super::Inner;
use super::faults::Op;
use super::hand::{Hand, failure};
use super::laws;

impl StateLog for Hand {
    async fn read(&self, probe: Probe) -> Result<LogView, PortError> {
        self.call(Op::ReadLog, |inner| read_log(inner, probe)).await
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
            let mut hasher = DefaultHasher::new();
            (inner.journal_digest, &text).hash(&mut hasher);
            inner.journal_digest = hasher.finish();
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
            let state = State {
                version,
                ..state.clone()
            };
            let mut hasher = DefaultHasher::new();
            (inner.written_digest, &text).hash(&mut hasher);
            inner.written_digest = hasher.finish();
            inner.snapshot = Some(text);
            inner.snapshot_read = Some(state.clone());
            inner.written.push(state);
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
            Ok(inner
                .journal
                .keys()
                .next()
                .map_or(first, |number| Generation::new(*number)))
        })
        .await
    }
}

fn read_log(inner: &Inner, probe: Probe) -> Result<LogView, PortError> {
    let Some(text) = &inner.snapshot else {
        return Ok(LogView {
            state: None,
            entries: inner.journal.values().cloned().collect(),
        });
    };
    let state = match &inner.snapshot_read {
        Some(read) => read.clone(),
        None => State::decode(text).map_err(|error| PortError {
            operation: "ReadLog".to_owned(),
            class: Class::Permanent,
            source: Box::new(error),
        })?,
    };
    let own = state.generation.number();
    let open = state.outcome == cutover_core::journal::Outcome::Open;
    let entries = inner.journal.values().filter(|entry| {
        let number = entry.generation.number();
        (number == own && open) || (number > own && probe == Probe::Head)
    });
    let entries = entries.cloned().collect();
    Ok(LogView {
        state: Some(state),
        entries,
    })
}

impl TrafficRouter for Hand {
    type Token = Weights;

    async fn read(&self) -> Result<Vec<Sighting<Weights>>, PortError> {
        self.call(Op::ReadRecords, |inner| Ok(inner.zone.sightings()))
            .await
    }

    async fn set(&self, sighting: &Sighting<Weights>, to: Weights) -> Result<SetAnswer, PortError> {
        self.call(Op::SetWeights, |inner| {
            let (pair, sighted, now) = (sighting.seen.pair, sighting.token, inner.now);
            laws::hand_is_lawful(&self.function, sighted, to);
            let answer = inner.zone.set(pair, sighted, to, now);
            if matches!(answer, SetAnswer::Moved(_)) {
                inner.reached.insert("records moved under a change");
            } else if sighted != to {
                laws::weights_are_lawful(inner, pair, to);
                laws::flip_is_lawful(inner, pair, sighted, to);
            }
            Ok(answer)
        })
        .await
    }

    async fn sync(&self, change: &str) -> Result<SyncAnswer, PortError> {
        self.call(Op::Sync, |inner| Ok(inner.zone.sync(change, inner.now)))
            .await
    }
}

impl ReplicationMonitor for Hand {
    async fn forward(&self) -> Seen<Task> {
        self.reading(Op::Forward, |inner| inner.forward.seen(inner.now))
            .await
    }

    async fn reverse(&self) -> Option<Seen<Task>> {
        self.inner().reverse.as_ref()?;
        let unknown = || Seen::Unknown("none".to_owned());
        Some(
            self.reading(Op::Reverse, |inner| {
                inner
                    .reverse
                    .as_ref()
                    .map_or_else(unknown, |it| it.seen(inner.now))
            })
            .await,
        )
    }

    async fn start_reverse(&self) -> Result<(), PortError> {
        self.call(Op::StartReverse, |inner| {
            let now = inner.now;
            let started = inner.reverse.as_mut().is_some_and(|task| task.start(now));
            if started {
                Ok(())
            } else {
                Err(failure(Op::StartReverse, Class::Permanent))
            }
        })
        .await
    }

    async fn stop_reverse(&self) -> Result<(), PortError> {
        self.call(Op::StopReverse, |inner| {
            let now = inner.now;
            let stopped = inner.reverse.as_mut().is_some_and(|task| task.stop(now));
            if stopped {
                Ok(())
            } else {
                Err(failure(Op::StopReverse, Class::Permanent))
            }
        })
        .await
    }

    async fn resume(&self, direction: Direction) -> Result<(), PortError> {
        self.call(Op::Resume, |inner| {
            let now = inner.now;
            let task = match direction {
                Direction::Forward => Some(&mut inner.forward),
                Direction::Reverse => inner.reverse.as_mut(),
            };
            if task.is_some_and(|task| task.resume(now)) {
                Ok(())
            } else {
                Err(failure(Op::Resume, Class::Permanent))
            }
        })
        .await
    }

    async fn instance(&self) -> Seen<String> {
        self.inner().instance.clone()
    }
}

impl Alarms for Hand {
    async fn read(&self) -> Seen<Vec<AlarmSeen>> {
        self.reading(Op::Alarms, |inner| inner.alarms.clone()).await
    }

    async fn limits(&self) -> Vec<LimitSeen> {
        self.inner().limits.clone()
    }
}

impl Announcer for Hand {
    async fn announce(&self, transition: &Transition) -> Result<(), PortError> {
        self.call(Op::Announce, |inner| {
            inner.announced.push(transition.clone());
            Ok(())
        })
        .await
    }
}

impl Notifier for Hand {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.call(Op::Publish, |inner| {
            let sentence = (notice.generation, notice.headline.clone());
            let first = *inner.told_at.entry(sentence).or_insert(inner.now);
            if first < inner.now {
                inner.told_again.push(notice.headline.clone());
            }
            inner.notices.push(notice.clone());
            Ok(())
        })
        .await
    }
}

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        self.inner().now
    }

    async fn sleep(&self, duration: Duration) {
        let seconds = i64::try_from(duration.as_secs()).unwrap();
        let _slept = self
            .call(Op::Sleep, |inner| {
                inner.advance(seconds);
                Ok(())
            })
            .await;
    }
}
