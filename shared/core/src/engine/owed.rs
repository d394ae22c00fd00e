//! Snapshot, notice and event of one transition, and what becomes of those that could not be sent.

use futures_util::future::{join, join3};

use super::Run;
use super::conclude::effect;
use super::tells::tellings;
use crate::command::Verb;
use crate::error::{Class, PortError};
use crate::generation::Generation;
use crate::journal::{Entry, Outcome};
use crate::notice::Notice;
use crate::phase::Action;
use crate::ports::{Announcer, StateLog, World};
use crate::report::StepReport;
use crate::state::{State, owe};
use crate::transition::Transition;

/// What became of the three.
pub(super) struct Published {
    pub written: bool,
    pub steps: Vec<StepReport>,
}

impl<W: World> Run<'_, W> {
    /// Writes the snapshot, tells people, and puts the event on the bus. None of them holds up or undoes the move
    /// itself: what could not be sent is owed, and the tick sends it.
    pub(super) async fn publish(&self, state: &mut State, entry: &Entry, notice: &Notice) -> Published {
        let now = self.now();
        let keys = tellings(entry, &notice.headline);
        let known = !keys.is_empty() && keys.iter().all(|key| state.was_told(*key, now));
        if !known {
            for key in &keys {
                state.remember_told(*key, now);
            }
        }
        if known
            && entry.action == Action::Hold
            && let Some(hold) = &mut state.hold
        {
            hold.untold = true;
        }
        let transition = self.transition_of(entry, state);
        let tell = async { if known { Ok(()) } else { self.tell(notice).await } };
        let announce = self.world.announcer().announce(&transition);
        let write = self.world.log().write_state(state);
        // That something went back or was held by itself is told at once, whatever becomes of the rest.
        let urgent = matches!(self.command.verb, Verb::Guard { .. });
        let (written, told, announced) = if self.command.verb.is_unattended() && !urgent {
            // What could not be written down will be finished again in a minute: once is enough to tell it. Where
            // only the reply may have been lost, nobody will.
            match write.await {
                Err(error) if error.class != Class::Retryable => (Err(error), Ok(()), Ok(())),
                written => {
                    let (told, announced) = join(tell, announce).await;
                    (written, told, announced)
                }
            }
        } else {
            join3(write, tell, announce).await
        };
        let mut steps = vec![
            effect("write-state", &written),
            if known {
                StepReport::named("notify", "told already")
            } else {
                effect("notify", &told)
            },
            effect("announce", &announced),
        ];
        if told.is_err() {
            for key in keys {
                state.forget_told(key);
            }
            owe(&mut state.untold, entry.generation);
        }
        if announced.is_err() {
            owe(&mut state.unannounced, entry.generation);
        }
        if told.is_err() || announced.is_err() {
            steps.push(effect(
                "note-what-is-owed",
                &self.world.log().write_state(state).await,
            ));
        }
        Published {
            written: written.is_ok(),
            steps,
        }
    }

    fn transition_of(&self, entry: &Entry, state: &State) -> Transition {
        Transition::of(
            &self.settings.environment,
            entry,
            &state.record,
            state.outcome,
            Some(state.rollback),
        )
    }

    /// Sends what earlier invocations could not. What fails again stays owed.
    pub(super) async fn send_owed(&self, state: &mut State) -> Vec<StepReport> {
        let mut steps = Vec::new();
        for generation in std::mem::take(&mut state.untold) {
            let sent = self.tell_again(generation, state).await;
            if sent.is_err() {
                owe(&mut state.untold, generation);
            }
            steps.push(effect("notify-again", &sent));
        }
        for generation in std::mem::take(&mut state.unannounced) {
            let sent = self.announce_again(generation, state).await;
            if sent.is_err() {
                owe(&mut state.unannounced, generation);
            }
            steps.push(effect("announce-again", &sent));
        }
        steps
    }

    async fn tell_again(&self, generation: Generation, state: &State) -> Result<(), PortError> {
        let Some((entry, reached)) = self.as_it_ended(generation, state).await? else {
            return Ok(());
        };
        let notice = match reached.outcome {
            Outcome::Undone | Outcome::Superseded => {
                self.not_carried_out(&entry, entry.reason.as_str(), false)
            }
            Outcome::Finished | Outcome::Open if entry.action == Action::Undo => self.went_back(&entry),
            Outcome::Finished | Outcome::Open => self.transition(&entry, &reached),
        };
        self.tell(&notice).await
    }

    async fn announce_again(&self, generation: Generation, state: &State) -> Result<(), PortError> {
        match self.as_it_ended(generation, state).await? {
            Some((entry, reached)) => {
                let transition = self.transition_of(&entry, &reached);
                self.world.announcer().announce(&transition).await
            }
            None => Ok(()),
        }
    }

    /// A generation's entry, and the snapshot as it was when that ended; `None` once it has been pruned.
    async fn as_it_ended(
        &self,
        generation: Generation,
        state: &State,
    ) -> Result<Option<(Entry, State)>, PortError> {
        let Some(entry) = self.world.log().entry(generation).await? else {
            return Ok(None);
        };
        if state.generation == generation {
            return Ok(Some((entry, state.clone())));
        }
        let next = self.world.log().entry(generation.next()).await?;
        let outcome = next.map_or(Outcome::Finished, |next| next.previous.outcome);
        let record = match outcome {
            Outcome::Finished | Outcome::Open => entry.record.clone(),
            Outcome::Undone | Outcome::Superseded => entry.before.clone(),
        };
        let reached = State {
            rollback: state.rollback,
            ..State::of(&entry, record, outcome, None)
        };
        Ok(Some((entry, reached)))
    }
}
