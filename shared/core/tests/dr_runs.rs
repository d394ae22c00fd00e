//! Whole runs through the one door: what reaches `dr-failover`, and what it does about it from end to end.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_world;

use std::collections::BTreeSet;

use cutover_core::blocker::Code;
use cutover_core::dr::observation::{AlarmSeen, Far};
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::policy::Mode;
use cutover_core::dr::side::Side;
use cutover_core::observation::AlarmState;
use cutover_core::report::Outcome;
use dr_world::aws::Region;
use dr_world::drive::{Gate, poll};
use dr_world::environment::identity;
use dr_world::faults::Op;
use dr_world::story::{Story, codes};
use dr_world::{ALARM, OTHER_ALARM};
const SWITCHOVER: &str = r#"{"action":"switchover"}"#;
const FAILBACK: &str = r#"{"action":"failback"}"#;
const DRILL: &str = r#"{"action":"drill"}"#;
const TICK: &str = r#"{"action":"tick"}"#;

#[test]
fn an_alarm_promotes_a_lost_region_and_leads_the_traffic_there() {
    let mut story = Story::equipped().lost();
    let report = story.rings("alarm-1").report();
    assert_eq!(report.outcome, Outcome::Done, "{}", report.message);
    assert_eq!(report.phase, Phase::FailedOver);
    assert_eq!(story.actions(), [Action::Suspect, Action::Promote]);
    assert_eq!(story.accepted(), ["FailoverGlobalCluster dr"]);
    let world = story.world();
    assert_eq!((world.leads_to(), world.records), (Side::Dr, Side::Dr));
    assert_eq!((world.configured, world.refreshes), (Some(Side::Dr), 1));
    assert_eq!((world.asked.len(), world.after.len(), world.frozen), (0, 1, 1));
    drop(world);
    let run = story.state().run.unwrap();
    let names: Vec<&str> = run.timeline.marks().iter().map(|(name, _)| *name).collect();
    let all = [
        "detected",
        "decided",
        "promote called",
        "promoted",
        "routed",
        "verified",
    ];
    assert_eq!(names, all);
    let figure = |part: &str| {
        let found = report.dr.figures.iter().find(|figure| figure.part == part);
        found.unwrap().seconds.unwrap()
    };
    assert!((30..120).contains(&figure("rto")), "{:?}", report.dr.figures);
    assert!(figure("rpo") >= 60 && run.loss.unwrap().seconds == figure("rpo"));
    assert!(
        story
            .told()
            .iter()
            .any(|told| told.contains("failed over: the dr cluster serves"))
    );
    story.until_quiet();
    story.agrees();
}

/// Looks are made at once, so what follows one another is counted: one round of AWS, the probes beside nothing else, the
/// claim.
#[test]
fn from_a_confirmed_alarm_to_the_promotion_there_are_two_rounds_of_aws() {
    let mut story = Story::fresh();
    story.world().region(Region::Dark);
    story.passes(10);
    let suspects = story.send(TICK).report();
    assert_eq!(suspects.phase, Phase::Suspected);
    story.passes(60);
    let (event, invocation) = (story.alarm_event("alarm-1"), story.invocation());
    let (hand, settings, identity) = (
        story.hand(&invocation, Gate::closed()),
        story.settings.clone(),
        identity(),
    );
    let mut running: std::pin::Pin<Box<dyn Future<Output = _>>> = Box::pin(
        cutover_core::dr::engine::react::answer(&hand, &settings, &identity, &invocation, event.as_bytes()),
    );
    let mut rounds = Vec::new();
    loop {
        assert!(poll(&mut running).is_none(), "it ended after {rounds:?}");
        let waiting = hand.gate.choices();
        if waiting.iter().any(|(_, op)| *op == Op::Promote) {
            break;
        }
        let before = story.world().calls.len();
        for (ticket, _) in waiting {
            hand.gate.grant(ticket);
        }
        assert!(poll(&mut running).is_none());
        let round: BTreeSet<Op> = story.world().calls[before..].iter().copied().collect();
        rounds.push(round);
    }
    let of_aws: Vec<&BTreeSet<Op>> = rounds
        .iter()
        .filter(|round| **round != BTreeSet::from([Op::Probe]))
        .collect();
    assert_eq!(of_aws.len(), 2, "{rounds:?}");
    assert_eq!(*of_aws[1], BTreeSet::from([Op::Claim]));
    assert!(rounds.len() <= 3, "{rounds:?}");
}

