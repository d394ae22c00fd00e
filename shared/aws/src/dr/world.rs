//! The core's world of a disaster, made of AWS.

use std::time::Duration;

use cutover_core::dr::Disaster;
use cutover_core::dr::ports::{Clusters, World};
use cutover_core::dr::side::Side;
use cutover_core::told::Memory;

use super::alarms::VotingAlarms;
use super::application::ApplicationParameters;
use super::clusters::DatabaseClusters;
use super::endpoints::Endpoints;
use super::hooks::FunctionHooks;
use super::migration::OtherMigration;
use super::probes::{EndpointProbes, Probing};
use super::routes::ServingRoutes;
use crate::clients::DrClients;
use crate::config::dr::DrConfig;
use crate::journal_log::ParameterLog;
use crate::notifier::TopicNotifier;
use crate::world::AwsClock;

/// Longest that a warm-up may take: Lambda gives an init 10 s.
const WARM_UP_MAX: Duration = Duration::from_secs(5);

/// Everything `dr-failover` reaches, over one set of clients.
#[derive(Debug, Clone)]
pub struct AwsDrWorld {
    log: ParameterLog<Disaster>,
    clusters: DatabaseClusters,
    probes: EndpointProbes,
    alarms: VotingAlarms,
    routes: ServingRoutes,
    application: ApplicationParameters,
    hooks: FunctionHooks,
    migration: OtherMigration,
    notifier: TopicNotifier,
    clock: AwsClock,
    memory: Memory,
    probing: Probing,
}

impl AwsDrWorld {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig, probing: Probing) -> Self {
        let endpoints = Endpoints::default();
        Self {
            log: ParameterLog::new(clients.ssm.clone(), &config.state_prefix),
            clusters: DatabaseClusters::new(clients, config, endpoints.clone()),
            probes: EndpointProbes::new(probing.clone(), endpoints),
            alarms: VotingAlarms::new(clients, config),
            routes: ServingRoutes::new(clients, config, probing.clone()),
            application: ApplicationParameters::new(clients, config),
            hooks: FunctionHooks::new(clients, config),
            migration: OtherMigration::new(clients, config),
            notifier: TopicNotifier::new(clients.sns.clone(), &config.topic_arn),
            clock: AwsClock::new(clients.time.clone()),
            memory: Memory::default(),
            probing,
        }
    }

    /// Learns, outside of any invocation, the endpoints to try and how to log in there. Failing, or taking too long for
    /// Lambda's init, is fine: it is asked again when it is needed.
    pub async fn warm_up(&self) {
        let secrets = async {
            if let Probing::Network(network) = &self.probing {
                network.learn().await;
            }
        };
        let learnt = async {
            tokio::join!(
                self.clusters.cluster(Side::Primary),
                self.clusters.cluster(Side::Dr),
                secrets
            )
        };
        let _learnt = tokio::time::timeout(WARM_UP_MAX, Box::pin(learnt)).await;
    }
}

impl World for AwsDrWorld {
    type Log = ParameterLog<Disaster>;
    type Clusters = DatabaseClusters;
    type Probes = EndpointProbes;
    type Alarms = VotingAlarms;
    type Routes = ServingRoutes;
    type Application = ApplicationParameters;
    type Hooks = FunctionHooks;
    type Migration = OtherMigration;
    type Notifier = TopicNotifier;
    type Clock = AwsClock;

    fn log(&self) -> &ParameterLog<Disaster> {
        &self.log
    }

    fn clusters(&self) -> &DatabaseClusters {
        &self.clusters
    }

    fn probes(&self) -> &EndpointProbes {
        &self.probes
    }

    fn alarms(&self) -> &VotingAlarms {
        &self.alarms
    }

    fn routes(&self) -> &ServingRoutes {
        &self.routes
    }

    fn application(&self) -> &ApplicationParameters {
        &self.application
    }

    fn hooks(&self) -> &FunctionHooks {
        &self.hooks
    }

    fn migration(&self) -> &OtherMigration {
        &self.migration
    }

    fn notifier(&self) -> &TopicNotifier {
        &self.notifier
    }

    fn clock(&self) -> &AwsClock {
        &self.clock
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }
}
