//! Who gets the traffic by the data plane: the metric, the alarm that follows it, and the global writer endpoint.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use cutover_core::dr::ports::{Routes, World};
use cutover_core::dr::side::Side;
use cutover_core::error::Class;
use jiff::Timestamp;
use rehearsal::dr::setting::DrSetting;
use rehearsal::dr::stage::DR_REGION;
use twin::{FaultKind, Twin};

use crate::scene::{Scene, on};

const ALARM: &str = "serve-from-dr-dev";

/// What the metric has said in a region from a moment on.
fn said(twin: &Twin, since: Timestamp) -> Vec<f64> {
    let dimensions = [("Environment", "dev")];
    let points =
        twin.cloudwatch(|cloudwatch| cloudwatch.datapoints("Cutover/DR", "ServeFromDr", &dimensions, since));
    points.into_iter().map(|(_, value)| value).collect()
}

async fn leads_to(scene: &Scene) -> Option<Side> {
    scene.world.routes().leads_to().await
}

#[test]
fn who_serves_is_said_in_the_dr_region_as_0_or_1() {
    on(DrSetting::default(), |scene| async move {
        let since = scene.twin.clock().now();
        scene.wait(Duration::from_mins(1)).await;
        scene.world.routes().serve(Side::Primary).await.unwrap();
        scene.wait(Duration::from_mins(1)).await;
        scene.world.routes().serve(Side::Dr).await.unwrap();
        assert_eq!(said(&scene.there, since), [0.0, 1.0]);
        assert_eq!(said(&scene.twin, since), [0.0; 0]);
        assert_eq!(scene.regions("PutMetricData"), [DR_REGION, DR_REGION]);
    });
}

#[test]
fn who_serves_has_the_resolution_that_health_checks_follow() {
    on(DrSetting::default(), |scene| async move {
        let overheard = Overheard {
            inner: scene.there.http_client(),
            bodies: Arc::default(),
        };
        let world = scene.world_over(SharedHttpClient::new(overheard.clone()));
        world.routes().serve(Side::Dr).await.unwrap();
        let body = overheard.bodies.lock().unwrap().remove(0);
        // In CBOR: the name, then 60 in one byte more.
        let sixty = b"\x71StorageResolution\x18\x3c";
        assert!(
            body.windows(sixty.len()).any(|part| part == sixty),
            "{}",
            body.escape_ascii()
        );
    });
}

#[test]
fn a_metric_that_cannot_be_put_says_which() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("cloudwatch", "PutMetricData", FaultKind::Deny);
        let error = scene.world.routes().serve(Side::Dr).await.unwrap_err();
        assert_eq!(error.operation, "cloudwatch:PutMetricData Cutover/DR ServeFromDr");
        assert_eq!(error.class, Class::Permanent);
    });
}

#[test]
fn the_alarm_follows_the_metric_within_a_minute_both_ways() {
    on(DrSetting::default(), |scene| async move {
        assert_eq!(leads_to(&scene).await, Some(Side::Primary));
        for (side, before) in [(Side::Dr, Side::Primary), (Side::Primary, Side::Dr)] {
            scene.world.routes().serve(side).await.unwrap();
            assert_eq!(leads_to(&scene).await, Some(before));
            scene.minutes(1).await;
            assert_eq!(leads_to(&scene).await, Some(side));
        }
        // Without data nothing changes.
        scene.minutes(5).await;
        assert_eq!(leads_to(&scene).await, Some(Side::Primary));
    });
}

#[test]
fn an_alarm_that_cannot_be_read_or_has_not_decided_leads_nowhere() {
    on(DrSetting::default(), |scene| async move {
        let forgotten = scene.world_with(|config| config.routing_alarm = Some("forgotten".to_owned()));
        assert_eq!(forgotten.routes().leads_to().await, None);
        let asked = scene.calls("DescribeAlarms").len();
        let none = scene.world_with(|config| config.routing_alarm = None);
        assert_eq!(none.routes().leads_to().await, None);
        assert_eq!(scene.calls("DescribeAlarms").len(), asked);
        scene.there.darken_service(DR_REGION, "cloudwatch");
        assert_eq!(leads_to(&scene).await, None);
        scene.there.lighten_service(DR_REGION, "cloudwatch");
        assert_eq!(leads_to(&scene).await, Some(Side::Primary));
        scene
            .there
            .cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(ALARM, "INSUFFICIENT_DATA", "as asked"));
        assert_eq!(leads_to(&scene).await, None);
    });
}

#[test]
fn the_global_writer_endpoint_leads_to_one_side_or_nobody_knows() {
    on(DrSetting::default(), |scene| async move {
        let endpoint = |cluster: &str| scene.twin.rds(|rds| rds.endpoints(cluster)).unwrap().0;
        let global = scene.twin.rds(|rds| rds.global_endpoint("orders")).unwrap();
        let leads = |endpoint: String, to: String| {
            let routes = scene.world.routes();
            async move { routes.endpoint_leads_to(&endpoint, &to).await }
        };
        let (primary, dr) = (endpoint("orders-primary"), endpoint("orders-dr"));
        assert_eq!(leads(global.clone(), primary).await, Some(true));
        assert_eq!(leads(global.clone(), dr).await, Some(false));
        assert_eq!(leads(global, "no-such-name.example.com".to_owned()).await, None);
    });
}

/// A way to the twin that keeps what is sent.
#[derive(Debug, Clone)]
struct Overheard<T = SharedHttpClient> {
    inner: T,
    bodies: Arc<Mutex<Vec<Vec<u8>>>>,
}

impl HttpClient for Overheard {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Overheard {
            inner: self.inner.http_connector(settings, components),
            bodies: Arc::clone(&self.bodies),
        })
    }
}

impl HttpConnector for Overheard<SharedHttpConnector> {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let body = request.body().bytes().unwrap_or_default().to_vec();
        self.bodies.lock().unwrap().push(body);
        self.inner.call(request)
    }
}
