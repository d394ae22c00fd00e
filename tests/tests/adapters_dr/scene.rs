//! Two regions with their clusters, where nothing acts by itself, and the ports of `dr-failover` called in the second.

use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use cutover_aws::clients::DrClients;
use cutover_aws::config::dr::DrConfig;
use cutover_aws::dr::probes::Probing;
use cutover_aws::dr::world::AwsDrWorld;
use cutover_core::dr::observation::Far;
use cutover_core::error::PortError;
use rehearsal::dr::probe::TwinProbe;
use rehearsal::dr::setting::DrSetting;
use rehearsal::dr::stage::DrStage;
use rehearsal::stage::{Setting, Stage};
use rehearsal::virtual_time;
use rehearsal::way_in::elsewhere;
use serde_json::{Value, json};
use twin::{Call, Fault, FaultKind, FunctionFailure, HostedCall, HostedFunction, Twin, TwinOptions};

pub const PRIMARY_REGION: &str = "eu-central-1";
/// Of Route 53.
pub const CONTROL_PLANE_REGION: &str = "us-east-1";
/// What whatever is asked of another region is given.
pub const PROBE: Duration = Duration::from_secs(2);
/// By which a call in the log is known to be ours. It is made in the DR region.
const CALLER: &str = "caller";
const MINUTE_SECONDS: i64 = 60;
const FUNCTION_TIMEOUT: Duration = Duration::from_mins(1);

pub struct Scene {
    /// Seen from the primary region.
    pub twin: Twin,
    /// Seen from the DR region.
    pub there: Twin,
    pub dr: DrStage,
    pub world: AwsDrWorld,
}

/// A scene of this setting, and what is done with it.
pub fn on<T: Send, F: Future<Output = T>>(
    setting: DrSetting,
    act: impl FnOnce(Scene) -> F + Send + 'static,
) -> T {
    virtual_time::run(|| async { act(Scene::build(setting).await).await }).unwrap()
}

/// The usual scene, but for these parameters of the template.
pub fn with(parameters: &[(&str, &str)]) -> DrSetting {
    let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    DrSetting {
        parameters: parameters.iter().map(owned).collect(),
        ..DrSetting::default()
    }
}

impl Scene {
    async fn build(setting: DrSetting) -> Self {
        let setting = Setting {
            dr: Some(setting),
            ..Setting::default()
        };
        let stage = Box::pin(Stage::build(TwinOptions::default(), setting))
            .await
            .unwrap();
        for region in stage.twin.everywhere() {
            region.schedules(false);
        }
        let dr = stage.dr.clone().unwrap();
        // Alarms and events of RDS reach it, and it would act.
        Listener::host(&dr.twin, "dr-failover-dev", json!({}));
        Self {
            twin: stage.twin.clone(),
            there: dr.twin.clone(),
            world: world(&dr, &dr.config, dr.twin.http_client_for(CALLER)),
            dr,
        }
    }

    /// A world of another configuration.
    pub fn world_with(&self, change: impl FnOnce(&mut DrConfig)) -> AwsDrWorld {
        let mut config = self.dr.config.clone();
        change(&mut config);
        world(&self.dr, &config, self.there.http_client_for(CALLER))
    }

    /// A world whose calls take another way.
    pub fn world_over(&self, client: SharedHttpClient) -> AwsDrWorld {
        world(&self.dr, &self.dr.config, client)
    }

    /// Every call of this operation by our worlds.
    pub fn calls(&self, operation: &str) -> Vec<Call> {
        let ours = |call: &Call| call.invocation.as_deref() == Some(CALLER) && call.operation == operation;
        let log = self.twin.log();
        log.into_iter().filter(ours).collect()
    }

    /// The regions that calls of this operation went to.
    pub fn regions(&self, operation: &str) -> Vec<String> {
        let calls = self.calls(operation);
        calls.into_iter().map(|call| call.region).collect()
    }

    pub fn fault(&self, service: &str, operation: &str, kind: FaultKind) {
        self.twin.faults().add(Fault {
            times: None,
            ..Fault::once(service, operation, kind)
        });
    }

    pub async fn wait(&self, duration: Duration) {
        self.twin.clock().sleep(duration).await;
    }

    /// So many whole minutes come, and AWS does what it does at each.
    pub async fn minutes(&self, count: usize) {
        for _ in 0..count {
            let into = self.twin.clock().now().as_second().rem_euclid(MINUTE_SECONDS);
            let left = u64::try_from(MINUTE_SECONDS - into).unwrap();
            self.wait(Duration::from_secs(left)).await;
            self.twin.minute().await;
        }
    }

    /// What came of it, and how long that took.
    pub async fn timed<T>(&self, asked: impl Future<Output = T>) -> (T, Duration) {
        let begun = self.twin.clock().now();
        let answer = asked.await;
        let took = self.twin.clock().now().duration_since(begun);
        (answer, Duration::try_from(took).unwrap())
    }
}

/// The ports as the function has them, but that its calls are known to be ours.
fn world(dr: &DrStage, config: &DrConfig, client: SharedHttpClient) -> AwsDrWorld {
    let clients = DrClients::elsewhere(elsewhere(&dr.twin, client), config);
    let probe = TwinProbe::with(&dr.twin, dr.setting.login, config);
    AwsDrWorld::new(&clients, config, Probing::Elsewhere(Arc::new(probe)))
}

pub fn known<T: Debug>(far: Far<T>) -> T {
    match far {
        Far::Known(value) => value,
        Far::Unreachable(why) | Far::Unknown(why) => panic!("it is not known: {why}"),
    }
}

/// Why a region does not answer.
pub fn unreachable<T: Debug>(far: Far<T>) -> String {
    match far {
        Far::Unreachable(why) => why,
        Far::Known(_) | Far::Unknown(_) => panic!("it is within reach: {far:?}"),
    }
}

/// Why nothing is known, although somebody answered.
pub fn unknown<T: Debug>(far: Far<T>) -> String {
    match far {
        Far::Unknown(why) => why,
        Far::Known(_) | Far::Unreachable(_) => panic!("it is not unknown: {far:?}"),
    }
}

pub fn chain(error: &PortError) -> String {
    cutover_core::error::chain(error)
}

/// Somebody's own function: it keeps what it hears, and says always the same.
#[derive(Clone)]
pub struct Listener {
    heard: Arc<Mutex<Vec<Value>>>,
    says: Result<Value, FunctionFailure>,
    after: Duration,
    twin: Twin,
}

impl Listener {
    pub fn host(twin: &Twin, name: &str, says: Value) -> Self {
        Self::host_slow(twin, name, Ok(says), Duration::ZERO)
    }

    pub fn host_slow(twin: &Twin, name: &str, says: Result<Value, FunctionFailure>, after: Duration) -> Self {
        let listener = Self {
            heard: Arc::default(),
            says,
            after,
            twin: twin.clone(),
        };
        twin.host(name, Arc::new(listener.clone()), FUNCTION_TIMEOUT);
        listener
    }

    pub fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }
}

impl HostedFunction for Listener {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(async move {
            let payload = serde_json::from_slice(&call.payload).unwrap();
            self.heard.lock().unwrap().push(payload);
            self.twin.clock().sleep(self.after).await;
            self.says.clone().map(|says| says.to_string().into_bytes())
        })
    }
}