#[test]
fn an_alarm_that_is_delivered_ten_times_promotes_once() {
    let mut story = Story::fresh().lost();
    let event = story.alarm_event("alarm-1");
    let invocation = story.invocation();
    for _ in 0..5 {
        let _again = story.deliver(&invocation, &event).report();
        let _other = story.send(&event).report();
    }
    assert_eq!(story.accepted(), ["FailoverGlobalCluster dr"]);
    let told = story.told();
    let over = told.iter().filter(|told| told.contains("failed over")).count();
    assert_eq!(over, 1, "{told:?}");
    story.until_quiet();
    story.agrees();
}

#[test]
fn an_alarm_that_comes_after_everything_is_well_again_does_nothing() {
    let mut story = Story::fresh().lost();
    let late = story.alarm_event("alarm-1");
    story.world().region(Region::Well);
    story.passes(120);
    let report = story.send(&late).report();
    assert_eq!(report.outcome, Outcome::Unchanged);
    assert!(story.accepted().is_empty() && story.actions().is_empty());
}

#[test]
fn a_partition_that_heals_before_it_is_confirmed_promotes_nothing() {
    let mut story = Story::fresh().with(|world| world.region(Region::CutOff));
    story.passes(30);
    // The invocation has no time to wait for the confirmation.
    let mut invocation = story.invocation();
    invocation.deadline = story.world().now + jiff::SignedDuration::from_secs(9);
    let event = story.alarm_event("alarm-1");
    let _holds = story.deliver(&invocation, &event).report();
    story.passes(13);
    story.world().region(Region::Well);
    story.until_quiet();
    assert!(story.accepted().is_empty());
    assert_eq!(story.actions(), [Action::Suspect, Action::Clear]);
    story.agrees();
}

#[test]
fn two_alarms_while_the_primary_writes_promote_nothing_and_say_why() {
    let ringing = |name: &str| AlarmSeen {
        name: name.to_owned(),
        is_witness: false,
        state: Far::Known(AlarmState::Alarm),
        suppressed: false,
        since: Some(jiff::Timestamp::from_second(dr_world::BEGIN).unwrap()),
        window_seconds: 60,
    };
    let mut story =
        Story::fresh().with(|world| world.alarms = Some(vec![ringing(ALARM), ringing(OTHER_ALARM)]));
    let report = story.rings("alarm-1").report();
    assert_eq!(report.outcome, Outcome::Held);
    assert_eq!(codes(&report), [Code::PrimaryAlive]);
    story.ticks(30);
    assert!(story.accepted().is_empty());
    let told = story.told();
    let why = told.iter().filter(|told| told.contains("takes writes")).count();
    assert_eq!(why, 1, "{told:?}");
}

#[test]
fn observing_for_a_week_tells_of_each_outage_once_and_promotes_nothing() {
    let mut story = Story::fresh().set(|settings| settings.policy.mode = Mode::Observe);
    for outage in 0..3 {
        story.world().region(Region::Dark);
        story.passes(30);
        let _held = story.rings(&format!("alarm-{outage}")).report();
        story.ticks(5);
        story.world().region(Region::Well);
        story.ticks(70);
    }
    assert!(story.accepted().is_empty());
    let would = story
        .told()
        .iter()
        .filter(|told| told.contains("would have promoted"))
        .count();
    assert_eq!((would, story.state().record.would.len()), (3, 3));
}

