//! Observe, decide, claim, execute, report: the one shape of every invocation, live and on resume.

mod answer;
mod conclude;
mod execute;
mod gives_up;
mod goes_back;
mod observe;
mod owed;
pub mod react;
mod replicated;
mod save;
mod settle;
mod settling;
mod tells;
mod unable;
mod watch;
mod weights;

use std::sync::atomic::AtomicU64;

use jiff::{SignedDuration, Timestamp};

use crate::command::{Command, Verb};
use crate::counts::Counts;
use crate::decide::{Decision, Intent, Question, decide, standing::Standing};
use crate::error::{Class, Failure};
use crate::journal::Entry;
use crate::observation::Observation;
use crate::policy::{CLAIM_ATTEMPTS_MAX, OWNERSHIP_SECONDS_MAX, Policy};
use crate::ports::{Claim, Probe, StateLog, TokenOf, World};
use crate::report::{Outcome, Report};
use crate::schema::SCHEMA;
use crate::text::Text;
use crate::weight::Topology;
use execute::Execution;
use observe::Sight;
pub(crate) use observe::whole_seconds;

/// What an environment is, apart from its AWS names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    pub environment: String,
    pub function: String,
    pub topology: Topology,
    pub policy: Policy,
}

/// One run of a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// Lambda's request id; a repeated attempt carries it again.
    pub id: String,
    /// The id of the event that started it, which a repeated delivery carries again; empty without one.
    pub trigger: String,
    /// When Lambda stops us.
    pub deadline: Timestamp,
}

/// Everything an invocation carries from step to step.
pub(crate) struct Run<'a, W: World> {
    pub world: &'a W,
    pub settings: &'a Settings,
    pub invocation: &'a Invocation,
    pub command: &'a Command,
    pub(super) counts: Counts,
    /// Number of the snapshot that this invocation wrote last.
    pub(super) wrote: AtomicU64,
}

/// What one look found, and where the migration stands by it.
pub(crate) struct Look<W: World> {
    pub sight: Sight<TokenOf<W>>,
    pub standing: Standing,
}

/// Carries out one command.
pub async fn handle<W: World>(
    world: &W,
    settings: &Settings,
    invocation: &Invocation,
    command: &Command,
) -> Result<Report, Failure> {
    let run = Run::new(world, settings, invocation, command);
    let answer = match run.decide_and_act().await {
        // The clock comes in a minute anyway: Lambda's own attempts would only add to what is too much already.
        Err(failure) if command.verb.comes_again() && failure.class == Class::Throttled => {
            run.put_off(failure).await
        }
        // Nobody waits for the answer, and an error would only make Lambda send it again: what a retry cannot
        // mend is told instead.
        Err(failure) if command.verb.is_unattended() && !failure.class.is_passing() => {
            Ok(run.unable(&failure).await)
        }
        answer => answer,
    };
    answer.map(|report| Report {
        tally: run.counts.tally(),
        ..report
    })
}

impl<'a, W: World> Run<'a, W> {
    fn new(world: &'a W, settings: &'a Settings, invocation: &'a Invocation, command: &'a Command) -> Self {
        Self {
            world,
            settings,
            invocation,
            command,
            counts: Counts::default(),
            wrote: AtomicU64::new(0),
        }
    }
}

