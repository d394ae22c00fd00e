//! One look at both regions, everything at once.

use std::sync::PoisonError;

use futures_util::future::{join, join3, join5};

use super::{Look, Run};
use crate::dr::Disaster;
use crate::dr::observation::{Far, LagSeen, Observation, Probed};
use crate::dr::ports::{Clusters, DrAlarms, MigrationWatch, Probes, World};
use crate::dr::side::Side;
use crate::dr::standing::Standing;
use crate::dr::votes::{bad_since, votes};
use crate::error::{Failure, PortError};
use crate::ports::{LogView, Probe, StateLog};
use crate::replication::Seen;

impl<W: World> Run<'_, W> {
    pub(super) async fn look(&self, probe: Probe) -> Result<Look, Failure> {
        let clusters = self.world.clusters();
        let roles = join3(
            clusters.global(),
            clusters.cluster(Side::Primary),
            clusters.cluster(Side::Dr),
        );
        // Which of the two is the secondary is known only afterwards.
        let lags = join(clusters.lag(Side::Primary), clusters.lag(Side::Dr));
        let (log, (global, primary, dr), (of_dr, of_primary), alarms, migration) = join5(
            self.log_and_probes(probe),
            roles,
            lags,
            self.world.alarms().read(),
            self.world.migration().read(),
        )
        .await;
        let (log, primary_probe, dr_probe) = log;
        let log = log?;
        let mut seen = Observation {
            at: self.now(),
            global,
            primary,
            dr,
            lag: of_dr,
            alarms,
            primary_probe,
            dr_probe,
            migration,
        };
        let standing = Standing::of(&log, &seen, self.settings);
        let writer = standing.writer.known().copied().unwrap_or(standing.record.writer);
        if writer == Side::Dr {
            seen.lag = of_primary;
        }
        let known = self.known_bad(&standing);
        let votes = votes(&seen, writer, &known);
        *self.bad.lock().unwrap_or_else(PoisonError::into_inner) = Some(bad_since(&votes, seen.at));
        Ok(Look {
            seen,
            standing,
            votes,
        })
    }

    /// What was bad when somebody looked before: this invocation itself, or the one that wrote the snapshot.
    fn known_bad(&self, standing: &Standing) -> Vec<crate::dr::votes::BadSince> {
        let ours = self.bad.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let theirs = || standing.state.as_ref().map(|state| state.bad_since.clone());
        ours.or_else(theirs).unwrap_or_default()
    }

    /// The endpoints that are probed are remembered in the snapshot, because a region that is gone does not name them.
    async fn log_and_probes(&self, probe: Probe) -> (Result<LogView<Disaster>, PortError>, Probed, Probed) {
        let log = self.world.log().read(probe).await;
        let endpoints = log
            .as_ref()
            .ok()
            .and_then(|log| log.state.as_ref())
            .map(|state| state.endpoints.clone())
            .unwrap_or_default();
        let probes = self.world.probes();
        let (primary, dr) = join(
            probes.probe(Side::Primary, endpoints.of(Side::Primary)),
            probes.probe(Side::Dr, endpoints.of(Side::Dr)),
        )
        .await;
        (log, primary, dr)
    }

    /// The roles alone, while a promotion is waited for.
    pub(super) async fn roles(&self, to: Side) -> Observation {
        let clusters = self.world.clusters();
        let (global, cluster) = join(clusters.global(), clusters.cluster(to)).await;
        let other = Far::Unknown("not asked for".to_owned());
        let (primary, dr) = match to {
            Side::Primary => (cluster, other),
            Side::Dr => (other, cluster),
        };
        Observation {
            at: self.now(),
            global,
            primary,
            dr,
            lag: Seen::Unknown("not asked for".to_owned()),
            alarms: Vec::new(),
            primary_probe: Probed::NotAsked,
            dr_probe: Probed::NotAsked,
            migration: None,
        }
    }

    /// The lag of the side that is to become the writer.
    pub(super) async fn lag_of(&self, to: Side) -> Seen<LagSeen> {
        self.world.clusters().lag(to.other()).await
    }
}
