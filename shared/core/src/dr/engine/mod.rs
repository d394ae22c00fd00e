//! Observe, decide, claim, execute, report: as with a migration, over two regions.

mod answer;
mod conclude;
mod execute;
mod look;
mod marks;
mod news;
mod notices;
mod promote;
pub mod react;
mod report_text;
mod routing;
mod tells;
mod upkeep;
mod verify;

use std::sync::Mutex;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Entry;
use super::command::{Command, Verb};
use super::decide::{Decision, Intent, Question, decide};
use super::observation::Observation;
use super::phase::{Action, Phase};
use super::policy::{CONFIRM_LOOKS_MAX, CONFIRM_POLL_SECONDS, OWNERSHIP_SECONDS};
use super::ports::World;
use super::report::Report;
use super::settings::Settings;
use super::standing::Standing;
use super::votes::{BadSince, Vote};
use crate::blocker::{Blocker, Code};
use crate::counts::Counts;
use crate::engine::Invocation;
use crate::error::{Class, Failure};
use crate::policy::CLAIM_ATTEMPTS_MAX;
use crate::ports::{Claim, Clock, Probe, StateLog};
use crate::report::Outcome;
use crate::schema::SCHEMA;
use crate::stepping::last_moment;
use crate::text::Text;
use execute::Execution;

/// Everything an invocation carries from step to step.
pub(crate) struct Run<'a, W: World> {
    world: &'a W,
    settings: &'a Settings,
    invocation: &'a Invocation,
    command: &'a Command,
    counts: Counts,
    /// Number of the snapshot that this invocation wrote last.
    wrote: AtomicU64,
    /// The signals that were bad when this invocation looked last.
    bad: Mutex<Option<Vec<BadSince>>>,
}

/// What one look found, and where we stand by it.
pub(crate) struct Look {
    seen: Observation,
    standing: Standing,
    /// About the region of the writer.
    votes: Vec<Vote>,
}

/// What became of a claim.
enum Claimed {
    /// Somebody else has that generation.
    Lost,
    /// Something was noted, and the same look has more to decide.
    Noted,
    Done(Box<Report>),
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
            bad: Mutex::new(None),
        }
    }
}

