//! RDS: Aurora clusters and global databases of one account in all its regions, with what becomes of the
//! writes that they accept.

mod aftermath;
mod checks;
mod cluster;
mod creating;
mod describing;
mod durations;
mod encoding;
mod failover;
mod following;
mod founding;
mod global;
mod in_cluster;
mod keys;
mod lag;
mod paging;
mod probing;
mod promotion;
mod refusals;
mod seeds;
mod settling;
mod snapshots;
mod switchover;
mod telling;
mod wire;
mod writes;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::identifiers::Identifiers;
use crate::place::Place;
use cluster::Cluster;
use global::GlobalCluster;
use snapshots::Snapshot;
use telling::News;

pub use cluster::{ClusterStatus, UnknownStatus};
pub use durations::{Durations, Fencing, Span};
pub use probing::{Probed, SeenLag};
pub use seeds::{GlobalSpec, MemberSpec, ReplicaSpec};
pub(crate) use wire::Request;
pub use writes::{LostWrite, WriteReceipt, WriteRefused};

/// Keeps the dice of RDS apart from other services' identifiers, which do not change with them.
const SEED_OF_RDS: u64 = 0xA020_24A0_2024_A020;
/// How far secondaries are behind unless told otherwise.
const LAG: Duration = Duration::from_millis(300);

/// RDS of one account. Its regions share one world, because global databases do; a request says which
/// region it came to.
#[derive(Debug)]
pub struct Rds {
    place: Place,
    dice: Identifiers,
    /// By ARN.
    clusters: BTreeMap<String, Cluster>,
    /// By identifier.
    globals: BTreeMap<String, GlobalCluster>,
    /// The keys of the account by the ARNs of the clusters that are encrypted with them.
    keys: BTreeMap<String, String>,
    snapshots: Vec<Snapshot>,
    /// Every write that was ever accepted, in order.
    writes: Vec<WriteReceipt>,
    lost: Vec<LostWrite>,
    /// What is to be told yet.
    news: Vec<News>,
    /// What was told.
    told: Vec<News>,
    /// The part of endpoints' names that is the account's in a region.
    zones: BTreeMap<String, String>,
    durations: Durations,
    fencing: Fencing,
    lag: Duration,
    /// Whether somebody wakes up when the next thing is due, and how to tell them of an earlier one.
    followed: bool,
    changed: Arc<Notify>,
}

impl Rds {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            dice: Identifiers::seeded(place.seed ^ SEED_OF_RDS),
            place,
            clusters: BTreeMap::new(),
            globals: BTreeMap::new(),
            keys: BTreeMap::new(),
            snapshots: Vec::new(),
            writes: Vec::new(),
            lost: Vec::new(),
            news: Vec::new(),
            told: Vec::new(),
            zones: BTreeMap::new(),
            durations: Durations::default(),
            fencing: Fencing::Succeeds,
            lag: LAG,
            followed: false,
            changed: Arc::default(),
        }
    }

    fn arn(&self, region: &str, kind: &str, identifier: &str) -> String {
        format!("arn:aws:rds:{region}:{}:{kind}:{identifier}", self.place.account)
    }

    /// The cluster of this ARN or identifier. Identifiers are unique within a global database only, so
    /// that an ARN is what tells for certain.
    fn arn_of(&self, name: &str) -> Option<String> {
        if self.clusters.contains_key(name) {
            return Some(name.to_owned());
        }
        let known = self.clusters.values().find(|cluster| cluster.identifier == name);
        known.map(|cluster| cluster.arn.clone())
    }

    fn cluster(&self, name: &str) -> Option<&Cluster> {
        self.clusters.get(&self.arn_of(name)?)
    }

    fn cluster_mut(&mut self, name: &str) -> Option<&mut Cluster> {
        let arn = self.arn_of(name)?;
        self.clusters.get_mut(&arn)
    }

    fn global_of(&self, cluster: &Cluster) -> Option<&GlobalCluster> {
        self.globals.get(cluster.global.as_ref()?)
    }
}
