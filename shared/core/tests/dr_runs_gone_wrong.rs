//! Runs in which something is vetoed, refused, lost, late or done by somebody else.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_world;

use cutover_core::blocker::Code;
use cutover_core::dr::account::Left;
use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::ports::HookAnswer;
use cutover_core::dr::side::Side;
use cutover_core::report::Outcome;
use dr_world::faults::{Fault, Op};
use dr_world::story::{Answer, Story, codes};

const FAILOVER: &str = r#"{"action":"failover","accept_data_loss":true}"#;
const SWITCHOVER: &str = r#"{"action":"switchover"}"#;

#[test]
fn a_hook_that_vetoes_a_switchover_or_does_not_answer_changes_nothing() {
    for answer in [Some(HookAnswer::Veto("the month's end".to_owned())), None] {
        let mut story = Story::equipped().with(|world| world.hook = answer);
        // One that does not answer is asked again, for a while.
        let asks_again = story.world().hook.is_none();
        let report = story.send(SWITCHOVER).report();
        if asks_again {
            assert_eq!(report.outcome, Outcome::InProgress);
        } else {
            assert_eq!(
                (report.outcome, codes(&report)),
                (Outcome::Held, vec![Code::HookVeto])
            );
        }
        story.until_quiet();
        assert_eq!(story.world().asked.len() > 1, asks_again);
        assert!(story.accepted().is_empty());
        assert_eq!(story.state().record.phase, Phase::Normal);
        assert!(
            story
                .told()
                .iter()
                .any(|told| told.contains("given up, nothing has changed"))
        );
        assert_eq!(story.world().frozen, 0);
        story.agrees();
    }
}

