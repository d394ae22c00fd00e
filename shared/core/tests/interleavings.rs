//! Exhaustive search of the small model: two concurrent invocations over a world with one generation, up to
//! three generations, a crash anywhere, a weight change that arrives long after its sender is gone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use std::collections::{HashMap, HashSet};

use cutover_core::command::{Command, Options, Verb};
use cutover_core::observation::{AlarmPolicy, AlarmState};
use cutover_core::replication::TaskStatus;
use world::faults::{Fault, Op};
use world::search::{Found, Search};
use world::story::Story;
use world::tasks::TaskModel;

const ROLLBACK: &str = r#"{"action":"rollback"}"#;
const CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;

const PAYLOADS: [&str; 6] = [
    r#"{"action":"gradual_cutover","aurora_weight":50}"#,
    r#"{"action":"gradual_cutover","aurora_weight":30}"#,
    ROLLBACK,
    r#"{"action":"tick"}"#,
    CUTOVER,
    r#"{"action":"pause"}"#,
];

fn quick(story: Story) -> Story {
    story.with(|world| {
        // Short enough for a cutover to run to its end within one invocation.
        world.zone.propagation_seconds = 3;
        for record in &mut world.zone.pairs {
            record.ttl_seconds = Some(2);
        }
        world.forward.reading_age_seconds = 0;
        let reverse = world.reverse.as_mut().unwrap();
        reverse.start_seconds = 4;
    })
}

/// Generation 1 is done.
fn one_generation() -> Story {
    quick(Story::fresh()).reads_at(20)
}

/// One name for both, split while both tasks run.
fn shared_and_split() -> Story {
    quick(Story::fresh_shared().with(|world| world.reverse = Some(TaskModel::running()))).reads_at(20)
}

/// Generation 1 was claimed, its executor is gone, and its time is up.
fn left_behind(fault: Fault) -> Story {
    let mut story = quick(Story::fresh());
    // The look takes five calls and the claim one.
    story.world().script.at = vec![(7, fault)];
    let _crashed = story.shift(20);
    let mut world = story.world();
    assert_eq!(world.calls.last(), Some(&Op::SetWeights));
    world.script.at.clear();
    world.advance(61);
    drop(world);
    story
}

/// A cutover that waits for its drain, and nobody at it.
fn cutting_over() -> Story {
    let mut story = quick(Story::fresh()).with(|world| world.forward.lag = Some((0, 1, Some(2))));
    let _waits = story.send(CUTOVER).report();
    story.with(|world| {
        world.forward.lag = Some((0, 0, Some(0)));
        world.reverse.as_mut().unwrap().status = TaskStatus::Running;
        world.advance(61);
    })
}

/// Every pair of commands that `wanted` takes, in every order from one beginning; and what that must have seen.
fn search(name: &str, story: &Story, wanted: fn(&str, &str) -> bool, marks: &[&str]) {
    let mut pairs = Vec::new();
    for (first, one) in PAYLOADS.iter().enumerate() {
        let others = PAYLOADS[first..].iter().filter(|other| wanted(one, other));
        pairs.extend(others.map(|other| [command(one), command(other)]));
    }
    let states = search_pairs(name, story, pairs, marks);
    assert!(states > 2_000, "{states} states are too few to mean anything");
}

fn command(payload: &str) -> Command {
    Command::parse(payload.as_bytes()).unwrap()
}

/// How many states there were.
fn search_pairs(name: &str, story: &Story, pairs: Vec<[Command; 2]>, marks: &[&str]) -> usize {
    let mut found = Found::default();
    let mut schedules = 0u64;
    for commands in pairs {
        let mut search = Search {
            story,
            commands,
            schedules: HashMap::new(),
            settled: HashSet::new(),
            trail: Vec::new(),
            found: &mut found,
        };
        let start = search.replay();
        schedules += search.explore(start);
    }
    let (states, worlds, ends) = (found.states, found.worlds.len(), found.ends);
    println!(
        "{name}: {schedules} schedules, {states} states of the model, {worlds} of the world, {ends} ends"
    );
    println!("{:#?}", found.reached);
    for mark in marks {
        assert!(
            found.reached.contains_key(mark),
            "the search never saw that {mark}"
        );
    }
    states
}

fn all(_: &str, _: &str) -> bool {
    true
}

/// A rollback against a cutover is by far the largest, and is searched from a settled beginning.
fn all_but_the_largest(one: &str, other: &str) -> bool {
    !(one == ROLLBACK && other == CUTOVER)
}

#[test]
fn two_invocations_after_a_settled_generation_keep_every_invariant() {
    let marks = [
        "a claim was lost",
        "records moved under a change",
        "a generation was superseded",
        "a late effect was put right by a tick",
        "there were three generations",
        "a crash between claim and weights was resumed",
        "a change arrived after its sender was gone",
    ];
    search("generation 1 done", &one_generation(), all, &marks);
}

