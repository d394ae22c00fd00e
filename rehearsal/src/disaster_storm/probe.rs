//! `dr-failover` behind the twin's Lambda, and the connections that it makes: the twin is asked what one would find.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::direct::DirectProbe;
use cutover_aws::dr::world::AwsDrWorld;
use cutover_aws::lambda;
use cutover_core::dr::observation::Probed;
use cutover_core::dr::side::Side;
use cutover_core::engine::Invocation;
use cutover_core::error::{Class, PortError};
use futures_util::future::BoxFuture;
use twin::{FunctionFailure, HostedCall, HostedFunction, Twin, rds};

/// A connection to another region takes this long.
const THERE_AND_BACK: Duration = Duration::from_millis(25);

/// The function as Lambda keeps it warm.
pub(super) struct Failover {
    pub config: DrConfig,
    pub world: AwsDrWorld,
}

impl Failover {
    async fn answer(&self, call: HostedCall) -> Result<Vec<u8>, FunctionFailure> {
        let failure = |class: &str, message: String| FunctionFailure {
            error_type: class.to_owned(),
            error_message: message,
        };
        let invocation = Invocation {
            id: call.request_id,
            trigger: String::new(),
            deadline: call.deadline,
        };
        let (world, config) = (&self.world, &self.config);
        let asked = lambda::dr::ask(&dr_failover::answer, world, config, &invocation, &call.payload);
        let report = asked.await;
        let report = report.map_err(|error| failure(error.class.name(), error.chain()))?;
        serde_json::to_vec(&report).map_err(|error| failure("Permanent", error.to_string()))
    }
}

impl HostedFunction for Failover {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(self.answer(call))
    }
}

/// Connects from the region that the twin is seen from.
#[derive(Debug)]
pub(super) struct TwinProbe {
    pub twin: Twin,
    /// Whether it may log in, and ask for the role.
    pub logs_in: bool,
    pub timeout: Duration,
}

impl TwinProbe {
    async fn find(&self, endpoint: &str) -> rds::Probed {
        let found = self.twin.probe(endpoint, self.twin.region());
        let silent = found == rds::Probed::Silent;
        let wait = if silent { self.timeout } else { THERE_AND_BACK };
        self.twin.clock().sleep(wait).await;
        found
    }

    async fn role(&self, endpoint: &str) -> Probed {
        match self.find(endpoint).await {
            rds::Probed::Refused => Probed::Refused(format!("{endpoint} refuses the connection")),
            rds::Probed::Silent => Probed::Silent(format!("{endpoint} does not answer")),
            rds::Probed::Role { writer, .. } => Probed::Answers {
                writes: self.logs_in.then_some(writer),
            },
        }
    }

    async fn row(&self, endpoint: &str) -> Option<Result<(), PortError>> {
        if !self.logs_in {
            return None;
        }
        let why = match self.find(endpoint).await {
            rds::Probed::Role { writer: true, .. } => return Some(Ok(())),
            rds::Probed::Role { writer: false, .. } => "cannot execute INSERT in a read-only transaction",
            rds::Probed::Refused => "the connection is refused",
            rds::Probed::Silent => "nobody answers",
        };
        Some(Err(PortError {
            operation: format!("writing to {endpoint}"),
            class: Class::Retryable,
            source: why.into(),
        }))
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
        Box::pin(self.row(endpoint))
    }

    /// The global writer endpoint and the clusters' are told apart by who takes writes behind them.
    fn leads_to<'a>(&'a self, endpoint: &'a str, cluster_endpoint: &'a str) -> BoxFuture<'a, Option<bool>> {
        let writes = |endpoint: &str| {
            matches!(
                self.twin.probe(endpoint, self.twin.region()),
                rds::Probed::Role { writer: true, .. }
            )
        };
        let both = writes(endpoint) && writes(cluster_endpoint);
        Box::pin(std::future::ready(Some(both)))
    }
}