#[test]
fn a_drill_comes_back_although_a_hook_did_not_answer_once() {
    let mut story = Story::equipped();
    let _there = story.send(r#"{"action":"drill"}"#).report();
    story.world().hook = None;
    story.ticks(2);
    story.world().hook = Some(HookAnswer::GoOn);
    story.until_quiet();
    let state = story.state();
    assert_eq!(
        (state.record.phase, state.record.writer),
        (Phase::Normal, Side::Primary)
    );
    story.agrees();
}

#[test]
fn a_forced_failover_skips_the_hook_and_says_so() {
    let mut story = Story::equipped().lost();
    story.world().hook = Some(HookAnswer::Veto("no".to_owned()));
    let report = story.send(FAILOVER).report();
    assert_eq!(report.phase, Phase::FailedOver);
    assert!(story.world().asked.is_empty());
    let noted = |warning: &String| warning.contains("the pre-hook was not asked");
    assert!(report.dr.warnings.iter().any(noted), "{:?}", report.dr.warnings);
}

#[test]
fn best_efforts_that_fail_hold_nothing_up_and_are_done_later() {
    let mut story = Story::equipped().lost();
    story.world().script.failing = vec![Op::Records, Op::Configure, Op::Serve, Op::Freeze, Op::TellHook];
    let report = story.rings("alarm-1").report();
    assert_eq!(
        (report.outcome, report.phase),
        (Outcome::InProgress, Phase::Routing)
    );
    story.ticks(5);
    assert_eq!(story.state().record.phase, Phase::FailedOver);
    let told = story.world().notices.last().unwrap().text();
    assert!(told.contains("routing alarm has not followed"), "{told}");
    // Nobody claims a recovery time for clients that nothing led anywhere.
    let history = story.state().history;
    assert_eq!((history[0].rto, history[0].rpo.is_some()), (None, true));
    assert_eq!(
        story.state().run.unwrap().left,
        [Left::Records, Left::Application]
    );
    story.tick();
    assert_eq!(story.world().records, Side::Primary);
    story.world().script.failing.clear();
    story.until_quiet();
    let world = story.world();
    assert_eq!((world.records, world.configured), (Side::Dr, Some(Side::Dr)));
    drop(world);
    assert!(story.state().run.unwrap().left.is_empty());
    story.agrees();
}

#[test]
fn a_promoted_cluster_that_never_serves_is_for_a_person() {
    let mut story = Story::fresh().lost();
    story.world().script.failing = vec![Op::Write];
    let _waits = story.rings("alarm-1").report();
    story.ticks(10);
    let state = story.state();
    assert_eq!(
        (state.record.phase, state.record.writer),
        (Phase::NeedsHuman, Side::Dr)
    );
    assert!(
        story
            .told()
            .iter()
            .any(|told| told.contains("cannot go on by itself"))
    );
    story.world().script.failing.clear();
    let report = story.send(r#"{"action":"acknowledge"}"#).report();
    assert_eq!(report.phase, Phase::FailedOver);
    assert_eq!(story.accepted().len(), 1);
}

#[test]
fn what_aws_refuses_or_gives_up_is_told_and_not_repeated() {
    let mut refused = Story::fresh().lost();
    refused.world().aws.refuses = Some("InvalidDBClusterStateFault".to_owned());
    let report = refused.rings("alarm-1").report();
    assert_eq!(
        (report.outcome, report.phase),
        (Outcome::NeedsHuman, Phase::NeedsHuman)
    );
    refused.ticks(10);
    assert_eq!(refused.called(Op::Promote), 1);
    let mut given_up = Story::fresh().lost();
    given_up.world().aws.gives_up = true;
    let report = given_up.rings("alarm-1").report();
    assert_eq!(report.phase, Phase::NeedsHuman, "{}", report.message);
    assert_eq!(report.traffic.serve_from, Side::Primary);
}

#[test]
fn where_versions_stand_in_the_way_only_a_persons_failover_gives_the_topology_up() {
    let drifts = || {
        Story::fresh()
            .lost()
            .with(|world| world.aws.refuses = Some("the engine version must be the same".to_owned()))
    };
    let mut by_itself = drifts();
    let report = by_itself.rings("alarm-1").report();
    assert_eq!(codes(&report), [Code::VersionDrift]);
    assert!(by_itself.accepted().is_empty());
    let mut by_hand = drifts();
    let report = by_hand.send(FAILOVER).report();
    assert_eq!(
        (report.outcome, report.phase),
        (Outcome::Done, Phase::FailedOver),
        "{}",
        report.message
    );
    assert_eq!(by_hand.accepted(), ["RemoveFromGlobalCluster dr"]);
    assert!(by_hand.state().record.detached);
    by_hand.ticks(3);
    assert_eq!(by_hand.actions(), [Action::Failover]);
}

#[test]
fn a_promotion_in_the_console_is_taken_up_and_not_repeated() {
    let mut story = Story::equipped().lost();
    let verb = cutover_core::dr::verb::Verb::FailoverGlobalCluster;
    let mut world = story.world();
    let now = world.now;
    let _console = world.aws.promote(&verb, Side::Dr, now);
    drop(world);
    let _busy = story.rings("alarm-1").report();
    story.until_quiet();
    assert_eq!(story.called(Op::Promote), 0);
    assert_eq!(story.actions().last(), Some(&Action::Adopt));
    assert_eq!(story.state().record.phase, Phase::FailedOver);
    story.agrees();
}

#[test]
fn a_snapshot_that_is_lost_is_built_anew_from_the_journal() {
    let mut story = Story::fresh().lost();
    let _done = story.rings("alarm-1").report();
    let before = story.state();
    story.world().snapshot = None;
    story.until_quiet();
    let after = story.state();
    assert_eq!(after.record.writer, Side::Dr);
    assert_eq!(after.record.phase, Phase::FailedOver);
    assert_eq!(
        (after.generation, after.record.blocked_until),
        (before.generation, before.record.blocked_until)
    );
    assert_eq!(story.accepted().len(), 1);
    story.agrees();
}

#[test]
fn whoever_is_overtaken_stops_and_a_person_is_told() {
    // A switchover waits to be level, and a person forces the failover.
    let mut story = Story::fresh();
    story.world().aws.lag_seconds = 3;
    story.passes(60);
    let waits = story.send(SWITCHOVER).report();
    assert_eq!(waits.outcome, Outcome::InProgress, "{}", waits.message);
    let forced = story.send(FAILOVER).report();
    assert_eq!((forced.outcome, forced.phase), (Outcome::Done, Phase::FailedOver));
    story.until_quiet();
    assert_eq!(story.accepted(), ["FailoverGlobalCluster dr"]);
    assert_eq!(story.actions(), [Action::Switchover, Action::Failover]);
}

#[test]
fn a_call_that_is_lost_is_made_again_by_the_tick() {
    let mut story = Story::fresh().lost();
    story.world().script.failing = vec![Op::Promote];
    let waits = story.rings("alarm-1").report();
    assert_eq!(waits.outcome, Outcome::InProgress);
    assert!(
        story
            .told()
            .iter()
            .any(|told| told.contains("is being made the writer"))
    );
    story.world().script.failing.clear();
    story.until_quiet();
    assert_eq!(story.accepted().len(), 1);
    assert_eq!(story.state().record.phase, Phase::FailedOver);
    story.agrees();
}

#[test]
fn nothing_at_all_is_told_twice_by_a_reply_that_is_lost_at_the_promotion() {
    let mut story = Story::fresh().lost();
    let until_promotion = {
        let mut probe = story.again();
        let _done = probe.rings("alarm-1");
        let calls = probe.world().calls.clone();
        calls.iter().position(|op| *op == Op::Promote).unwrap() + 1
    };
    story.world().script.at = vec![(until_promotion, Fault::ReplyLost)];
    assert!(matches!(story.rings("alarm-1"), Answer::Said(_)));
    story.until_quiet();
    assert_eq!(story.accepted().len(), 1);
    story.agrees();
}

#[test]
fn what_somebody_else_moved_and_never_serves_is_for_a_person_however_often_it_is_resumed() {
    let mut story = Story::fresh().over();
    let verb = cutover_core::dr::verb::Verb::SwitchoverGlobalCluster;
    let mut world = story.world();
    let now = world.now;
    let _console = world.aws.promote(&verb, Side::Primary, now);
    world.script.failing = vec![Op::Write];
    drop(world);
    story.passes(30);
    story.ticks(10);
    assert_eq!(story.actions().last(), Some(&Action::Adopt));
    let state = story.state();
    assert_eq!(
        (state.outcome, state.record.phase),
        (cutover_core::journal::Outcome::Finished, Phase::NeedsHuman)
    );
    let told = story.told();
    let told = told
        .iter()
        .any(|told| told.contains("adopt cannot go on by itself"));
    assert!(told, "{:?}", story.told());
}
