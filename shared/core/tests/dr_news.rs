//! What RDS tells that no look can read back, and what is left of the writes that a promotion lost.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_world;

use cutover_core::dr::phase::Phase;
use cutover_core::notice::Severity;
use dr_world::aws::Region;
use dr_world::faults::Op;
use dr_world::story::Story;

/// The DR cluster serves, and the old region has just come back.
fn over() -> Story {
    let mut story = Story::fresh().lost();
    let _done = story.rings("alarm-1").report();
    assert_eq!(story.state().record.phase, Phase::FailedOver);
    story.world().region(Region::Well);
    story
}

fn pages(story: &Story, part: &str) -> usize {
    let world = story.world();
    let critical = world
        .notices
        .iter()
        .filter(|notice| matches!(notice.severity, Severity::Critical | Severity::WaitingForYou));
    critical.filter(|notice| notice.headline.contains(part)).count()
}

#[test]
fn fencing_that_timed_out_pages_once_and_stays_in_the_account_of_the_run() {
    let mut story = over();
    for _ in 0..3 {
        let _noted = story
            .rds_tells("0391", "eu-central-1", "db", "orders-primary-1")
            .report();
    }
    assert_eq!(pages(&story, "could not be fenced"), 1);
    assert_eq!(story.state().run.unwrap().fenced, Some(false));
    let page = story.world().notices.last().unwrap().text();
    assert!(
        page.contains("orders-primary") && page.contains("security group"),
        "{page}"
    );
    assert_eq!(story.accepted().len(), 1);
}

#[test]
fn fencing_that_succeeded_is_noted_and_pages_nobody() {
    let mut story = over();
    let told = story.told().len();
    let _noted = story
        .rds_tells("0390", "eu-central-1", "db", "orders-primary-1")
        .report();
    assert_eq!(story.state().run.unwrap().fenced, Some(true));
    assert_eq!(story.told().len(), told);
}

#[test]
fn an_event_of_an_instance_that_is_not_ours_does_nothing() {
    let mut story = over();
    let (told, state) = (story.told().len(), story.state());
    let report = story
        .rds_tells("0391", "eu-central-1", "db", "somebody-elses-1")
        .report();
    assert!(
        report
            .steps
            .iter()
            .any(|step| step.result == "of no instance of ours"),
        "{:?}",
        report.steps
    );
    assert_eq!(story.told().len(), told);
    assert_eq!(story.state().run, state.run);
}

#[test]
fn an_event_of_a_region_that_does_not_answer_is_believed() {
    let mut story = Story::fresh().lost();
    let _done = story.rings("alarm-1").report();
    let _noted = story
        .rds_tells("0391", "eu-central-1", "db", "orders-primary-1")
        .report();
    assert_eq!(pages(&story, "could not be fenced"), 1);
}

#[test]
fn a_cluster_that_was_promoted_without_instances_pages_with_the_command_to_type() {
    let mut story = over();
    let _noted = story
        .rds_tells("0519", "eu-west-1", "cluster", "orders-dr")
        .report();
    assert_eq!(pages(&story, "promoted without instances"), 1);
    let page = story.world().notices.last().unwrap().text();
    assert!(
        page.contains("aws rds create-db-instance --region eu-west-1"),
        "{page}"
    );
}

#[test]
fn versions_that_drift_apart_are_told_before_they_are_needed() {
    let mut story = Story::fresh();
    let _noted = story
        .rds_tells("0424", "eu-west-1", "cluster", "orders-dr")
        .report();
    assert!(story.told().iter().any(|told| told.contains("drift apart")));
    assert!(story.accepted().is_empty());
}

#[test]
fn no_event_of_rds_moves_anything_by_itself() {
    let numbers = [
        "0181", "0182", "0183", "0184", "0185", "0186", "0187", "0238", "0239", "0240", "0241", "0397",
        "0423",
    ];
    let mut story = Story::fresh();
    for number in numbers {
        let _looked = story
            .rds_tells(number, "eu-west-1", "cluster", "orders-dr")
            .report();
    }
    assert!(story.accepted().is_empty() && story.actions().is_empty());
    assert_eq!(story.called(Op::Promote), 0);
}

#[test]
fn the_lost_tail_is_copied_once_its_region_answers_and_people_are_told_once() {
    // What was written after the cut is on the old side alone.
    let mut story = Story::fresh().with(|world| world.region(Region::CutOff));
    story.passes(30);
    let _done = story.rings("alarm-1").report();
    assert_eq!(story.state().record.phase, Phase::FailedOver);
    assert!(story.world().aws.lost.unwrap() > 0);
    story.ticks(10);
    assert_eq!(story.called(Op::Tails), 0, "a region that is gone is not asked");
    story.world().region(Region::Well);
    story.ticks(20);
    let kept = story.world().aws.tail.clone().unwrap().2;
    assert_eq!(kept.as_deref(), Some("orders-lost-tail-kept"));
    assert_eq!(story.called(Op::KeepTail), 1);
    assert_eq!(pages(&story, "AWS kept them in a snapshot"), 1);
    assert!(story.state().run.unwrap().tail_until.is_none());
}

#[test]
fn a_tail_that_could_not_be_copied_is_copied_later_and_none_is_looked_for_for_ever() {
    let mut story = Story::fresh().with(|world| world.region(Region::CutOff));
    story.passes(30);
    let _done = story.rings("alarm-1").report();
    story.world().region(Region::Well);
    story.world().script.failing = vec![Op::KeepTail];
    story.ticks(10);
    assert!(story.called(Op::KeepTail) >= 1);
    assert_eq!(pages(&story, "AWS kept them in a snapshot"), 0);
    story.world().script.failing.clear();
    story.ticks(10);
    assert_eq!(pages(&story, "AWS kept them in a snapshot"), 1);
    let mut nothing_lost = Story::fresh().lost();
    let _done = nothing_lost.rings("alarm-1").report();
    nothing_lost.world().aws.tail = None;
    nothing_lost.world().region(Region::Well);
    nothing_lost.ticks(2);
    nothing_lost.passes(48 * 3_600);
    nothing_lost.ticks(2);
    let looked = nothing_lost.called(Op::Tails);
    nothing_lost.ticks(10);
    assert_eq!(nothing_lost.called(Op::Tails), looked);
}
