//! Every kind of run, with one fault at every single call: the ticks end it in the same place, or where it began; the
//! writer is moved once, and people are told.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod dr_world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::side::Side;
use dr_world::faults::{Fault, Op};
use dr_world::story::Story;

/// One way to move the writer.
struct Kind {
    name: &'static str,
    begin: fn() -> Story,
    /// `None`: the alarm.
    payload: Option<&'static str>,
}

const KINDS: [Kind; 6] = [
    Kind {
        name: "an automatic promotion",
        begin: || Story::equipped().lost(),
        payload: None,
    },
    Kind {
        name: "a failover by hand",
        begin: || Story::equipped().lost(),
        payload: Some(r#"{"action":"failover","accept_data_loss":true}"#),
    },
    Kind {
        name: "a failover that AWS refuses for its versions",
        begin: || {
            let mut story = Story::equipped().lost().with(|world| {
                world.has_credentials = false;
                world.aws.refuses = Some("the engine version must be the same".to_owned());
            });
            let _asks = story.rings("alarm-1").report();
            story.passes(60);
            story
        },
        payload: Some(r#"{"action":"failover","accept_data_loss":true}"#),
    },
    Kind {
        name: "a switchover",
        begin: Story::equipped,
        payload: Some(r#"{"action":"switchover"}"#),
    },
    Kind {
        name: "a failback",
        begin: || Story::equipped().over(),
        payload: Some(r#"{"action":"failback"}"#),
    },
    Kind {
        name: "a drill",
        begin: Story::equipped,
        payload: Some(r#"{"action":"drill"}"#),
    },
];

/// How it stands, as far as a person cares.
#[derive(Debug, Clone, PartialEq)]
struct Stand {
    phase: Phase,
    writer: Side,
    led_to: Side,
    records: Side,
    configured: Option<Side>,
}

fn stand(story: &Story) -> Stand {
    let record = story.state().record;
    let world = story.world();
    Stand {
        phase: record.phase,
        writer: world.aws.writer,
        led_to: world.leads_to(),
        records: world.records,
        configured: world.configured,
    }
}

fn play(kind: &Kind, begin: &Story, fault: Option<(usize, Fault)>) -> (Story, Vec<Op>) {
    let mut story = begin.again();
    {
        let mut world = story.world();
        world.calls.clear();
        world.notices.clear();
        world.script.at = fault.into_iter().collect();
    }
    let _answer = match kind.payload {
        Some(payload) => story.send(payload),
        None => story.rings("alarm-1"),
    };
    // Faults are for what was asked, and for the ticks that end it.
    story.until_quiet();
    let calls = story.world().calls.clone();
    (story, calls)
}

/// What is known of a run that is over.
fn is_told_and_complete(story: &Story, what: &str) {
    let state = story.state();
    let run = state.run.unwrap();
    let marks: Vec<&str> = run.timeline.marks().iter().map(|(name, _)| *name).collect();
    let all = [
        "detected",
        "decided",
        "promote called",
        "promoted",
        "routed",
        "verified",
    ];
    assert_eq!(marks, all, "{what}: {run:?}");
    let world = story.world();
    let runs = world
        .journal
        .values()
        .filter(|entry| !entry.plan.steps.is_empty());
    for entry in runs.filter(|entry| entry.at >= run.timeline.detected) {
        let told = world
            .notices
            .iter()
            .any(|notice| notice.generation == entry.generation);
        assert!(told, "{what}: nobody was told of generation {}", entry.generation);
    }
}

#[track_caller]
fn ends_well(kind: &Kind, (at, op): (usize, Op), fault: Fault, begin: &Story, whole: &Story) {
    let what = format!("{}: {fault:?} at call {at} ({op:?})", kind.name);
    let played = catch_unwind(AssertUnwindSafe(|| play(kind, begin, Some((at, fault)))));
    let Ok((story, _)) = played else { panic!("{what}") };
    let (ended, began) = (stand(&story), stand(begin));
    story.agrees();
    // What was accepted since.
    let accepted = story.accepted().split_off(begin.accepted().len());
    if ended == stand(whole) && !accepted.is_empty() {
        assert_eq!(story.accepted(), whole.accepted(), "{what}");
        is_told_and_complete(&story, &what);
        return;
    }
    // What a person asked for and what was not begun he asks for again.
    let asked_by_hand = kind.payload.is_some();
    let traffic = |stand: &Stand| (stand.writer, stand.led_to, stand.phase);
    assert!(
        asked_by_hand && accepted.is_empty() && traffic(&ended) == traffic(&began),
        "{what} ended at {ended:?} by {accepted:?}"
    );
}

#[test]
fn one_fault_at_any_call_of_any_run_ends_where_it_should() {
    let mut runs = 0;
    for kind in &KINDS {
        let begin = (kind.begin)();
        let (whole, calls) = play(kind, &begin, None);
        whole.agrees();
        is_told_and_complete(&whole, kind.name);
        for (index, op) in calls.iter().enumerate() {
            for fault in Fault::ALL {
                ends_well(kind, (index + 1, *op), fault, &begin, &whole);
                runs += 1;
            }
        }
        let ended = stand(&whole).phase;
        println!("{}: {} calls, ends at {}", kind.name, calls.len(), ended.name());
    }
    println!("{runs} interrupted runs of {} kinds", KINDS.len());
    assert!(runs > 1_000, "{runs} runs");
}

#[test]
fn a_drill_that_is_cut_short_never_stays_away_by_itself() {
    let kind = &KINDS[5];
    let begin = (kind.begin)();
    let (_, calls) = play(kind, &begin, None);
    for at in 1..=calls.len() {
        for fault in [Fault::CrashBefore, Fault::CrashAfter] {
            let (story, _) = play(kind, &begin, Some((at, fault)));
            assert_eq!(story.world().aws.writer, Side::Primary, "{fault:?} at {at}");
            let drilled = story
                .actions()
                .iter()
                .filter(|action| **action == Action::Drill)
                .count();
            let back = story
                .actions()
                .iter()
                .filter(|action| **action == Action::DrillBack)
                .count();
            assert_eq!(drilled, back, "{fault:?} at {at}");
        }
    }
}
