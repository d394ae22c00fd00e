//! Whether a cluster can be the writer.

use super::observation::{ClusterSeen, Far, Observation};
use super::side::Side;
use super::verb::Intent;
use crate::blocker::{Blocker, Code};

/// What speaks against it. A promoted cluster without an instance cannot serve (RDS-EVENT-0519), whoever wanted it.
#[must_use]
pub fn unfit(intent: Intent, target: Side, seen: &Observation) -> Vec<Blocker> {
    let cluster = match seen.cluster(target) {
        Far::Known(cluster) => cluster,
        Far::Unreachable(why) | Far::Unknown(why) => {
            let message = format!("the {target} cluster cannot be read: {why}");
            return vec![Blocker::new(Code::ClusterNotAvailable, message)];
        }
    };
    let mut blockers = Vec::new();
    if cluster.instances.is_empty() {
        let message = format!(
            "the {target} cluster has no instance, so it could not serve: create one with aws rds create-db-instance \
             --db-cluster-identifier {}",
            identifier(cluster)
        );
        blockers.push(Blocker::new(Code::NoInstances, message));
    } else if !cluster.has_available_instance() && intent != Intent::ByHand {
        let message = format!(
            "none of the {target} cluster's instances is available: {}",
            statuses(cluster)
        );
        blockers.push(Blocker::new(Code::ClusterNotAvailable, message));
    }
    if !cluster.is_available() && intent != Intent::ByHand {
        let message = format!("the {target} cluster is {}, not available", cluster.status);
        blockers.push(Blocker::new(Code::ClusterNotAvailable, message));
    }
    blockers
}

/// What stops nothing, but changes how it serves: settings are not inherited.
#[must_use]
pub fn warnings(target: Side, seen: &Observation) -> Vec<String> {
    let (Some(ours), Some(theirs)) = (seen.cluster(target).known(), seen.cluster(target.other()).known())
    else {
        return Vec::new();
    };
    let mut warnings = Vec::new();
    if ours.parameter_group != theirs.parameter_group {
        let name = |cluster: &ClusterSeen| {
            cluster
                .parameter_group
                .clone()
                .unwrap_or_else(|| "none".to_owned())
        };
        warnings.push(format!(
            "the {target} cluster has the parameter group {}, the other {}: a promotion does not carry settings over",
            name(ours),
            name(theirs)
        ));
    }
    if ours.instances.len() < theirs.instances.len() {
        warnings.push(format!(
            "the {target} cluster has {} instances, the other {}",
            ours.instances.len(),
            theirs.instances.len()
        ));
    }
    warnings
}

fn statuses(cluster: &ClusterSeen) -> String {
    let each = cluster.instances.iter();
    let named: Vec<String> = each
        .map(|instance| format!("{} is {}", instance.identifier, instance.status))
        .collect();
    named.join(", ")
}

fn identifier(cluster: &ClusterSeen) -> &str {
    cluster.arn.rsplit(':').next().unwrap_or_default()
}
