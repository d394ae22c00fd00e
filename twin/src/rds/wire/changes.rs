//! Operations that change something.

use std::collections::HashMap;

use serde_json::json;
use winterbaume_core::MockResponse;
use winterbaume_rds::model::{
    CopyDBClusterSnapshotMessage, CopyDBClusterSnapshotResult, CreateDBClusterMessage, CreateDBClusterResult,
    CreateDBInstanceMessage, CreateDBInstanceResult, CreateGlobalClusterMessage, CreateGlobalClusterResult,
    DBCluster, DBInstance, FailoverDBClusterMessage, FailoverDBClusterResult, FailoverGlobalClusterMessage,
    FailoverGlobalClusterResult, GlobalCluster, PromoteReadReplicaDBClusterMessage,
    PromoteReadReplicaDBClusterResult, RemoveFromGlobalClusterMessage, RemoveFromGlobalClusterResult,
    SwitchoverGlobalClusterMessage, SwitchoverGlobalClusterResult,
};
use winterbaume_rds::wire::{
    deserialize_copy_d_b_cluster_snapshot_request, deserialize_create_d_b_cluster_request,
    deserialize_create_d_b_instance_request, deserialize_create_global_cluster_request,
    deserialize_failover_d_b_cluster_request, deserialize_failover_global_cluster_request,
    deserialize_promote_read_replica_d_b_cluster_request, deserialize_remove_from_global_cluster_request,
    deserialize_switchover_global_cluster_request, serialize_copy_d_b_cluster_snapshot_response,
    serialize_create_d_b_cluster_response, serialize_create_d_b_instance_response,
    serialize_create_global_cluster_response, serialize_failover_d_b_cluster_response,
    serialize_failover_global_cluster_response, serialize_promote_read_replica_d_b_cluster_response,
    serialize_remove_from_global_cluster_response, serialize_switchover_global_cluster_response,
};

use super::about;
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::rds::{Rds, encoding};

#[derive(Debug)]
pub(crate) enum Change {
    SwitchOverGlobal(SwitchoverGlobalClusterMessage),
    FailOverGlobal(FailoverGlobalClusterMessage),
    RemoveFromGlobal(RemoveFromGlobalClusterMessage),
    PromoteReplica(PromoteReadReplicaDBClusterMessage),
    FailOverCluster(FailoverDBClusterMessage),
    CopySnapshot(CopyDBClusterSnapshotMessage),
    CreateGlobal(CreateGlobalClusterMessage),
    CreateCluster(Box<CreateDBClusterMessage>),
    CreateInstance(Box<CreateDBInstanceMessage>),
}

impl Change {
    pub(super) fn decode(operation: &str, form: &HashMap<String, String>) -> Option<Result<Self, String>> {
        Some(match operation {
            "SwitchoverGlobalCluster" => {
                deserialize_switchover_global_cluster_request(form).map(Self::SwitchOverGlobal)
            }
            "FailoverGlobalCluster" => {
                deserialize_failover_global_cluster_request(form).map(Self::FailOverGlobal)
            }
            "RemoveFromGlobalCluster" => {
                deserialize_remove_from_global_cluster_request(form).map(Self::RemoveFromGlobal)
            }
            "PromoteReadReplicaDBCluster" => {
                deserialize_promote_read_replica_d_b_cluster_request(form).map(Self::PromoteReplica)
            }
            "FailoverDBCluster" => deserialize_failover_d_b_cluster_request(form).map(Self::FailOverCluster),
            "CopyDBClusterSnapshot" => {
                deserialize_copy_d_b_cluster_snapshot_request(form).map(Self::CopySnapshot)
            }
            "CreateGlobalCluster" => deserialize_create_global_cluster_request(form).map(Self::CreateGlobal),
            "CreateDBCluster" => {
                deserialize_create_d_b_cluster_request(form).map(|input| Self::CreateCluster(Box::new(input)))
            }
            "CreateDBInstance" => deserialize_create_d_b_instance_request(form)
                .map(|input| Self::CreateInstance(Box::new(input))),
            _ => return None,
        })
    }

