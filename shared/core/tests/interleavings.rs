//! Exhaustive search of the small model: two concurrent invocations over a world with one generation, up to
//! three generations, a crash anywhere, a weight change that arrives long after its sender is gone.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod world;

use std::collections::{BTreeMap, HashMap, HashSet};

use cutover_core::command::Command;
use cutover_core::journal::Outcome;
use cutover_core::phase::Action;
use cutover_core::replication::TaskStatus;
use world::Inner;
use world::faults::{Fault, Op};
use world::schedule::{Move, Schedule};
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

/// The search of one pair of commands from one beginning.
struct Search<'a> {
    story: &'a Story,
    commands: [Command; 2],
    /// Schedules from each state that was visited.
    schedules: HashMap<u64, u64>,
    settled: HashSet<u64>,
    trail: Vec<Move>,
    found: &'a mut Found,
}

#[derive(Default)]
struct Found {
    worlds: HashSet<u64>,
    states: usize,
    ends: usize,
    reached: BTreeMap<&'static str, usize>,
}

impl Drop for Search<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let trail: Vec<String> = self.trail.iter().map(|step| format!("{step:?}")).collect();
            eprintln!(
                "{:?} and {:?}\n{}",
                self.commands[0].verb,
                self.commands[1].verb,
                trail.join("\n")
            );
        }
    }
}

impl Search<'_> {
    fn replay(&self) -> Schedule {
        let mut schedule = Schedule::begin(self.story, &self.commands);
        for step in &self.trail {
            schedule.make(*step);
        }
        schedule
    }

    /// How many schedules there are from here.
    fn explore(&mut self, schedule: Schedule) -> u64 {
        let fingerprint = schedule.fingerprint();
        if let Some(known) = self.schedules.get(&fingerprint) {
            return *known;
        }
        self.found.states += 1;
        self.found
            .worlds
            .insert(schedule.shared.lock().unwrap().fingerprint());
        let moves = schedule.moves();
        let mut count = 0;
        if schedule.is_over() {
            self.rest(&schedule);
            count += 1;
        }
        let last = moves.len().saturating_sub(1);
        let mut live = Some(schedule);
        for (index, step) in moves.iter().enumerate() {
            let own = if index == last { live.take() } else { None };
            let mut next = own.unwrap_or_else(|| self.replay());
            next.make(*step);
            self.trail.push(*step);
            count += self.explore(next);
            self.trail.pop();
        }
        self.schedules.insert(fingerprint, count);
        count
    }

    /// Both are gone. The schedule ticks on, and in the end everything agrees.
    fn rest(&mut self, schedule: &Schedule) {
        self.found.ends += 1;
        self.agrees_at_once(schedule);
        let frozen = schedule.frozen();
        let delays: &[usize] = if frozen.is_some() { &[1] } else { &[0] };
        if frozen.is_none() && !self.settled.insert(schedule.shared.lock().unwrap().fingerprint()) {
            return;
        }
        for delay in delays {
            let mut play = self.replay();
            let mut story = self.story.in_world(std::sync::Arc::clone(&play.shared));
            let half_done = half_done(&story.world());
            story.ticks(*delay);
            if let Some(who) = frozen {
                play.make(Move::Deliver(who));
            }
            story.until_quiet();
            story.agrees();
            self.judge(&story.world(), half_done);
        }
    }

    /// Where nobody died, no tick is needed for the records to be what the last decision wants: an executor that
    /// was overtaken puts its own late change right before it ends.
    fn agrees_at_once(&mut self, schedule: &Schedule) {
        if self.trail.iter().any(|step| !matches!(step, Move::Grant { .. })) {
            return;
        }
        let world = schedule.shared.lock().unwrap();
        let head = &world.journal[&world.head()];
        if head.plan.steps.is_empty() {
            // A mark moves nothing: what it overtook half done is put right by the next tick.
            return;
        }
        let recorded = world.state().filter(|state| state.generation == head.generation);
        let wanted = match recorded {
            Some(state) if state.outcome == Outcome::Open => return,
            Some(state) => state.record.traffic,
            None if head.plan.is_instant() => head.record.traffic,
            None => return,
        };
        self.found.reach("both ended by themselves");
        for pair in world.topology.pairs() {
            assert_eq!(world.zone.weights(*pair), wanted.of(*pair), "before any tick");
        }
    }

    fn judge(&mut self, world: &Inner, half_done: Option<u32>) {
        let state = world.state().unwrap();
        let head = &world.journal[&world.head()];
        match state.outcome {
            Outcome::Finished => assert_eq!(state.record.traffic, head.record.traffic, "finished elsewhere"),
            Outcome::Undone => self.found.reach("a generation was undone"),
            Outcome::Superseded | Outcome::Open => panic!("the last generation ended as {:?}", state.outcome),
        }
        for entry in world.journal.values() {
            if entry.previous.outcome == Outcome::Superseded {
                self.found.reach("a generation was superseded");
            }
            if entry.action == Action::Tick && !entry.plan.steps.is_empty() {
                self.found.reach("a late effect was put right by a tick");
            }
            if entry.action == Action::Undo {
                self.found.reach("a cutover was taken back");
            }
        }
        if world.head() >= 3 {
            self.found.reach("there were three generations");
        }
        if half_done.is_some_and(|number| number == world.head() && state.outcome == Outcome::Finished) {
            self.found.reach("a crash between claim and weights was resumed");
        }
        if self.trail.iter().any(|step| matches!(step, Move::Freeze(_))) {
            self.found.reach("a change arrived after its sender was gone");
        }
        for mark in &world.reached {
            self.found.reach(mark);
        }
    }
}

impl Found {
    fn reach(&mut self, mark: &'static str) {
        *self.reached.entry(mark).or_default() += 1;
    }
}

/// The head, when it was claimed and none of its weights stands yet.
fn half_done(world: &Inner) -> Option<u32> {
    let entry = world.journal.get(&world.head())?;
    let (before, after) = (entry.before.traffic, entry.record.traffic);
    let untouched = world
        .topology
        .pairs()
        .iter()
        .all(|pair| world.zone.weights(*pair) == before.of(*pair));
    (untouched && before != after).then(|| world.head())
}

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
