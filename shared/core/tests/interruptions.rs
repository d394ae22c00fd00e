//! Every kind of plan, with one fault at every single call: the ticks end it in the same place, or where it
//! began, and never move it backwards.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cutover_core::phase::{Action, Phase};
use cutover_core::weight::{Pair, Traffic, Weights};
use world::faults::{Fault, Op};
use world::kinds::{KINDS, Kind};
use world::story::{Answer, Story};

/// How it stands, as far as a person cares.
#[derive(Debug, Clone, PartialEq)]
struct Stand {
    phase: Phase,
    traffic: Traffic,
    paused: bool,
}

fn stand(story: &Story) -> Option<Stand> {
    let record = story.world().state()?.record;
    Some(Stand {
        phase: record.phase,
        traffic: story.traffic(),
        paused: record.paused.is_some(),
    })
}

fn story_traffic(world: &world::Inner) -> Traffic {
    let weights = |pair| world.zone.weights(pair);
    Traffic {
        reader: weights(world.topology.reads()),
        writer: weights(world.topology.writes()),
    }
}

/// The command and the ticks after it; what calls that made, and the ways the weights went.
fn play(kind: &Kind, begin: &Story, faults: &[(usize, Fault)]) -> (Story, Vec<Op>, Answer) {
    let mut story = begin.again();
    {
        let mut world = story.world();
        world.calls.clear();
        world.zone.history = world
            .zone
            .pairs
            .iter()
            .map(|record| (record.pair, record.weights))
            .collect();
        world.script.at = faults.to_vec();
    }
    let answer = story.send(kind.payload);
    story.until_quiet();
    let calls = story.world().calls.clone();
    (story, calls, answer)
}

/// A way that only goes from where it was to where it ended, perhaps all of it back again.
fn is_straight(way: &[Weights], whole: &[Weights]) -> bool {
    let back: Vec<Weights> = way.iter().rev().copied().collect();
    let turns_back = (1..=whole.len()).any(|turn| {
        let there_and_back: Vec<Weights> = whole[..turn]
            .iter()
            .chain(whole[..turn - 1].iter().rev())
            .copied()
            .collect();
        there_and_back == way
    });
    whole.starts_with(way) || turns_back || back == way
}

#[track_caller]
fn ends_well(kind: &Kind, (at, op): (usize, Op), fault: Fault, begin: &Story, whole: &Story) {
    let what = format!("{}: {fault:?} at call {at} ({op:?})", kind.name);
    let result = catch_unwind(AssertUnwindSafe(|| play(kind, begin, &[(at, fault)])));
    let Ok((story, _, _)) = result else {
        panic!("{what}")
    };
    let (ended, expected) = (stand(&story), stand(whole));
    let world = story.world();
    let never_began = world.head() == begin.head();
    let back = story_traffic(&world) == begin.traffic();
    let taken_back = back
        && world
            .state()
            .is_some_and(|state| state.history[0].action == Action::Undo);
    // Only what can never work may end in between, and then it says so.
    let held = world.state().is_some_and(|state| state.hold.is_some());
    let given_up = fault == Fault::FailPermanent && (held || back);
    assert!(
        ended == expected || (never_began && back) || taken_back || given_up,
        "{what} ended at {ended:?} and not at {expected:?}, held {held}"
    );
    for pair in world.topology.pairs() {
        let (way, straight) = (world.zone.path(*pair), whole.world().zone.path(*pair));
        assert!(
            is_straight(&way, &straight),
            "{what}: the {} pair went {way:?}, not {straight:?}",
            pair.name()
        );
    }
    drop(world);
    if ended.is_some() {
        story.agrees();
    }
}

#[test]
fn one_fault_at_any_call_of_any_plan_ends_where_it_should() {
    let mut runs = 0;
    for kind in &KINDS {
        let begin = (kind.begin)();
        let (whole, calls, _) = play(kind, &begin, &[]);
        whole.agrees();
        for (index, op) in calls.iter().enumerate() {
            for fault in Fault::ALL {
                ends_well(kind, (index + 1, *op), fault, &begin, &whole);
                runs += 1;
            }
        }
        println!(
            "{}: {} calls, ends at {:?}",
            kind.name,
            calls.len(),
            stand(&whole).unwrap().phase
        );
    }
    println!("{runs} interrupted runs of {} kinds of plan", KINDS.len());
    assert!(runs > 1_000);
}

/// Most notices of half an hour in which one thing is denied: what was decided, what went wrong, what then.
const NOTICES_MAX: usize = 5;

#[test]
fn what_is_denied_for_good_is_told_and_not_told_every_minute() {
    let denied = [
        Op::Claim,
        Op::ReadEntry,
        Op::WriteState,
        Op::ReadRecords,
        Op::SetWeights,
        Op::Sync,
        Op::Forward,
        Op::StartReverse,
        Op::StopReverse,
        Op::Prune,
    ];
    for kind in &KINDS {
        let begin = (kind.begin)();
        for op in denied {
            let mut story = begin.again();
            story.world().notices.clear();
            story.world().script.denied = vec![op];
            let _answer = story.send(kind.payload);
            story.ticks(30);
            let told = story.told();
            assert!(
                told.len() <= NOTICES_MAX,
                "{} without {op:?} told {}: {told:#?}",
                kind.name,
                told.len()
            );
            story.world().script.denied.clear();
            story.until_quiet();
            story.agrees();
        }
    }
}

#[test]
fn the_kinds_of_plan_do_what_their_names_say() {
    let ends = |name: &str| {
        let kind = KINDS.iter().find(|kind| kind.name == name).unwrap();
        let (story, calls, _) = play(kind, &(kind.begin)(), &[]);
        (stand(&story).unwrap(), calls)
    };
    assert_eq!(ends("gradual").0.traffic.reader.target, 50);
    assert_eq!(ends("ladder").0.traffic.reader.target, 60);
    let (cut, calls) = ends("cutover");
    assert!(
        cut.phase == Phase::CutOver
            && cut.traffic.writer.is_all_target()
            && cut.traffic.reader.is_all_target()
    );
    assert!(calls.contains(&Op::StartReverse) && calls.contains(&Op::Sleep));
    assert!(!ends("cutover, reverse runs").1.contains(&Op::StartReverse));
    let (undone, _) = ends("cutover, undone");
    assert_eq!(
        (undone.phase, undone.traffic.reader.target),
        (Phase::Shifting, 20)
    );
    for name in [
        "rollback of reads",
        "rollback of the writer",
        "rollback, shared",
        "rollback, carried back first",
    ] {
        let (back, _) = ends(name);
        assert!(
            back.phase == Phase::RolledBack && back.traffic.is_all_source(),
            "{name}"
        );
    }
    let (completed, calls) = ends("complete");
    assert!(completed.phase == Phase::Completed && calls.contains(&Op::StopReverse));
    assert!(ends("pause").0.paused);
}

#[test]
fn going_back_and_forth_would_be_noticed() {
    let way = |targets: &[u8]| -> Vec<Weights> {
        targets
            .iter()
            .map(|target| Weights {
                source: 100 - target,
                target: *target,
            })
            .collect()
    };
    let whole = way(&[20, 30, 60]);
    assert!(is_straight(&way(&[20]), &whole) && is_straight(&way(&[20, 30]), &whole));
    assert!(is_straight(&way(&[20, 30, 20]), &whole));
    assert!(!is_straight(&way(&[20, 60]), &whole));
    assert!(!is_straight(&way(&[20, 30, 20, 30]), &whole));
    assert!(!is_straight(&way(&[20, 40]), &whole));
    assert_eq!(Story::fresh().target(Pair::Reader), 0);
}
