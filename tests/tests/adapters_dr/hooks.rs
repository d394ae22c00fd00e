//! Other people's functions before and after, and the migration beside.

use std::time::Duration;

use cutover_core::dr::observation::{Far, MigrationSeen};
use cutover_core::dr::ports::{HookAnswer, HookCall, Hooks, MigrationWatch, World};
use cutover_core::dr::side::Side;
use cutover_core::error::{Class, PortError};
use rehearsal::dr::setting::{Beside, DrSetting, Hook};
use rehearsal::dr::stage::DR_REGION;
use rehearsal::stage::STATE;
use serde_json::json;
use twin::{FaultKind, FunctionFailure};

use crate::scene::{Listener, PRIMARY_REGION, PROBE, Scene, chain, known, on, unknown, unreachable, with};

const BOARD: &str = "board";
const HOOKS: [(&str, &str); 2] = [
    (
        "PreHookArn",
        "arn:aws:lambda:eu-west-1:111122223333:function:board",
    ),
    (
        "PostHookArn",
        "arn:aws:lambda:eu-west-1:111122223333:function:board",
    ),
];
const MIGRATION: &str = "route53-updater-dev";
/// What the migration's function is given to stand still.
const FREEZE: Duration = Duration::from_secs(5);

fn hook_call(moment: &str) -> HookCall {
    HookCall {
        environment: "dev".to_owned(),
        moment: moment.to_owned(),
        action: "switchover".to_owned(),
        generation: 7,
        to: Side::Dr,
        reason: "the first Sunday".to_owned(),
        dry_run: false,
    }
}

async fn ask(scene: &Scene) -> Result<HookAnswer, PortError> {
    scene.world.hooks().ask(&hook_call("before")).await
}

fn beside() -> DrSetting {
    DrSetting {
        beside: Beside::Migration,
        ..DrSetting::default()
    }
}

async fn migration(scene: &Scene) -> Far<MigrationSeen> {
    scene.world.migration().read().await.unwrap()
}

#[test]
fn a_hook_is_told_everything_in_the_dr_region_and_may_let_it_go_on() {
    on(with(&HOOKS), |scene| async move {
        let board = Listener::host(&scene.there, BOARD, json!({ "veto": false }));
        assert_eq!(ask(&scene).await.unwrap(), HookAnswer::GoOn);
        let told = json!({
            "environment": "dev", "moment": "before", "action": "switchover", "generation": 7,
            "to": "dr", "reason": "the first Sunday", "dry_run": false,
        });
        assert_eq!(board.heard(), [told]);
        assert_eq!(scene.regions("Invoke"), [DR_REGION]);
    });
}

#[test]
fn a_veto_comes_with_its_reason() {
    let setting = DrSetting {
        hook: Hook::Vetoes,
        ..DrSetting::default()
    };
    on(setting, |scene| async move {
        let veto = HookAnswer::Veto("the books are being closed".to_owned());
        assert_eq!(ask(&scene).await.unwrap(), veto);
    });
}

#[test]
fn a_hook_that_fails_is_an_error_in_its_own_words() {
    on(with(&HOOKS), |scene| async move {
        let failure = FunctionFailure {
            error_type: "CalendarError".to_owned(),
            error_message: "no such calendar".to_owned(),
        };
        Listener::host_slow(&scene.there, BOARD, Err(failure), Duration::ZERO);
        let error = ask(&scene).await.unwrap_err();
        assert_eq!(error.class, Class::Permanent);
        for words in ["function:board", "Unhandled", "no such calendar"] {
            assert!(chain(&error).contains(words), "{}", chain(&error));
        }
    });
}

#[test]
fn a_hook_that_there_is_not_is_an_error() {
    on(with(&HOOKS), |scene| async move {
        let error = ask(&scene).await.unwrap_err();
        assert_eq!(error.class, Class::Permanent);
        assert!(
            chain(&error).contains("ResourceNotFoundException"),
            "{}",
            chain(&error)
        );
    });
}

