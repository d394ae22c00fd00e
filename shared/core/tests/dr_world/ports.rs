//! The ports over the one world in memory.

use std::fmt::Debug;
use std::time::Duration;

use cutover_core::dr::observation::{
    AlarmSeen, ClusterSeen, Far, GlobalSeen, LagSeen, MigrationSeen, Probed,
};
use cutover_core::dr::ports::{
    Application, Clusters, DrAlarms, HookAnswer, HookCall, Hooks, MigrationWatch, Probes, Promoted, Routes,
    Tail,
};
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use cutover_core::error::PortError;
use cutover_core::notice::Notice;
use cutover_core::ports::{Clock, Notifier};
use cutover_core::replication::Seen;
use jiff::Timestamp;

use super::Inner;
use super::aws::endpoint;
use super::faults::Op;
use super::hand::{Hand, failure};
use super::laws;

impl Hand {
    /// Of another region there is no error: it does not answer.
    async fn far<T: Debug + Send>(&self, op: Op, read: impl FnOnce(&mut Inner) -> Far<T> + Send) -> Far<T> {
        match self.call(op, |inner| Ok(read(inner))).await {
            Ok(found) => found,
            Err(error) => Far::Unreachable(error.to_string()),
        }
    }
}

impl Clusters for Hand {
    async fn global(&self) -> Option<Far<GlobalSeen>> {
        if !self.inner().aws.has_global {
            return None;
        }
        let unknown = || Far::Unknown("none".to_owned());
        Some(
            self.far(Op::Global, |inner| inner.aws.global().unwrap_or_else(unknown))
                .await,
        )
    }

    async fn cluster(&self, side: Side) -> Far<ClusterSeen> {
        let found = self.far(Op::Cluster, |inner| inner.aws.seen(side)).await;
        self.sight().cluster(side, &found);
        found
    }

    async fn lag(&self, writer: Side) -> Seen<LagSeen> {
        let read = self.call(Op::Lag, |inner| Ok(inner.aws.lag(writer))).await;
        read.unwrap_or_else(|error| Seen::Unknown(error.to_string()))
    }

    async fn promote(&self, verb: &Verb, to: Side) -> Result<Promoted, PortError> {
        let sight = self.sight().clone();
        self.call(Op::Promote, |inner| {
            laws::promotion_is_lawful(inner, &sight, verb, to);
            let now = inner.now;
            let answer = inner.aws.promote(verb, to, now);
            if answer == Promoted::Accepted {
                laws::one_promotion(inner);
            }
            Ok(answer)
        })
        .await
    }

    async fn lost_tails(&self, _side: Side) -> Result<Vec<Tail>, PortError> {
        self.call(Op::Tails, |inner| Ok(inner.aws.tails())).await
    }

    async fn keep_tail(&self, _side: Side, tail: &Tail) -> Result<String, PortError> {
        let copy = format!("{}-kept", tail.identifier);
        self.call(Op::KeepTail, |inner| {
            if let Some((_, _, kept)) = &mut inner.aws.tail {
                *kept = Some(copy.clone());
            }
            Ok(copy.clone())
        })
        .await
    }
}

impl Probes for Hand {
    async fn probe(&self, side: Side, endpoint: Option<&str>) -> Probed {
        let asked = self
            .call(Op::Probe, |inner| Ok(inner.probe(side, endpoint)))
            .await;
        let found = asked.unwrap_or_else(|error| Probed::Silent(error.to_string()));
        self.sight().probe(side, &found);
        found
    }

    async fn write(&self, side: Side, _endpoint: &str) -> Option<Result<(), PortError>> {
        if !self.inner().has_credentials {
            return None;
        }
        let wrote = |inner: &mut Inner| {
            if inner.aws.is_seen(side) && inner.aws.takes_writes(side) {
                Ok(())
            } else {
                Err(failure(Op::Write))
            }
        };
        Some(self.call(Op::Write, wrote).await)
    }
}

impl DrAlarms for Hand {
    async fn read(&self) -> Vec<AlarmSeen> {
        let read = self.call(Op::Alarms, |inner| Ok(inner.alarms_now())).await;
        let alarms = read.unwrap_or_default();
        self.sight().alarms(&alarms);
        alarms
    }
}

impl Routes for Hand {
    async fn serve(&self, from: Side) -> Result<(), PortError> {
        self.call(Op::Serve, |inner| {
            inner.served.push((inner.now, from));
            laws::traffic_is_lawful(inner, from);
            Ok(())
        })
        .await
    }

    async fn leads_to(&self) -> Option<Side> {
        let follows = |inner: &mut Inner| Ok(inner.served.last().map(|(_, side)| *side));
        self.call(Op::Endpoint, follows).await.ok().flatten()
    }

    async fn move_records(&self, to: Side) -> Result<String, PortError> {
        self.call(Op::Records, |inner| {
            inner.records = to;
            Ok("moved".to_owned())
        })
        .await
    }

    async fn endpoint_leads_to(&self, _endpoint: &str, cluster_endpoint: &str) -> Option<bool> {
        let told = |inner: &mut Inner| Ok(endpoint(inner.aws.writer) == cluster_endpoint);
        self.call(Op::Endpoint, told).await.ok()
    }
}

impl Application for Hand {
    async fn configure(&self, to: Side, _endpoint: &str) -> Result<(), PortError> {
        self.call(Op::Configure, |inner| {
            inner.configured = Some(to);
            Ok(())
        })
        .await
    }

    async fn refresh(&self) -> Result<String, PortError> {
        self.call(Op::Refresh, |inner| {
            inner.refreshes += 1;
            Ok("started".to_owned())
        })
        .await
    }
}

impl Hooks for Hand {
    async fn ask(&self, call: &HookCall) -> Result<HookAnswer, PortError> {
        self.call(Op::AskHook, |inner| {
            inner.asked.push(call.clone());
            inner.hook.clone().ok_or_else(|| failure(Op::AskHook))
        })
        .await
    }

    async fn tell(&self, call: &HookCall) -> Result<(), PortError> {
        self.call(Op::TellHook, |inner| {
            inner.after.push(call.clone());
            Ok(())
        })
        .await
    }
}

impl MigrationWatch for Hand {
    async fn read(&self) -> Option<Far<MigrationSeen>> {
        self.inner().migration.as_ref()?;
        let unknown = || Far::Unknown("none".to_owned());
        let read = |inner: &mut Inner| inner.migration.clone().unwrap_or_else(unknown);
        Some(self.far(Op::Migration, read).await)
    }

    async fn freeze(&self, _reason: &str) -> Result<(), PortError> {
        self.call(Op::Freeze, |inner| {
            inner.frozen += 1;
            Ok(())
        })
        .await
    }
}

impl Notifier for Hand {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        self.call(Op::Publish, |inner| {
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
        let seconds = i64::try_from(duration.as_secs()).unwrap().max(1);
        let _slept = self
            .call(Op::Sleep, |inner| {
                inner.advance(seconds);
                Ok(())
            })
            .await;
    }
}
