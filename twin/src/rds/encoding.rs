//! What RDS says of its things, in the shapes of its API.

use winterbaume_rds::model::{
    AvailabilityZones, DBCluster, DBClusterMember, DBClusterMemberList, DBClusterSnapshot, DBInstance,
    Endpoint, Event, EventCategoriesList, FailoverState, GlobalCluster as EncodedGlobal, GlobalClusterMember,
    GlobalClusterMemberList, ReadReplicaIdentifierList, ReadersArnList,
};

use super::Rds;
use super::cluster::{Cluster, Instance, Standing};
use super::global::{GlobalCluster, Kind, Operation};
use super::snapshots::Snapshot;
use super::telling::News;
use crate::reply;

const PROMOTION_TIER: i32 = 1;
const BACKUP_RETENTION_DAYS: i32 = 1;
const COMPLETE_PERCENT: i32 = 100;

impl Rds {
    pub(super) fn encoded_cluster(&self, cluster: &Cluster) -> DBCluster {
        let replicas: Vec<String> = self
            .clusters
            .values()
            .filter(|other| other.source.as_ref() == Some(&cluster.arn))
            .map(|other| other.arn.clone())
            .collect();
        let forwarding = if cluster.write_forwarding {
            "enabled"
        } else {
            "disabled"
        };
        let is_secondary = cluster.global.is_some() && cluster.standing == Standing::Reader;
        let zones = cluster.instances.iter().map(|one| one.availability_zone.clone());
        DBCluster {
            availability_zones: Some(AvailabilityZones {
                items: zones.collect(),
            }),
            backup_retention_period: Some(BACKUP_RETENTION_DAYS),
            cluster_create_time: Some(reply::iso_8601(cluster.created)),
            d_b_cluster_arn: Some(cluster.arn.clone()),
            d_b_cluster_identifier: Some(cluster.identifier.clone()),
            d_b_cluster_members: Some(DBClusterMemberList {
                items: members(cluster),
            }),
            d_b_cluster_parameter_group: Some(cluster.parameter_group.clone()),
            endpoint: Some(cluster.endpoint()),
            engine: Some(cluster.engine.clone()),
            engine_mode: Some("provisioned".to_owned()),
            engine_version: Some(cluster.engine_version.clone()),
            global_cluster_identifier: cluster.global.clone(),
            global_write_forwarding_status: is_secondary.then(|| forwarding.to_owned()),
            port: Some(cluster.port),
            read_replica_identifiers: Some(ReadReplicaIdentifierList { items: replicas }),
            reader_endpoint: Some(cluster.reader_endpoint()),
            replication_source_identifier: self.replication_source(cluster),
            status: Some(cluster.status.to_string()),
            storage_encrypted: Some(cluster.encrypted),
            ..DBCluster::default()
        }
    }

    /// A secondary of a global database names its primary, as a replica names its source.
    fn replication_source(&self, cluster: &Cluster) -> Option<String> {
        let primary = self.global_of(cluster).and_then(|global| global.writer.clone());
        let primary = primary.filter(|primary| *primary != cluster.arn);
        cluster.source.clone().or(primary)
    }

    pub(super) fn encoded_global(&self, global: &GlobalCluster) -> EncodedGlobal {
        let member = |arn: &String| self.encoded_member(global, arn);
        let status = global.operation.as_ref().map_or_else(
            || "available".to_owned(),
            |operation| match operation.kind {
                Kind::Switchover => "switching-over".to_owned(),
                Kind::Failover => "failing-over".to_owned(),
            },
        );
        EncodedGlobal {
            deletion_protection: Some(false),
            endpoint: Some(global.endpoint()),
            engine: Some(global.engine.clone()),
            engine_version: Some(global.engine_version.clone()),
            failover_state: global.operation.as_ref().map(failover_state),
            global_cluster_arn: Some(global.arn.clone()),
            global_cluster_identifier: Some(global.identifier.clone()),
            global_cluster_members: Some(GlobalClusterMemberList {
                items: global.members.iter().filter_map(member).collect(),
            }),
            global_cluster_resource_id: Some(format!("cluster-{}", global.zone)),
            status: Some(status),
            storage_encrypted: Some(global.encrypted),
            ..EncodedGlobal::default()
        }
    }

