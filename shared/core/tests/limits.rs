//! Error conditions over their limits, and the window in which reads may stand between the databases.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::Seen;
use cutover_core::weight::Pair;
use world::BEGIN;
use world::story::Story;

const LADDER: &str = r#"{"action":"gradual_cutover","ladder":[20,50,80],"bake_minutes":30}"#;

fn window_ends_after(story: &Story) -> Option<i64> {
    let until = story.state().record.window_until?;
    Some((until.as_second() - BEGIN) / 60)
}

#[test]
fn a_limit_that_is_exceeded_takes_traffic_back() {
    let mut story = Story::shifted();
    story.world().limit("latency", Seen::Known(5));
    let head = story.head();
    story.minutes(3);
    assert_eq!(story.head(), head, "at the limit is within it");
    story.world().limit("latency", Seen::Known(6));
    story.guard();
    assert!(story.traffic().is_all_source());
    let entry = story.last_entry();
    assert_eq!(
        (entry.action, entry.reason.as_str()),
        (Action::Rollback, "latency is 6 %, limit 5 %")
    );
    story.minutes(5);
    story.agrees();
}

#[test]
fn a_limit_without_data_holds_and_moves_nothing() {
    let mut story = Story::shifted();
    story
        .world()
        .limit("latency", Seen::Unknown("no datapoint in 5 min".to_owned()));
    story.minutes(10);
    assert_eq!(
        (story.held(), story.target(Pair::Reader)),
        (vec!["latency".to_owned()], 50)
    );
    assert_eq!(
        story.last_entry().reason.as_str(),
        "latency is unknown: no datapoint in 5 min"
    );
    story.world().limit("latency", Seen::Known(1));
    story.minute();
    assert!(story.held().is_empty());
    story.agrees();
}

#[test]
fn a_limit_that_is_not_configured_any_more_holds_nothing() {
    let mut story = Story::shifted();
    story
        .world()
        .limit("latency", Seen::Unknown("no data".to_owned()));
    story.guard();
    assert_eq!(story.held(), ["latency"]);
    story.world().limits.clear();
    story.guard();
    assert!(story.held().is_empty());
}

#[test]
fn a_limit_may_hold_or_only_tell_instead() {
    for (policy, held) in [(AlarmPolicy::Hold, 1), (AlarmPolicy::Notify, 0)] {
        let mut story = Story::shifted();
        story.settings.policy.limit_policy = policy;
        story.world().limit("latency", Seen::Known(9));
        let told = story.told().len();
        story.minutes(20);
        assert_eq!(
            (story.held().len(), story.target(Pair::Reader)),
            (held, 50),
            "{policy:?}"
        );
        let said = story.told_since(told);
        assert!(
            said.len() == 1 && said[0].contains("latency is 9 %, limit 5 %"),
            "{said:#?}"
        );
    }
}

#[test]
fn limits_count_while_reads_are_moved_and_after_the_cutover_and_not_before() {
    let mut story = Story::fresh();
    story.monitor();
    story.world().limit("latency", Seen::Known(9));
    story.minutes(3);
    assert_eq!(story.head(), 1);
    story.world().limits.clear();
    let mut story = story.cut_over();
    story.world().limit("latency", Seen::Known(9));
    story.minutes(5);
    assert_eq!(story.state().record.phase, Phase::RolledBack);
    assert!(story.traffic().is_all_source());
}

#[test]
fn the_window_begins_with_the_first_shift_and_not_with_a_later_one() {
    let mut story = Story::fresh();
    let _first = story.shift(20).report();
    assert_eq!(window_ends_after(&story), Some(60));
    story.minutes(10);
    let _second = story.shift(50).report();
    assert_eq!(window_ends_after(&story), Some(60));
    let _back = story.shift(0).report();
    assert_eq!(window_ends_after(&story), None);
}

#[test]
fn a_ladders_own_bakes_prolong_the_window() {
    let mut story = Story::fresh();
    let _climbs = story.send(LADDER).report();
    assert_eq!(window_ends_after(&story), Some(60 + 3 * 30));
    story.minutes(100);
    assert_eq!((story.target(Pair::Reader), story.held().len()), (80, 0));
    assert_eq!(
        window_ends_after(&story),
        Some(60 + 3 * 30),
        "the clock prolongs nothing"
    );
}

#[test]
fn what_is_done_within_the_window_is_not_held() {
    let mut story = Story::fresh();
    let _shifted = story.shift(50).report();
    story.minutes(59);
    assert!(story.held().is_empty());
    story.minute();
    assert_eq!(story.held(), ["window"]);
}

