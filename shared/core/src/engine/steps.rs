//! The steps themselves: each acts only if it must, and is done only when that was verified.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::execute::{End, Execution, Trouble, Verdict};
use crate::blocker::{Blocker, Code};
use crate::error::{Class, PortError};
use crate::observation::PairFound;
use crate::policy::{POLL_SECONDS, WEIGHT_ATTEMPTS_MAX};
use crate::ports::{
    Clock, ReplicationMonitor, SetAnswer, Sighting, SyncAnswer, TokenOf, TrafficRouter, World,
};
use crate::replication::{Seen, Task, TaskStatus};
use crate::state::Settling;
use crate::text::Text;
use crate::viability::carries_back;
use crate::weight::{Pair, Weights};

impl<W: World> Execution<'_, W> {
    /// Compare-and-swap until the pair stands, or until what is found is not ours to change.
    pub(super) async fn set_weights(&mut self, pair: Pair, to: Weights) -> Verdict {
        for _ in 0..WEIGHT_ATTEMPTS_MAX {
            let sighting = match self.sighting(pair).await {
                Ok(sighting) => sighting,
                Err(end) => return Verdict::End(end),
            };
            let (weights, ttl_seconds) = match sighting.seen.found.clone() {
                PairFound::Both { weights, ttl_seconds } => (weights, ttl_seconds),
                PairFound::Missing(why) => return failed(Blocker::new(Code::RecordMissing, why)),
            };
            if weights == to {
                self.stands(pair, to, ttl_seconds);
                return Verdict::Verified("verified");
            }
            if !self.entry.explains(pair, weights, self.run.now()) {
                return failed(self.edited(&sighting, weights));
            }
            match self.run.world.router().set(&sighting, to).await {
                Ok(SetAnswer::Accepted(change)) => {
                    self.accepted(pair, to, Some(&change), ttl_seconds);
                    return Verdict::Verified("verified");
                }
                Ok(SetAnswer::Moved) => match self.overtaken().await {
                    Ok(None) => {}
                    Ok(Some(later)) => return Verdict::End(End::Superseded(later)),
                    Err(error) => return Verdict::End(End::Stalled(error)),
                },
                Err(error) => return Verdict::End(broken(error)),
            }
        }
        let message = format!(
            "the {} pair kept changing under {WEIGHT_ATTEMPTS_MAX} attempts",
            pair.name()
        );
        failed(Blocker::new(Code::Drift, message))
    }

    async fn sighting(&mut self, pair: Pair) -> Result<Sighting<TokenOf<W>>, End> {
        let sightings = match self.sightings.take() {
            Some(sightings) => sightings,
            None => self.run.world.router().read().await.map_err(broken)?,
        };
        sightings
            .into_iter()
            .find(|sighting| sighting.seen.pair == pair)
            .ok_or_else(|| {
                End::Failed(Trouble::Blocked(Blocker::new(
                    Code::RecordMissing,
                    format!("the {} pair was not read", pair.name()),
                )))
            })
    }

    fn edited(&self, sighting: &Sighting<TokenOf<W>>, found: Weights) -> Blocker {
        let expected = self.entry.before.traffic.of(sighting.seen.pair);
        let name = &sighting.seen.name;
        Blocker::new(
            Code::Drift,
            format!("{name} stands at {found}, expected {expected}: somebody changed it"),
        )
    }

    /// The weights stand. If that may be somebody's earlier doing in our name, its change still has to settle.
    fn stands(&mut self, pair: Pair, to: Weights, ttl_seconds: Option<u64>) {
        let ours = self.entry.before.traffic.of(pair) != to;
        let known = self.settling.iter().any(|settling| settling.pair == pair);
        // The snapshot knew of the change and no longer awaits it.
        let settled = self.recorded.is_some_and(|traffic| traffic.of(pair) == to);
        if ours && !known && !settled {
            self.accepted(pair, to, None, ttl_seconds);
        }
    }

    fn accepted(&mut self, pair: Pair, to: Weights, change: Option<&str>, ttl_seconds: Option<u64>) {
        self.settling.retain(|earlier| earlier.pair != pair);
        self.settling.push(Settling {
            pair,
            change: change.map(Text::new),
            accepted_at: self.run.now(),
            in_sync_at: None,
            ttl_seconds: ttl_seconds.unwrap_or(self.run.settings.policy.record_ttl_max_seconds),
        });
        self.moved.push((pair, to));
    }

    pub(super) async fn await_drained(&mut self, since: Timestamp) -> Verdict {
        loop {
            let seen = self.run.world.monitor().forward().await;
            let why = match &seen {
                Seen::Known(task) if !task.is_running() => {
                    let message = format!("the replication task is {}, nothing drains", task.status.name());
                    return failed(Blocker::new(Code::ReplicationNotRunning, message));
                }
                Seen::Known(task) => match &task.lag {
                    Seen::Known(lag) if lag.is_drained_since(since) => return Verdict::Verified("verified"),
                    Seen::Known(lag) if lag.at < since => {
                        format!("no lag reading since the writes stopped at {since}")
                    }
                    Seen::Known(lag) => format!(
                        "lag is {} s, {} changes wait",
                        lag.total_seconds(),
                        lag.incoming_changes
                            .map_or("an unknown number of".to_owned(), |count| count.to_string())
                    ),
                    Seen::Unknown(why) => format!("replication lag is unknown: {why}"),
                },
                Seen::Unknown(why) => format!("the replication task is unknown: {why}"),
            };
            if self.is_over() {
                return failed(Blocker::new(
                    Code::NotDrained,
                    format!("the target did not drain in time: {why}"),
                ));
            }
            if !self.pause().await {
                return waiting("drained");
            }
        }
    }

    pub(super) async fn start_reverse(&mut self) -> Verdict {
        match self.reverse().await {
            Ok(task) => match task.status {
                TaskStatus::Running | TaskStatus::Starting => Verdict::Verified("verified"),
                TaskStatus::Ready | TaskStatus::Stopped => {
                    match self.run.world.monitor().start_reverse().await {
                        Ok(()) => Verdict::Verified("accepted"),
                        Err(error) => Verdict::End(broken(error)),
                    }
                }
                TaskStatus::Stopping => waiting("reverse-stopped"),
                TaskStatus::Failed | TaskStatus::Other(_) => failed(not_ready(&task)),
            },
            Err(why) => self.until_over(Code::ReverseNotReady, why, "reverse-running"),
        }
    }

    pub(super) async fn await_reverse(&mut self) -> Verdict {
        loop {
            let why = match self.reverse().await {
                Ok(task) => match task.status {
                    TaskStatus::Running => return Verdict::Verified("verified"),
                    TaskStatus::Starting => "the reverse task is starting".to_owned(),
                    TaskStatus::Ready | TaskStatus::Stopping | TaskStatus::Stopped => {
                        return failed(not_ready(&task));
                    }
                    TaskStatus::Failed | TaskStatus::Other(_) => return failed(not_ready(&task)),
                },
                Err(why) => why,
            };
            if self.is_over() {
                return failed(Blocker::new(Code::ReverseNotReady, why));
            }
            if !self.pause().await {
                return waiting("reverse-running");
            }
        }
    }

    pub(super) async fn stop_reverse(&mut self) -> Verdict {
        match self.reverse().await {
            Ok(task) => match task.status {
                TaskStatus::Running => match self.run.world.monitor().stop_reverse().await {
                    Ok(()) => Verdict::Verified("accepted"),
                    Err(error) => Verdict::End(broken(error)),
                },
                TaskStatus::Starting => waiting("reverse-running"),
                TaskStatus::Ready | TaskStatus::Stopping | TaskStatus::Stopped => {
                    Verdict::Verified("verified")
                }
                TaskStatus::Failed | TaskStatus::Other(_) => Verdict::Verified("verified"),
            },
            Err(_) => waiting("reverse-stopped"),
        }
    }

    pub(super) async fn await_carried_back(&mut self) -> Verdict {
        let policy = &self.run.settings.policy;
        loop {
            let why = match self.reverse().await {
                Ok(task) if carries_back(&task, policy, self.run.now()) => match &task.lag {
                    Seen::Known(lag) if lag.total_seconds() <= policy.cutover_lag_seconds => {
                        return Verdict::Verified("verified");
                    }
                    Seen::Known(lag) => format!("reverse lag is {} s", lag.total_seconds()),
                    Seen::Unknown(why) => why.clone(),
                },
                Ok(task) if task.is_running() => "the reverse lag is unknown or too old".to_owned(),
                Ok(task) => return failed(Blocker::new(Code::RollbackLossy, not_ready(&task).message)),
                Err(why) => why,
            };
            if self.is_over() {
                return failed(Blocker::new(
                    Code::RollbackLossy,
                    format!("nothing carried the writes back in time: {why}"),
                ));
            }
            if !self.pause().await {
                return waiting("carried-back");
            }
        }
    }

    /// In sync at the name servers, then one TTL for the answers that caches still hold.
    pub(super) async fn await_settled(&mut self, pair: Pair) -> Verdict {
        loop {
            let Some(index) = self.settling.iter().position(|settling| settling.pair == pair) else {
                return Verdict::Verified("verified");
            };
            let Some(settling) = self.settling.get(index).cloned() else {
                return Verdict::Verified("verified");
            };
            let advanced = match self.run.advance_settling(settling).await {
                Ok(advanced) => advanced,
                Err(error) => return Verdict::End(End::Stalled(error)),
            };
            let awaited = match advanced {
                None => {
                    self.settling.remove(index);
                    return Verdict::Verified("verified");
                }
                Some(settling) => {
                    let what = if settling.in_sync_at.is_some() {
                        "settled"
                    } else {
                        "in-sync"
                    };
                    if let Some(place) = self.settling.get_mut(index) {
                        *place = settling;
                    }
                    format!("{}-{what}", pair.name())
                }
            };
            if !self.pause().await {
                return Verdict::End(End::Waiting(awaited));
            }
        }
    }

    async fn reverse(&self) -> Result<Task, String> {
        match self.run.world.monitor().reverse().await {
            Some(Seen::Known(task)) => Ok(task),
            Some(Seen::Unknown(why)) => Err(format!("the reverse task is unknown: {why}")),
            None => Err("no reverse task is configured (REVERSE_DMS_TASK_ARN)".to_owned()),
        }
    }

    fn until_over(&self, code: Code, why: String, awaited: &str) -> Verdict {
        if self.is_over() {
            failed(Blocker::new(code, why))
        } else {
            waiting(awaited)
        }
    }

    /// The time that this plan may take is up.
    fn is_over(&self) -> bool {
        self.entry.give_up_at.is_some_and(|limit| self.run.now() >= limit)
    }

    /// Waits for the next look, if this invocation has time for one.
    async fn pause(&self) -> bool {
        let clock = self.run.world.clock();
        let next = clock
            .now()
            .checked_add(SignedDuration::from_secs(POLL_SECONDS.cast_signed()));
        if next.is_ok_and(|next| next <= self.wait_until) {
            clock.sleep(Duration::from_secs(POLL_SECONDS)).await;
            return true;
        }
        false
    }
}

