//! Random histories: commands, ticks, doubled and late deliveries, moods of the world, faults. The laws of the
//! world are checked at every effect; what is left when all is calm again must agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::command::Command;
use cutover_core::engine::Invocation;
use cutover_core::observation::{AlarmPolicy, AlarmSeen, AlarmState};
use cutover_core::replication::{Seen, TaskStatus};
use cutover_core::weight::Topology;
use proptest::prelude::*;
use world::Inner;
use world::faults::Fault;
use world::story::Story;

#[derive(Debug, Clone)]
enum Happening {
    Command(&'static str),
    /// An earlier delivery comes once more, however old it is.
    Again(usize),
    Tick,
    Later(i64),
    Lag(u64),
    Forward(bool),
    Reverse(bool),
    Alarm(bool),
    /// A call from now goes wrong.
    Fault(usize, Fault),
}

const PAYLOADS: [&str; 13] = [
    r#"{"action":"gradual_cutover","aurora_weight":0}"#,
    r#"{"action":"gradual_cutover","aurora_weight":20}"#,
    r#"{"action":"gradual_cutover","aurora_weight":100}"#,
    r#"{"action":"gradual_cutover","ladder":[10,40,100],"bake_minutes":1}"#,
    r#"{"action":"gradual_cutover","aurora_weight":30,"force":["lag-too-high","alarm-active"]}"#,
    r#"{"action":"manual_cutover","writes_stopped":true}"#,
    r#"{"action":"manual_cutover","writes_stopped":true,"force":["reverse-not-ready"]}"#,
    r#"{"action":"rollback"}"#,
    r#"{"action":"rollback","accept_data_loss":true}"#,
    r#"{"action":"pause"}"#,
    r#"{"action":"resume"}"#,
    r#"{"action":"status"}"#,
    r#"{"action":"complete"}"#,
];

fn happening() -> impl Strategy<Value = Happening> {
    prop_oneof![
        6 => proptest::sample::select(PAYLOADS.to_vec()).prop_map(Happening::Command),
        1 => (0usize..8).prop_map(Happening::Again),
        6 => Just(Happening::Tick),
        2 => (1i64..400).prop_map(Happening::Later),
        2 => prop_oneof![Just(0u64), Just(1), Just(30), Just(90)].prop_map(Happening::Lag),
        1 => any::<bool>().prop_map(Happening::Forward),
        1 => any::<bool>().prop_map(Happening::Reverse),
        1 => any::<bool>().prop_map(Happening::Alarm),
        3 => (1usize..30, proptest::sample::select(Fault::ALL.to_vec())).prop_map(|(at, fault)| Happening::Fault(at, fault)),
    ]
}

fn mood(world: &mut Inner, lag: u64) {
    world.forward.lag = Some((0, lag, Some(lag)));
    if let Some(reverse) = &mut world.reverse {
        reverse.lag = Some((lag, 0, Some(lag)));
    }
}

fn set_task(task: &mut world::tasks::TaskModel, runs: bool) {
    task.due = None;
    task.status = if runs {
        TaskStatus::Running
    } else {
        TaskStatus::Stopped
    };
}

fn alarm(rings: bool) -> Seen<Vec<AlarmSeen>> {
    let state = if rings { AlarmState::Alarm } else { AlarmState::Ok };
    Seen::Known(vec![AlarmSeen {
        name: "errors".to_owned(),
        policy: AlarmPolicy::Rollback,
        state,
    }])
}

fn happens(story: &mut Story, sent: &mut Vec<(Invocation, Command)>, happening: &Happening) {
    match happening {
        Happening::Command(payload) => {
            let command = Command::parse(payload.as_bytes()).unwrap();
            let invocation = story.invocation();
            let _answer = story.deliver(&invocation, &command);
            sent.push((invocation, command));
        }
        Happening::Again(index) => {
            if let Some((first, command)) = sent.get(*index) {
                let again = Invocation {
                    id: first.id.clone(),
                    ..story.invocation()
                };
                let _answer = story.deliver(&again, command);
            }
        }
        Happening::Tick => drop(story.tick()),
        Happening::Later(seconds) => story.world().advance(*seconds),
        Happening::Lag(lag) => mood(&mut story.world(), *lag),
        Happening::Forward(runs) => set_task(&mut story.world().forward, *runs),
        Happening::Reverse(runs) => {
            if let Some(reverse) = &mut story.world().reverse {
                set_task(reverse, *runs);
            }
        }
        Happening::Alarm(rings) => story.world().alarms = alarm(*rings),
        Happening::Fault(from_now, fault) => {
            let mut world = story.world();
            let at = world.calls.len() + from_now;
            world.script.at.push((at, *fault));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_invariants_hold_and_calm_ends_in_agreement(
        shared in any::<bool>(), happenings in proptest::collection::vec(happening(), 1..40),
    ) {
        let mut story = Story::of(if shared { Topology::Shared } else { Topology::Separate });
        let mut sent = Vec::new();
        for happening in &happenings {
            happens(&mut story, &mut sent, happening);
        }
        {
            let mut world = story.world();
            world.script.at.clear();
            mood(&mut world, 0);
            world.alarms = alarm(false);
        }
        story.until_quiet();
        story.agrees();
        let world = story.world();
        let numbers: Vec<u32> = world.journal.keys().copied().collect();
        prop_assert_eq!(numbers, (1..=world.head()).collect::<Vec<u32>>(), "generations have a gap");
    }
}
