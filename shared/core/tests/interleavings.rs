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

use cutover_core::command::Command;
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
    let mut found = Found::default();
    let mut schedules = 0u64;
    for (first, one) in PAYLOADS.iter().enumerate() {
        for other in PAYLOADS[first..].iter().filter(|other| wanted(one, other)) {
            let mut search = Search {
                story,
                commands: [*one, *other].map(|payload| Command::parse(payload.as_bytes()).unwrap()),
                schedules: HashMap::new(),
                settled: HashSet::new(),
                trail: Vec::new(),
                found: &mut found,
            };
            let start = search.replay();
            schedules += search.explore(start);
        }
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
    assert!(states > 2_000, "{states} states are too few to mean anything");
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