impl<W: World> Run<'_, W> {
    async fn decide_and_act(&self) -> Result<Report, Failure> {
        let mut probe = match self.command.verb {
            Verb::Tick | Verb::Status | Verb::Monitor { .. } => Probe::Head,
            Verb::Guard { prompted: false } => Probe::Head,
            // Every second counts; a claim on an old number fails anyway.
            Verb::Guard { prompted: true } => Probe::Snapshot,
            Verb::Shift(_) | Verb::Climb { .. } | Verb::ManualCutover { .. } => Probe::Snapshot,
            Verb::Rollback | Verb::Pause | Verb::Resume | Verb::Complete => Probe::Snapshot,
        };
        if self.command.options.dry_run {
            probe = Probe::Head;
        }
        for _ in 0..CLAIM_ATTEMPTS_MAX {
            let look = self.look(probe).await?;
            let decision = decide(&self.question(&look.standing, &look.sight.observation));
            // Only a claim proves that the snapshot was not behind, so any other decision has to make sure.
            let unproven = probe == Probe::Snapshot && !matches!(decision, Decision::Go(_));
            probe = Probe::Head;
            if unproven && self.is_behind(&look).await? {
                continue;
            }
            if self.command.options.dry_run || self.command.verb == Verb::Status {
                return Ok(self.would(&look, decision));
            }
            let missed = watch::missed_event(&look, &self.command.verb);
            if let Some(mut report) = self.act(look, decision).await? {
                if report.outcome != Outcome::InProgress {
                    report.missed_events.extend(missed);
                }
                return Ok(report);
            }
        }
        Err(Failure::new(
            Class::Conflict,
            format!("others claimed {CLAIM_ATTEMPTS_MAX} generations while this one was being decided"),
        ))
    }

    fn question<'q>(&'q self, standing: &'q Standing, observation: &'q Observation) -> Question<'q> {
        Question {
            command: self.command,
            standing,
            observation,
            policy: &self.settings.policy,
            topology: self.settings.topology,
            invocation: &self.invocation.id,
            trigger: &self.invocation.trigger,
        }
    }

    /// Whether somebody has claimed a generation that a look without the head does not know. Where the snapshot is of
    /// an open generation, or there is none, the look went through the journal anyway.
    async fn is_behind(&self, look: &Look<W>) -> Result<bool, Failure> {
        if look.standing.behind.is_some() || look.standing.state.is_none() {
            return Ok(false);
        }
        let next = self.world.log().entry(look.standing.head.next()).await?;
        Ok(next.is_some())
    }

    /// `None` when somebody else claimed the generation first.
    async fn act(&self, look: Look<W>, decision: Decision) -> Result<Option<Report>, Failure> {
        match decision {
            Decision::Go(intent) => self.go(look, *intent).await,
            Decision::Continue => self.go_on(look).await.map(Some),
            Decision::Abandon(blockers) => self.abandon(look, blockers).await.map(Some),
            Decision::Hold(blockers) => self.hold(look, blockers).await.map(Some),
            Decision::Rest(why) => self.rest(look, why).await.map(Some),
            Decision::InProgress(why) => Ok(Some(self.in_progress(&look, why))),
            Decision::Refuse(blockers, why) => Ok(Some(self.refused(&look, blockers, why))),
            Decision::Ask(blockers, cost) => self.ask(look, blockers, cost).await.map(Some),
        }
    }

    async fn go(&self, look: Look<W>, intent: Intent) -> Result<Option<Report>, Failure> {
        let forced = intent.forced.clone();
        let entry = self.entry(&look, intent);
        match self.world.log().claim(&entry).await? {
            Claim::Lost => {
                self.counts.conflict();
                Ok(None)
            }
            Claim::Won => {
                let execution = Execution::new(self, &entry, &look, false);
                self.carry_out(look, &entry, execution, forced).await.map(Some)
            }
        }
    }

    async fn go_on(&self, look: Look<W>) -> Result<Report, Failure> {
        let Some(entry) = look.standing.behind.clone() else {
            return self.rest(look, "nothing is due".to_owned()).await;
        };
        let execution = Execution::new(self, &entry, &look, true);
        self.carry_out(look, &entry, execution, Vec::new()).await
    }

    fn entry(&self, look: &Look<W>, intent: Intent) -> Entry {
        let at = look.sight.observation.at;
        let ours = at
            .checked_add(SignedDuration::from_secs(OWNERSHIP_SECONDS_MAX))
            .unwrap_or(at);
        let options = &self.command.options;
        Entry {
            schema: SCHEMA,
            generation: look.standing.head.next(),
            at,
            deadline: ours.min(self.invocation.deadline),
            give_up_at: intent.give_up_at,
            by: Text::new(&self.settings.function),
            invocation: Text::new(&self.invocation.id),
            trigger: Text::new(&self.invocation.trigger),
            action: intent.action,
            reason: Text::new(options.reason.as_deref().unwrap_or(&intent.cause)),
            forced: intent.forced.iter().map(|blocker| blocker.code).collect(),
            accept_data_loss: options.accept_data_loss,
            during: intent.during,
            before: intent.before,
            plan: intent.plan,
            record: intent.record,
            previous: intent.previous,
        }
    }
}
