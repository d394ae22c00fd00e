//! Creating clusters, instances and global databases through the API: at once, without their statuses on
//! the way there.

use winterbaume_rds::model::{CreateDBClusterMessage, CreateDBInstanceMessage, CreateGlobalClusterMessage};

use super::{Rds, refusals};
use crate::error::AwsError;

/// What a new cluster runs unless told otherwise.
const VERSION: &str = "16.4";

impl Rds {
    pub(super) fn create_global_by_request(
        &mut self,
        request: &CreateGlobalClusterMessage,
    ) -> Result<(), AwsError> {
        let identifier = &request.global_cluster_identifier;
        if self.globals.contains_key(identifier) {
            return Err(refusals::exists("GlobalClusterAlreadyExistsFault", identifier));
        }
        let Some(source) = &request.source_d_b_cluster_identifier else {
            let engine = request.engine.as_deref().ok_or_else(|| {
                refusals::invalid_value("Engine or SourceDBClusterIdentifier must be specified.")
            })?;
            let version = request.engine_version.as_deref().unwrap_or(VERSION);
            self.found_global(identifier, engine, version);
            return Ok(());
        };
        let source = self.cluster(source).cloned();
        let source = source.ok_or_else(|| refusals::no_such_cluster(identifier))?;
        if source.global.is_some() {
            return Err(refusals::invalid_cluster(format!(
                "Cluster {} is part of a global cluster already.",
                source.identifier
            )));
        }
        self.found_global(identifier, &source.engine, &source.engine_version);
        self.join(identifier, &source.arn);
        Ok(())
    }

    pub(super) fn create_cluster_by_request(
        &mut self,
        region: &str,
        request: &CreateDBClusterMessage,
    ) -> Result<String, AwsError> {
        let identifier = &request.d_b_cluster_identifier;
        if self
            .clusters
            .contains_key(&self.arn(region, "cluster", identifier))
        {
            return Err(refusals::exists("DBClusterAlreadyExistsFault", identifier));
        }
        let global = request.global_cluster_identifier.as_deref();
        let known = global.map(|name| {
            self.globals
                .get(name)
                .ok_or_else(|| refusals::no_such_global(name))
        });
        let global_version = known.transpose()?.map(|global| global.engine_version.clone());
        let asked = request.engine_version.clone().or(global_version);
        let version = asked.as_deref().unwrap_or(VERSION);
        let arn = self.put_cluster(region, identifier, &request.engine, version);
        if let Some(cluster) = self.clusters.get_mut(&arn) {
            cluster.encrypted = request.storage_encrypted.unwrap_or(false);
            cluster.write_forwarding = request.enable_global_write_forwarding.unwrap_or(false);
            cluster.port = request.port.unwrap_or(cluster.port);
            if let Some(group) = &request.d_b_cluster_parameter_group_name {
                cluster.parameter_group.clone_from(group);
            }
        }
        if let Some(global) = global {
            self.join(global, &arn);
        }
        if let Some(source) = &request.replication_source_identifier {
            self.follow(&arn, source);
        }
        Ok(arn)
    }

    pub(super) fn create_instance_by_request(
        &mut self,
        region: &str,
        request: &CreateDBInstanceMessage,
    ) -> Result<String, AwsError> {
        let identifier = &request.d_b_instance_identifier;
        let cluster = request.d_b_cluster_identifier.as_deref().ok_or_else(|| {
            refusals::invalid_value("DBClusterIdentifier must be specified for an Aurora DB instance.")
        })?;
        let arn = self.in_region(region, cluster)?.arn.clone();
        let here = self.clusters.values().filter(|cluster| cluster.region == region);
        if here
            .flat_map(|cluster| &cluster.instances)
            .any(|one| one.identifier == *identifier)
        {
            return Err(refusals::exists("DBInstanceAlreadyExists", identifier));
        }
        self.put_instance(&arn, identifier, &request.d_b_instance_class);
        Ok(arn)
    }
}
