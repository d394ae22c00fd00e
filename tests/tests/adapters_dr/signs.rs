//! The lag and the alarms, each from its own region.

use std::time::Duration;

use cutover_core::dr::observation::{AlarmSeen, Far, LagSeen};
use cutover_core::dr::ports::{Clusters, DrAlarms, World};
use cutover_core::dr::side::Side;
use cutover_core::observation::AlarmState;
use cutover_core::replication::Seen;
use jiff::Timestamp;
use rehearsal::dr::setting::{DrSetting, Topology};
use rehearsal::dr::stage::{CANARY, DR_CLUSTER, DR_REGION, PRIMARY_CLUSTER};
use twin::cloudwatch::{AlarmDefinition, Watched, WatchedMetric};
use twin::{FaultKind, Twin};

use crate::scene::{PRIMARY_REGION, PROBE, Scene, on, unknown, unreachable, with};

const OF_SECONDARY: &str = "AuroraGlobalDBRPOLag";
const REPLICATION_ALARM: &str = "cutover-dr-replication-dev";
const WITNESS_REGION: &str = "eu-north-1";
const WITNESS: &str = "arn:aws:cloudwatch:eu-north-1:111122223333:alarm:from-afar";

async fn lag(scene: &Scene, writer: Side) -> Seen<LagSeen> {
    scene.world.clusters().lag(writer).await
}

fn no_lag(seen: &Seen<LagSeen>) -> &str {
    match seen {
        Seen::Unknown(why) => why,
        Seen::Known(lag) => panic!("{lag:?}"),
    }
}

/// One datapoint of a cluster, at the beginning of the running minute.
fn put(twin: &Twin, metric: &str, cluster: &str, value: f64) -> Timestamp {
    let now = twin.clock().now().as_second();
    let at = Timestamp::from_second(now - now.rem_euclid(60)).unwrap();
    let dimensions = [("DBClusterIdentifier", cluster)];
    twin.cloudwatch(|cloudwatch| cloudwatch.put_datapoint("AWS/RDS", metric, &dimensions, at, value));
    at
}

async fn alarms(scene: &Scene) -> Vec<AlarmSeen> {
    scene.world.alarms().read().await
}

/// The one of this name.
fn named<'a>(alarms: &'a [AlarmSeen], name: &str) -> &'a AlarmSeen {
    alarms.iter().find(|alarm| alarm.name == name).unwrap()
}

#[test]
fn the_lag_is_that_of_the_follower_in_its_own_region_with_the_time_of_its_reading() {
    on(DrSetting::default(), |scene| async move {
        let at = put(&scene.there, OF_SECONDARY, DR_CLUSTER, 1_500.2);
        // What the same metric says elsewhere, or of others, does not count.
        put(&scene.twin, OF_SECONDARY, DR_CLUSTER, 7.0);
        put(&scene.there, OF_SECONDARY, "somebody-elses", 8.0);
        scene.wait(Duration::from_mins(6)).await;
        let seen = lag(&scene, Side::Primary).await;
        assert_eq!(
            seen,
            Seen::Known(LagSeen {
                milliseconds: 1_501,
                at
            })
        );
        assert_eq!(scene.regions("GetMetricData"), [DR_REGION]);
    });
}

#[test]
fn the_lag_changes_sides_with_the_writer() {
    on(DrSetting::default(), |scene| async move {
        let seen = lag(&scene, Side::Dr).await;
        assert!(
            no_lag(&seen).contains("orders-primary has no datapoint in the last 900 s"),
            "{seen:?}"
        );
        let at = put(&scene.twin, OF_SECONDARY, PRIMARY_CLUSTER, 40.0);
        let seen = lag(&scene, Side::Dr).await;
        assert_eq!(seen, Seen::Known(LagSeen { milliseconds: 40, at }));
        assert_eq!(scene.regions("GetMetricData"), [PRIMARY_REGION, PRIMARY_REGION]);
    });
}

