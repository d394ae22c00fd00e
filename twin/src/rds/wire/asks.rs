//! What RDS asks of IAM, as the service authorization reference lists it.

use super::Request;
use super::changes::Change;
use super::looks::Look;
use crate::iam::Ask;
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        match self {
            Self::Look(look) => look.asks(place),
            Self::Change(change) => change.asks(place),
        }
    }
}

impl Request {
    /// The identifier or ARN of the snapshot that it copies, if it does.
    pub(crate) fn copied_snapshot(&self) -> Option<&str> {
        match self {
            Self::Change(Change::CopySnapshot(input)) => Some(&input.source_d_b_cluster_snapshot_identifier),
            Self::Change(_) | Self::Look(_) => None,
        }
    }
}

impl Look {
    /// Asked for by a filter, or not at all, it is about all that there are.
    fn asks(&self, place: &Place) -> Vec<Ask> {
        let of = |operation: &str, kind: &str, name: Option<&str>| {
            Ask::new(format!("rds:{operation}"), arn(place, kind, name.unwrap_or("*")))
        };
        match self {
            Self::Clusters(input) => {
                let name = input.d_b_cluster_identifier.as_deref();
                vec![of("DescribeDBClusters", "cluster", name)]
            }
            Self::Instances(input) => {
                let name = input.d_b_instance_identifier.as_deref();
                vec![of("DescribeDBInstances", "db", name)]
            }
            Self::Globals(input) => {
                let name = input.global_cluster_identifier.as_deref();
                vec![of("DescribeGlobalClusters", "global-cluster", name)]
            }
            Self::Snapshots(input) => {
                let snapshot = input.d_b_cluster_snapshot_identifier.as_deref();
                let cluster = input.d_b_cluster_identifier.as_deref();
                vec![
                    of("DescribeDBClusterSnapshots", "cluster-snapshot", snapshot),
                    of("DescribeDBClusterSnapshots", "cluster", cluster),
                ]
            }
            Self::Events(_) => vec![Ask::anywhere("rds:DescribeEvents")],
        }
    }
}

impl Change {
    fn asks(&self, place: &Place) -> Vec<Ask> {
        let of = |operation: &str, kind: &str, name: &str| {
            Ask::new(format!("rds:{operation}"), arn(place, kind, name))
        };
        // The global cluster, and the member that it is about.
        let both = |operation: &str, global: &str, member: &str| {
            vec![
                of(operation, "global-cluster", global),
                of(operation, "cluster", member),
            ]
        };
        match self {
            Self::SwitchOverGlobal(input) => both(
                "SwitchoverGlobalCluster",
                &input.global_cluster_identifier,
                &input.target_db_cluster_identifier,
            ),
            Self::FailOverGlobal(input) => both(
                "FailoverGlobalCluster",
                &input.global_cluster_identifier,
                &input.target_db_cluster_identifier,
            ),
            Self::RemoveFromGlobal(input) => both(
                "RemoveFromGlobalCluster",
                &input.global_cluster_identifier,
                &input.db_cluster_identifier,
            ),
            Self::PromoteReplica(input) => {
                vec![of(
                    "PromoteReadReplicaDBCluster",
                    "cluster",
                    &input.d_b_cluster_identifier,
                )]
            }
            Self::FailOverCluster(input) => {
                vec![of("FailoverDBCluster", "cluster", &input.d_b_cluster_identifier)]
            }
            Self::CopySnapshot(input) => {
                let target = &input.target_d_b_cluster_snapshot_identifier;
                vec![
                    of(
                        "CopyDBClusterSnapshot",
                        "cluster-snapshot",
                        &input.source_d_b_cluster_snapshot_identifier,
                    ),
                    of("CopyDBClusterSnapshot", "cluster-snapshot", target),
                    // The reference names it as an action that the copy depends on.
                    of("AddTagsToResource", "cluster-snapshot", target),
                ]
            }
            Self::CreateGlobal(input) => {
                vec![of(
                    "CreateGlobalCluster",
                    "global-cluster",
                    &input.global_cluster_identifier,
                )]
            }
            Self::CreateCluster(input) => {
                vec![of("CreateDBCluster", "cluster", &input.d_b_cluster_identifier)]
            }
            Self::CreateInstance(input) => vec![of("CreateDBInstance", "db", &input.d_b_instance_identifier)],
        }
    }
}

/// The ARN of something of RDS by its identifier, which may be an ARN already.
fn arn(place: &Place, kind: &str, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    if kind == "global-cluster" {
        // It belongs to no region.
        return format!("arn:aws:rds::{}:{kind}:{name}", place.account);
    }
    place.arn("rds", &format!("{kind}:{name}"))
}
