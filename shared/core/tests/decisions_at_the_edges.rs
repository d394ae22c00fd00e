//! Dry runs, drift, repeated deliveries, lost and unknown snapshots, silence.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::blocker::Code;
use cutover_core::command::Command;
use cutover_core::error::Class;
use cutover_core::phase::Phase;
use cutover_core::report::Outcome;
use cutover_core::weight::Pair;
use world::faults::Op;
use world::schedule::{Move, Schedule};
use world::story::{Story, codes};

const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;
const STATUS: &str = r#"{"action":"status"}"#;

#[test]
fn a_dry_run_names_the_steps_and_changes_nothing() {
    let mut story = Story::fresh();
    for (action, steps) in [
        (
            r#""action":"gradual_cutover","aurora_weight":20"#,
            vec!["set-reader-weight"],
        ),
        (
            r#""action":"manual_cutover","writes_stopped":true"#,
            vec![
                "set-reader-weight",
                "await-drained",
                "start-reverse",
                "await-reverse",
                "set-writer-weight",
                "await-reader-settled",
                "await-writer-settled",
            ],
        ),
        (r#""action":"pause""#, vec![]),
    ] {
        story.world().calls.clear();
        let report = story.send(&format!(r#"{{{action},"dry_run":true}}"#)).report();
        assert!(report.dry_run && report.outcome == Outcome::Unchanged);
        assert_eq!(
            report
                .steps
                .iter()
                .map(|step| step.step.as_str())
                .collect::<Vec<_>>(),
            steps
        );
        assert!(
            story.world().calls.iter().all(|op| op.is_look()),
            "{:?}",
            story.world().calls
        );
    }
    assert_eq!((story.head(), story.told().len()), (0, 0));
}

#[test]
fn an_expected_generation_that_has_passed_is_refused() {
    let mut story = Story::fresh().reads_at(20);
    let payload = r#"{"action":"gradual_cutover","aurora_weight":50,"expected_generation":0}"#;
    let refused = story.send(payload).report();
    assert_eq!(
        (refused.outcome, codes(&refused)),
        (Outcome::Refused, vec![Code::GenerationMoved])
    );
    assert!(refused.message.contains("at generation 1, expected 0"));
    assert_eq!(
        story.send(&payload.replace(":0}", ":1}")).report().outcome,
        Outcome::Done
    );
}

#[test]
fn drift_is_held_with_both_values_told_once_and_adopted_by_force() {
    let mut story = Story::fresh()
        .reads_at(20)
        .with(|world| world.zone.edit(Pair::Reader, 1, 1));
    story.world().notices.clear();
    story.ticks(5);
    assert_eq!(story.told().len(), 1);
    let hold = story.state().hold.unwrap();
    assert_eq!(hold.codes, [Code::Drift]);
    let said = hold.message.as_str();
    assert!(
        said.contains("source 1 / target 1") && said.contains("source 80 / target 20"),
        "{said}"
    );
    assert_eq!(story.target(Pair::Reader), 1, "nothing is overwritten");
    let adopted = story
        .send(r#"{"action":"gradual_cutover","aurora_weight":60,"force":["drift"]}"#)
        .report();
    assert_eq!((adopted.outcome, story.target(Pair::Reader)), (Outcome::Done, 60));
    story.until_quiet();
    story.agrees();
}

#[test]
fn a_fresh_environment_begins_from_its_records_as_they_are() {
    let mut story = Story::fresh().with(|world| world.zone.edit(Pair::Reader, 70, 30));
    assert_eq!(story.send(STATUS).report().phase, Phase::Shifting);
    story.ticks(3);
    assert!(story.head() == 0 && story.world().snapshot.is_none() && story.told().is_empty());
    assert_eq!(story.shift(50).report().outcome, Outcome::Done);
    assert_eq!(story.world().journal[&1].before.traffic.reader.target, 30);
}

#[test]
fn a_delivery_that_comes_twice_is_carried_out_once() {
    let mut story = Story::fresh();
    let invocation = story.invocation();
    let command = Command::parse(br#"{"action":"gradual_cutover","aurora_weight":20}"#).unwrap();
    assert_eq!(
        story.deliver(&invocation, &command).report().outcome,
        Outcome::Done
    );
    let again = story.deliver(&invocation, &command).report();
    assert_eq!((again.outcome, story.head()), (Outcome::Unchanged, 1));
    assert!(again.message.contains("already decided by this invocation"));
}

#[test]
fn a_lost_snapshot_is_rebuilt_from_the_journal() {
    let mut story = Story::fresh().reads_at(20).reads_at(50);
    {
        let mut world = story.world();
        world.snapshot = None;
        world.snapshot_read = None;
    }
    story.until_quiet();
    let state = story.state();
    assert_eq!(
        (state.generation.number(), state.record.phase),
        (2, Phase::Shifting)
    );
    story.agrees();
    assert_eq!(story.shift(80).report().generation.number(), 3);
}

#[test]
fn a_schema_from_the_future_is_an_error_that_changes_nothing() {
    let mut story = Story::fresh().reads_at(20);
    {
        let mut world = story.world();
        let text = world.snapshot.take().unwrap();
        world.snapshot = Some(text.replacen("\"schema\":1", "\"schema\":2", 1));
        world.snapshot_read = None;
    }
    let text = story.world().snapshot.clone();
    let failure = story.shift(50).failure();
    assert_eq!(failure.class, Class::Permanent);
    assert!(failure.chain().contains("schema 2"), "{}", failure.chain());
    let tick = story.tick().report();
    assert!(tick.outcome == Outcome::NeedsHuman && tick.message.contains("schema 2"));
    assert_eq!(
        (
            story.head(),
            story.target(Pair::Reader),
            story.world().snapshot.clone()
        ),
        (1, 20, text)
    );
}

#[test]
fn a_notice_that_cannot_be_sent_blocks_nothing() {
    let mut story = Story::fresh().with(|world| world.script.denied = vec![Op::Publish]);
    let report = story.shift(20).report();
    assert_eq!(report.outcome, Outcome::Done);
    let notify = report.steps.iter().find(|step| step.step == "notify").unwrap();
    assert!(
        notify.result.contains("failed") && notify.result.contains("AccessDenied"),
        "{}",
        notify.result
    );
    let _waits = story.send(CUTOVER).report();
    story.until_quiet();
    assert_eq!(story.state().record.phase, Phase::CutOver);
    story.agrees();
}

#[test]
fn old_entries_are_pruned_a_day_later_and_a_denied_prune_stops_nothing() {
    let mut story = Story::fresh().reads_at(20);
    for _ in 0..60 {
        let _paused = story.send(r#"{"action":"pause"}"#).report();
        let _resumed = story.send(r#"{"action":"resume"}"#).report();
    }
    assert_eq!(story.head(), 121);
    story.ticks(3);
    assert_eq!(story.state().journal_first.number(), 1, "they are young");
    story.world().advance(90_000);
    story.world().script.denied = vec![Op::Prune];
    story.world().zone.edit(Pair::Reader, 1, 1);
    let held = story.tick().report();
    assert!(
        held.steps
            .iter()
            .any(|step| step.step == "prune" && step.result.contains("AccessDenied"))
    );
    assert_eq!(story.state().hold.unwrap().codes, [Code::Drift]);
    story.world().script.denied.clear();
    story.ticks(2);
    assert_eq!(story.state().journal_first.number(), 21);
    assert_eq!(story.world().journal.keys().next(), Some(&21));
}

#[test]
fn an_edit_between_the_look_and_the_change_is_not_overwritten() {
    let story = Story::fresh();
    let command = Command::parse(br#"{"action":"gradual_cutover","aurora_weight":20}"#).unwrap();
    let mut schedule = Schedule::begin(&story, &[command]);
    let next = |schedule: &Schedule| schedule.moves()[0];
    while !matches!(
        next(&schedule),
        Move::Grant {
            op: Op::SetWeights,
            ..
        }
    ) {
        let step = next(&schedule);
        schedule.make(step);
    }
    schedule.shared.lock().unwrap().zone.edit(Pair::Reader, 7, 3);
    while !schedule.is_over() {
        let step = next(&schedule);
        schedule.make(step);
    }
    let (_, answer) = schedule.answers.remove(0);
    let report = answer.unwrap();
    assert_eq!(
        (report.outcome, codes(&report)),
        (Outcome::Held, vec![Code::Drift])
    );
    let world = schedule.shared.lock().unwrap();
    assert_eq!(world.zone.weights(Pair::Reader).target, 3);
    assert_eq!(
        world.state().unwrap().outcome,
        cutover_core::journal::Outcome::Undone
    );
}