#[test]
fn a_reading_that_is_too_old_or_not_allowed_is_no_lag() {
    on(DrSetting::default(), |scene| async move {
        put(&scene.there, OF_SECONDARY, DR_CLUSTER, 300.0);
        scene.wait(Duration::from_mins(17)).await;
        let seen = lag(&scene, Side::Primary).await;
        assert!(no_lag(&seen).contains("has no datapoint"), "{seen:?}");
        scene.fault("cloudwatch", "GetMetricData", FaultKind::Deny);
        let seen = lag(&scene, Side::Primary).await;
        assert!(no_lag(&seen).contains("AccessDenied"), "{seen:?}");
    });
}

#[test]
fn the_lag_of_a_dark_region_costs_no_more_than_the_probe_may_take() {
    on(DrSetting::default(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let (seen, took) = scene.timed(lag(&scene, Side::Dr)).await;
        assert!(
            no_lag(&seen).contains("cloudwatch:GetMetricData of cluster orders-primary"),
            "{seen:?}"
        );
        assert!(took <= PROBE, "{took:?}");
    });
}

#[test]
fn a_read_replica_has_metrics_of_its_own_in_seconds_and_none_while_it_does_not_replicate() {
    let replica = || DrSetting {
        topology: Topology::ReadReplica,
        ..DrSetting::default()
    };
    for metric in ["AuroraBinlogReplicaLag", "RDSToAuroraPostgreSQLReplicaLag"] {
        on(replica(), move |scene| async move {
            // That of a global database says nothing here.
            put(&scene.there, OF_SECONDARY, DR_CLUSTER, 9.0);
            assert!(lag(&scene, Side::Primary).await.known().is_none());
            let at = put(&scene.there, metric, DR_CLUSTER, 4.0);
            let seen = lag(&scene, Side::Primary).await;
            assert_eq!(
                seen,
                Seen::Known(LagSeen {
                    milliseconds: 4_000,
                    at
                })
            );
            scene.wait(Duration::from_mins(1)).await;
            put(&scene.there, metric, DR_CLUSTER, -1.0);
            assert!(lag(&scene, Side::Primary).await.known().is_none());
        });
    }
}

#[test]
fn alarms_are_read_in_the_dr_region_with_their_windows_and_since_when() {
    on(DrSetting::default(), |scene| async move {
        scene.wait(Duration::from_mins(1)).await;
        let went_off = scene.there.clock().now();
        scene
            .there
            .cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(CANARY, "ALARM", "as asked"));
        scene.wait(Duration::from_mins(1)).await;
        let seen = alarms(&scene).await;
        assert_eq!(scene.regions("DescribeAlarms"), [DR_REGION]);
        let found: Vec<(&str, &Far<AlarmState>, u64)> = seen
            .iter()
            .map(|alarm| (alarm.name.as_str(), &alarm.state, alarm.window_seconds))
            .collect();
        assert_eq!(
            found,
            [
                (REPLICATION_ALARM, &Far::Known(AlarmState::Ok), 120),
                (CANARY, &Far::Known(AlarmState::Alarm), 60),
            ]
        );
        let since = seen[1].since.unwrap().as_second();
        assert_eq!(since, went_off.as_second());
        assert!(seen.iter().all(|alarm| !alarm.is_witness && !alarm.suppressed));
    });
}

#[test]
fn the_window_is_that_of_the_periods_that_must_be_bad() {
    on(with(&[("DrCanaryAlarms", "three-of-five")]), |scene| async move {
        let definition = AlarmDefinition {
            name: "three-of-five".to_owned(),
            watched: Watched::Metric(WatchedMetric {
                namespace: "Orders".to_owned(),
                metric: "Errors".to_owned(),
                statistic: "Sum".to_owned(),
                period_seconds: 300,
                ..WatchedMetric::default()
            }),
            evaluation_periods: 5,
            datapoints_to_alarm: Some(3),
            ..AlarmDefinition::default()
        };
        scene
            .there
            .cloudwatch(|cloudwatch| cloudwatch.define_alarm(definition))
            .unwrap();
        assert_eq!(named(&alarms(&scene).await, "three-of-five").window_seconds, 900);
    });
}

