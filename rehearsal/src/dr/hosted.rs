//! `dr-failover` and the functions of other people, behind the Lambda of the DR region.

use std::future::Future;
use std::pin::Pin;

use cutover_aws::clients::DrClients;
use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::probes::Probing;
use cutover_aws::dr::world::AwsDrWorld;
use cutover_aws::lambda;
use cutover_core::engine::Invocation;
use serde_json::json;
use twin::{FunctionFailure, HostedCall, HostedFunction};

use super::setting::Hook;

type Outcome<'a> = Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + 'a>>;

/// The function as Lambda keeps it warm.
pub(crate) struct HostedFailover {
    config: DrConfig,
    world: AwsDrWorld,
}

impl HostedFailover {
    pub fn new(clients: &DrClients, config: DrConfig, probing: Probing) -> Self {
        let world = AwsDrWorld::new(clients, &config, probing);
        Self { config, world }
    }

    /// What the function's init does.
    pub async fn warm_up(&self) {
        Box::pin(self.world.warm_up()).await;
    }

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
        let report = lambda::dr::ask(
            &dr_failover::answer,
            &self.world,
            &self.config,
            &invocation,
            &call.payload,
        )
        .await;
        lambda::log::decision(&invocation, &report);
        let report = report.map_err(|error| failure(error.class.name(), error.chain()))?;
        serde_json::to_vec(&report).map_err(|error| failure("Permanent", error.to_string()))
    }
}

impl HostedFunction for HostedFailover {
    fn invoke(&self, call: HostedCall) -> Outcome<'_> {
        Box::pin(self.answer(call))
    }
}

/// Somebody's own function that is asked before a planned switch.
pub(super) struct ChangeBoard(pub Hook);

impl HostedFunction for ChangeBoard {
    fn invoke(&self, _call: HostedCall) -> Outcome<'_> {
        let answer = match self.0 {
            Hook::Vetoes => json!({"veto": true, "reason": "the books are being closed"}),
            Hook::Agrees | Hook::None => json!({}),
        };
        Box::pin(async move { Ok(answer.to_string().into_bytes()) })
    }
}
