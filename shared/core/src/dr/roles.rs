//! Who is the writer, by what was seen.

use super::observation::{ClusterSeen, FailoverSeen, Far, GlobalSeen, Observation, Probed};
use super::settings::Settings;
use super::side::{ClusterArn, Side};
use super::verb::Verb;
use crate::replication::Seen;

/// The side whose cluster is the writer.
#[must_use]
pub fn writer(seen: &Observation, settings: &Settings) -> Seen<Side> {
    match &seen.global {
        Some(Far::Known(global)) if global.is_gone() => alone_by_its_own_word(seen),
        Some(Far::Known(global)) => match writer_of(global, settings) {
            Some(side) => Seen::Known(side),
            None if stands_alone(seen, settings, global) => Seen::Known(Side::Dr),
            None => Seen::Unknown("no member of the global cluster is the writer now".to_owned()),
        },
        Some(Far::Unreachable(why) | Far::Unknown(why)) => Seen::Unknown(why.clone()),
        None => match &seen.dr {
            Far::Known(cluster) if cluster.replicates_from.is_none() => Seen::Known(Side::Dr),
            Far::Known(_) => Seen::Known(Side::Primary),
            Far::Unreachable(why) | Far::Unknown(why) => Seen::Unknown(why.clone()),
        },
    }
}

fn writer_of(global: &GlobalSeen, settings: &Settings) -> Option<Side> {
    // A cluster that was taken out of the topology is nobody's reader any more, whoever leads what is left of it.
    if !is_member(global, &settings.dr) {
        return None;
    }
    let writer = global.members.iter().find(|member| member.is_writer)?;
    side_of(&writer.arn, settings)
}

/// The DR cluster was detached: it is no member any more, follows nobody, and serves by itself.
fn stands_alone(seen: &Observation, settings: &Settings, global: &GlobalSeen) -> bool {
    !is_member(global, &settings.dr) && follows_nobody(seen)
}

fn follows_nobody(seen: &Observation) -> bool {
    let alone = |cluster: &ClusterSeen| cluster.replicates_from.is_none() && cluster.is_available();
    seen.dr.known().is_some_and(alone)
}

/// Where the region knows of no global cluster, a wrong name in the configuration looks the same as a cluster that was
/// detached: only the database itself can say that it takes writes.
fn alone_by_its_own_word(seen: &Observation) -> Seen<Side> {
    if follows_nobody(seen) && seen.dr_probe == (Probed::Answers { writes: Some(true) }) {
        return Seen::Known(Side::Dr);
    }
    Seen::Unknown("there is no such global cluster".to_owned())
}

/// The same, where it is written down that the DR cluster was detached.
#[must_use]
pub fn writer_once_detached(seen: &Observation, settings: &Settings, detached: bool) -> Seen<Side> {
    if detached && is_gone(seen) && follows_nobody(seen) {
        return Seen::Known(Side::Dr);
    }
    writer(seen, settings)
}

fn is_gone(seen: &Observation) -> bool {
    let global = seen.global.as_ref().and_then(Far::known);
    global.is_some_and(GlobalSeen::is_gone)
}

#[must_use]
pub fn is_member(global: &GlobalSeen, cluster: &ClusterArn) -> bool {
    global.members.iter().any(|member| member.arn == cluster.as_str())
}

#[must_use]
pub fn side_of(arn: &str, settings: &Settings) -> Option<Side> {
    [Side::Primary, Side::Dr]
        .into_iter()
        .find(|side| settings.cluster(*side).as_str() == arn)
}

/// The operation that AWS carries out on the writer now, whoever asked for it.
#[must_use]
pub fn under_way(seen: &Observation) -> Option<&FailoverSeen> {
    seen.global.as_ref()?.known()?.failover.as_ref()
}

/// Whether AWS is moving the writer to this side now.
#[must_use]
pub fn is_moving_to(seen: &Observation, to: Side, settings: &Settings) -> bool {
    if let Some(failover) = under_way(seen) {
        return failover.status != "cancelling"
            && failover.to_arn.as_deref() == Some(settings.cluster(to).as_str());
    }
    seen.global.is_none()
        && seen
            .cluster(to)
            .known()
            .is_some_and(|cluster| cluster.status == "promoting")
}

/// Whether what the operation is for has been reached: by role and status, not by time.
#[must_use]
pub fn is_reached(seen: &Observation, verb: &Verb, to: Side, settings: &Settings) -> bool {
    let Some(cluster) = seen.cluster(to).known() else {
        return false;
    };
    if let Verb::FailoverDbCluster { instance } = verb {
        let writer = cluster.writer().map(|writer| writer.identifier.as_str());
        return writer == Some(instance.as_str()) && cluster.is_available();
    }
    let detached = *verb == Verb::RemoveFromGlobalCluster;
    writer_once_detached(seen, settings, detached) == Seen::Known(to)
        && under_way(seen).is_none()
        && cluster.is_available()
}
