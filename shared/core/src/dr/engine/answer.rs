//! Answers: the same form whatever happened.

use super::{Look, Run};
use crate::blocker::Blocker;
use crate::dr::command;
use crate::dr::decide::{Decision, reasons};
use crate::dr::observation::Far;
use crate::dr::phase::{Action, Phase};
use crate::dr::plan::Step;
use crate::dr::policy::LAG_AGE_SECONDS_MAX;
use crate::dr::ports::World;
use crate::dr::record::Record;
use crate::dr::report::{Dr, Replication, Report, Role, Traffic};
use crate::dr::side::Side;
use crate::dr::state::State;
use crate::dr::verb::Verb;
use crate::dr::{candidate, loss, verb};
use crate::error::Failure;
use crate::generation::Generation;
use crate::replication::{Seen, seconds_between};
use crate::report::{Outcome, StepReport, Tally};
use crate::viability::Viability;

impl<W: World> Run<'_, W> {
    pub(super) fn answer(&self, look: &Look, outcome: Outcome, message: &str) -> Report {
        let record = &look.standing.record;
        let mut report = Report {
            outcome,
            action: self.command.action(),
            environment: self.settings.environment.clone(),
            generation: look.standing.head,
            phase: record.phase,
            traffic: Traffic {
                serve_from: record.writer,
            },
            replication: replication(look),
            blockers: Vec::new(),
            rollback: self.way_back(look, record),
            steps: Vec::new(),
            waiting_on: Vec::new(),
            message: message.to_owned(),
            dry_run: self.command.options.dry_run,
            unrecognised: None,
            dr: self.seen(look),
            tally: Tally::default(),
        };
        if let Some(state) = &look.standing.state {
            self.account(&mut report, state);
        }
        report
    }

    /// The same answer once the snapshot has moved on.
    pub(super) fn show(&self, report: &mut Report, state: &State) {
        report.generation = state.generation;
        report.phase = state.record.phase;
        report.traffic = Traffic {
            serve_from: state.record.writer,
        };
        report.dr.mode = Some(state.record.mode(&self.settings.policy));
        report.dr.blocked_until = state.record.blocked_until;
        report.dr.would_have.clone_from(&state.record.would);
        for role in &mut report.dr.roles {
            let is_writer = role.side == state.record.writer;
            let name = if is_writer { "writer" } else { "reader" };
            name.clone_into(&mut role.role);
        }
        self.account(report, state);
    }

    fn account(&self, report: &mut Report, state: &State) {
        if let Some(run) = &state.run {
            let forced = run.loss.is_some() || run.action.is_forced();
            report.dr.timeline = Some(run.timeline);
            report.dr.figures = run
                .timeline
                .figures(&self.settings.policy.objectives, run.loss, forced);
            report
                .dr
                .warnings
                .extend(run.notes.iter().map(|note| note.as_str().to_owned()));
            report.dr.warnings.dedup();
        }
    }

    fn seen(&self, look: &Look) -> Dr {
        let (seen, record) = (&look.seen, &look.standing.record);
        let writer = look.standing.writer.known().copied().unwrap_or(record.writer);
        let choice = verb::choose(verb::Intent::Automatic, writer.other(), seen);
        Dr {
            mode: Some(record.mode(&self.settings.policy)),
            roles: [Side::Primary, Side::Dr]
                .into_iter()
                .map(|side| self.role(look, side))
                .collect(),
            votes: look.votes.clone(),
            quorum: self.settings.policy.quorum,
            loss_estimate: loss::estimate(seen, look.standing.kept_lag()),
            blocked_until: record.blocked_until,
            timeline: None,
            figures: Vec::new(),
            objectives: self.settings.policy.objectives,
            would_call: choice.ok().map(|verb| verb.name().to_owned()),
            would_have: record.would.clone(),
            warnings: candidate::warnings(writer.other(), seen),
        }
    }

    fn role(&self, look: &Look, side: Side) -> Role {
        let role = match look.standing.writer {
            Seen::Known(writer) if writer == side => "writer",
            Seen::Known(_) => "reader",
            Seen::Unknown(_) => "unknown",
        };
        let status = match look.seen.cluster(side) {
            Far::Known(cluster) => cluster.status.clone(),
            Far::Unreachable(why) | Far::Unknown(why) => why.clone(),
        };
        Role {
            side,
            arn: self.settings.cluster(side).as_str().to_owned(),
            role: role.to_owned(),
            status,
        }
    }

    /// Going back is a switchover: lossless if that is possible now, and not possible otherwise.
    fn way_back(&self, look: &Look, record: &Record) -> Viability {
        if record.detached || self.settings.global_cluster.is_none() && record.writer == Side::Dr {
            return Viability::Impossible;
        }
        let other = record.writer.other();
        let well = candidate::unfit(verb::Intent::Planned, other, &look.seen).is_empty();
        if well && verb::choose(verb::Intent::Planned, other, &look.seen).is_ok() {
            Viability::Lossless
        } else {
            Viability::Impossible
        }
    }

    /// An answer by the snapshot alone.
    pub(super) fn without_a_look(&self, state: Option<&State>, outcome: Outcome) -> Report {
        let writer = state.map_or(Side::Primary, |state| state.record.writer);
        Report {
            outcome,
            action: self.command.action(),
            environment: self.settings.environment.clone(),
            generation: state.map_or(Generation::NONE, |state| state.generation),
            phase: state.map_or(Phase::Normal, |state| state.record.phase),
            traffic: Traffic { serve_from: writer },
            replication: Replication {
                status: "unknown".to_owned(),
                lag_seconds: None,
                lag_age_seconds: None,
                verdict: "missing".to_owned(),
            },
            blockers: Vec::new(),
            rollback: Viability::Impossible,
            steps: Vec::new(),
            waiting_on: state.map(super::conclude::waiting_on).unwrap_or_default(),
            message: String::new(),
            dry_run: self.command.options.dry_run,
            unrecognised: None,
            dr: Dr {
                quorum: self.settings.policy.quorum,
                objectives: self.settings.policy.objectives,
                ..Dr::default()
            },
            tally: Tally::default(),
        }
    }

    /// What a decision would do, without doing it.
    pub(super) fn would(&self, look: &Look, decision: Decision) -> Result<Report, Failure> {
        let mut report = self.answer(look, Outcome::Unchanged, "");
        let planned = |steps: &[Step]| -> Vec<StepReport> {
            let named = steps.iter().map(|step| StepReport::named(step.name(), "planned"));
            named.collect()
        };
        match decision {
            Decision::Go(intent) if intent.action == Action::Hold => {
                let blockers = reasons(&self.question(look));
                report.outcome = Outcome::Held;
                report.message = because(&blockers);
                report.blockers = blockers;
            }
            Decision::Go(intent) => {
                report.steps = planned(&intent.plan.steps);
                let verb = intent.plan.steps.iter().find_map(Step::verb).map(Verb::name);
                report.dr.would_call = verb.map(str::to_owned).or(report.dr.would_call);
                let next = look.standing.head.next();
                let action = intent.action.name();
                report.message = format!("would claim generation {next} ({action})");
            }
            Decision::Continue => {
                let open = look.standing.behind.as_ref();
                report.steps = open.map(|entry| planned(&entry.plan.steps)).unwrap_or_default();
                report.message = format!("would go on with generation {}", look.standing.head);
            }
            Decision::Hold(blockers) => {
                report.outcome = Outcome::Held;
                report.message = because(&blockers);
                report.blockers = blockers;
            }
            Decision::Refuse(blockers, why) => {
                report.outcome = Outcome::Refused;
                report.message = why;
                report.blockers = blockers;
            }
            Decision::Rest(why) => {
                report.message = if self.command.verb == command::Verb::Status {
                    self.how_it_stands(look)
                } else {
                    why
                };
            }
            Decision::InProgress(why) => {
                report.outcome = Outcome::InProgress;
                report.message = why;
            }
            Decision::Invalid(invalid) => return Err(invalid.into()),
        }
        if let Some(state) = &look.standing.state {
            report.waiting_on = super::conclude::waiting_on(state);
        }
        Ok(report)
    }

    fn how_it_stands(&self, look: &Look) -> String {
        let record = &look.standing.record;
        let held = look.standing.state.as_ref().and_then(|state| state.hold.as_ref());
        let hold = held.map_or_else(String::new, |hold| format!(" Held: {}.", hold.message));
        format!(
            "{} since {}; the {} cluster is the writer; the mode is {}.{hold}",
            record.phase.name(),
            record.since,
            record.writer,
            record.mode(&self.settings.policy).name()
        )
    }
}

fn replication(look: &Look) -> Replication {
    let writer = look.standing.writer.known().copied();
    let follows =
        writer.is_some_and(|writer| verb::choose(verb::Intent::ByHand, writer.other(), &look.seen).is_ok());
    let status = match (writer, follows) {
        (None, _) => "unknown",
        (Some(_), true) => "replicating",
        (Some(_), false) => "not-replicating",
    };
    let reading = look.seen.lag.known();
    let age = reading.map(|reading| seconds_between(reading.at, look.seen.at));
    Replication {
        status: status.to_owned(),
        lag_seconds: reading.map(|reading| reading.milliseconds.div_ceil(1_000)),
        lag_age_seconds: age,
        verdict: match age {
            None => "missing",
            Some(age) if age > LAG_AGE_SECONDS_MAX => "stale",
            Some(_) => "fresh",
        }
        .to_owned(),
    }
}

/// All reasons in one sentence.
fn because(blockers: &[Blocker]) -> String {
    let sentences: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
    sentences.join("; ")
}
