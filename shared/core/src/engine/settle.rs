//! What a tick does when nothing is decided: follow changes until they have settled, keep the hold true, prune.

use super::conclude::{differs, effect};
use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::command::Verb;
use crate::error::{Failure, PortError};
use crate::gates;
use crate::notice::{Kind, Notice, Severity, way_back};
use crate::policy::TELLING_DELAY_SECONDS;
use crate::ports::World;
use crate::replication::seconds_between;
use crate::report::{Outcome, Report, StepReport};
use crate::saving;
use crate::state::{Hold, State};
use crate::told::TellingKey;
use crate::viability::{Viability, viability};

impl<W: World> Run<'_, W> {
    pub(super) async fn rest(&self, look: Look<W>, why: String) -> Result<Report, Failure> {
        let mut report = self.report(&look.standing.record, &look.sight.observation, Outcome::Unchanged);
        report.generation = look.standing.head;
        report.message = why;
        self.keep_true(&look, &[], &mut report).await;
        Ok(report)
    }

    pub(super) async fn hold(&self, look: Look<W>, blockers: Vec<Blocker>) -> Result<Report, Failure> {
        let mut report = self.report(&look.standing.record, &look.sight.observation, Outcome::Held);
        report.generation = look.standing.head;
        report.message = super::answer::because(&blockers);
        self.keep_true(&look, &blockers, &mut report).await;
        report.blockers = blockers;
        Ok(report)
    }

    /// Only a person can decide; the answer says so, and so does a notice.
    pub(super) async fn ask(
        &self,
        look: Look<W>,
        blockers: Vec<Blocker>,
        cost: Viability,
    ) -> Result<Report, Failure> {
        let mut report = self.report(
            &look.standing.record,
            &look.sight.observation,
            Outcome::NeedsHuman,
        );
        let notice = Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::WaitingForYou,
            kind: Kind::NeedsHuman,
            generation: look.standing.head,
            headline: format!("{} needs your decision", self.command.action().name()),
            paragraphs: vec![
                super::answer::because(&blockers),
                way_back(cost),
                format!(
                    "To go back all the same: {}",
                    self.invoke(r#"{"action":"rollback","accept_data_loss":true}"#)
                ),
            ],
        };
        let key = TellingKey::of(&super::answer::because(&blockers));
        let state = look.standing.state.clone();
        if state.as_ref().is_some_and(|state| self.knows(state, key)) {
            report.steps.push(StepReport::named("notify", "told already"));
        } else {
            let told = self.tell(&notice).await;
            report.steps.push(effect("notify", &told));
            if let (Some(mut state), Ok(())) = (state, told) {
                self.remember(&mut state, &[key]);
                report
                    .steps
                    .push(effect("write-state", &self.save(&mut state).await));
            }
        }
        report.generation = look.standing.head;
        report.message = super::answer::because(&blockers);
        report.rollback = cost;
        report.blockers = blockers;
        Ok(report)
    }

    /// Rewrites the snapshot if something an operator would care about changed since. A quiet hour writes nothing.
    async fn keep_true(&self, look: &Look<W>, blockers: &[Blocker], report: &mut Report) {
        let Some(before) = look
            .standing
            .state
            .as_ref()
            .filter(|state| state.generation == look.standing.head)
        else {
            return;
        };
        report.waiting_on = before.waiting_on();
        let mut state = before.clone();
        match self.command.verb {
            Verb::Tick => {}
            Verb::Monitor { .. } => return self.watch(look, state, report).await,
            Verb::Guard { prompted } => {
                let invocation = self.invocation;
                // A delivery that was acted on already has nothing more to say.
                let again = look.standing.was_claimed_by(&invocation.id, &invocation.trigger);
                return self.warn(look, state, prompted && !again, report).await;
            }
            Verb::Shift(_) | Verb::Climb { .. } | Verb::ManualCutover { .. } | Verb::Rollback => return,
            Verb::Status | Verb::Pause | Verb::Resume | Verb::Complete => return,
        }
        let followed = self.settle(&mut state).await;
        let observation = &look.sight.observation;
        self.refresh(&mut state, observation);
        // The reading is dms-monitor's to keep: by what it wrote it knows which events it missed.
        state.replication.clone_from(&before.replication);
        if let Some(found) = observation.traffic(self.settings.topology) {
            // What going back costs follows from where the writes go, whoever sent them there.
            let record = state.record.clone().carrying(found);
            state.rollback = viability(&record, observation, &self.settings.policy, observation.at);
        }
        if let Some((notice, news)) = self.holds(&mut state, blockers) {
            let told = self.tell(&notice).await;
            if let (Ok(()), Some(hold)) = (&told, &mut state.hold) {
                hold.untold = false;
                self.remember(&mut state, &news);
            }
            report.steps.push(effect("notify", &told));
        }
        report.steps.extend(self.send_owed(&mut state).await);
        let pruned = self.prune(&mut state).await;
        // What failed here is tried again in a minute, and keeps nobody from knowing the rest.
        for (name, result) in [("follow-change", followed), ("prune", pruned)] {
            if result.is_err() {
                report.steps.push(effect(name, &result));
            }
        }
        report.waiting_on = state.waiting_on();
        if differs(before, &state) {
            report
                .steps
                .push(effect("write-state", &self.save(&mut state).await));
        }
    }

    async fn settle(&self, state: &mut State) -> Result<(), PortError> {
        let mut followed = Ok(());
        let mut settling = Vec::new();
        for change in std::mem::take(&mut state.settling) {
            match self.advance_settling(change.clone()).await {
                Ok(advanced) => settling.extend(advanced),
                Err(error) => {
                    settling.push(change);
                    followed = Err(error);
                }
            }
        }
        state.settling = settling;
        if state.settling.is_empty() && state.settled_at.is_none() {
            state.settled_at = Some(self.now());
        }
        followed
    }

    /// The hold that a person should know of; a new one is told once, with what of it is news. Baking is no hold, it
    /// is the plan.
    fn holds(&self, state: &mut State, blockers: &[Blocker]) -> Option<(Notice, Vec<TellingKey>)> {
        let mut reasons: Vec<Blocker> = blockers
            .iter()
            .filter(|blocker| blocker.code != Code::Baking)
            .cloned()
            .collect();
        reasons.extend(gates::not_held(&state.record, &reasons));
        if reasons.is_empty() {
            state.hold = None;
            return None;
        }
        let now = self.now();
        let earlier = state.hold.take();
        let known = earlier.filter(|held| held.codes == Hold::of(&reasons, now).codes);
        let first = known.is_none();
        if let Some(held) = known {
            let young = seconds_between(held.since, now) <= TELLING_DELAY_SECONDS;
            state.hold = Some(held);
            if state.hold.as_ref().is_some_and(|held| held.untold) {
                return self.still_holding(state);
            }
            if !young {
                return None;
            }
        } else {
            state.hold = Some(Hold::of(&reasons, now));
        }
        // What somebody holds was told when it began, and a pause is a person's own word. What another function
        // watches is told by that; only if it still is not in a minute, it is told here.
        let is_news = |blocker: &&Blocker| {
            let held = state.record.held.iter().any(|held| held.code == blocker.code);
            let theirs = first && is_watched(blocker.code);
            let told = self.knows(state, TellingKey::of(&blocker.message));
            blocker.code != Code::Paused && !held && !theirs && !told
        };
        let news: Vec<Blocker> = reasons.iter().filter(is_news).cloned().collect();
        if news.is_empty() {
            return None;
        }
        if let Some(hold) = &mut state.hold {
            hold.untold = true;
        }
        let keys = news.iter().map(|blocker| TellingKey::of(&blocker.message));
        Some((
            self.holding(&super::answer::because(&news), state),
            keys.collect(),
        ))
    }

    /// A hold that people do not know of: its notice could not be sent, or they had been told of the same so lately
    /// that it was left out, and have since heard that it was over.
    fn still_holding(&self, state: &State) -> Option<(Notice, Vec<TellingKey>)> {
        let why = state.hold.as_ref()?.message.as_str();
        let keys: Vec<TellingKey> = why.split("; ").map(TellingKey::of).collect();
        let untold = keys.iter().all(|key| !self.knows(state, *key));
        untold.then(|| (self.holding(why, state), keys))
    }

    fn holding(&self, why: &str, state: &State) -> Notice {
        let phase = state.record.phase.name();
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Hold,
            generation: state.generation,
            headline: format!("holding in phase {phase}: {why}"),
            paragraphs: vec![
                "It goes on by itself once that is over.".to_owned(),
                way_back(state.rollback),
                format!("To go back: {}", self.invoke(r#"{"action":"rollback"}"#)),
            ],
        }
    }

    async fn prune(&self, state: &mut State) -> Result<(), PortError> {
        state.journal_first = saving::prune(
            self.world.log(),
            state.journal_first,
            state.generation,
            self.now(),
        )
        .await?;
        Ok(())
    }
}

