//! The errors of RDS.

use super::cluster::Cluster;
use crate::error::AwsError;

const NOT_FOUND: u16 = 404;

pub(super) fn no_such_cluster(name: &str) -> AwsError {
    AwsError::new(
        NOT_FOUND,
        "DBClusterNotFoundFault",
        format!("DBCluster {name} not found."),
    )
}

pub(super) fn no_such_global(name: &str) -> AwsError {
    AwsError::new(
        NOT_FOUND,
        "GlobalClusterNotFoundFault",
        format!("Global cluster {name} not found."),
    )
}

pub(super) fn no_such_instance(name: &str) -> AwsError {
    AwsError::new(
        NOT_FOUND,
        "DBInstanceNotFound",
        format!("DBInstance {name} not found."),
    )
}

pub(super) fn no_such_snapshot(name: &str) -> AwsError {
    AwsError::new(
        NOT_FOUND,
        "DBClusterSnapshotNotFoundFault",
        format!("DBClusterSnapshot not found: {name}"),
    )
}

pub(super) fn invalid_cluster(reason: impl Into<String>) -> AwsError {
    AwsError::refused("InvalidDBClusterStateFault", reason)
}

pub(super) fn invalid_global(reason: impl Into<String>) -> AwsError {
    AwsError::refused("InvalidGlobalClusterStateFault", reason)
}

pub(super) fn not_available(cluster: &Cluster) -> AwsError {
    invalid_cluster(format!(
        "Cluster {} is not in available status: it is {}.",
        cluster.identifier, cluster.status
    ))
}

pub(super) fn invalid_value(reason: impl Into<String>) -> AwsError {
    AwsError::refused("InvalidParameterValue", reason)
}

pub(super) fn exists(code: &str, name: &str) -> AwsError {
    AwsError::refused(code, format!("{name} already exists."))
}