impl<W: World> Run<'_, W> {
    async fn decide_and_act(&self) -> Result<Report, Failure> {
        let mut probe = self.first_probe();
        let mut conflicts = 0;
        for _ in 0..CONFIRM_LOOKS_MAX {
            let look = self.look(probe).await?;
            let decision = decide(&self.question(&look));
            // Only a claim proves that the snapshot was not behind, so any other decision has to make sure.
            let unproven = probe == Probe::Snapshot && !matches!(decision, Decision::Go(_));
            probe = Probe::Head;
            if unproven && self.is_behind(&look).await? {
                continue;
            }
            if self.command.options.dry_run || self.command.verb == Verb::Status {
                return self.would(&look, decision);
            }
            let intent = match decision {
                Decision::Go(intent) => intent,
                // It only has to last: rather than leave that to the clock's next minute, look again in a moment.
                Decision::Hold(blockers) if self.only_has_to_last(&blockers) && self.may_pause() => {
                    let moment = Duration::from_secs(CONFIRM_POLL_SECONDS);
                    self.world.clock().sleep(moment).await;
                    continue;
                }
                Decision::Hold(_) | Decision::Continue | Decision::Refuse(..) | Decision::Rest(_) => {
                    return self.without_a_claim(look, decision).await;
                }
                Decision::InProgress(_) | Decision::Invalid(_) => {
                    return self.without_a_claim(look, decision).await;
                }
            };
            match self.go(&look, *intent).await? {
                Claimed::Done(report) => return Ok(*report),
                Claimed::Noted => {}
                Claimed::Lost => conflicts += 1,
            }
            if conflicts >= CLAIM_ATTEMPTS_MAX {
                return Err(too_many());
            }
        }
        let look = self.look(Probe::Head).await?;
        let decision = decide(&self.question(&look));
        self.without_a_claim(look, decision).await
    }

    fn first_probe(&self) -> Probe {
        if self.command.options.dry_run {
            return Probe::Head;
        }
        match self.command.verb {
            // Every second counts; a claim on an old number fails anyway.
            Verb::Watch | Verb::Failover { .. } => Probe::Snapshot,
            Verb::Tick | Verb::Status | Verb::Switchover { .. } => Probe::Head,
            Verb::Failback | Verb::Drill | Verb::Acknowledge | Verb::Arm { .. } => Probe::Head,
        }
    }

    fn question<'q>(&'q self, look: &'q Look) -> Question<'q> {
        Question {
            command: self.command,
            standing: &look.standing,
            seen: &look.seen,
            votes: &look.votes,
            settings: self.settings,
            invocation: &self.invocation.id,
            trigger: &self.invocation.trigger,
        }
    }

    fn only_has_to_last(&self, blockers: &[Blocker]) -> bool {
        self.command.verb.is_unattended()
            && blockers.iter().any(|blocker| blocker.code == Code::Unconfirmed)
            && blockers
                .iter()
                .all(|blocker| matches!(blocker.code, Code::Unconfirmed | Code::QuorumMissing))
    }

    /// Whether this invocation lives long enough for a pause and what may follow it.
    fn may_pause(&self) -> bool {
        let pause = SignedDuration::from_secs(CONFIRM_POLL_SECONDS.cast_signed());
        let then = self.now().checked_add(pause);
        then.is_ok_and(|then| then <= last_moment(self.invocation.deadline))
    }

    /// Whether somebody has claimed a generation that a look without the head does not know.
    async fn is_behind(&self, look: &Look) -> Result<bool, Failure> {
        if look.standing.behind.is_some() || look.standing.state.is_none() {
            return Ok(false);
        }
        let next = self.world.log().entry(look.standing.head.next()).await?;
        Ok(next.is_some())
    }

    async fn go(&self, look: &Look, intent: Intent) -> Result<Claimed, Failure> {
        let detected = intent.detected;
        let action = intent.action;
        let entry = self.entry(look, intent);
        match self.world.log().claim(&entry).await? {
            Claim::Lost => {
                self.counts.conflict();
                Ok(Claimed::Lost)
            }
            Claim::Won if entry.plan.steps.is_empty() => {
                let report = self.noted(look, &entry).await;
                let more = matches!(action, Action::Suspect | Action::WouldPromote | Action::Hold);
                Ok(if more && self.command.verb.is_unattended() {
                    Claimed::Noted
                } else {
                    Claimed::Done(Box::new(report))
                })
            }
            Claim::Won => {
                let execution = Execution::new(self, &entry, look, detected, false);
                let report = self.carry_out(look, &entry, execution).await?;
                Ok(Claimed::Done(Box::new(report)))
            }
        }
    }

    /// Everything that needs no generation of its own.
    async fn without_a_claim(&self, look: Look, decision: Decision) -> Result<Report, Failure> {
        match decision {
            Decision::Continue => self.go_on(&look).await,
            Decision::Hold(blockers) => Ok(self.hold(&look, blockers).await),
            Decision::Rest(why) => Ok(self.rest(&look, &why).await),
            Decision::InProgress(why) => Ok(self.in_progress(&look, &why).await),
            Decision::Refuse(blockers, why) => {
                let mut report = self.answer(&look, Outcome::Refused, &why);
                report.blockers = blockers;
                Ok(report)
            }
            Decision::Invalid(invalid) => Err(invalid.into()),
            Decision::Go(_) => Ok(self.answer(&look, Outcome::InProgress, "the tick goes on")),
        }
    }

    async fn go_on(&self, look: &Look) -> Result<Report, Failure> {
        let Some(entry) = look.standing.behind.clone() else {
            return Ok(self.rest(look, "nothing is due").await);
        };
        if entry.plan.steps.is_empty() {
            return Ok(self.noted(look, &entry).await);
        }
        let execution = Execution::new(self, &entry, look, first_sign_of(&entry), true);
        self.carry_out(look, &entry, execution).await
    }

    fn entry(&self, look: &Look, intent: Intent) -> Entry {
        let at = look.seen.at;
        let ours = at.checked_add(SignedDuration::from_secs(OWNERSHIP_SECONDS));
        let options = &self.command.options;
        Entry {
            schema: SCHEMA,
            generation: look.standing.head.next(),
            at,
            deadline: ours.unwrap_or(at).min(self.invocation.deadline),
            give_up_at: None,
            by: Text::new(&self.settings.function),
            invocation: Text::new(&self.invocation.id),
            trigger: Text::new(&self.invocation.trigger),
            action: intent.action,
            reason: Text::new(options.reason.as_deref().unwrap_or(&intent.cause)),
            forced: Vec::new(),
            accept_data_loss: options.accept_data_loss,
            during: intent.during,
            before: intent.before,
            plan: intent.plan,
            record: intent.record,
            previous: intent.previous,
        }
    }

    fn now(&self) -> Timestamp {
        crate::engine::whole_seconds(self.world.clock().now())
    }
}

/// The first sign of what another invocation decided: its own account of it may have died with it.
fn first_sign_of(entry: &Entry) -> Timestamp {
    if entry.before.phase == Phase::Suspected {
        entry.before.since
    } else {
        entry.at
    }
}

fn too_many() -> Failure {
    Failure::new(
        Class::Conflict,
        format!("others claimed {CLAIM_ATTEMPTS_MAX} generations while this one was being decided"),
    )
}