#[test]
fn an_alarm_that_there_is_not_is_absent_and_the_others_are_read() {
    on(with(&[("DrCanaryAlarms", "forgotten")]), |scene| async move {
        let seen = alarms(&scene).await;
        assert_eq!(named(&seen, "forgotten").state, Far::Known(AlarmState::Absent));
        assert_eq!(named(&seen, REPLICATION_ALARM).state, Far::Known(AlarmState::Ok));
    });
}

#[test]
fn a_composite_says_that_somebody_suppresses_it() {
    on(with(&[("DrCanaryAlarms", "orders-any")]), |scene| async move {
        scene.there.cloudwatch(|cloudwatch| {
            cloudwatch.create_alarm("errors");
            cloudwatch.create_alarm("maintenance");
            cloudwatch
                .create_composite("orders-any", "ALARM(errors)", Some(("maintenance", 60, 60)))
                .unwrap();
            cloudwatch.set_alarm_state("errors", "ALARM", "as asked");
        });
        scene.minutes(2).await;
        let alone = alarms(&scene).await;
        scene
            .there
            .cloudwatch(|cloudwatch| cloudwatch.set_alarm_state("maintenance", "ALARM", "as asked"));
        scene.minutes(2).await;
        let suppressed = alarms(&scene).await;
        for (seen, is_suppressed) in [(alone, false), (suppressed, true)] {
            let composite = named(&seen, "orders-any");
            assert_eq!(composite.state, Far::Known(AlarmState::Alarm));
            assert_eq!(
                (composite.suppressed, composite.window_seconds),
                (is_suppressed, 0)
            );
        }
    });
}

#[test]
fn the_witness_is_asked_in_its_own_region_and_does_not_hold_up_the_others() {
    on(with(&[("DrWitnessAlarmArn", WITNESS)]), |scene| async move {
        let third = scene.twin.at(WITNESS_REGION);
        third.cloudwatch(|cloudwatch| {
            cloudwatch.create_alarm("from-afar");
            cloudwatch.set_alarm_state("from-afar", "ALARM", "as asked");
        });
        let seen = alarms(&scene).await;
        let witness = named(&seen, "from-afar");
        assert_eq!(
            (witness.is_witness, &witness.state),
            (true, &Far::Known(AlarmState::Alarm))
        );
        assert_eq!(scene.regions("DescribeAlarms"), [DR_REGION, WITNESS_REGION]);
        scene.twin.darken(WITNESS_REGION);
        let (seen, took) = Box::pin(scene.timed(alarms(&scene))).await;
        let why = unreachable(named(&seen, "from-afar").state.clone());
        assert!(why.starts_with("cloudwatch:DescribeAlarms"), "{why}");
        assert!(took <= PROBE, "{took:?}");
        assert_eq!(named(&seen, CANARY).state, Far::Known(AlarmState::Ok));
    });
}

#[test]
fn a_witness_that_is_deleted_is_absent() {
    on(with(&[("DrWitnessAlarmArn", WITNESS)]), |scene| async move {
        let seen = alarms(&scene).await;
        assert_eq!(named(&seen, "from-afar").state, Far::Known(AlarmState::Absent));
    });
}

#[test]
fn alarms_that_cannot_be_read_say_so_each_by_itself() {
    on(DrSetting::default(), |scene| async move {
        scene.fault("cloudwatch", "DescribeAlarms", FaultKind::Deny);
        for alarm in alarms(&scene).await {
            assert!(unknown(alarm.state).contains("AccessDenied"));
        }
        scene.twin.faults().clear();
        scene.twin.darken_service(DR_REGION, "cloudwatch");
        let seen = alarms(&scene).await;
        assert_eq!(seen.len(), 2);
        for alarm in seen {
            unreachable(alarm.state);
        }
    });
}
