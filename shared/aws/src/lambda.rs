//! The Lambda runtime around a function: payloads as they came, errors with their class and whole chain, one
//! log line per decision.

pub mod dr;
pub mod log;
mod told;

use std::time::Instant;

use cutover_core::engine::{Invocation, Settings};
use cutover_core::error::{Class, Failure};
use cutover_core::metrics::Measured;
use cutover_core::report::Report;
use cutover_core::trigger::Identity;
use jiff::Timestamp;
use lambda_runtime::{Diagnostic, Error, LambdaEvent, LambdaInvocation, Runtime, service_fn};
use tower::util::MapRequestLayer;

use crate::clients::Clients;
use crate::config::Config;
use crate::metrics::Embedded;
use crate::replication::names::InstanceNames;
use crate::round_trips::RoundTrips;
use crate::world::AwsWorld;
use told::Told;

/// A configured function.
pub struct App {
    pub config: Config,
    pub world: AwsWorld,
    meter: Meter,
}

impl App {
    pub async fn from_environment(function: &str) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var(name).ok();
        let config = Config::read(function, &variable)?;
        let clients = Clients::from_environment(&variable)?;
        let world = AwsWorld::new(&clients, InstanceNames::default(), &config);
        Box::pin(world.warm_up()).await;
        Ok(Self {
            meter: Meter::start(&config.settings.environment, function, clients.round_trips),
            config,
            world,
        })
    }
}

/// What is counted of each invocation, whatever it is about.
struct Meter {
    round_trips: RoundTrips,
    metrics: Option<Embedded>,
}

impl Meter {
    fn start(environment: &str, function: &str, round_trips: RoundTrips) -> Self {
        Self {
            round_trips,
            metrics: Embedded::start(environment, function),
        }
    }

    async fn measure<R: Told>(
        &self,
        invocation: &Invocation,
        asked: impl Future<Output = Result<R, Failure>>,
    ) -> Result<R, Failure> {
        let begun = Instant::now();
        // What init or an aborted invocation left over is not this one's.
        let _before = self.round_trips.take();
        let result = asked.await;
        if let Some(metrics) = &self.metrics {
            let measured = Measured {
                milliseconds: u32::try_from(begun.elapsed().as_millis()).unwrap_or(u32::MAX),
                round_trips: self.round_trips.take().sequential,
            };
            metrics.write(&R::metrics(&result, measured), &invocation.id);
        }
        result
    }
}

/// Asks a function, by whatever names its tasks are known meanwhile.
pub async fn ask(
    answer: &impl Answer,
    world: &AwsWorld,
    config: &Config,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    let identity = Identity {
        task_names: world.task_names(),
        ..config.identity.clone()
    };
    Box::pin(answer(world, &config.settings, &identity, invocation, payload)).await
}

/// A function's way from one payload to its report.
pub trait Answer:
    AsyncFn(&AwsWorld, &Settings, &Identity, &Invocation, &[u8]) -> Result<Report, Failure>
{
}

impl<F> Answer for F where
    F: AsyncFn(&AwsWorld, &Settings, &Identity, &Invocation, &[u8]) -> Result<Report, Failure>
{
}

/// Runs a function until Lambda ends it.
pub async fn run(function: &str, answer: impl Answer) -> Result<(), Error> {
    let app = App::from_environment(function);
    serve(Box::pin(app), async |app: &App, invocation, payload| {
        let asked = ask(&answer, &app.world, &app.config, invocation, payload);
        app.meter.measure(invocation, asked).await
    })
    .await
}

/// Serves what has been configured; where it could not be, every invocation says why.
async fn serve<A, R: Told>(
    app: impl Future<Output = Result<A, Failure>>,
    report: impl AsyncFn(&A, &Invocation, &[u8]) -> Result<R, Failure>,
) -> Result<(), Error> {
    log::begin(std::io::stdout);
    let app = app.await.map_err(|failure| failure.chain());
    let (app, report) = (&app, &report);
    let handler = service_fn(async move |event: LambdaEvent<String>| {
        let invocation = invocation(&event);
        let result = match app {
            Ok(app) => report(app, &invocation, event.payload.as_bytes()).await,
            Err(chain) => Err(Failure::new(Class::Permanent, chain.clone())),
        };
        log::decision(&invocation, &result);
        result.map_err(Described)
    });
    Runtime::new(handler)
        .layer(MapRequestLayer::new(as_text))
        .run()
        .await
}

/// The runtime would parse the payload itself and answer what is not JSON with an error type of its own. As
/// text every payload reaches us as it came.
fn as_text(mut request: LambdaInvocation) -> LambdaInvocation {
    let text = String::from_utf8_lossy(&request.body).into_owned();
    request.body = serde_json::Value::String(text).to_string().into_bytes().into();
    request
}

fn invocation(event: &LambdaEvent<String>) -> Invocation {
    let milliseconds = i64::try_from(event.context.deadline).unwrap_or(i64::MAX);
    let deadline = Timestamp::from_millisecond(milliseconds).unwrap_or(Timestamp::MAX);
    Invocation {
        id: event.context.request_id.clone(),
        trigger: String::new(),
        deadline,
    }
}

#[derive(Debug)]
struct Described(Failure);

/// The runtime's own conversion drops the causes and names a Rust type.
impl From<Described> for Diagnostic {
    fn from(described: Described) -> Self {
        Self {
            error_type: described.0.class.name().to_owned(),
            error_message: described.0.chain(),
        }
    }
}