    pub(super) fn brief(&self) -> Brief {
        let (name, detail) = match self {
            Self::SwitchOverGlobal(input) => (
                &input.global_cluster_identifier,
                json!({ "target": input.target_db_cluster_identifier }),
            ),
            Self::FailOverGlobal(input) => (
                &input.global_cluster_identifier,
                json!({
                    "target": input.target_db_cluster_identifier,
                    "allow_data_loss": input.allow_data_loss,
                    "switchover": input.switchover,
                }),
            ),
            Self::RemoveFromGlobal(input) => (
                &input.global_cluster_identifier,
                json!({ "member": input.db_cluster_identifier }),
            ),
            Self::PromoteReplica(input) => (&input.d_b_cluster_identifier, json!({})),
            Self::FailOverCluster(input) => (
                &input.d_b_cluster_identifier,
                json!({ "target": input.target_d_b_instance_identifier }),
            ),
            Self::CopySnapshot(input) => (
                &input.source_d_b_cluster_snapshot_identifier,
                json!({ "target": input.target_d_b_cluster_snapshot_identifier }),
            ),
            Self::CreateGlobal(input) => (&input.global_cluster_identifier, json!({})),
            Self::CreateCluster(input) => (&input.d_b_cluster_identifier, json!({})),
            Self::CreateInstance(input) => (&input.d_b_instance_identifier, json!({})),
        };
        Brief {
            detail,
            ..about(Some(name))
        }
    }
}

impl Rds {
    pub(super) fn change(&mut self, region: &str, change: &Change) -> Result<MockResponse, AwsError> {
        Ok(match change {
            Change::SwitchOverGlobal(input) => {
                self.switch_over_global(region, input)?;
                let global_cluster = self.shown_global(&input.global_cluster_identifier);
                serialize_switchover_global_cluster_response(&SwitchoverGlobalClusterResult {
                    global_cluster,
                })
            }
            Change::FailOverGlobal(input) => {
                self.fail_over_global(region, input)?;
                let global_cluster = self.shown_global(&input.global_cluster_identifier);
                serialize_failover_global_cluster_response(&FailoverGlobalClusterResult { global_cluster })
            }
            Change::RemoveFromGlobal(input) => {
                self.remove_from_global(region, input)?;
                let global_cluster = self.shown_global(&input.global_cluster_identifier);
                serialize_remove_from_global_cluster_response(&RemoveFromGlobalClusterResult {
                    global_cluster,
                })
            }
            Change::PromoteReplica(input) => {
                let arn = self.promote_replica(region, input)?;
                let d_b_cluster = self.shown_cluster(&arn);
                serialize_promote_read_replica_d_b_cluster_response(&PromoteReadReplicaDBClusterResult {
                    d_b_cluster,
                })
            }
            Change::FailOverCluster(input) => {
                let arn = self.fail_over_cluster(region, input)?;
                let d_b_cluster = self.shown_cluster(&arn);
                serialize_failover_d_b_cluster_response(&FailoverDBClusterResult { d_b_cluster })
            }
            Change::CopySnapshot(input) => {
                let copy = self.copy_snapshot(region, input)?;
                let d_b_cluster_snapshot = Some(encoding::snapshot(&copy));
                serialize_copy_d_b_cluster_snapshot_response(&CopyDBClusterSnapshotResult {
                    d_b_cluster_snapshot,
                })
            }
            Change::CreateGlobal(input) => {
                self.create_global_by_request(input)?;
                let global_cluster = self.shown_global(&input.global_cluster_identifier);
                serialize_create_global_cluster_response(&CreateGlobalClusterResult { global_cluster })
            }
            Change::CreateCluster(input) => {
                let arn = self.create_cluster_by_request(region, input)?;
                let d_b_cluster = self.shown_cluster(&arn);
                serialize_create_d_b_cluster_response(&CreateDBClusterResult { d_b_cluster })
            }
            Change::CreateInstance(input) => {
                let arn = self.create_instance_by_request(region, input)?;
                let d_b_instance = self.shown_instance(&arn, &input.d_b_instance_identifier);
                serialize_create_d_b_instance_response(&CreateDBInstanceResult { d_b_instance })
            }
        })
    }

    fn shown_global(&self, identifier: &str) -> Option<GlobalCluster> {
        let global = self.globals.get(identifier)?;
        Some(self.encoded_global(global))
    }

    fn shown_cluster(&self, arn: &str) -> Option<DBCluster> {
        let cluster = self.clusters.get(arn)?;
        Some(self.encoded_cluster(cluster))
    }

    fn shown_instance(&self, cluster: &str, identifier: &str) -> Option<DBInstance> {
        let cluster = self.clusters.get(cluster)?;
        let instance = cluster
            .instances
            .iter()
            .find(|one| one.identifier == identifier)?;
        Some(encoding::instance(cluster, instance))
    }
}
