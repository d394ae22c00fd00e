//! What alarm-rollback makes of alarms while reads move.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::phase::{Action, Phase};
use cutover_core::replication::Seen;
use cutover_core::report::Outcome;
use cutover_core::weight::Pair;
use world::story::{Story, codes};
use world::watchers::{GUARD, alarm_event};

const LADDER: &str = r#"{"action":"gradual_cutover","ladder":[20,50,80],"bake_minutes":2}"#;

fn is_well(story: &mut Story, name: &str, policy: AlarmPolicy) -> Outcome {
    story.alarm(name, policy, AlarmState::Ok).outcome
}

#[test]
fn an_alarm_takes_everything_back_and_says_why() {
    let mut story = Story::shifted();
    let told = story.told().len();
    assert_eq!(story.rings("errors", AlarmPolicy::Rollback), Outcome::Done);
    assert!(story.traffic().is_all_source());
    let entry = story.last_entry();
    assert_eq!((entry.action, entry.by.as_str()), (Action::Rollback, GUARD));
    assert_eq!(entry.reason.as_str(), "alarm errors is in ALARM");
    assert_eq!(story.state().record.phase, Phase::RolledBack);
    assert_eq!(story.told_since(told).len(), 1);
    let notice = story.world().notices.last().unwrap().clone();
    assert_eq!(notice.severity.name(), "critical");
    assert!(
        notice.text().contains("Reason given: alarm errors is in ALARM"),
        "{}",
        notice.text()
    );
    let head = story.head();
    story.minutes(30);
    assert_eq!((story.head(), story.told_since(told).len()), (head, 1));
    story.agrees();
}

#[test]
fn the_clock_finds_an_alarm_whose_event_never_came() {
    let mut story = Story::shifted();
    story
        .world()
        .alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
    assert_eq!(story.guard().outcome, Outcome::Done);
    assert!(story.traffic().is_all_source());
}

#[test]
fn an_event_that_describe_alarms_does_not_bear_out_moves_nothing() {
    let mut story = Story::shifted();
    story
        .world()
        .alarm("errors", AlarmPolicy::Rollback, AlarmState::Ok);
    let (head, event) = (story.head(), alarm_event(&story, "late", "errors", "OK", "ALARM"));
    assert_eq!(story.receives(GUARD, &event).report().outcome, Outcome::Unchanged);
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
}

#[test]
fn an_event_while_alarms_cannot_be_read_moves_nothing_and_is_told() {
    let mut story = Story::shifted();
    story.world().alarms = Seen::Unknown("AccessDenied".to_owned());
    let (head, told) = (story.head(), story.told().len());
    for number in 0..5 {
        let event = alarm_event(&story, &format!("event-{number}"), "errors", "OK", "ALARM");
        let report = story.receives(GUARD, &event).report();
        assert_eq!(report.outcome, Outcome::Unchanged);
        assert_eq!(report.message, "the migration alarms are unknown: AccessDenied");
        story.minutes(2);
    }
    assert_eq!((story.head(), story.target(Pair::Reader)), (head, 50));
    let said = story.told_since(told);
    assert!(
        said.len() == 1 && said[0].contains("none of them takes traffic back"),
        "{said:#?}"
    );
    // Unknown is not healthy: nothing moves on either.
    assert_eq!(codes(&story.shift(60).report()), [Code::AlarmActive]);
}

#[test]
fn an_alarm_that_holds_stops_the_ladder_until_it_is_well() {
    let mut story = Story::fresh().without_window();
    let _begun = story.send(LADDER).report();
    assert_eq!(story.rings("latency", AlarmPolicy::Hold), Outcome::Done);
    assert_eq!(
        (story.held(), story.target(Pair::Reader)),
        (vec!["latency".to_owned()], 20)
    );
    let hold = story.state().hold.unwrap();
    assert_eq!(hold.message.as_str(), "alarm latency is in ALARM");
    story.minutes(20);
    assert_eq!(story.target(Pair::Reader), 20);
    assert_eq!(is_well(&mut story, "latency", AlarmPolicy::Hold), Outcome::Done);
    assert!(story.held().is_empty() && story.state().hold.is_none());
    story.minutes(20);
    assert_eq!(story.target(Pair::Reader), 80);
    story.agrees();
}

#[test]
fn the_hold_alone_stops_the_ladder_when_the_alarm_reads_well_to_it() {
    let mut story = Story::fresh().without_window();
    let _begun = story.send(LADDER).report();
    story.rings("latency", AlarmPolicy::Hold);
    // alarm-rollback is not running; the updater reads the alarm as OK.
    story.world().alarm("latency", AlarmPolicy::Hold, AlarmState::Ok);
    story.ticks(10);
    assert_eq!(story.target(Pair::Reader), 20);
    story.minutes(10);
    assert_eq!(story.target(Pair::Reader), 80);
}

