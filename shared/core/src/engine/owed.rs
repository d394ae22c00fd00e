//! Snapshot, notice and event of one transition, and what becomes of those that could not be sent.

use futures_util::future::join;

use super::conclude::effect;
use super::tells::tellings;
use super::{Look, Run};
use crate::command::Verb;
use crate::error::PortError;
use crate::generation::Generation;
use crate::journal::{Entry, Outcome};
use crate::notice::Notice;
use crate::phase::Action;
use crate::ports::{Announcer, StateLog, World};
use crate::record::Record;
use crate::report::StepReport;
use crate::state::State;
use crate::told::{Owed, TellingKey};
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
        let generation = entry.generation;
        let keys = tellings(entry, state.outcome, notice);
        let known = !keys.is_empty() && keys.iter().all(|key| self.knows(state, *key));
        if known
            && entry.action == Action::Hold
            && let Some(hold) = &mut state.hold
        {
            hold.untold = true;
        }
        // Nobody would miss what a function dies with that nobody waits for: until it is sent, it is owed.
        let unattended = self.command.verb.is_unattended();
        if unattended {
            state.unannounced.owe(generation);
            if !known {
                state.untold.owe(generation);
            }
        }
        let transition = self.transition_of(entry, state);
        let news = (!known).then_some(notice);
        // That something went back or was held by itself is told at once, whatever becomes of the rest.
        let urgent = matches!(self.command.verb, Verb::Guard { .. });
        let (written, (told, announced)) = if unattended && !urgent {
            let written = self.save(state).await;
            let owed = |owed: &Owed| written.is_ok() && owed.open().contains(&generation);
            // What was not written will be finished again in a minute, or is known to be owed; and who finished the
            // same meanwhile has told it.
            let news = news.filter(|_| owed(&state.untold));
            let transition = owed(&state.unannounced).then_some(&transition);
            let sent = self.send(news, transition).await;
            (written, sent)
        } else {
            join(self.save(state), self.send(news, Some(&transition))).await
        };
        let noted = state.clone();
        if told.as_ref().is_some_and(Result::is_ok) {
            self.remember(state, &keys);
        }
        settle(&mut state.untold, generation, told.as_ref());
        settle(&mut state.unannounced, generation, announced.as_ref());
        let unsent = if written.is_ok() {
            "told already"
        } else {
            "left to the tick"
        };
        let sending = |name: &str, sent: Option<&Result<(), PortError>>| {
            sent.map_or_else(|| StepReport::named(name, unsent), |sent| effect(name, sent))
        };
        let mut steps = vec![
            effect("write-state", &written),
            sending("notify", told.as_ref()),
            sending("announce", announced.as_ref()),
        ];
        if *state != noted {
            steps.push(effect("note-what-is-owed", &self.save(state).await));
        }
        Published {
            written: written.is_ok(),
            steps,
        }
    }

    async fn send(
        &self,
        news: Option<&Notice>,
        transition: Option<&Transition>,
    ) -> (Option<Result<(), PortError>>, Option<Result<(), PortError>>) {
        let tell = async {
            match news {
                Some(notice) => Some(self.tell(notice).await),
                None => None,
            }
        };
        let announce = async {
            match transition {
                Some(transition) => Some(self.world.announcer().announce(transition).await),
                None => None,
            }
        };
        join(tell, announce).await
    }

    /// Whether people were told within the window, as far as the snapshot or this instance remembers.
    pub(super) fn knows(&self, state: &State, key: TellingKey) -> bool {
        state.told.has(key, self.now()) || self.world.memory().has(key, self.now())
    }

    pub(super) fn remember(&self, state: &mut State, keys: &[TellingKey]) {
        for key in keys {
            state.told.remember(*key, self.now());
            self.world.memory().remember(*key, self.now());
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

    /// The snapshot of an entry that has come so far. If the generation before has ended and no snapshot says so, whoever
    /// carried it out may have died before telling. Pipelines may hear of it twice; people are told again only once
    /// its executor cannot be there any more.
    pub(super) fn reached(look: &Look<W>, entry: &Entry, record: Record, outcome: Outcome) -> State {
        let mut state = State::of(entry, record, outcome, look.standing.state.as_ref());
        let previous = &entry.previous;
        let written = look.standing.state.as_ref().is_some_and(|state| {
            let ended = state.generation == previous.generation && state.outcome != Outcome::Open;
            ended || state.generation > previous.generation
        });
        let ended = matches!(previous.outcome, Outcome::Finished | Outcome::Undone);
        if written || !ended || previous.generation == Generation::NONE {
            return state;
        }
        state.unannounced.owe(previous.generation);
        let behind = look.standing.behind.as_ref();
        if behind.is_some_and(|behind| {
            behind.generation == previous.generation && behind.deadline <= look.sight.observation.at
        }) {
            state.untold.owe(previous.generation);
        }
        state
    }

    /// Sends what earlier invocations could not. What fails again stays owed.
    pub(super) async fn send_owed(&self, state: &mut State) -> Vec<StepReport> {
        let mut steps = Vec::new();
        for generation in state.untold.open().to_vec() {
            let sent = self.tell_again(generation, state).await;
            if sent.is_ok() {
                state.untold.sent(generation);
            }
            steps.push(effect("notify-again", &sent));
        }
        for generation in state.unannounced.open().to_vec() {
            let sent = self.announce_again(generation, state).await;
            if sent.is_ok() {
                state.unannounced.sent(generation);
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

fn settle(owed: &mut Owed, generation: Generation, sent: Option<&Result<(), PortError>>) {
    match sent {
        Some(Ok(())) => owed.sent(generation),
        Some(Err(_)) => owed.owe(generation),
        None => {}
    }
}
