//! Answers: the same form whatever happened.

use jiff::Timestamp;

use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::command::Verb;
use crate::decide::Decision;
use crate::generation::Generation;
use crate::journal::Entry;
use crate::notice::way_back;
use crate::observation::Observation;
use crate::ports::World;
use crate::record::Record;
use crate::replication::{Seen, verdict};
use crate::report::{Outcome, Report, StepReport, Tally};
use crate::state::{Hold, Replication};
use crate::stepping::Trouble;
use crate::text::Text;
use crate::viability::viability;

impl<W: World> Run<'_, W> {
    pub(super) fn report(&self, record: &Record, observation: &Observation, outcome: Outcome) -> Report {
        let found = observation.traffic(self.settings.topology);
        let acted = outcome == Outcome::Done || outcome == Outcome::InProgress;
        Report {
            outcome,
            action: self.command.action(),
            environment: self.settings.environment.clone(),
            generation: Generation::NONE,
            phase: record.phase,
            traffic: if acted { Some(record.traffic) } else { found },
            replication: self.replication(observation, None),
            blockers: Vec::new(),
            rollback: viability(record, observation, &self.settings.policy, observation.at),
            steps: Vec::new(),
            waiting_on: Vec::new(),
            message: String::new(),
            forced: Vec::new(),
            dry_run: self.command.options.dry_run,
            missed_events: Vec::new(),
            unrecognised: None,
            tally: Tally::default(),
        }
    }

    /// `earlier` remembers since when nothing has been known.
    pub(super) fn replication(
        &self,
        observation: &Observation,
        earlier: Option<&Replication>,
    ) -> Replication {
        let nothing = Replication::unknown();
        let since = || {
            let earlier = earlier.and_then(|earlier| earlier.unknown_since);
            Some(earlier.unwrap_or(observation.at))
        };
        match &observation.forward {
            Seen::Known(task) => Replication {
                status: Text::new(task.status.name()),
                lag_seconds: task.lag.known().map(|lag| lag.total_seconds()),
                lag_age_seconds: task.lag.known().map(|lag| lag.age_seconds(observation.at)),
                verdict: verdict(task, &self.settings.policy, observation.at),
                unknown_since: task.lag.known().map_or_else(since, |_| None),
                full_load_percent: task.full_load_percent,
                tables_loaded: task.tables_loaded,
                tables_total: task.tables_total,
            },
            Seen::Unknown(_) => Replication {
                unknown_since: since(),
                ..nothing
            },
        }
    }

    pub(super) fn in_progress(&self, look: &Look<W>, why: String) -> Report {
        let mut report = self.report(
            &look.standing.record,
            &look.sight.observation,
            Outcome::InProgress,
        );
        report.generation = look.standing.head;
        report.traffic = look.sight.observation.traffic(self.settings.topology);
        report.message = why;
        report
    }

    pub(super) fn refused(&self, look: &Look<W>, blockers: Vec<Blocker>, why: String) -> Report {
        let mut report = self.report(&look.standing.record, &look.sight.observation, Outcome::Refused);
        report.generation = look.standing.head;
        report.blockers = blockers;
        report.message = why;
        report
    }

    /// Held after something was tried in the name of `entry`.
    pub(super) fn held(&self, look: &Look<W>, blockers: Vec<Blocker>, why: String, entry: &Entry) -> Report {
        let mut report = self.report(&entry.before, &look.sight.observation, Outcome::Held);
        report.generation = entry.generation;
        report.blockers = blockers;
        report.message = why;
        report
    }

    /// What a decision would do, without doing it.
    pub(super) fn would(&self, look: &Look<W>, decision: Decision) -> Report {
        let (record, observation) = (&look.standing.record, &look.sight.observation);
        let mut report = self.report(record, observation, Outcome::Unchanged);
        report.generation = look.standing.head;
        if let Some(state) = look
            .standing
            .state
            .as_ref()
            .filter(|_| look.standing.behind.is_none())
        {
            report.waiting_on = state.waiting_on();
        }
        match decision {
            Decision::Go(intent) => {
                report.steps = intent
                    .plan
                    .steps
                    .iter()
                    .map(|step| StepReport::of(*step, "planned"))
                    .collect();
                report.message = format!("would claim generation {}", look.standing.head.next());
                report.forced = intent.forced;
            }
            Decision::Continue => {
                let plan = look
                    .standing
                    .behind
                    .as_ref()
                    .map(|entry| entry.plan.steps.clone())
                    .unwrap_or_default();
                report.steps = plan
                    .into_iter()
                    .map(|step| StepReport::of(step, "planned"))
                    .collect();
                report.message = format!("would go on with generation {}", look.standing.head);
            }
            Decision::Abandon(blockers) | Decision::Hold(blockers) => {
                report.outcome = Outcome::Held;
                report.message = because(&blockers);
                report.blockers = blockers;
            }
            Decision::Refuse(blockers, why) => {
                report.outcome = Outcome::Refused;
                report.blockers = blockers;
                report.message = why;
            }
            Decision::Ask(blockers, cost) => {
                report.outcome = Outcome::NeedsHuman;
                report.message = because(&blockers);
                report.rollback = cost;
                report.blockers = blockers;
            }
            Decision::InProgress(why) => {
                report.outcome = Outcome::InProgress;
                report.message = why;
            }
            Decision::Rest(why) => {
                report.message = why;
                self.looked(look, &mut report);
            }
        }
        report
    }

    /// What `status` adds: reasons that a tick would hold for.
    fn looked(&self, look: &Look<W>, report: &mut Report) {
        let observation = &look.sight.observation;
        if self.command.verb == Verb::Status {
            let record = &look.standing.record;
            let (phase, since) = (record.phase.name(), record.since);
            report.message = format!("{phase} since {since}. {}", way_back(report.rollback));
        }
        report
            .blockers
            .extend(crate::gates::records_present(observation, self.settings.topology));
        report.blockers.extend(crate::gates::no_drift(
            &look.standing.record,
            &look.standing.drifted,
            observation,
        ));
        report
            .blockers
            .extend(crate::gates::not_paused(&look.standing.record));
        if let Some(open) = &look.standing.open {
            let message = format!(
                "generation {} ({}) is not finished",
                open.generation,
                open.action.name()
            );
            report.blockers.push(Blocker::new(Code::InProgress, message));
        }
    }
}

/// All reasons in one sentence.
pub(super) fn because(blockers: &[Blocker]) -> String {
    let sentences: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
    sentences.join("; ")
}

impl Trouble {
    /// The hold that the snapshot keeps of it. A call that failed has no code, but it has a sentence.
    pub(super) fn hold(&self, since: Timestamp) -> Hold {
        match self {
            Self::Blocked(blocker) => Hold::of(std::slice::from_ref(blocker), since),
            Self::Broken(_) => Hold {
                codes: Vec::new(),
                message: Text::new(&self.sentence()),
                since,
                untold: false,
            },
        }
    }

    pub(super) fn blockers(&self) -> Vec<Blocker> {
        match self {
            Self::Blocked(blocker) => vec![blocker.clone()],
            Self::Broken(_) => Vec::new(),
        }
    }
}
