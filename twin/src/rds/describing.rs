//! Describing clusters, instances, global databases and events, as they are known in a region.

use winterbaume_rds::model::{
    DBClusterList, DBClusterMessage, DBClusterSnapshotList, DBClusterSnapshotMessage, DBInstanceList,
    DBInstanceMessage, DescribeDBClusterSnapshotsMessage, DescribeDBClustersMessage,
    DescribeDBInstancesMessage, DescribeEventsMessage, DescribeGlobalClustersMessage, EventList,
    EventsMessage, GlobalClusterList, GlobalClustersMessage,
};

use super::cluster::{Cluster, Instance};
use super::paging::{paged, passes};
use super::{Rds, encoding, refusals};
use crate::error::AwsError;

impl Rds {
    pub(super) fn describe_clusters(
        &self,
        region: &str,
        request: &DescribeDBClustersMessage,
    ) -> Result<DBClusterMessage, AwsError> {
        let named = request.d_b_cluster_identifier.as_deref();
        let mut found = Vec::new();
        for cluster in self.clusters.values().filter(|cluster| cluster.region == region) {
            let wanted = named.is_none_or(|name| cluster.is_named(name));
            if wanted && passes(request.filters.as_ref(), |name| cluster_field(cluster, name))? {
                found.push(cluster);
            }
        }
        if let Some(name) = named.filter(|_| found.is_empty()) {
            return Err(refusals::no_such_cluster(name));
        }
        let (page, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
        let items = page.into_iter().map(|cluster| self.encoded_cluster(cluster));
        Ok(DBClusterMessage {
            d_b_clusters: Some(DBClusterList {
                items: items.collect(),
            }),
            marker,
        })
    }

    pub(super) fn describe_instances(
        &self,
        region: &str,
        request: &DescribeDBInstancesMessage,
    ) -> Result<DBInstanceMessage, AwsError> {
        let named = request.d_b_instance_identifier.as_deref();
        let mut found = Vec::new();
        for cluster in self.clusters.values().filter(|cluster| cluster.region == region) {
            for instance in &cluster.instances {
                let wanted = named.is_none_or(|name| instance.identifier == name || instance.arn == name);
                let field = |name: &str| instance_field(cluster, instance, name);
                if wanted && passes(request.filters.as_ref(), field)? {
                    found.push((cluster, instance));
                }
            }
        }
        if let Some(name) = named.filter(|_| found.is_empty()) {
            return Err(refusals::no_such_instance(name));
        }
        let (page, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
        let items = page
            .into_iter()
            .map(|(cluster, instance)| encoding::instance(cluster, instance));
        Ok(DBInstanceMessage {
            d_b_instances: Some(DBInstanceList {
                items: items.collect(),
            }),
            marker,
        })
    }

    pub(super) fn describe_globals(
        &self,
        region: &str,
        request: &DescribeGlobalClustersMessage,
    ) -> Result<GlobalClustersMessage, AwsError> {
        let named = request.global_cluster_identifier.as_deref();
        let mut found = Vec::new();
        for global in self
            .globals
            .values()
            .filter(|global| self.is_seen_from(region, global))
        {
            let members = || global.members.iter().map(String::as_str).collect();
            let field = |name: &str| (name == "db-cluster-id").then(members);
            let wanted = named.is_none_or(|name| name == global.identifier);
            if wanted && passes(request.filters.as_ref(), field)? {
                found.push(global);
            }
        }
        if let Some(name) = named.filter(|_| found.is_empty()) {
            return Err(refusals::no_such_global(name));
        }
        let (page, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
        let items = page.into_iter().map(|global| self.encoded_global(global));
        Ok(GlobalClustersMessage {
            global_clusters: Some(GlobalClusterList {
                items: items.collect(),
            }),
            marker,
        })
    }

    pub(super) fn describe_snapshots(
        &self,
        region: &str,
        request: &DescribeDBClusterSnapshotsMessage,
    ) -> Result<DBClusterSnapshotMessage, AwsError> {
        let found = self.snapshots_in(region, request)?;
        let (page, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
        let items = page.into_iter().map(encoding::snapshot);
        Ok(DBClusterSnapshotMessage {
            d_b_cluster_snapshots: Some(DBClusterSnapshotList {
                items: items.collect(),
            }),
            marker,
        })
    }

    /// Everything that was told in the region, whatever its age.
    pub(super) fn describe_events(
        &self,
        region: &str,
        request: &DescribeEventsMessage,
    ) -> Result<EventsMessage, AwsError> {
        let source = request.source_identifier.as_deref();
        let kind = request.source_type.as_deref();
        let told = self.told.iter().chain(&self.news);
        let found = told
            .filter(|news| news.region == region)
            .filter(|news| source.is_none_or(|source| news.identifier == source))
            .filter(|news| kind.is_none_or(|kind| news.source.described() == kind))
            .collect();
        let (page, marker) = paged(found, request.marker.as_deref(), request.max_records)?;
        let items = page.into_iter().map(encoding::event);
        Ok(EventsMessage {
            events: Some(EventList {
                items: items.collect(),
            }),
            marker,
        })
    }
}

fn cluster_field<'a>(cluster: &'a Cluster, name: &str) -> Option<Vec<&'a str>> {
    match name {
        "db-cluster-id" => Some(vec![&cluster.identifier, &cluster.arn]),
        "engine" => Some(vec![&cluster.engine]),
        _ => None,
    }
}

fn instance_field<'a>(cluster: &'a Cluster, instance: &'a Instance, name: &str) -> Option<Vec<&'a str>> {
    match name {
        "db-instance-id" => Some(vec![&instance.identifier, &instance.arn]),
        "db-cluster-id" => Some(vec![&cluster.identifier, &cluster.arn]),
        "engine" => Some(vec![&cluster.engine]),
        _ => None,
    }
}
