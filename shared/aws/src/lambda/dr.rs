//! The runtime around `dr-failover`.

use cutover_core::dr::report::Report;
use cutover_core::dr::settings::Settings;
use cutover_core::dr::trigger::Identity;
use cutover_core::engine::Invocation;
use cutover_core::error::Failure;
use lambda_runtime::Error;

use super::{Meter, serve};
use crate::clients::DrClients;
use crate::config::dr::DrConfig;
use crate::dr::network::NetworkProbes;
use crate::dr::probes::Probing;
use crate::dr::world::AwsDrWorld;

/// A configured function.
struct App {
    config: DrConfig,
    world: AwsDrWorld,
    meter: Meter,
}

impl App {
    async fn from_environment(function: &str) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let config = DrConfig::read(function, &variable)?;
        let clients = DrClients::from_environment(&variable, &config);
        let probing = Probing::Network(NetworkProbes::new(&clients, &config));
        let world = AwsDrWorld::new(&clients, &config, probing);
        Box::pin(world.warm_up()).await;
        Ok(Self {
            meter: Meter::start(&config.settings.environment, function, clients.round_trips),
            config,
            world,
        })
    }
}

/// The function's way from one payload to its report.
pub trait Answer:
    AsyncFn(&AwsDrWorld, &Settings, &Identity, &Invocation, &[u8]) -> Result<Report, Failure>
{
}

impl<F> Answer for F where
    F: AsyncFn(&AwsDrWorld, &Settings, &Identity, &Invocation, &[u8]) -> Result<Report, Failure>
{
}

/// Runs it until Lambda ends it.
pub async fn run(function: &str, answer: impl Answer) -> Result<(), Error> {
    let app = App::from_environment(function);
    serve(Box::pin(app), async |app: &App, invocation, payload| {
        let asked = ask(&answer, &app.world, &app.config, invocation, payload);
        app.meter.measure(invocation, asked).await
    })
    .await
}

/// Asks it.
pub async fn ask(
    answer: &impl Answer,
    world: &AwsDrWorld,
    config: &DrConfig,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    let identity = config.identity();
    Box::pin(answer(world, &config.settings, &identity, invocation, payload)).await
}