#[test]
fn in_mode_approve_a_person_is_asked_with_the_exact_command() {
    let mut story = Story::fresh()
        .lost()
        .set(|settings| settings.policy.mode = Mode::Approve);
    let report = story.rings("alarm-1").report();
    assert_eq!(report.outcome, Outcome::NeedsHuman);
    let command = r#"{"action":"failover","accept_data_loss":true,"expected_generation":2}"#;
    let asked = story.world().notices.last().unwrap().text();
    assert!(asked.contains(command), "{asked}");
    let done = story.send(command).report();
    assert_eq!((done.outcome, done.phase), (Outcome::Done, Phase::FailedOver));
}

#[test]
fn a_second_outage_within_the_block_period_is_held_until_it_is_acknowledged() {
    let mut story = Story::fresh().lost();
    let _done = story.rings("alarm-1").report();
    story.until_quiet();
    story.world().region(Region::Well);
    story.ticks(2);
    let _back = story.send(FAILBACK).report();
    story.until_quiet();
    assert_eq!(story.state().record.writer, Side::Primary);
    story.world().region(Region::Dark);
    story.passes(30);
    assert!(codes(&story.rings("alarm-2").report()).contains(&Code::BlockPeriod));
    let promoted = story.accepted().len();
    let _ended = story.send(r#"{"action":"acknowledge"}"#).report();
    story.until_quiet();
    assert_eq!(story.accepted().len(), promoted + 1);
}

#[test]
fn a_switchover_and_a_failback_lose_nothing_and_take_everything_along() {
    let mut story = Story::equipped();
    let there = story.send(SWITCHOVER).report();
    assert_eq!((there.outcome, there.phase), (Outcome::Done, Phase::FailedOver));
    let back = story.send(FAILBACK).report();
    // The old writer has to be a level copy first; then it goes.
    let back = if back.outcome == Outcome::Refused {
        story.ticks(2);
        story.send(FAILBACK).report()
    } else {
        back
    };
    assert_eq!(
        (back.outcome, back.phase),
        (Outcome::Done, Phase::Normal),
        "{}",
        back.message
    );
    let verbs = ["SwitchoverGlobalCluster dr", "SwitchoverGlobalCluster primary"];
    assert_eq!(story.accepted(), verbs);
    let world = story.world();
    assert_eq!(
        (world.records, world.configured),
        (Side::Primary, Some(Side::Primary))
    );
    assert_eq!((world.refreshes, world.asked.len(), world.aws.lost), (2, 2, None));
}

#[test]
fn a_drill_goes_there_and_back_and_leaves_two_reports() {
    let mut story = Story::equipped();
    let half = story.send(DRILL).report();
    assert_eq!(
        (half.outcome, half.waiting_on),
        (Outcome::Done, vec!["drill-back".to_owned()])
    );
    story.until_quiet();
    assert_eq!(story.state().record.phase, Phase::Normal);
    assert_eq!(story.actions(), [Action::Drill, Action::DrillBack]);
    let texts: Vec<String> = story
        .world()
        .notices
        .iter()
        .map(cutover_core::notice::Notice::text)
        .collect();
    let reports: Vec<&String> = texts.iter().filter(|text| text.contains("| rto |")).collect();
    assert_eq!(reports.len(), 2, "{texts:?}");
    assert!(reports.iter().all(|text| text.contains("```json")));
    let lines = story.state().history;
    assert!(
        lines.iter().all(|line| line.rto.is_some() && line.rpo == Some(0)),
        "{lines:?}"
    );
}

#[test]
fn a_read_replica_is_promoted_and_there_is_no_way_back() {
    let story = Story::fresh().set(|settings| settings.global_cluster = None);
    story.world().aws.has_global = false;
    let mut story = story.lost();
    let report = story.rings("alarm-1").report();
    assert_eq!(report.phase, Phase::FailedOver, "{}", report.message);
    assert_eq!(story.accepted(), ["PromoteReadReplicaDBCluster dr"]);
    assert!(story.state().record.detached);
    story.until_quiet();
    let back = story.send(FAILBACK).report();
    assert_eq!(back.outcome, Outcome::Refused);
}
