//! Depth-first search of every schedule of two invocations, with the engine itself as the model.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use cutover_core::dr::phase::{Action, Phase};
use cutover_core::dr::side::Side;
use cutover_core::journal::Outcome;

use super::Inner;
use super::aws::Region;
use super::schedule::{Move, Schedule};
use super::story::Story;

/// The search of one pair of payloads from one beginning.
pub struct Search<'a> {
    pub story: &'a Story,
    pub payloads: [String; 2],
    pub regions: &'a [Region],
    /// How many of the invocations may die.
    pub crashes: usize,
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
            eprintln!("{:?}\n{}", self.payloads, trail.join("\n"));
        }
    }
}

impl Search<'_> {
    pub fn replay(&self) -> Schedule {
        let mut schedule = Schedule::begin(self.story, &self.payloads, self.regions, self.crashes);
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
        let world = schedule.shared.lock().unwrap().fingerprint();
        self.found.worlds.insert(world);
        let moves = schedule.moves();
        let mut count = 0u64;
        if schedule.is_over() {
            self.rest(&schedule);
            count += 1;
        }
        let last = moves.len().saturating_sub(1);
        let mut live = Some(schedule);
        for (index, step) in moves.iter().enumerate() {
            let own = if index == last { live.take() } else { None };
            let mut next = own.unwrap_or_else(|| self.replay());
            self.trail.push(*step);
            next.make(*step);
            count = count.saturating_add(self.explore(next));
            self.trail.pop();
        }
        self.schedules.insert(fingerprint, count);
        count
    }

    /// Both are gone. The schedule ticks on, and in the end everything agrees.
    fn rest(&mut self, schedule: &Schedule) {
        self.found.ends += 1;
        let frozen = schedule.frozen();
        if frozen.is_none() && !self.settled.insert(schedule.shared.lock().unwrap().fingerprint()) {
            return;
        }
        let mut play = self.replay();
        let mut story = self.story.in_world(Arc::clone(&play.shared));
        if let Some(who) = frozen {
            story.ticks(1);
            play.make(Move::Deliver(who));
            self.found.reach("an operation arrived after its sender was gone");
        }
        // A delivery that came to nothing comes again.
        for payload in &self.payloads {
            if payload.contains("detail-type") {
                let _again = story.send(payload);
            }
        }
        story.until_quiet();
        story.agrees();
        self.judge(&story.world());
    }

    fn judge(&mut self, world: &Inner) {
        for mark in &world.reached {
            self.found.reach(mark);
        }
        let Some(state) = world.state() else { return };
        if world.aws.region == Region::Dark {
            // Whoever must decide was asked for it, or it is done.
            assert_eq!(world.aws.writer, Side::Dr, "a lost region was never promoted");
            assert_eq!(world.leads_to(), Side::Dr, "nothing leads to the new writer");
            self.found.reach("a lost region was promoted");
        } else if world.aws.accepted.is_empty() {
            self.found.reach("a region that came back was left alone");
        }
        if state.record.phase == Phase::NeedsHuman {
            self.found.reach("a person was asked");
        }
        let mut told = HashSet::new();
        for entry in world.journal.values() {
            if entry.action == Action::Hold {
                let record = &entry.record;
                let codes: Vec<&str> = record.held.iter().map(|code| code.name()).collect();
                let is_news = told.insert((record.since, codes, record.asked));
                assert!(is_news, "the same reason was told twice: {record:?}");
            }
            if entry.previous.outcome == Outcome::Superseded {
                self.found.reach("a generation was superseded");
            }
            match entry.action {
                Action::Adopt => self.found.reach("what AWS did without us was taken up"),
                Action::Promote => self.found.reach("it was decided by itself"),
                Action::Failover => self.found.reach("it was decided by hand"),
                Action::Hold => self.found.reach("it was told why nothing is done"),
                Action::Clear => self.found.reach("a suspicion was taken back"),
                Action::Switchover | Action::Failback | Action::Drill | Action::DrillBack => {}
                Action::Acknowledge | Action::Arm | Action::Status | Action::Tick => {}
                Action::Watch | Action::WouldPromote | Action::Suspect => {}
            }
        }
    }
}

impl Found {
    pub fn reach(&mut self, mark: &'static str) {
        *self.reached.entry(mark).or_default() += 1;
    }
}
