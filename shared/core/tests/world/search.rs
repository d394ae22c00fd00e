//! Depth-first search of every schedule of two invocations, with the engine itself as the model.

use std::collections::{BTreeMap, HashMap, HashSet};

use cutover_core::command::Command;
use cutover_core::journal::Outcome;
use cutover_core::phase::Action;

use super::Inner;
use super::schedule::{Move, Schedule};
use super::story::Story;

/// The search of one pair of commands from one beginning.
pub struct Search<'a> {
    pub story: &'a Story,
    pub commands: [Command; 2],
    /// Schedules from each state that was visited.
    pub schedules: HashMap<u64, u64>,
    pub settled: HashSet<u64>,
    pub trail: Vec<Move>,
    pub found: &'a mut Found,
}

#[derive(Default)]
pub struct Found {
    pub worlds: HashSet<u64>,
    pub states: usize,
    pub ends: usize,
    pub reached: BTreeMap<&'static str, usize>,
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
    pub fn replay(&self) -> Schedule {
        let mut schedule = Schedule::begin(self.story, &self.commands);
        for step in &self.trail {
            schedule.make(*step);
        }
        schedule
    }

    /// How many schedules there are from here.
    pub fn explore(&mut self, schedule: Schedule) -> u64 {
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
            let told_again = story.world().told_again.len();
            story.ticks(*delay);
            if let Some(who) = frozen {
                play.make(Move::Deliver(who));
            }
            story.until_quiet();
            story.agrees();
            self.tells_once(&story.world(), told_again);
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

    /// Where nobody died, whoever wrote the snapshot last keeps what the other one told, for later ticks to know.
    fn tells_once(&self, world: &Inner, already: usize) {
        if self.trail.iter().all(|step| matches!(step, Move::Grant { .. })) {
            let later = &world.told_again[already..];
            assert!(later.is_empty(), "told again: {later:?}");
        }
    }

    fn judge(&mut self, world: &Inner, half_done: Option<u32>) {
        let Some(state) = world.state() else {
            // Whoever would have decided something crashed before it did.
            return self.found.reach("nothing was ever decided");
        };
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
    pub fn reach(&mut self, mark: &'static str) {
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