#[test]
fn an_alarm_is_not_lifted_by_another_ones_recovery() {
    let mut story = Story::shifted();
    story.rings("latency", AlarmPolicy::Hold);
    story.rings("business", AlarmPolicy::Hold);
    assert_eq!(story.held(), ["latency", "business"]);
    is_well(&mut story, "business", AlarmPolicy::Hold);
    assert_eq!(story.held(), ["latency"]);
    is_well(&mut story, "business", AlarmPolicy::Hold);
    assert_eq!(story.held(), ["latency"]);
    is_well(&mut story, "latency", AlarmPolicy::Hold);
    assert!(story.held().is_empty());
    assert_eq!(story.target(Pair::Reader), 50);
}

#[test]
fn what_holds_stays_held_while_nothing_is_known_of_it() {
    for state in [AlarmState::InsufficientData, AlarmState::Absent] {
        let mut story = Story::shifted();
        story.rings("latency", AlarmPolicy::Hold);
        let head = story.head();
        story.alarm("latency", AlarmPolicy::Hold, state);
        story.minutes(3);
        assert_eq!(
            (story.held(), story.head()),
            (vec!["latency".to_owned()], head),
            "{state:?}"
        );
    }
    let mut story = Story::shifted();
    story.rings("latency", AlarmPolicy::Hold);
    let head = story.head();
    story.world().suppress("latency", true);
    story.minutes(3);
    let alarms = std::mem::replace(&mut story.world().alarms, Seen::Unknown("throttled".to_owned()));
    story.minutes(3);
    assert_eq!((story.held(), story.head()), (vec!["latency".to_owned()], head));
    story.world().alarms = alarms;
    story.world().suppress("latency", false);
    is_well(&mut story, "latency", AlarmPolicy::Hold);
    assert!(story.held().is_empty());
    // An alarm that is not configured any more holds nothing.
    story.rings("latency", AlarmPolicy::Hold);
    story.world().alarms = Seen::Known(Vec::new());
    story.guard();
    assert!(story.held().is_empty());
}

#[test]
fn an_alarm_that_holds_and_one_that_rolls_back_go_back() {
    let mut story = Story::shifted();
    story.rings("latency", AlarmPolicy::Hold);
    assert_eq!(story.rings("errors", AlarmPolicy::Rollback), Outcome::Done);
    assert!(story.traffic().is_all_source() && story.held().is_empty());
    let (head, reason) = (story.head(), story.last_entry().reason);
    assert_eq!(reason.as_str(), "alarm errors is in ALARM");
    story.minutes(10);
    is_well(&mut story, "latency", AlarmPolicy::Hold);
    assert_eq!(story.head(), head);
    story.agrees();
}

#[test]
fn a_flapping_alarm_is_told_once_and_ends_as_it_reads() {
    let mut story = Story::shifted();
    let (head, told) = (story.head(), story.told().len());
    for _ in 0..10 {
        story.rings("latency", AlarmPolicy::Hold);
        assert_eq!(story.held(), ["latency"]);
        story.minute();
        is_well(&mut story, "latency", AlarmPolicy::Hold);
        assert!(story.held().is_empty());
        story.minute();
    }
    assert_eq!(story.head(), head + 20, "each time held, each time lifted");
    let said = story.told_since(told);
    assert_eq!(said.len(), 2, "{said:#?}");
    assert_eq!(story.state().hold, None);
    assert_eq!(story.target(Pair::Reader), 50);
    story.agrees();
}

#[test]
fn before_anything_moved_and_after_it_came_back_an_alarm_does_nothing() {
    let mut fresh = Story::fresh();
    assert_eq!(fresh.rings("errors", AlarmPolicy::Rollback), Outcome::Unchanged);
    assert_eq!(fresh.head(), 0);
    let mut ready = Story::fresh();
    ready.monitor();
    let mut back = Story::shifted();
    let _back = back.send(r#"{"action":"rollback"}"#).report();
    back.until_quiet();
    for mut story in [ready, back] {
        let (head, told, traffic) = (story.head(), story.told().len(), story.traffic());
        assert_eq!(story.rings("errors", AlarmPolicy::Rollback), Outcome::Unchanged);
        story.rings("latency", AlarmPolicy::Hold);
        story.minutes(30);
        assert_eq!((story.head(), story.traffic()), (head, traffic));
        // The event is told, the clock's finding is not.
        assert_eq!(story.told_since(told).len(), 2, "{:#?}", story.told_since(told));
    }
}

#[test]
fn a_suppressed_alarm_and_one_that_only_tells_change_nothing() {
    let mut story = Story::shifted();
    story
        .world()
        .alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm);
    story.world().suppress("errors", true);
    let (head, told) = (story.head(), story.told().len());
    story.minutes(3);
    assert_eq!(story.told_since(told), Vec::<String>::new(), "no event asked");
    story.rings("business", AlarmPolicy::Notify);
    story.minutes(5);
    assert_eq!(story.head(), head);
    let mut said = story.told_since(told);
    said.sort();
    assert_eq!(
        said,
        [
            "alarm business is in ALARM",
            "alarm errors is in ALARM, its actions are suppressed: nothing is done"
        ]
    );
    assert_eq!(story.target(Pair::Reader), 50);
    story.world().suppress("errors", false);
    story.guard();
    assert!(story.traffic().is_all_source());
}
