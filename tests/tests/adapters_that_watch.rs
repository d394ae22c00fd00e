//! What the adapters promise of alarms, limits, tasks and the event bus.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use std::future::Future;

use cutover_aws::clients::Clients;
use cutover_aws::replication::names::InstanceNames;
use cutover_aws::world::AwsWorld;
use cutover_core::generation::Generation;
use cutover_core::journal::Outcome;
use cutover_core::observation::{AlarmState, LimitSeen};
use cutover_core::phase::{Action, Phase};
use cutover_core::ports::{Alarms, Announcer, ReplicationMonitor, World};
use cutover_core::replication::{Seen, Task, TaskStatus};
use cutover_core::transition::Transition;
use cutover_core::weight::{Traffic, Weight, Weights};
use rehearsal::hosted::Function;
use rehearsal::player::Player;
use rehearsal::script::{Happening, parse};
use rehearsal::stage::{Direction, Setting, Stage};
use rehearsal::virtual_time;
use rehearsal::way_in::elsewhere;
use twin::TwinOptions;
use twin::cloudwatch::Feed;

const LATENCY: &str = "MAX(SEARCH('{App,Side} MetricName=\"Growth\" Side=\"target\"', 'Maximum', 60))";

/// A world on a stage of this setting, and what is done with it.
fn on<T: Send + 'static, F: Future<Output = T>>(
    setting: Setting,
    act: impl FnOnce(Stage, AwsWorld) -> F + Send + 'static,
) -> T {
    virtual_time::run(|| async {
        let stage = Box::pin(Stage::build(TwinOptions::default(), setting))
            .await
            .unwrap();
        let world = stage.world().unwrap();
        act(stage, world).await
    })
    .unwrap()
}

fn with_latency() -> Setting {
    let parameters = [("LatencyExpression".to_owned(), LATENCY.to_owned())];
    Setting {
        parameters: parameters.into(),
        ..Setting::default()
    }
}

fn growth(stage: &Stage, percent: f64) {
    let now = stage.twin.clock().now();
    stage.twin.cloudwatch(|cloudwatch| {
        cloudwatch.feed("App", "Growth", &[("Side", "target")], Feed::Constant(percent));
        cloudwatch.put_datapoint("App", "Growth", &[("Side", "target")], now, percent);
    });
}

async fn limit(stage: &Stage, world: &AwsWorld) -> LimitSeen {
    play(stage, "advance 3m").await;
    world.alarms().limits().await.remove(0)
}

async fn play(stage: &Stage, lines: &str) {
    let mut player = Player::new(stage.clone());
    let happenings: Vec<Happening> = parse(lines).unwrap();
    for happening in happenings {
        player.play(&happening).await.unwrap();
    }
}

fn known(seen: &Seen<Task>) -> Task {
    seen.known().unwrap().clone()
}

#[test]
fn a_limit_is_its_newest_value_in_whole_percent_rounded_up() {
    let seen = on(with_latency(), |stage, world| async move {
        growth(&stage, 30.2);
        limit(&stage, &world).await
    });
    assert_eq!((seen.name, seen.percent_max), ("latency increase", 30));
    assert_eq!(seen.percent, Seen::Known(31));
}

#[test]
fn what_has_shrunk_is_no_increase() {
    let seen = on(with_latency(), |stage, world| async move {
        growth(&stage, -12.0);
        limit(&stage, &world).await
    });
    assert_eq!(seen.percent, Seen::Known(0));
}

#[test]
fn a_limit_without_data_or_permission_is_unknown() {
    let (silent, denied) = on(with_latency(), |stage, world| async move {
        let silent = limit(&stage, &world).await;
        play(&stage, "fault cloudwatch deny of GetMetricData").await;
        (silent, world.alarms().limits().await.remove(0))
    });
    for (seen, why) in [(silent, "no data in the last 300 s"), (denied, "AccessDenied")] {
        let Seen::Unknown(found) = seen.percent else {
            panic!("{:?}", seen.percent)
        };
        assert!(found.contains(why), "{found}");
    }
}

#[test]
fn no_limit_is_configured_and_nothing_is_asked() {
    let asked = on(Setting::default(), |stage, world| async move {
        let before = stage.twin.log().len();
        assert!(world.alarms().limits().await.is_empty());
        stage.twin.log().len() - before
    });
    assert_eq!(asked, 0);
}

#[test]
fn a_composite_is_read_with_what_suppresses_it() {
    let setting = Setting {
        alarms: "both=rollback,quiet=notify".to_owned(),
        ..Setting::default()
    };
    let alarms = on(setting, |stage, world| async move {
        stage.twin.cloudwatch(|cloudwatch| {
            cloudwatch.create_alarm("errors");
            cloudwatch.create_alarm("quiet");
            cloudwatch.set_alarm_state("quiet", "ALARM", "maintenance");
            cloudwatch
                .create_composite("both", "ALARM(errors)", Some(("quiet", 60, 60)))
                .unwrap();
            cloudwatch.set_alarm_state("errors", "ALARM", "by hand");
        });
        play(&stage, "advance 2m").await;
        world.alarms().read().await
    });
    let alarms = alarms.known().unwrap().clone();
    let found: Vec<(&str, AlarmState, bool)> = alarms
        .iter()
        .map(|alarm| (alarm.name.as_str(), alarm.state, alarm.suppressed))
        .collect();
    assert_eq!(
        found,
        [
            ("both", AlarmState::Alarm, true),
            ("quiet", AlarmState::Alarm, false)
        ]
    );
}

