//! The two clusters and their global cluster, each asked in its own region, and the operations that move their writer.

use aws_sdk_rds::Client;
use aws_sdk_rds::config::Builder;
use aws_sdk_rds::types::{DbCluster, DbInstance, Filter, GlobalCluster};
use cutover_core::dr::observation::{
    ClusterSeen, FailoverSeen, Far, GlobalSeen, InstanceSeen, LagSeen, MemberSeen,
};
use cutover_core::dr::ports::{Clusters, Promoted, Tail};
use cutover_core::dr::side::{ClusterArn, Side};
use cutover_core::dr::verb::Verb;
use cutover_core::error::PortError;
use cutover_core::replication::Seen;

use super::attempts::Attempts;
use super::endpoints::Endpoints;
use super::far::{and_then, far};
use super::lag::DatabaseLag;
use super::refusal::judged;
use super::tails::LostTails;
use crate::call_error::has_code;
use crate::clients::{DrClients, time_for_a_change};
use crate::config::dr::DrConfig;

/// Instances asked for at once. A cluster has 16 at most, so there is one page.
const PAGE: i32 = 100;
/// What a region answers that has no member of the global cluster, or no longer one.
const NO_GLOBAL_CLUSTER: &str = "GlobalClusterNotFoundFault";

#[derive(Debug, Clone)]
pub struct DatabaseClusters {
    clients: DrClients,
    primary: ClusterArn,
    dr: ClusterArn,
    global: Option<String>,
    lag: DatabaseLag,
    tails: LostTails,
    endpoints: Endpoints,
}

impl DatabaseClusters {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig, endpoints: Endpoints) -> Self {
        Self {
            clients: clients.clone(),
            primary: config.settings.primary.clone(),
            dr: config.settings.dr.clone(),
            global: config.settings.global_cluster.clone(),
            lag: DatabaseLag::new(clients, config),
            tails: LostTails::new(clients, config),
            endpoints,
        }
    }

    fn arn(&self, side: Side) -> &ClusterArn {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }

    async fn described(&self, side: Side) -> Far<DbCluster> {
        let identifier = self.arn(side).identifier();
        let operation = format!("rds:DescribeDBClusters {identifier}");
        let request = self.clients.rds_of(side).describe_db_clusters();
        let answer = request.db_cluster_identifier(identifier).send().await;
        and_then(far(&operation, answer), |output| {
            let mut clusters = output.db_clusters.unwrap_or_default().into_iter();
            let found = clusters.find(|cluster| cluster.db_cluster_arn() == Some(self.arn(side).as_str()));
            found.map_or_else(
                || Far::Unknown(format!("{operation}: no such cluster")),
                Far::Known,
            )
        })
    }

    async fn instances(&self, side: Side) -> Far<Vec<DbInstance>> {
        let identifier = self.arn(side).identifier();
        let filter = Filter::builder().name("db-cluster-id").values(identifier);
        let request = self.clients.rds_of(side).describe_db_instances();
        let answer = request.filters(filter.build()).max_records(PAGE).send().await;
        let seen = far(format!("rds:DescribeDBInstances of {identifier}"), answer);
        and_then(seen, |output| Far::Known(output.db_instances.unwrap_or_default()))
    }

    /// The operation, where it belongs.
    async fn call(&self, verb: &Verb, to: Side) -> Result<Promoted, PortError> {
        let client: &Client = self.clients.rds_of(verb.called_at(to));
        let target = self.arn(to);
        let global = self.global.as_deref().unwrap_or_default();
        let operation = format!("rds:{} to {}", verb.name(), target.identifier());
        let attempts = Attempts::default();
        let patient = || {
            let config = Builder::new().timeout_config(time_for_a_change());
            config.interceptor(attempts.clone())
        };
        match verb {
            Verb::SwitchoverGlobalCluster => {
                let request = client.switchover_global_cluster();
                let request = request.global_cluster_identifier(global);
                let request = request.target_db_cluster_identifier(target.as_str());
                judged(
                    operation,
                    &attempts,
                    request.customize().config_override(patient()).send().await,
                )
            }
            // Without AllowDataLoss it would be a switchover, which needs the writer that is gone.
            Verb::FailoverGlobalCluster => {
                let request = client.failover_global_cluster();
                let request = request.global_cluster_identifier(global).allow_data_loss(true);
                let request = request.target_db_cluster_identifier(target.as_str());
                judged(
                    operation,
                    &attempts,
                    request.customize().config_override(patient()).send().await,
                )
            }
            Verb::RemoveFromGlobalCluster => {
                let request = client.remove_from_global_cluster();
                let request = request.global_cluster_identifier(global);
                let request = request.db_cluster_identifier(target.as_str());
                judged(
                    operation,
                    &attempts,
                    request.customize().config_override(patient()).send().await,
                )
            }
            Verb::PromoteReadReplicaDbCluster => {
                let request = client.promote_read_replica_db_cluster();
                let request = request.db_cluster_identifier(target.identifier());
                judged(
                    operation,
                    &attempts,
                    request.customize().config_override(patient()).send().await,
                )
            }
            Verb::FailoverDbCluster { instance } => {
                let request = client.failover_db_cluster();
                let request = request.db_cluster_identifier(target.identifier());
                let request = request.target_db_instance_identifier(instance.as_str());
                judged(
                    operation,
                    &attempts,
                    request.customize().config_override(patient()).send().await,
                )
            }
        }
    }
}