#[test]
fn two_invocations_over_what_a_crash_left_keep_every_invariant() {
    let marks = [
        "a claim was lost",
        "a generation was superseded",
        "a crash between claim and weights was resumed",
    ];
    search(
        "generation 1 claimed only",
        &left_behind(Fault::CrashBefore),
        all_but_the_largest,
        &marks,
    );
    search(
        "generation 1 not written down",
        &left_behind(Fault::CrashAfter),
        all_but_the_largest,
        &["a claim was lost"],
    );
}

#[test]
fn two_invocations_over_a_waiting_cutover_keep_every_invariant() {
    let marks = [
        "a generation was superseded",
        "a change arrived after its sender was gone",
    ];
    search("a cutover left waiting", &cutting_over(), all, &marks);
}

#[test]
fn two_invocations_on_one_shared_name_keep_every_invariant() {
    let marks = [
        "a claim was lost",
        "a generation was superseded",
        "records moved under a change",
    ];
    search("one shared name", &shared_and_split(), all, &marks);
}

const GUARD: Command = watching(Verb::Guard { prompted: true });
const MONITOR: Command = watching(Verb::Monitor { prompted: true });

const fn watching(verb: Verb) -> Command {
    Command {
        verb,
        options: Options {
            reason: None,
            dry_run: false,
            expected_generation: None,
            force: Vec::new(),
            accept_data_loss: false,
        },
    }
}

/// Generation 1 is done, and an alarm rings; a person goes on all the same.
fn ringing(policy: AlarmPolicy) -> Story {
    one_generation().with(|world| world.alarm("errors", policy, AlarmState::Alarm))
}

const FORCED_SHIFT: &str = r#"{"action":"gradual_cutover","aurora_weight":50,"force":["alarm-active"]}"#;
const FORCED_CUTOVER: &str = r#"{"action":"manual_cutover","writes_stopped":true,"force":["alarm-active"]}"#;

#[test]
fn alarm_rollback_beside_a_persons_command_or_itself_keeps_every_invariant() {
    let pairs = [FORCED_SHIFT, ROLLBACK, r#"{"action":"tick"}"#].map(|payload| [GUARD, command(payload)]);
    let mut pairs = Vec::from(pairs);
    pairs.push([GUARD, GUARD]);
    pairs.push([GUARD, MONITOR]);
    let marks = [
        "a claim was lost",
        "a generation was superseded",
        "records moved under a change",
        "a change arrived after its sender was gone",
    ];
    let states = search_pairs("an alarm rings", &ringing(AlarmPolicy::Rollback), pairs, &marks);
    assert!(states > 1_000, "{states} states are too few to mean anything");
    let pairs = [FORCED_SHIFT, ROLLBACK].map(|payload| [GUARD, command(payload)]);
    let mut pairs = Vec::from(pairs);
    pairs.push([GUARD, GUARD]);
    search_pairs(
        "an alarm holds",
        &ringing(AlarmPolicy::Hold),
        pairs,
        &["a claim was lost"],
    );
}

#[test]
fn alarm_rollback_beside_a_cutover_keeps_every_invariant() {
    // All reads are over and the reverse task runs, so that the cutover is short.
    let ready = quick(Story::fresh().with(|world| world.reverse = Some(TaskModel::running()))).reads_at(100);
    let ready = ready.with(|world| world.alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm));
    let marks = ["a claim was lost", "a generation was superseded"];
    let pairs = vec![[GUARD, command(FORCED_CUTOVER)]];
    search_pairs("an alarm rings over a cutover", &ready, pairs, &marks);
    let waiting =
        cutting_over().with(|world| world.alarm("errors", AlarmPolicy::Rollback, AlarmState::Alarm));
    let pairs = vec![[GUARD, command(r#"{"action":"tick"}"#)], [GUARD, GUARD]];
    search_pairs(
        "an alarm rings over one that waits",
        &waiting,
        pairs,
        &["a claim was lost"],
    );
}

#[test]
fn dms_monitor_beside_a_persons_command_keeps_every_invariant() {
    let fresh = quick(Story::fresh());
    let stopped = one_generation().with(|world| {
        world.forward.status = TaskStatus::Stopped;
        world.forward.stop_reason = "Stop Reason RECOVERABLE_ERROR".to_owned();
    });
    let shift =
        r#"{"action":"gradual_cutover","aurora_weight":50,"force":["replication-not-running","lag-stale"]}"#;
    for (name, story) in [("a first look", fresh), ("a task stopped", stopped)] {
        let pairs = [shift, ROLLBACK, r#"{"action":"tick"}"#].map(|payload| [MONITOR, command(payload)]);
        let mut pairs = Vec::from(pairs);
        pairs.push([MONITOR, MONITOR]);
        let states = search_pairs(name, &story, pairs, &["a claim was lost"]);
        assert!(states > 300, "{states} states are too few to mean anything");
    }
}
