//! The shipped functions, behind the twin's Lambda.

use std::future::Future;
use std::pin::Pin;

use cutover_aws::clients::Clients;
use cutover_aws::config::Config;
use cutover_aws::replication::InstanceNames;
use cutover_aws::world::AwsWorld;
use cutover_core::engine::Invocation;
use twin::{FunctionFailure, HostedCall, HostedFunction, Twin};

use crate::way_in::elsewhere;

/// `route53-updater`, with clients of its own for each invocation so that a crash takes its calls along.
pub struct Updater {
    config: Config,
    names: InstanceNames,
    twin: Twin,
}

impl Updater {
    #[must_use]
    pub fn new(config: Config, names: InstanceNames, twin: Twin) -> Self {
        Self { config, names, twin }
    }

    /// What the function's init does.
    pub async fn warm_up(&self) {
        Box::pin(self.world(self.twin.http_client()).warm_up()).await;
    }

    fn world(&self, client: aws_smithy_runtime_api::client::http::SharedHttpClient) -> AwsWorld {
        let clients = Clients::elsewhere(elsewhere(&self.twin, client));
        AwsWorld::new(&clients, self.names.clone(), &self.config)
    }

    async fn answer(&self, call: HostedCall) -> Result<Vec<u8>, FunctionFailure> {
        let world = self.world(call.client);
        let invocation = Invocation {
            id: call.request_id,
            deadline: call.deadline,
        };
        let settings = &self.config.settings;
        let answer = route53_updater::answer(&world, settings, &invocation, &call.payload);
        let answer = Box::pin(answer).await;
        let failure = |class: &str, message: String| FunctionFailure {
            error_type: class.to_owned(),
            error_message: message,
        };
        let report = answer.map_err(|error| failure(error.class.name(), error.chain()))?;
        serde_json::to_vec(&report).map_err(|error| failure("Permanent", error.to_string()))
    }
}

impl HostedFunction for Updater {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(self.answer(call))
    }
}
