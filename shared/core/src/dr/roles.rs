//! Who is the writer, by what was seen.

use super::observation::{FailoverSeen, Far, GlobalSeen, Observation};
use super::settings::Settings;
use super::side::{ClusterArn, Side};
use super::verb::Verb;
use crate::replication::Seen;

/// The side whose cluster is the writer.
#[must_use]
pub fn writer(seen: &Observation, settings: &Settings) -> Seen<Side> {
    match &seen.global {
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
    let follows_nobody = |cluster: &super::observation::ClusterSeen| {
        cluster.replicates_from.is_none() && cluster.is_available()
    };
    !is_member(global, &settings.dr) && seen.dr.known().is_some_and(follows_nobody)
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
    writer(seen, settings) == Seen::Known(to) && under_way(seen).is_none() && cluster.is_available()
}