/// Whether `dms-monitor` or `alarm-rollback` looks out for it too, and tells it better.
fn is_watched(code: Code) -> bool {
    match code {
        Code::LagUnknown | Code::LagStale | Code::ReplicationNotRunning => true,
        Code::TablesInError | Code::ValidationMismatch | Code::AlarmActive => true,
        Code::LagTooHigh | Code::Drift | Code::RecordMissing | Code::TtlTooHigh | Code::Paused => false,
        Code::Baking | Code::SplitWritesUnsafe | Code::WritesNotStopped | Code::NotDrained => false,
        Code::ReverseNotReady | Code::RollbackLossy | Code::InProgress | Code::GenerationMoved => false,
        // None of these is a migration's.
        Code::QuorumMissing | Code::Unconfirmed | Code::PrimaryAlive => false,
        Code::LossUnknown | Code::LossOverBudget | Code::DataLossNotAccepted => false,
        Code::BlockPeriod | Code::NotArmed | Code::ApprovalNeeded => false,
        Code::WriterUnknown | Code::NotReplicating | Code::NotLevel => false,
        Code::VersionDrift | Code::SwitchoverUnsupported | Code::NoInstances => false,
        Code::ClusterNotAvailable | Code::MigrationRunning | Code::BlockedWindow => false,
        Code::HookVeto => false,
    }
}
