//! One look at the world, everything at once.

use futures_util::future::{join, join5};
use jiff::{Timestamp, Unit};

use super::{Look, Run};
use crate::command::Verb;
use crate::decide::{Decision, decide, standing::Standing};
use crate::error::Failure;
use crate::observation::Observation;
use crate::ports::{
    Alarms, Clock, LogView, Probe, ReplicationMonitor, Sighting, StateLog, TrafficRouter, World,
};

/// What was read, with what the router needs to change exactly that.
#[derive(Debug, Clone)]
pub(crate) struct Sight<Token> {
    pub observation: Observation,
    pub sightings: Vec<Sighting<Token>>,
}

impl<W: World> Run<'_, W> {
    pub(super) fn now(&self) -> Timestamp {
        whole_seconds(self.world.clock().now())
    }

    pub(super) async fn look(&self, probe: Probe) -> Result<Look<W>, Failure> {
        let limits = async {
            if matches!(self.command.verb, Verb::Guard { .. }) {
                self.world.alarms().limits().await
            } else {
                Vec::new()
            }
        };
        let instance = async {
            if matches!(self.command.verb, Verb::Monitor { .. }) {
                Some(self.world.monitor().instance().await)
            } else {
                None
            }
        };
        let records = async {
            if self.command.verb.is_watch_on_the_clock() {
                Ok(Vec::new())
            } else {
                self.world.router().read().await
            }
        };
        let usual = join5(
            self.world.log().read(probe),
            records,
            self.world.monitor().forward(),
            self.world.monitor().reverse(),
            self.world.alarms().read(),
        );
        let ((log, sightings, forward, reverse, alarms), (limits, instance)) =
            join(usual, join(limits, instance)).await;
        let (log, mut sightings) = (log?, sightings?);
        let mut observation = Observation {
            at: self.now(),
            pairs: Vec::new(),
            forward,
            reverse,
            alarms,
            instance,
            limits,
        };
        if self.command.verb.is_watch_on_the_clock() && !self.is_quiet(&log, &observation) {
            sightings = self.world.router().read().await?;
        }
        observation.pairs = sightings.iter().map(|sighting| sighting.seen.clone()).collect();
        let standing = self.standing(&log, &observation);
        Ok(Look {
            sight: Sight {
                observation,
                sightings,
            },
            standing,
        })
    }

    fn standing(&self, log: &LogView, observation: &Observation) -> Standing {
        Standing::of(log, observation, self.settings.topology, &self.settings.policy)
    }

    /// Whether who watches has nothing to do whatever the records say. So it is in most minutes, and then they are
    /// not asked for: Route 53 answers an account five requests a second, and others have more need of them.
    fn is_quiet(&self, log: &LogView, without_records: &Observation) -> bool {
        let is_settled = log.state.is_some() && log.head().is_none();
        let rests = || {
            let standing = self.standing(log, without_records);
            matches!(
                decide(&self.question(&standing, without_records)),
                Decision::Rest(_)
            )
        };
        is_settled && rests()
    }
}

/// Moments are kept in whole seconds, rounded down, which is as fine as any of our limits.
pub(crate) fn whole_seconds(moment: Timestamp) -> Timestamp {
    let down = jiff::TimestampRound::new()
        .smallest(Unit::Second)
        .mode(jiff::RoundMode::Floor);
    moment.round(down).unwrap_or(moment)
}