#[test]
fn a_window_that_is_over_holds_and_a_resume_gives_another() {
    let mut story = Story::fresh();
    let _climbs = story
        .send(r#"{"action":"gradual_cutover","ladder":[20,50],"bake_minutes":1}"#)
        .report();
    story.world().forward.lag = Some((0, 61, Some(1)));
    story.minutes(62);
    assert_eq!(
        (story.held(), story.target(Pair::Reader)),
        (vec!["window".to_owned()], 20)
    );
    let notices: Vec<String> = story
        .world()
        .notices
        .iter()
        .map(cutover_core::notice::Notice::text)
        .collect();
    let ended: Vec<&String> = notices
        .iter()
        .filter(|text| text.contains("window of 60 min has been over"))
        .collect();
    assert_eq!(ended.len(), 1);
    assert!(
        ended[0].contains("To give it another window: aws lambda invoke"),
        "{}",
        ended[0]
    );
    story.world().forward.lag = Some((0, 0, Some(0)));
    let head = story.head();
    story.minutes(30);
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 20));
    let resumed = story.send(r#"{"action":"resume"}"#).report();
    assert!(
        resumed.message.starts_with("resume is done"),
        "{}",
        resumed.message
    );
    assert!(story.held().is_empty());
    assert_eq!(window_ends_after(&story), Some(92 + 60 + 2));
    story.minutes(5);
    assert_eq!((story.target(Pair::Reader), story.held().len()), (50, 0));
    story.agrees();
}

#[test]
fn without_a_ladder_a_resume_gives_another_window_too() {
    let mut story = Story::fresh();
    let _shifted = story.shift(50).report();
    story.minutes(61);
    assert_eq!(story.held(), ["window"]);
    let _resumed = story.send(r#"{"action":"resume"}"#).report();
    assert_eq!(window_ends_after(&story), Some(61 + 60));
    story.minutes(5);
    assert!(story.held().is_empty());
}

#[test]
fn a_window_may_take_traffic_back_or_only_tell() {
    for (policy, target) in [(AlarmPolicy::Rollback, 0), (AlarmPolicy::Notify, 50)] {
        let mut story = Story::fresh();
        story.settings.policy.window_policy = policy;
        let _shifted = story.shift(50).report();
        let told = story.told().len();
        story.minutes(70);
        assert_eq!(
            (story.target(Pair::Reader), story.held().len()),
            (target, 0),
            "{policy:?}"
        );
        let notices = story.world().notices[told..].to_vec();
        let over = |text: &String| text.contains("the migration window of 60 min has been over");
        assert_eq!(
            notices
                .iter()
                .map(cutover_core::notice::Notice::text)
                .filter(over)
                .count(),
            1,
            "{notices:#?}"
        );
    }
}

#[test]
fn no_window_is_begun_where_nothing_is_mixed() {
    let story = Story::fresh().cut_over();
    assert_eq!(window_ends_after(&story), None);
    let mut back = story;
    let _rolled = back.send(r#"{"action":"rollback"}"#).report();
    back.minutes(100);
    assert_eq!((window_ends_after(&back), back.held().len()), (None, 0));
    // Found cut over by somebody else, with no record of ours.
    let mut found = Story::fresh();
    found.world().zone.edit(Pair::Reader, 0, 100);
    found.world().zone.edit(Pair::Writer, 0, 100);
    found.world().reverse = Some(world::tasks::TaskModel::running());
    found.monitor();
    assert_eq!(
        (window_ends_after(&found), found.state().record.phase),
        (None, Phase::CutOver)
    );
    // Found in between.
    let mut mixed = Story::fresh();
    mixed.world().zone.edit(Pair::Reader, 50, 50);
    mixed.monitor();
    assert_eq!(window_ends_after(&mixed), Some(60));
}

#[test]
fn an_alarm_and_a_limit_are_each_lifted_by_their_own_recovery() {
    let mut story = Story::shifted();
    story.settings.policy.limit_policy = AlarmPolicy::Hold;
    story.world().limit("latency", Seen::Known(9));
    story.alarm("errors", AlarmPolicy::Hold, AlarmState::Alarm);
    assert_eq!(story.held(), ["errors", "latency"]);
    story.world().limit("latency", Seen::Known(1));
    story.guard();
    assert_eq!(story.held(), ["errors"]);
    story.world().limit("latency", Seen::Known(9));
    story.alarm("errors", AlarmPolicy::Hold, AlarmState::Ok);
    assert_eq!(story.held(), ["latency"]);
}