impl<W: World> super::Run<'_, W> {
    /// How far a change has come: `None` once it has settled.
    pub(super) async fn advance_settling(
        &self,
        mut settling: Settling,
    ) -> Result<Option<Settling>, PortError> {
        if settling.in_sync_at.is_none() {
            let Some(change) = settling.change.clone() else {
                settling.change = self.change_of(settling.pair).await?;
                return Ok(Some(settling));
            };
            match self.world.router().sync(change.as_str()).await? {
                SyncAnswer::Pending => return Ok(Some(settling)),
                SyncAnswer::InSync => settling.in_sync_at = Some(self.now()),
            }
        }
        let ttl = SignedDuration::from_secs(i64::try_from(settling.ttl_seconds).unwrap_or(i64::MAX));
        let settled = settling
            .in_sync_at
            .and_then(|moment| moment.checked_add(ttl).ok());
        Ok(if settled.is_some_and(|moment| self.now() >= moment) {
            None
        } else {
            Some(settling)
        })
    }

    /// A change id for weights that stand but whose own id was lost: the same weights are set once more. Route
    /// 53 applies changes in order, so this one being in sync means that the lost one is.
    async fn change_of<const MAX: usize>(&self, pair: Pair) -> Result<Option<Text<MAX>>, PortError> {
        let sightings = self.world.router().read().await?;
        let Some(sighting) = sightings.iter().find(|sighting| sighting.seen.pair == pair) else {
            return Ok(None);
        };
        let PairFound::Both { weights, .. } = sighting.seen.found else {
            return Ok(None);
        };
        match self.world.router().set(sighting, weights).await? {
            SetAnswer::Accepted(change) => Ok(Some(Text::new(&change))),
            SetAnswer::Moved => Ok(None),
        }
    }
}

fn failed(blocker: Blocker) -> Verdict {
    Verdict::End(End::Failed(Trouble::Blocked(blocker)))
}

fn waiting(what: &str) -> Verdict {
    Verdict::End(End::Waiting(what.to_owned()))
}

fn broken(error: PortError) -> End {
    match error.class {
        Class::Retryable | Class::Conflict => End::Stalled(error),
        Class::Permanent | Class::NeedsHuman | Class::InvalidRequest => End::Failed(Trouble::Broken(error)),
    }
}

fn not_ready(task: &Task) -> Blocker {
    Blocker::new(
        Code::ReverseNotReady,
        format!("the reverse task is {}", task.status.name()),
    )
}
