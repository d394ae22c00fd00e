//! Who gets the traffic: the metric that health checks follow, and, where records are configured, their weights.

use aws_sdk_cloudwatch::types::{AlarmType, Dimension, MetricDatum, StandardUnit};
use aws_smithy_types::DateTime;
use cutover_core::dr::ports::Routes;
use cutover_core::dr::side::Side;
use cutover_core::error::{Class, PortError};
use cutover_core::observation::{AlarmState, PairFound};
use cutover_core::ports::{SetAnswer, Sighting, TrafficRouter};
use cutover_core::weight::{Pair, Weights};

use super::probes::Probing;
use crate::alarms::alarm_state;
use crate::call_error::port_error;
use crate::clients::DrClients;
use crate::config::RecordName;
use crate::config::dr::DrConfig;
use crate::router::{PairToken, RouterNames, WeightedRouter};

/// The alarm behind the health checks names these three.
const NAMESPACE: &str = "Cutover/DR";
const METRIC: &str = "ServeFromDr";
const DIMENSION: &str = "Environment";
/// Seconds of a datapoint: health checks follow metrics of the standard resolution only.
const RESOLUTION_SECONDS: i32 = 60;
/// All traffic to one side.
const ALL_TO_PRIMARY: Weights = Weights {
    source: 100,
    target: 0,
};
const ALL_TO_DR: Weights = Weights {
    source: 0,
    target: 100,
};

#[derive(Debug, Clone)]
pub struct ServingRoutes {
    clients: DrClients,
    environment: String,
    /// The alarm on the metric.
    alarm: Option<String>,
    router: Option<WeightedRouter>,
    probing: Probing,
}

impl ServingRoutes {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig, probing: Probing) -> Self {
        let router = config.records.as_ref().map(|records| {
            let names = RouterNames {
                zone: records.hosted_zone_id.clone(),
                zone_variable: "DR_HOSTED_ZONE_ID",
                records: vec![RecordName {
                    pair: Pair::Shared,
                    name: records.name.clone(),
                    variable: "DR_RECORD_NAME",
                }],
                source: records.primary_set_identifier.clone(),
                source_variable: "DR_PRIMARY_SET_IDENTIFIER",
                target: records.secondary_set_identifier.clone(),
                target_variable: "DR_SECONDARY_SET_IDENTIFIER",
            };
            WeightedRouter::of(clients.route53.clone(), names)
        });
        Self {
            clients: clients.clone(),
            environment: config.settings.environment.clone(),
            alarm: config.routing_alarm.clone(),
            router,
            probing,
        }
    }
}

impl Routes for ServingRoutes {
    /// By a call and not by a log line: the alarm needs it at once.
    async fn serve(&self, from: Side) -> Result<(), PortError> {
        let dimension = Dimension::builder().name(DIMENSION).value(&self.environment);
        let datum = MetricDatum::builder()
            .metric_name(METRIC)
            .dimensions(dimension.build())
            .timestamp(DateTime::from(self.clients.time.now()))
            .value(match from {
                Side::Primary => 0.0,
                Side::Dr => 1.0,
            })
            .unit(StandardUnit::None)
            .storage_resolution(RESOLUTION_SECONDS);
        let request = self.clients.cloudwatch.put_metric_data().namespace(NAMESPACE);
        let answer = request.metric_data(datum.build()).send().await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(format!("cloudwatch:PutMetricData {NAMESPACE} {METRIC}"), &error))
    }

    async fn leads_to(&self) -> Option<Side> {
        let name = self.alarm.as_deref()?;
        let request = self.clients.cloudwatch.describe_alarms().alarm_names(name);
        let answer = request.alarm_types(AlarmType::MetricAlarm).send().await.ok()?;
        let mut alarms = answer.metric_alarms().iter();
        let alarm = alarms.find(|alarm| alarm.alarm_name() == Some(name))?;
        match alarm_state(alarm.state_value()) {
            AlarmState::Alarm => Some(Side::Dr),
            AlarmState::Ok => Some(Side::Primary),
            AlarmState::InsufficientData | AlarmState::Absent => None,
        }
    }

    async fn move_records(&self, to: Side) -> Result<String, PortError> {
        let Some(router) = &self.router else {
            return Ok("no records are configured".to_owned());
        };
        let mut said = Vec::new();
        for sighting in router.read().await? {
            said.push(moved(router, &sighting, to).await?);
        }
        Ok(said.join("; "))
    }

    async fn endpoint_leads_to(&self, endpoint: &str, cluster_endpoint: &str) -> Option<bool> {
        self.probing.leads_to(endpoint, cluster_endpoint).await
    }
}

async fn moved(
    router: &WeightedRouter,
    sighting: &Sighting<PairToken>,
    to: Side,
) -> Result<String, PortError> {
    let name = &sighting.seen.name;
    if sighting.token.is_failover() {
        return Ok(format!(
            "{name} is a failover pair: its health checks lead it to the {to} side, nothing has to be moved"
        ));
    }
    let wanted = match to {
        Side::Primary => ALL_TO_PRIMARY,
        Side::Dr => ALL_TO_DR,
    };
    let refused = |class, why: String| PortError {
        operation: format!("moving the records of {name}"),
        class,
        source: why.into(),
    };
    match &sighting.seen.found {
        PairFound::Missing(why) => Err(refused(Class::Permanent, why.clone())),
        PairFound::Both { weights, .. } if *weights == wanted => {
            Ok(format!("{name} leads to the {to} side already"))
        }
        PairFound::Both { .. } => match router.set(sighting, wanted).await? {
            SetAnswer::Accepted(change) => Ok(format!("{name} leads to the {to} side (change {change})")),
            SetAnswer::Moved(why) => Err(refused(Class::Conflict, why)),
        },
    }
}
