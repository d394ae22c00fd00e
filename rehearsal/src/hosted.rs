//! The shipped functions, behind the twin's Lambda.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use cutover_aws::clients::Clients;
use cutover_aws::config::Config;
use cutover_aws::lambda::{self, Answer};
use cutover_aws::replication::names::InstanceNames;
use cutover_aws::world::AwsWorld;
use cutover_core::engine::Invocation;
use cutover_core::error::{Class, Failure};
use cutover_core::report::Report;
use twin::deployment::Deployment;
use twin::iam::Credentials;
use twin::{FunctionFailure, HostedCall, HostedFunction, Twin};

/// One of the functions that the template deploys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    Updater,
    Monitor,
    Rollback,
}

impl Function {
    pub const ALL: [Self; 3] = [Self::Updater, Self::Monitor, Self::Rollback];

    /// The name before `-<environment>`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Updater => route53_updater::NAME,
            Self::Monitor => dms_monitor::NAME,
            Self::Rollback => alarm_rollback::NAME,
        }
    }
}

/// Deploys what a template of one environment makes, and hosts its functions, each as its own role.
pub async fn deploy(
    twin: &Twin,
    deployment: &Deployment,
    environment: &str,
    clients: impl Fn(Option<Credentials>) -> Clients,
) -> Result<(), Failure> {
    let refused = |error: String| Failure::new(Class::Permanent, format!("template.yaml: {error}"));
    // What was set up until now is no news to anybody.
    twin.forget_emissions();
    twin.deploy(deployment)
        .map_err(|error| refused(error.to_string()))?;
    for function in Function::ALL {
        let name = format!("{}-{environment}", function.name());
        let spec = deployment.functions.iter().find(|spec| spec.name == name);
        let spec = spec.ok_or_else(|| refused(format!("it deploys no {name}")))?;
        let config = Config::read(function.name(), &|name| spec.environment.get(name).cloned())?;
        let hosted = Hosted::new(function, config, &clients(twin.credentials(&name)));
        Box::pin(hosted.warm_up()).await;
        twin.host(&name, Arc::new(hosted), spec.timeout);
    }
    Ok(())
}

/// A function as Lambda keeps it warm: its world is built once. The twin knows by the task which invocation makes a
/// call, so that a crash takes only its own along.
pub struct Hosted {
    function: Function,
    config: Config,
    world: AwsWorld,
}

impl Hosted {
    #[must_use]
    pub fn new(function: Function, config: Config, clients: &Clients) -> Self {
        let world = AwsWorld::new(clients, InstanceNames::default(), &config);
        Self {
            function,
            config,
            world,
        }
    }

    /// What the function's init does.
    pub async fn warm_up(&self) {
        Box::pin(self.world.warm_up()).await;
    }

    async fn report(&self, call: HostedCall) -> Result<Report, Failure> {
        match self.function {
            Function::Updater => self.ask(route53_updater::answer, call).await,
            Function::Monitor => self.ask(dms_monitor::answer, call).await,
            Function::Rollback => self.ask(alarm_rollback::answer, call).await,
        }
    }

    async fn ask(&self, answer: impl Answer, call: HostedCall) -> Result<Report, Failure> {
        let invocation = Invocation {
            id: call.request_id,
            trigger: String::new(),
            deadline: call.deadline,
        };
        let result = lambda::ask(&answer, &self.world, &self.config, &invocation, &call.payload).await;
        lambda::log::decision(&invocation, &result);
        result
    }

    async fn answer(&self, call: HostedCall) -> Result<Vec<u8>, FunctionFailure> {
        let failure = |class: &str, message: String| FunctionFailure {
            error_type: class.to_owned(),
            error_message: message,
        };
        let report = self.report(call).await;
        let report = report.map_err(|error| failure(error.class.name(), error.chain()))?;
        serde_json::to_vec(&report).map_err(|error| failure("Permanent", error.to_string()))
    }
}

impl HostedFunction for Hosted {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(self.answer(call))
    }
}