    fn encoded_member(&self, global: &GlobalCluster, arn: &String) -> Option<GlobalClusterMember> {
        let cluster = self.clusters.get(arn)?;
        let is_writer = global.is_writer(cluster);
        let others = global.members.iter().filter(|other| *other != arn).cloned();
        let readers = if is_writer { others.collect() } else { Vec::new() };
        let synchronized = if cluster.superseded {
            "pending-resync"
        } else {
            "connected"
        };
        let forwarding = if cluster.write_forwarding {
            "enabled"
        } else {
            "disabled"
        };
        Some(GlobalClusterMember {
            d_b_cluster_arn: Some(arn.clone()),
            global_write_forwarding_status: (!is_writer).then(|| forwarding.to_owned()),
            is_writer: Some(is_writer),
            readers: Some(ReadersArnList { items: readers }),
            synchronization_status: Some(synchronized.to_owned()),
        })
    }
}

fn members(cluster: &Cluster) -> Vec<DBClusterMember> {
    let member = |instance: &Instance| {
        let leads = cluster.leader.as_ref() == Some(&instance.identifier);
        DBClusterMember {
            d_b_cluster_parameter_group_status: Some("in-sync".to_owned()),
            d_b_instance_identifier: Some(instance.identifier.clone()),
            is_cluster_writer: Some(leads && cluster.standing != Standing::Reader),
            promotion_tier: Some(PROMOTION_TIER),
        }
    };
    cluster.instances.iter().map(member).collect()
}

fn failover_state(operation: &Operation) -> FailoverState {
    FailoverState {
        from_db_cluster_arn: Some(operation.from.clone()),
        is_data_loss_allowed: Some(operation.kind == Kind::Failover),
        status: Some(operation.to_string()),
        to_db_cluster_arn: Some(operation.to.clone()),
    }
}

pub(super) fn instance(cluster: &Cluster, instance: &Instance) -> DBInstance {
    DBInstance {
        availability_zone: Some(instance.availability_zone.clone()),
        d_b_cluster_identifier: Some(cluster.identifier.clone()),
        d_b_instance_arn: Some(instance.arn.clone()),
        d_b_instance_class: Some(instance.class.clone()),
        d_b_instance_identifier: Some(instance.identifier.clone()),
        d_b_instance_status: Some(instance.status.clone()),
        endpoint: Some(Endpoint {
            address: Some(cluster.instance_endpoint(instance)),
            port: Some(cluster.port),
            ..Endpoint::default()
        }),
        engine: Some(cluster.engine.clone()),
        engine_version: Some(cluster.engine_version.clone()),
        instance_create_time: Some(reply::iso_8601(instance.created)),
        promotion_tier: Some(PROMOTION_TIER),
        storage_encrypted: Some(cluster.encrypted),
        ..DBInstance::default()
    }
}

pub(super) fn snapshot(snapshot: &Snapshot) -> DBClusterSnapshot {
    let ready = snapshot.ready.is_none();
    let status = if ready { "available" } else { "creating" };
    DBClusterSnapshot {
        d_b_cluster_identifier: Some(snapshot.cluster.clone()),
        d_b_cluster_snapshot_arn: Some(snapshot.arn.clone()),
        d_b_cluster_snapshot_identifier: Some(snapshot.identifier.clone()),
        engine: Some(snapshot.engine.clone()),
        engine_version: Some(snapshot.engine_version.clone()),
        percent_progress: Some(if ready { COMPLETE_PERCENT } else { 0 }),
        snapshot_create_time: Some(reply::iso_8601(snapshot.created)),
        snapshot_type: Some(snapshot.kind.name().to_owned()),
        source_d_b_cluster_snapshot_arn: snapshot.source.clone(),
        status: Some(status.to_owned()),
        storage_encrypted: Some(snapshot.encrypted),
        ..DBClusterSnapshot::default()
    }
}

pub(super) fn event(news: &News) -> Event {
    let categories = news.categories.iter().map(|&category| category.to_owned());
    Event {
        date: Some(reply::iso_8601(news.at)),
        event_categories: Some(EventCategoriesList {
            items: categories.collect(),
        }),
        message: Some(news.message.clone()),
        source_arn: Some(news.arn.clone()),
        source_identifier: Some(news.identifier.clone()),
        source_type: Some(news.source.described().to_owned()),
    }
}