#[test]
fn the_last_minutes_end_at_a_gap() {
    let task = on(Setting::default(), |stage, world| async move {
        play(&stage, "ticks off\nlag none\nadvance 3m\nlag 4s\nadvance 3m").await;
        known(&world.monitor().forward().await)
    });
    let seconds: Vec<u64> = task.recent.iter().map(|sample| sample.seconds).collect();
    assert!((2..=3).contains(&seconds.len()), "{seconds:?}");
    assert!(seconds.iter().all(|seconds| *seconds == 4), "{seconds:?}");
    assert!(task.recent.is_sorted_by(|newer, older| newer.at > older.at));
}

#[test]
fn a_failed_task_tells_why_and_goes_on_where_it_stopped() {
    let (failed, resumed) = on(Setting::default(), |stage, world| async move {
        let task = stage.task(Direction::Forward).to_owned();
        stage
            .twin
            .dms(|dms| dms.fail(&task, "Stop Reason RECOVERABLE_ERROR", "Last Error ODBC"));
        let failed = known(&world.monitor().forward().await);
        world
            .monitor()
            .resume(cutover_core::replication::Direction::Forward)
            .await
            .unwrap();
        (failed, known(&world.monitor().forward().await))
    });
    assert_eq!(failed.status, TaskStatus::Failed);
    assert!(
        failed.stop_reason.contains("RECOVERABLE_ERROR"),
        "{}",
        failed.stop_reason
    );
    assert!(failed.last_failure.contains("ODBC"), "{}", failed.last_failure);
    assert_eq!(resumed.status, TaskStatus::Starting);
}

#[test]
fn the_instance_has_a_status_once_the_task_has_told_where_it_runs() {
    let (before, after) = on(Setting::default(), |_stage, world| async move {
        let before = world.monitor().instance().await;
        let _task = world.monitor().forward().await;
        (before, world.monitor().instance().await)
    });
    assert!(matches!(before, Seen::Unknown(_)));
    assert_eq!(after, Seen::Known("available".to_owned()));
}

fn transition() -> Transition {
    let weights = Weights::of(Weight::ZERO);
    Transition {
        environment: "dev".to_owned(),
        generation: Generation::new(7),
        action: Action::Rollback,
        outcome: Outcome::Finished,
        previous_phase: Phase::Shifting,
        phase: Phase::RolledBack,
        traffic: Traffic {
            reader: weights,
            writer: weights,
        },
        rollback: None,
        reason: "because".to_owned(),
        by: "alarm-rollback".to_owned(),
        at: "2026-03-02T09:00:00Z".to_owned(),
    }
}

#[test]
fn a_transition_reaches_the_bus_in_its_documented_form() {
    let event = on(Setting::default(), |stage, world| async move {
        world.announcer().announce(&transition()).await.unwrap();
        stage.twin.bus().last().unwrap().event.clone()
    });
    assert_eq!(event["source"], "cutover");
    assert_eq!(event["detail-type"], "Migration State Change");
    assert_eq!(event["resources"][0], "cutover:dev");
    assert_eq!(event["detail"]["previousPhase"], "shifting");
    assert_eq!(event["detail"]["phase"], "rolled-back");
    assert_eq!(event["detail"]["traffic"]["reader"]["source"], 100);
    assert_eq!(event["detail"]["generation"], 7);
}

#[test]
fn a_bus_that_refuses_is_told_with_the_call_that_failed() {
    let chain = on(Setting::default(), |stage, world| async move {
        play(&stage, "fault events deny of PutEvents").await;
        let error = world.announcer().announce(&transition()).await.unwrap_err();
        cutover_core::error::chain(&error)
    });
    assert!(chain.starts_with("events:PutEvents"), "{chain}");
    assert!(chain.contains("AccessDenied"), "{chain}");
}

#[test]
fn calls_that_overlap_are_one_round_trip() {
    let counted = on(Setting::default(), |stage, _world| async move {
        let clients = Clients::elsewhere(elsewhere(&stage.twin, stage.twin.http_client()));
        let config = stage.config(Function::Monitor).unwrap();
        let world = AwsWorld::new(&clients, InstanceNames::default(), &config);
        let _learnt = world.monitor().forward().await;
        let _first = clients.round_trips.take();
        let _task = world.monitor().forward().await;
        clients.round_trips.take()
    });
    assert_eq!((counted.sequential, counted.attempts), (1, 3));
}
