//! Two regions with a cluster each, second by second: who takes writes, how far the other has come, what AWS does with
//! an operation.

use cutover_core::dr::ports::Promoted;
use cutover_core::dr::side::Side;
use cutover_core::dr::verb::Verb;
use jiff::{SignedDuration, Timestamp};

use super::{DR, PRIMARY};

#[derive(Debug, Clone, Hash)]
pub struct Cluster {
    pub status: String,
    pub version: String,
    pub instances: Vec<InstanceModel>,
    pub is_member: bool,
    pub follows: bool,
    pub writable: bool,
    /// Seconds of writes that it has.
    pub position: i64,
}

#[derive(Debug, Clone, Hash)]
pub struct InstanceModel {
    pub identifier: String,
    pub is_writer: bool,
    pub status: String,
}

/// An operation that AWS carries out.
#[derive(Debug, Clone, Hash)]
pub struct Moving {
    pub to: Side,
    pub forced: bool,
    pub ends: Timestamp,
}

/// How the primary's region stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Region {
    Well,
    /// Nothing in it works.
    Dark,
    /// It works and takes writes, and we do not see it.
    CutOff,
}

#[derive(Debug, Clone, Hash)]
pub struct Aws {
    pub has_global: bool,
    pub primary: Cluster,
    pub dr: Cluster,
    pub writer: Side,
    pub moving: Option<Moving>,
    pub region: Region,
    /// The other way round: our own region is well, and the old writer cannot be fenced.
    pub fences: bool,
    pub lag_seconds: i64,
    /// Newest reading of the lag: its milliseconds, and when.
    pub reading: Option<(u64, Timestamp)>,
    pub promotion_seconds: i64,
    /// What it says to every operation.
    pub refuses: Option<String>,
    /// A managed move begins, and is given up after this.
    pub gives_up: bool,
    /// Every operation that was accepted.
    pub accepted: Vec<(String, Side)>,
    /// Seconds of writes that a forced move left behind.
    pub lost: Option<i64>,
    pub tail: Option<(String, Timestamp, Option<String>)>,
}

fn cluster(name: &str, writable: bool) -> Cluster {
    Cluster {
        status: "available".to_owned(),
        version: "16.4".to_owned(),
        instances: [1, 2]
            .map(|number| InstanceModel {
                identifier: format!("{name}-{number}"),
                is_writer: number == 1,
                status: "available".to_owned(),
            })
            .to_vec(),
        is_member: true,
        follows: !writable,
        writable,
        position: 1_000,
    }
}

impl Aws {
    pub fn new(now: Timestamp) -> Self {
        Self {
            has_global: true,
            primary: cluster("orders-primary", true),
            dr: cluster("orders-dr", false),
            writer: Side::Primary,
            moving: None,
            region: Region::Well,
            fences: true,
            lag_seconds: 0,
            reading: Some((0, now)),
            promotion_seconds: 20,
            refuses: None,
            gives_up: false,
            accepted: Vec::new(),
            lost: None,
            tail: None,
        }
    }

    pub fn cluster(&self, side: Side) -> &Cluster {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }

    pub fn cluster_mut(&mut self, side: Side) -> &mut Cluster {
        match side {
            Side::Primary => &mut self.primary,
            Side::Dr => &mut self.dr,
        }
    }

    /// Its clients reach it, and it takes what they write.
    pub fn takes_writes(&self, side: Side) -> bool {
        self.cluster(side).writable && !(side == Side::Primary && self.region == Region::Dark)
    }

    pub fn is_seen(&self, side: Side) -> bool {
        side == Side::Dr || self.region == Region::Well
    }

    pub fn advance(&mut self, from: Timestamp, seconds: i64) {
        for second in 1..=seconds {
            let now = from + SignedDuration::from_secs(second);
            for side in [Side::Primary, Side::Dr] {
                if self.takes_writes(side) {
                    self.cluster_mut(side).position += 1;
                }
            }
            let (writer, other) = (self.writer, self.writer.other());
            if self.region == Region::Well && self.cluster(other).follows && self.takes_writes(writer) {
                let arrived = self.cluster(writer).position - self.lag_seconds;
                let there = self.cluster(other).position;
                self.cluster_mut(other).position = there.max(arrived);
                if now.as_second() % 60 == 0 {
                    self.reading = Some((u64::try_from(self.lag_seconds).unwrap() * 1_000, now));
                }
            }
            if self.moving.as_ref().is_some_and(|moving| moving.ends <= now) {
                self.arrive(now);
            }
            self.rejoin();
        }
    }

