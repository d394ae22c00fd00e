//! One look at the world, everything at once.

use futures_util::future::{join, join5};
use jiff::{Timestamp, Unit};

use super::{Look, Run};
use crate::command::Verb;
use crate::decide::standing::Standing;
use crate::error::Failure;
use crate::observation::Observation;
use crate::ports::{Alarms, Clock, Probe, ReplicationMonitor, Sighting, StateLog, TrafficRouter, World};

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
        let usual = join5(
            self.world.log().read(probe),
            self.world.router().read(),
            self.world.monitor().forward(),
            self.world.monitor().reverse(),
            self.world.alarms().read(),
        );
        let ((log, sightings, forward, reverse, alarms), (limits, instance)) =
            join(usual, join(limits, instance)).await;
        let (log, sightings) = (log?, sightings?);
        let pairs = sightings.iter().map(|sighting| sighting.seen.clone()).collect();
        let observation = Observation {
            at: self.now(),
            pairs,
            forward,
            reverse,
            alarms,
            instance,
            limits,
        };
        let standing = Standing::of(&log, &observation, self.settings.topology, &self.settings.policy);
        Ok(Look {
            sight: Sight {
                observation,
                sightings,
            },
            standing,
        })
    }
}

/// Moments are kept in whole seconds, rounded down, which is as fine as any of our limits.
pub(crate) fn whole_seconds(moment: Timestamp) -> Timestamp {
    let down = jiff::TimestampRound::new()
        .smallest(Unit::Second)
        .mode(jiff::RoundMode::Floor);
    moment.round(down).unwrap_or(moment)
}
