//! Operations that change nothing.

use std::collections::HashMap;

use winterbaume_core::MockResponse;
use winterbaume_rds::model::{
    DescribeDBClusterSnapshotsMessage, DescribeDBClustersMessage, DescribeDBInstancesMessage,
    DescribeEventsMessage, DescribeGlobalClustersMessage,
};
use winterbaume_rds::wire::{
    deserialize_describe_d_b_cluster_snapshots_request, deserialize_describe_d_b_clusters_request,
    deserialize_describe_d_b_instances_request, deserialize_describe_events_request,
    deserialize_describe_global_clusters_request, serialize_describe_d_b_cluster_snapshots_response,
    serialize_describe_d_b_clusters_response, serialize_describe_d_b_instances_response,
    serialize_describe_events_response, serialize_describe_global_clusters_response,
};

use super::about;
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::rds::Rds;

#[derive(Debug)]
pub(crate) enum Look {
    Clusters(DescribeDBClustersMessage),
    Instances(DescribeDBInstancesMessage),
    Globals(DescribeGlobalClustersMessage),
    Snapshots(DescribeDBClusterSnapshotsMessage),
    Events(DescribeEventsMessage),
}

impl Look {
    pub(super) fn decode(operation: &str, form: &HashMap<String, String>) -> Option<Result<Self, String>> {
        Some(match operation {
            "DescribeDBClusters" => deserialize_describe_d_b_clusters_request(form).map(Self::Clusters),
            "DescribeDBInstances" => deserialize_describe_d_b_instances_request(form).map(Self::Instances),
            "DescribeGlobalClusters" => deserialize_describe_global_clusters_request(form).map(Self::Globals),
            "DescribeDBClusterSnapshots" => {
                deserialize_describe_d_b_cluster_snapshots_request(form).map(Self::Snapshots)
            }
            "DescribeEvents" => deserialize_describe_events_request(form).map(Self::Events),
            _ => return None,
        })
    }

    pub(super) fn brief(&self) -> Brief {
        match self {
            Self::Clusters(input) => about(input.d_b_cluster_identifier.as_deref()),
            Self::Instances(input) => about(input.d_b_instance_identifier.as_deref()),
            Self::Globals(input) => about(input.global_cluster_identifier.as_deref()),
            Self::Snapshots(input) => about(input.d_b_cluster_snapshot_identifier.as_deref()),
            Self::Events(_) => Brief::default(),
        }
    }
}

impl Rds {
    pub(super) fn show(&self, region: &str, look: &Look) -> Result<MockResponse, AwsError> {
        Ok(match look {
            Look::Clusters(input) => {
                serialize_describe_d_b_clusters_response(&self.describe_clusters(region, input)?)
            }
            Look::Instances(input) => {
                serialize_describe_d_b_instances_response(&self.describe_instances(region, input)?)
            }
            Look::Globals(input) => {
                serialize_describe_global_clusters_response(&self.describe_globals(region, input)?)
            }
            Look::Snapshots(input) => {
                serialize_describe_d_b_cluster_snapshots_response(&self.describe_snapshots(region, input)?)
            }
            Look::Events(input) => serialize_describe_events_response(&self.describe_events(region, input)?),
        })
    }
}
