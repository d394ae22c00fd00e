//! What was so, second by second, read from the twin: who is the writer, who is led the traffic, whose writes are taken.

use jiff::Timestamp;
use twin::rds::WriteReceipt;

use super::stage::{DR_CLUSTER, Stage, identifier};

/// Resolvers keep an answer for so many seconds: the TTL of the record.
const ANSWER_SECONDS: i64 = 30;

/// Who looks once a second, and writes as clients do.
#[derive(Debug, Default)]
pub(super) struct Watch {
    /// The writer whenever it changed, the first one included.
    pub writers: Vec<(Timestamp, String)>,
    /// The cluster that resolvers are led to whenever it changed.
    pub led: Vec<(Timestamp, Option<String>)>,
    /// The first write that the DR cluster took from a client who asked a resolver just then.
    pub first_at_dr: Option<Timestamp>,
    /// Seconds in which clients of different clusters were both taken.
    pub split: Vec<Timestamp>,
    /// Writes that were taken.
    pub taken: u64,
    /// What a client got who does not ask again before the answer is old.
    kept: Option<(Timestamp, Option<String>)>,
}

impl Watch {
    pub(super) fn second(&mut self, stage: &Stage) {
        let now = stage.now();
        let writer = stage.writer();
        if self.writers.last().is_none_or(|(_, known)| *known != writer) {
            self.writers.push((now, writer));
        }
        let led = stage.led_to();
        if self.led.last().is_none_or(|(_, known)| *known != led) {
            self.led.push((now, led.clone()));
        }
        let fresh = write(stage, led.as_deref());
        if self.first_at_dr.is_none() && by(fresh.as_ref()) == Some(DR_CLUSTER) {
            self.first_at_dr = Some(now);
        }
        let is_old = |at: &Timestamp| now.duration_since(*at).as_secs() >= ANSWER_SECONDS;
        if self.kept.as_ref().is_none_or(|(at, _)| is_old(at)) {
            self.kept = Some((now, led.clone()));
        }
        let kept = self.kept.as_ref().and_then(|(_, kept)| kept.clone());
        // Only where it differs: the same write twice says nothing.
        let late = if kept == led {
            None
        } else {
            write(stage, kept.as_deref())
        };
        self.taken += u64::from(fresh.is_some()) + u64::from(late.is_some());
        if let (Some(one), Some(other)) = (by(fresh.as_ref()), by(late.as_ref()))
            && one != other
        {
            self.split.push(now);
        }
    }

    /// Times that the DR cluster became the writer.
    pub(super) fn times_promoted(&self) -> usize {
        let changes = self.writers.iter().skip(1);
        changes.filter(|(_, writer)| writer == DR_CLUSTER).count()
    }
}

fn write(stage: &Stage, cluster: Option<&str>) -> Option<WriteReceipt> {
    let cluster = cluster?;
    stage.twin.rds(|rds| rds.write(cluster)).ok()
}

fn by(receipt: Option<&WriteReceipt>) -> Option<&str> {
    receipt.map(|receipt| identifier(&receipt.cluster_arn))
}
