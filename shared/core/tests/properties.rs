//! Random histories: commands, ticks, doubled and late deliveries, moods of the world, faults. The laws of the
//! world are checked at every effect; what is left when all is calm again must agree.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use cutover_core::command::{Command, Verb};
use cutover_core::engine::Invocation;
use cutover_core::observation::{AlarmPolicy, AlarmState};
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
    /// A task stops, recoverably or for good.
    Stops(bool),
    /// dms-monitor, by the clock or by an event.
    Monitor(bool),
    /// alarm-rollback, the same.
    Guard(bool),
    Alarm(AlarmPolicy, AlarmState),
    Limit(Option<u64>),
    Blind(bool),
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
        1 => any::<bool>().prop_map(Happening::Stops),
        4 => any::<bool>().prop_map(Happening::Monitor),
        4 => any::<bool>().prop_map(Happening::Guard),
        2 => (policy(), state()).prop_map(|(policy, state)| Happening::Alarm(policy, state)),
        1 => proptest::option::of(0u64..10).prop_map(Happening::Limit),
        1 => any::<bool>().prop_map(Happening::Blind),
        3 => (1usize..30, proptest::sample::select(Fault::ALL.to_vec())).prop_map(|(at, fault)| Happening::Fault(at, fault)),
    ]
}

fn policy() -> impl Strategy<Value = AlarmPolicy> {
    proptest::sample::select(vec![
        AlarmPolicy::Rollback,
        AlarmPolicy::Hold,
        AlarmPolicy::Notify,
    ])
}

fn state() -> impl Strategy<Value = AlarmState> {
    let states = [AlarmState::Ok, AlarmState::Alarm, AlarmState::InsufficientData];
    proptest::sample::select(states.to_vec())
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

/// One alarm for each policy.
fn alarm(world: &mut Inner, policy: AlarmPolicy, state: AlarmState) {
    let name = match policy {
        AlarmPolicy::Rollback => "errors",
        AlarmPolicy::Hold => "latency",
        AlarmPolicy::Notify => "business",
    };
    world.alarm(name, policy, state);
}

/// Everything is well again.
fn calm(world: &mut Inner) {
    world.script.at.clear();
    mood(world, 0);
    if matches!(world.alarms, Seen::Unknown(_)) {
        world.alarms = Seen::Known(Vec::new());
    }
    for policy in [AlarmPolicy::Rollback, AlarmPolicy::Hold, AlarmPolicy::Notify] {
        alarm(world, policy, AlarmState::Ok);
    }
    world.limits.clear();
    set_task(&mut world.forward, true);
    if let Some(reverse) = world
        .reverse
        .as_mut()
        .filter(|task| task.status == TaskStatus::Stopped)
    {
        set_task(reverse, true);
    }
}

fn watch(story: &mut Story, sent: &mut Vec<(Invocation, Command)>, verb: Verb) {
    let (invocation, command) = (story.invocation(), Command::plain(verb));
    let _answer = story.deliver(&invocation, &command);
    sent.push((invocation, command));
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
        Happening::Stops(recoverably) => {
            let task = &mut story.world().forward;
            set_task(task, false);
            let reason = if *recoverably {
                "RECOVERABLE_ERROR"
            } else {
                "FATAL_ERROR"
            };
            reason.clone_into(&mut task.stop_reason);
        }
        Happening::Monitor(prompted) => watch(story, sent, Verb::Monitor { prompted: *prompted }),
        Happening::Guard(prompted) => watch(story, sent, Verb::Guard { prompted: *prompted }),
        Happening::Alarm(policy, state) => alarm(&mut story.world(), *policy, *state),
        Happening::Limit(percent) => {
            let percent = percent.map_or_else(|| Seen::Unknown("no data".to_owned()), Seen::Known);
            story.world().limit("latency", percent);
        }
        Happening::Blind(blind) => {
            story.world().alarms = if *blind {
                Seen::Unknown("throttled".to_owned())
            } else {
                Seen::Known(Vec::new())
            };
        }
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
        calm(&mut story.world());
        story.until_quiet();
        // What was held is let go, a ladder is climbed, and then there is nothing left to decide.
        story.minutes(15);
        let head = story.head();
        story.minutes(3);
        prop_assert_eq!(story.head(), head, "they go on deciding: {:?}", story.actions());
        story.agrees();
        if head > 0 {
            let held: Vec<String> = story.held().into_iter().filter(|by| by != "window").collect();
            prop_assert!(held.is_empty(), "held by {:?}", held);
        }
        let world = story.world();
        let numbers: Vec<u32> = world.journal.keys().copied().collect();
        prop_assert_eq!(numbers, (1..=world.head()).collect::<Vec<u32>>(), "generations have a gap");
    }
}