    /// The end of an operation.
    fn arrive(&mut self, now: Timestamp) {
        let moving = self.moving.take().unwrap();
        if self.gives_up {
            return;
        }
        let (to, old) = (moving.to, moving.to.other());
        let behind = self.cluster(old).position - self.cluster(to).position;
        if moving.forced {
            self.lost = Some(behind);
            if behind > 0 {
                self.tail = Some(("orders-lost-tail".to_owned(), now, None));
            }
        } else {
            let level = self.cluster(old).position;
            self.cluster_mut(to).position = level;
        }
        self.writer = to;
        let new = self.cluster_mut(to);
        new.writable = true;
        new.follows = false;
        let reaches_the_old = self.region == Region::Well && self.fences;
        if !moving.forced || reaches_the_old {
            self.cluster_mut(old).writable = false;
        }
    }

    /// A member that lost the role and is reached again is made a copy.
    fn rejoin(&mut self) {
        let (writer, old) = (self.writer, self.writer.other());
        let (is_member, well) = (self.cluster(old).is_member, self.region == Region::Well);
        if self.moving.is_none() && is_member && well && self.cluster(writer).is_member && self.has_global {
            let to = self.cluster(writer).position;
            let old = self.cluster_mut(old);
            if !old.follows {
                (old.writable, old.follows, old.position) = (false, true, to);
            }
        }
    }

    /// What AWS says to an operation, in the region where it is called.
    pub fn promote(&mut self, verb: &Verb, to: Side, now: Timestamp) -> Promoted {
        let at = verb.called_at(to);
        if at == Side::Primary && self.region != Region::Well {
            return Promoted::Refused("the region does not answer".to_owned());
        }
        if let Some(words) = &self.refuses {
            let managed = *verb != Verb::RemoveFromGlobalCluster;
            if managed {
                return Promoted::Refused(words.clone());
            }
        }
        if self.moving.is_some() {
            return Promoted::UnderWay("InvalidGlobalClusterStateFault: in progress".to_owned());
        }
        match verb {
            Verb::FailoverDbCluster { instance } => {
                for one in &mut self.cluster_mut(to).instances {
                    one.is_writer = one.identifier == instance.as_str();
                }
            }
            Verb::SwitchoverGlobalCluster | Verb::FailoverGlobalCluster => {
                if self.writer == to || !self.cluster(to).is_member {
                    return Promoted::Refused("it is the writer, or no member".to_owned());
                }
                self.begin(to, *verb == Verb::FailoverGlobalCluster, now);
            }
            Verb::RemoveFromGlobalCluster => {
                self.lost = Some(self.cluster(to.other()).position - self.cluster(to).position);
                let detached = self.cluster_mut(to);
                (detached.is_member, detached.follows, detached.writable) = (false, false, true);
                // Whoever looks for the writer is meant to be led there.
                self.writer = to;
            }
            Verb::PromoteReadReplicaDbCluster => {
                if !self.cluster(to).follows {
                    return Promoted::Refused("not a read replica".to_owned());
                }
                self.begin(to, true, now);
            }
        }
        self.accepted.push((verb.name().to_owned(), to));
        Promoted::Accepted
    }

    fn begin(&mut self, to: Side, forced: bool, now: Timestamp) {
        let ends = now + SignedDuration::from_secs(self.promotion_seconds);
        self.moving = Some(Moving { to, forced, ends });
        if !forced {
            // A switchover takes no more writes until it is through.
            self.cluster_mut(to.other()).writable = false;
        }
    }
}

pub fn arn(side: Side) -> &'static str {
    match side {
        Side::Primary => PRIMARY,
        Side::Dr => DR,
    }
}

pub fn endpoint(side: Side) -> String {
    format!("{side}.example.com")
}
