//! Connections of `dr-failover` to the clusters: there is no socket here, so the twin is asked what one would find.

use std::time::Duration;

use cutover_aws::clients::DrClients;
use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::direct::DirectProbe;
use cutover_aws::dr::network::NetworkProbes;
use cutover_core::dr::observation::Probed;
use cutover_core::dr::side::Side;
use cutover_core::error::{Class, PortError};
use futures_util::future::BoxFuture;
use twin::{Reach, Twin, rds};

use super::setting::Login;

/// A connection to another region takes this long.
const THERE_AND_BACK: Duration = Duration::from_millis(25);

/// Connects from the region that it is seen from, with the secrets that the function may read.
#[derive(Debug)]
pub struct TwinProbe {
    twin: Twin,
    login: Login,
    timeout: Duration,
}

impl TwinProbe {
    /// Reads the secrets first, as the function does while it initialises. What it cannot read it does not log in with.
    pub(super) async fn new(twin: &Twin, login: Login, clients: &DrClients, config: &DrConfig) -> Self {
        let knows = NetworkProbes::new(clients, config).learn().await;
        Self::with(twin, if knows { login } else { Login::None }, config)
    }

    /// With what it is said to know.
    #[must_use]
    pub fn with(twin: &Twin, login: Login, config: &DrConfig) -> Self {
        Self {
            twin: twin.clone(),
            login,
            timeout: config.probes.timeout,
        }
    }

    async fn find(&self, endpoint: &str) -> rds::Probed {
        let from = self.twin.region();
        let there = self.twin.rds(|rds| rds.led_to(endpoint));
        let region = there
            .as_deref()
            .and_then(|arn| arn.split(':').nth(3))
            .unwrap_or(from);
        let wait = match self.twin.outages().reach(Some(from), region, "postgresql") {
            Reach::Open | Reach::Failing | Reach::Silent => THERE_AND_BACK,
            Reach::Slow(by) => THERE_AND_BACK + by,
        };
        let clock = self.twin.clock();
        let found = self.twin.probe(endpoint, from);
        if found == rds::Probed::Silent || wait > self.timeout {
            clock.sleep(self.timeout).await;
            return rds::Probed::Silent;
        }
        clock.sleep(wait).await;
        found
    }

    async fn role(&self, endpoint: &str) -> Probed {
        match self.find(endpoint).await {
            rds::Probed::Refused => Probed::Refused(format!("{endpoint} refuses the connection")),
            rds::Probed::Silent => {
                let milliseconds = self.timeout.as_millis();
                Probed::Silent(format!("{endpoint} does not answer within {milliseconds} ms"))
            }
            rds::Probed::Role { writer, .. } => Probed::Answers {
                writes: match self.login {
                    Login::Role => Some(writer),
                    Login::None => None,
                },
            },
        }
    }
}

impl DirectProbe for TwinProbe {
    fn probe<'a>(&'a self, _side: Side, endpoint: Option<&'a str>) -> BoxFuture<'a, Probed> {
        Box::pin(async move {
            match endpoint {
                Some(endpoint) => self.role(endpoint).await,
                None => Probed::NotAsked,
            }
        })
    }

    fn write<'a>(&'a self, _side: Side, endpoint: &'a str) -> BoxFuture<'a, Option<Result<(), PortError>>> {
        Box::pin(async move {
            let refused = |why: &str| PortError {
                operation: format!("writing to {endpoint}"),
                class: Class::Retryable,
                source: why.into(),
            };
            match (self.login, self.find(endpoint).await) {
                (Login::None, _) => None,
                (Login::Role, rds::Probed::Role { writer: true, .. }) => Some(Ok(())),
                (Login::Role, rds::Probed::Role { writer: false, .. }) => {
                    Some(Err(refused("cannot execute INSERT in a read-only transaction")))
                }
                (Login::Role, rds::Probed::Refused) => Some(Err(refused("the connection is refused"))),
                (Login::Role, rds::Probed::Silent) => Some(Err(refused("nobody answers"))),
            }
        })
    }

    fn leads_to<'a>(&'a self, endpoint: &'a str, cluster_endpoint: &'a str) -> BoxFuture<'a, Option<bool>> {
        Box::pin(async move {
            let leads = |endpoint: &str| self.twin.rds(|rds| rds.led_to(endpoint));
            Some(leads(endpoint)? == leads(cluster_endpoint)?)
        })
    }
}
