//! Exhaustive search of a small model: two concurrent invocations over two regions, a crash anywhere, an operation that
//! arrives long after its sender is gone, events that come twice, and a region that goes or comes back at any moment.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_world;

use std::collections::{HashMap, HashSet};

use dr_world::aws::Region;
use dr_world::faults::{Fault, Op};
use dr_world::search::{Found, Search};
use dr_world::story::Story;

const TICK: &str = r#"{"action":"tick"}"#;
const FAILOVER: &str = r#"{"action":"failover","accept_data_loss":true}"#;
const SWITCHOVER: &str = r#"{"action":"switchover"}"#;
const ACKNOWLEDGE: &str = r#"{"action":"acknowledge"}"#;
const STATUS: &str = r#"{"action":"status"}"#;
const DRILL: &str = r#"{"action":"drill"}"#;

/// Set, it searches every pair and every beginning.
const EXHAUSTIVE: &str = "DR_MODEL_EXHAUSTIVE";

fn quick() -> Story {
    // Short enough for a promotion to end within one invocation, after two looks.
    Story::fresh().with(|world| world.aws.promotion_seconds = 1)
}

/// Suspected, and confirmed by everything but the next look.
fn suspected(region: Region) -> Story {
    let mut story = quick().with(|world| world.region(region));
    story.passes(10);
    let _suspects = story.send(TICK).report();
    story.passes(60);
    story
}

/// The promotion was claimed, its executor is gone, and its time is up.
fn left_behind(region: Region) -> Story {
    let mut story = suspected(region);
    let calls = story.world().calls.len();
    let claim = {
        let mut probe = story.again();
        let _done = probe.rings("claims");
        let made = probe.world().calls[calls..]
            .iter()
            .position(|op| *op == Op::Claim);
        calls + made.unwrap() + 1
    };
    story.world().script.at = vec![(claim, Fault::CrashAfter)];
    let _crashed = story.rings("claims");
    story.world().script.at.clear();
    story.passes(40);
    story
}

/// Whether all of it is asked for.
fn is_exhaustive() -> bool {
    std::env::var_os(EXHAUSTIVE).is_some()
}

/// Where a pair of payloads begins, and what may become of it.
struct Beginning<'a> {
    name: &'static str,
    story: &'a Story,
    regions: &'a [Region],
    crashes: usize,
}

/// Every schedule of each pair; and what those must have seen.
fn search(beginning: &Beginning<'_>, pairs: &[[&str; 2]], marks: &[&str]) -> usize {
    let Beginning { name, story, .. } = beginning;
    let mut found = Found::default();
    let mut schedules = 0u64;
    for pair in pairs {
        let payloads = pair.map(|payload| {
            if payload == "alarm" {
                story.alarm_event("alarm")
            } else {
                payload.to_owned()
            }
        });
        let mut search = Search {
            story,
            payloads,
            regions: beginning.regions,
            crashes: beginning.crashes,
            schedules: HashMap::new(),
            settled: HashSet::new(),
            trail: Vec::new(),
            found: &mut found,
        };
        let start = search.replay();
        schedules = schedules.saturating_add(search.explore(start));
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

#[test]
fn two_invocations_over_a_lost_region_promote_it_once() {
    let mut pairs = vec![["alarm", TICK], ["alarm", "alarm"], [TICK, FAILOVER]];
    if is_exhaustive() {
        pairs.extend([
            ["alarm", FAILOVER],
            [TICK, TICK],
            ["alarm", SWITCHOVER],
            [FAILOVER, FAILOVER],
        ]);
    }
    let marks = [
        "a claim was lost",
        "a lost region was promoted",
        "it was decided by itself",
        "it was decided by hand",
        "an operation arrived after its sender was gone",
    ];
    let states = search(
        &Beginning {
            name: "a lost region",
            story: &suspected(Region::Dark),
            regions: &[],
            crashes: 1,
        },
        &pairs,
        &marks,
    );
    assert!(states > 1_000, "{states} states are too few to mean anything");
}

#[test]
fn two_invocations_over_a_partition_that_heals_at_any_moment_never_promote_over_a_living_primary() {
    let mut pairs = vec![["alarm", TICK]];
    if is_exhaustive() {
        pairs.extend([["alarm", "alarm"], ["alarm", FAILOVER], [TICK, FAILOVER]]);
    }
    let marks = [
        "a claim was lost",
        "a region that came back was left alone",
        "a suspicion was taken back",
        "both clusters took writes",
    ];
    let beginning = Beginning {
        name: "a partition that heals",
        story: &suspected(Region::CutOff),
        regions: &[Region::Well],
        crashes: 1,
    };
    let states = search(&beginning, &pairs, &marks);
    assert!(states > 1_000, "{states} states are too few to mean anything");
}

#[test]
fn two_invocations_over_a_promotion_that_was_left_behind_finish_it_or_give_it_up() {
    let mut pairs = vec![[TICK, STATUS]];
    if is_exhaustive() {
        pairs.extend([["alarm", TICK], [TICK, FAILOVER], ["alarm", "alarm"]]);
    }
    let marks = [
        "a region that came back was left alone",
        "it was decided by itself",
    ];
    // One has died already.
    let partition = Beginning {
        name: "a promotion left behind",
        story: &left_behind(Region::CutOff),
        regions: &[Region::Well],
        crashes: usize::from(is_exhaustive()),
    };
    search(&partition, &pairs, &marks);
    let lost = Beginning {
        name: "a true one left behind",
        story: &left_behind(Region::Dark),
        regions: &[],
        crashes: 1,
    };
    search(
        &lost,
        &[[TICK, STATUS], [TICK, FAILOVER]],
        &["a lost region was promoted"],
    );
}

#[test]
fn two_invocations_that_may_not_promote_say_why_once() {
    let mut pairs = vec![["alarm", TICK]];
    if is_exhaustive() {
        pairs.extend([["alarm", "alarm"], [TICK, ACKNOWLEDGE]]);
    }
    let story = suspected(Region::CutOff).set(|settings| settings.policy.loss_budget_seconds = 0);
    let beginning = Beginning {
        name: "too much to lose",
        story: &story,
        regions: &[],
        crashes: 1,
    };
    search(
        &beginning,
        &pairs,
        &["it was told why nothing is done", "a claim was lost"],
    );
    let mut both = story.again();
    let _held = both.rings("one").report();
    both.ticks(3);
    let said = |told: &&String| told.contains("not promoted by itself");
    assert_eq!(both.told().iter().filter(said).count(), 1);
}

#[test]
fn a_planned_move_beside_another_command_moves_the_writer_once() {
    let mut pairs = vec![[SWITCHOVER, TICK], [SWITCHOVER, FAILOVER]];
    if is_exhaustive() {
        pairs.extend([
            [SWITCHOVER, SWITCHOVER],
            [DRILL, TICK],
            [DRILL, FAILOVER],
            [SWITCHOVER, ACKNOWLEDGE],
        ]);
    }
    let marks = [
        "a claim was lost",
        "a generation was superseded",
        "it was decided by hand",
    ];
    let beginning = Beginning {
        name: "a planned move",
        story: &quick(),
        regions: &[],
        crashes: usize::from(is_exhaustive()),
    };
    search(&beginning, &pairs, &marks);
}