impl Clusters for DatabaseClusters {
    async fn global(&self) -> Option<Far<GlobalSeen>> {
        let identifier = self.global.as_deref()?;
        let operation = format!("rds:DescribeGlobalClusters {identifier}");
        let request = self.clients.rds.describe_global_clusters();
        let answer = request.global_cluster_identifier(identifier).send().await;
        if answer
            .as_ref()
            .is_err_and(|error| has_code(error, NO_GLOBAL_CLUSTER))
        {
            return Some(Far::Known(GlobalSeen::gone()));
        }
        Some(and_then(far(&operation, answer), |output| {
            let mut found = output.global_clusters.unwrap_or_default().into_iter();
            let ours = found.find(|global| global.global_cluster_identifier() == Some(identifier));
            Far::Known(ours.map_or_else(GlobalSeen::gone, global_seen))
        }))
    }

    /// Both are asked at once. A status that is not known is no status, so half an answer is none.
    async fn cluster(&self, side: Side) -> Far<ClusterSeen> {
        let (cluster, instances) = tokio::join!(self.described(side), self.instances(side));
        let seen = and_then(cluster, |cluster| {
            and_then(instances, |instances| {
                Far::Known(cluster_seen(cluster, &instances))
            })
        });
        if let Some(endpoint) = seen.known().and_then(|cluster| cluster.endpoint.as_deref()) {
            self.endpoints.learn(side, endpoint);
        }
        seen
    }

    async fn lag(&self, writer: Side) -> Seen<LagSeen> {
        self.lag.read(writer.other()).await
    }

    async fn promote(&self, verb: &Verb, to: Side) -> Result<Promoted, PortError> {
        Box::pin(self.call(verb, to)).await
    }

    async fn lost_tails(&self, side: Side) -> Result<Vec<Tail>, PortError> {
        self.tails.list(side).await
    }

    async fn keep_tail(&self, side: Side, tail: &Tail) -> Result<String, PortError> {
        self.tails.keep(side, tail).await
    }
}

fn global_seen(global: GlobalCluster) -> GlobalSeen {
    let failover = global.failover_state.map(|failover| FailoverSeen {
        status: failover
            .status
            .map(|status| status.as_str().to_owned())
            .unwrap_or_default(),
        to_arn: failover.to_db_cluster_arn,
        data_loss_allowed: failover.is_data_loss_allowed.unwrap_or_default(),
    });
    let members = global.global_cluster_members.unwrap_or_default();
    GlobalSeen {
        status: global.status.unwrap_or_default(),
        members: members
            .into_iter()
            .map(|member| MemberSeen {
                arn: member.db_cluster_arn.unwrap_or_default(),
                is_writer: member.is_writer.unwrap_or_default(),
            })
            .collect(),
        // An empty state is what some answers have instead of none.
        failover: failover.filter(|failover| !failover.status.is_empty()),
        endpoint: global.endpoint.filter(|endpoint| !endpoint.is_empty()),
    }
}

fn cluster_seen(cluster: DbCluster, instances: &[DbInstance]) -> ClusterSeen {
    let status = |identifier: &str| {
        let mut of = instances.iter();
        let found = of.find(|instance| instance.db_instance_identifier() == Some(identifier));
        found.and_then(DbInstance::db_instance_status).unwrap_or_default()
    };
    let members = cluster.db_cluster_members.unwrap_or_default();
    ClusterSeen {
        arn: cluster.db_cluster_arn.unwrap_or_default(),
        status: cluster.status.unwrap_or_default(),
        engine_version: cluster.engine_version.unwrap_or_default(),
        instances: members
            .iter()
            .map(|member| {
                let identifier = member.db_instance_identifier().unwrap_or_default();
                InstanceSeen {
                    identifier: identifier.to_owned(),
                    is_writer: member.is_cluster_writer().unwrap_or_default(),
                    status: status(identifier).to_owned(),
                }
            })
            .collect(),
        endpoint: cluster.endpoint.filter(|endpoint| !endpoint.is_empty()),
        parameter_group: cluster.db_cluster_parameter_group,
        replicates_from: cluster
            .replication_source_identifier
            .filter(|source| !source.is_empty()),
    }
}