#[test]
fn a_hook_has_its_time_and_is_asked_once() {
    for seconds in [1, 10] {
        let mut setting = with(&HOOKS);
        let time = ("HookTimeoutSeconds".to_owned(), seconds.to_string());
        setting.parameters.extend([time]);
        on(setting, move |scene| async move {
            let board = Listener::host_slow(&scene.there, BOARD, Ok(json!({})), Duration::from_secs(30));
            let (answer, took) = scene.timed(ask(&scene)).await;
            assert_eq!(answer.unwrap_err().class, Class::Retryable);
            assert_eq!(took.as_secs(), seconds);
            assert_eq!(board.heard().len(), 1);
        });
    }
    on(with(&HOOKS), |scene| async move {
        Listener::host(&scene.there, BOARD, json!({}));
        scene.fault("lambda", "Invoke", FaultKind::Throttle);
        assert_eq!(ask(&scene).await.unwrap_err().class, Class::Throttled);
        assert_eq!(scene.calls("Invoke").len(), 1);
    });
}

#[test]
fn the_hook_after_is_not_waited_for() {
    on(with(&HOOKS), |scene| async move {
        let board = Listener::host_slow(&scene.there, BOARD, Ok(json!({})), Duration::from_secs(30));
        let call = hook_call("after");
        let (answer, took) = scene.timed(scene.world.hooks().tell(&call)).await;
        answer.unwrap();
        assert!(took < Duration::from_secs(1), "{took:?}");
        scene.twin.quiet().await;
        assert_eq!(board.heard().len(), 1);
        assert_eq!(board.heard()[0]["moment"], "after");
    });
}

#[test]
fn without_hooks_nobody_is_asked() {
    on(DrSetting::default(), |scene| async move {
        assert_eq!(ask(&scene).await.unwrap(), HookAnswer::GoOn);
        scene.world.hooks().tell(&hook_call("after")).await.unwrap();
        assert!(scene.calls("Invoke").is_empty());
    });
}

#[test]
fn the_migration_is_read_in_its_own_region_and_has_not_begun_where_it_has_no_state() {
    on(beside(), |scene| async move {
        assert_eq!(known(migration(&scene).await).phase, "preparing");
        let state = r#"{"schema":99,"phase":"cutting-over","unheard":{"of":1}}"#;
        scene.twin.ssm(|ssm| ssm.put(STATE, state));
        // One of that name in the DR region is another's.
        scene.there.ssm(|ssm| ssm.put(STATE, r#"{"phase":"ready"}"#));
        assert_eq!(known(migration(&scene).await).phase, "cutting-over");
        assert_eq!(scene.regions("GetParameter"), [PRIMARY_REGION, PRIMARY_REGION]);
    });
}

#[test]
fn a_state_that_is_spoilt_or_kept_from_us_says_nothing_of_the_region() {
    on(beside(), |scene| async move {
        scene.twin.ssm(|ssm| ssm.put(STATE, "not ours"));
        assert!(unknown(migration(&scene).await).contains("has no phase"));
        scene.fault("ssm", "GetParameter", FaultKind::Deny);
        assert!(unknown(migration(&scene).await).contains("AccessDenied"));
    });
}

#[test]
fn the_migration_of_a_dark_region_costs_one_probe_to_read_and_little_more_to_freeze() {
    on(beside(), |scene| async move {
        scene.twin.darken(PRIMARY_REGION);
        let (seen, took) = scene.timed(migration(&scene)).await;
        unreachable(seen);
        assert!(took <= PROBE, "{took:?}");
        let (answer, took) = scene
            .timed(scene.world.migration().freeze("the region is gone"))
            .await;
        assert_eq!(answer.unwrap_err().class, Class::Retryable);
        assert!(took <= FREEZE, "{took:?}");
    });
}

#[test]
fn the_migration_is_frozen_by_its_own_pause() {
    on(beside(), |scene| async move {
        let function = Listener::host(&scene.twin, MIGRATION, json!({}));
        scene.world.migration().freeze("the writer moves").await.unwrap();
        let pause = json!({ "action": "pause", "reason": "the writer moves" });
        assert_eq!(function.heard(), [pause]);
        assert_eq!(scene.regions("Invoke"), [PRIMARY_REGION]);
    });
}

#[test]
fn the_shipped_function_takes_that_pause() {
    on(beside(), |scene| async move {
        scene.world.migration().freeze("the writer moves").await.unwrap();
        let state = scene.twin.ssm(|ssm| ssm.value(STATE)).unwrap();
        assert!(state.contains("the writer moves"), "{state}");
    });
}

#[test]
fn without_a_migration_there_is_nothing_to_read_or_to_freeze() {
    on(DrSetting::default(), |scene| async move {
        assert_eq!(scene.world.migration().read().await, None);
        scene.world.migration().freeze("the writer moves").await.unwrap();
        assert!(scene.calls("GetParameter").is_empty() && scene.calls("Invoke").is_empty());
    });
}
