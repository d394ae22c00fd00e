//! Which AWS operation moves the writer: the one choice that most tools get wrong.

use serde::{Deserialize, Serialize};

use super::observation::{ClusterSeen, Far, GlobalSeen, Observation};
use super::side::Side;
use crate::blocker::{Blocker, Code};
use crate::text::Text;

/// Bytes of a DB instance's identifier; AWS allows 63.
const INSTANCE_BYTES: usize = 63;

/// One operation, and where it must be called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Verb {
    /// Planned, loses nothing. In the present writer's region.
    SwitchoverGlobalCluster,
    /// Forced, with `AllowDataLoss`: without it, AWS takes it for a switchover. In the target's region.
    FailoverGlobalCluster,
    /// Detaches the target, which becomes a cluster of its own; the topology is gone. In the target's region.
    RemoveFromGlobalCluster,
    /// A cross-region read replica becomes a cluster of its own. In the target's region.
    PromoteReadReplicaDbCluster,
    /// Another instance of the writer's own cluster becomes its writer. In that cluster's region.
    FailoverDbCluster { instance: Text<INSTANCE_BYTES> },
}

impl Verb {
    /// As AWS names the operation.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::SwitchoverGlobalCluster => "SwitchoverGlobalCluster",
            Self::FailoverGlobalCluster => "FailoverGlobalCluster",
            Self::RemoveFromGlobalCluster => "RemoveFromGlobalCluster",
            Self::PromoteReadReplicaDbCluster => "PromoteReadReplicaDBCluster",
            Self::FailoverDbCluster { .. } => "FailoverDBCluster",
        }
    }

    /// The region, by the cluster that is there, in which the operation must be called.
    #[must_use]
    pub fn called_at(&self, target: Side) -> Side {
        match self {
            Self::SwitchoverGlobalCluster => target.other(),
            Self::FailoverGlobalCluster | Self::RemoveFromGlobalCluster => target,
            Self::PromoteReadReplicaDbCluster | Self::FailoverDbCluster { .. } => target,
        }
    }

    /// Acknowledged writes may be lost by it.
    #[must_use]
    pub fn may_lose_writes(&self) -> bool {
        match self {
            Self::FailoverGlobalCluster | Self::RemoveFromGlobalCluster => true,
            Self::PromoteReadReplicaDbCluster => true,
            Self::SwitchoverGlobalCluster | Self::FailoverDbCluster { .. } => false,
        }
    }

    /// The way back is a switchover, not a new topology.
    #[must_use]
    pub fn keeps_topology(&self) -> bool {
        match self {
            Self::SwitchoverGlobalCluster | Self::FailoverGlobalCluster => true,
            Self::FailoverDbCluster { .. } => true,
            Self::RemoveFromGlobalCluster | Self::PromoteReadReplicaDbCluster => false,
        }
    }
}

/// What is meant to happen to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// Loses nothing, needs both sides.
    Planned,
    /// By itself: nothing that cannot be mended may follow.
    Automatic,
    /// A person has accepted the loss.
    ByHand,
}

/// The operation that makes `target` the writer.
///
/// | topology | versions | planned | automatic | by hand |
/// |---|---|---|---|---|
/// | global cluster, both members | same | `SwitchoverGlobalCluster` at the writer | `FailoverGlobalCluster` at the target | the same |
/// | global cluster, both members | differ | `version-drift` | `version-drift` | `RemoveFromGlobalCluster` at the target |
/// | global cluster, target no member | any | `not-replicating` | `not-replicating` | `not-replicating` |
/// | read replica | any | `switchover-unsupported` | `PromoteReadReplicaDBCluster` at the replica | the same |
/// | neither | any | `not-replicating` | `not-replicating` | `not-replicating` |
///
/// Versions that cannot be compared, because the other side does not answer, do not stop a forced failover: AWS judges
/// them itself, and refuses. Whether the writer is elsewhere already is not asked here.
pub fn choose(intent: Intent, target: Side, seen: &Observation) -> Result<Verb, Blocker> {
    match &seen.global {
        Some(global) => choose_global(intent, target, global, seen),
        None => choose_replica(intent, target, seen),
    }
}

fn choose_global(
    intent: Intent,
    target: Side,
    global: &Far<GlobalSeen>,
    seen: &Observation,
) -> Result<Verb, Blocker> {
    let global = match global {
        Far::Known(global) => global,
        Far::Unreachable(why) | Far::Unknown(why) => {
            let message = format!("the global cluster cannot be read: {why}");
            return Err(Blocker::new(Code::NotReplicating, message));
        }
    };
    let is_member = |cluster: &Far<ClusterSeen>| {
        let arn = cluster.known().map(|cluster| cluster.arn.as_str());
        arn.is_some_and(|arn| global.members.iter().any(|member| member.arn == arn))
    };
    if !is_member(seen.cluster(target)) {
        let message = format!("the {target} cluster is no member of the global cluster, so it is no copy");
        return Err(Blocker::new(Code::NotReplicating, message));
    }
    match (intent, drift(seen)) {
        (Intent::Planned, None) => Ok(Verb::SwitchoverGlobalCluster),
        (Intent::Automatic | Intent::ByHand, None) => Ok(Verb::FailoverGlobalCluster),
        (Intent::ByHand, Some(_)) => Ok(Verb::RemoveFromGlobalCluster),
        (Intent::Planned | Intent::Automatic, Some(message)) => {
            Err(Blocker::new(Code::VersionDrift, message))
        }
    }
}

fn choose_replica(intent: Intent, target: Side, seen: &Observation) -> Result<Verb, Blocker> {
    let Some(cluster) = seen.cluster(target).known() else {
        let why = seen.cluster(target).why_not().unwrap_or_default();
        let message = format!("the {target} cluster cannot be read: {why}");
        return Err(Blocker::new(Code::NotReplicating, message));
    };
    if cluster.replicates_from.is_none() {
        let message = format!("the {target} cluster replicates from nothing, so it is no copy");
        return Err(Blocker::new(Code::NotReplicating, message));
    }
    match intent {
        Intent::Planned => Err(Blocker::new(
            Code::SwitchoverUnsupported,
            "a cross-region read replica can be promoted, but not switched over and back: that needs a global cluster",
        )),
        Intent::Automatic | Intent::ByHand => Ok(Verb::PromoteReadReplicaDbCluster),
    }
}

/// Why the managed operations would be refused, as far as both versions are known: they must agree in their first two
/// numbers.
#[must_use]
pub fn drift(seen: &Observation) -> Option<String> {
    let primary = seen.primary.known()?.engine_version.as_str();
    let dr = seen.dr.known()?.engine_version.as_str();
    let release =
        |version: &'_ str| -> Vec<String> { version.split('.').take(2).map(str::to_owned).collect() };
    (release(primary) != release(dr))
        .then(|| format!("the primary cluster runs {primary}, the DR cluster {dr}: AWS moves the writer between equal versions only"))
}
