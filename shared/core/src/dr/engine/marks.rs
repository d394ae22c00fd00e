//! What people read of a change of the record alone: a suspicion, why nothing follows from it, what would have followed.

use super::{Look, Run};
use crate::blocker::Blocker;
use crate::dr::Entry;
use crate::dr::decide::asks_a_person;
use crate::dr::loss;
use crate::dr::phase::{Action, Phase};
use crate::dr::ports::World;
use crate::dr::side::Side;
use crate::dr::state::State;
use crate::generation::Generation;
use crate::notice::{Kind, Notice, Severity};

impl<W: World> Run<'_, W> {
    /// What a mark of the record means to people; `held` is what holds now.
    pub(super) fn note_of(&self, entry: &Entry, state: &State, look: &Look, held: &[Blocker]) -> Notice {
        let generation = entry.generation;
        match entry.action {
            Action::Suspect => {
                let headline = format!("the primary region may be in trouble, {}", entry.reason);
                let mut notice = self.notice(Severity::Warning, Kind::Hold, generation, headline);
                notice.paragraphs = look
                    .votes
                    .iter()
                    .map(|vote| format!("{}: {}", vote.signal, vote.detail))
                    .collect();
                notice
            }
            Action::Hold => self.holds(entry, held),
            Action::Clear => {
                let headline = if entry.before.phase == Phase::Suspected {
                    "the primary region is well again".to_owned()
                } else {
                    entry.reason.as_str().to_owned()
                };
                self.notice(Severity::Info, Kind::Transition, generation, headline)
            }
            Action::WouldPromote => self.would_have(entry, state, look),
            Action::Arm => {
                let mode = state.record.mode(&self.settings.policy).name();
                let headline = format!("promotions by itself: the mode is {mode}");
                self.notice(Severity::Info, Kind::Transition, generation, headline)
            }
            Action::Acknowledge
            | Action::Failover
            | Action::Switchover
            | Action::Failback
            | Action::Drill => self.mark(entry, state),
            Action::Status | Action::Tick | Action::Watch | Action::Promote => self.mark(entry, state),
            Action::Adopt | Action::DrillBack => self.mark(entry, state),
        }
    }

    fn mark(&self, entry: &Entry, state: &State) -> Notice {
        let (action, phase) = (entry.action.name(), state.record.phase.name());
        let headline = format!("{action} is done: phase {phase}");
        self.notice(Severity::Info, Kind::Transition, entry.generation, headline)
    }

    fn would_have(&self, entry: &Entry, state: &State, look: &Look) -> Notice {
        let headline = "it would have promoted the dr cluster now (mode observe)".to_owned();
        let mut notice = self.notice(Severity::Warning, Kind::Hold, entry.generation, headline);
        let lost = loss::estimate(&look.seen, look.standing.kept_lag());
        notice.paragraphs = vec![
            format!("Reason: {}.", entry.reason),
            lost.map_or_else(String::new, |lost| {
                format!("Up to {} s of writes would be lost.", lost.seconds)
            }),
            format!(
                "So far it would have promoted {} times.",
                state.record.would.len()
            ),
            format!(
                "To arm it: {}",
                self.command_line(r#"{"action":"arm","mode":"auto"}"#)
            ),
        ];
        notice
    }

    /// Why it does not promote although something is bad, with what only a person can do about it.
    fn holds(&self, entry: &Entry, blockers: &[Blocker]) -> Notice {
        // Told late by somebody else, it may not hold any more: then the journal's word is all there is.
        let asks = if blockers.is_empty() {
            entry.record.asked
        } else {
            asks_a_person(blockers)
        };
        let mut notice = self.held(entry, asks);
        notice.paragraphs = blockers
            .iter()
            .map(|blocker| format!("{}.", blocker.message.trim_end_matches('.')))
            .collect();
        if notice.severity == Severity::WaitingForYou && entry.record.writer == Side::Primary {
            notice.paragraphs.push(self.how_to_promote(entry.generation));
        }
        notice
    }

    /// What the journal alone knows of a hold.
    pub(super) fn held(&self, entry: &Entry, asks: bool) -> Notice {
        let (severity, kind) = if asks {
            (Severity::WaitingForYou, Kind::NeedsHuman)
        } else {
            (Severity::Warning, Kind::Hold)
        };
        let headline = if entry.record.drilling {
            format!("the drill cannot go back yet: {}", entry.reason)
        } else {
            format!("not promoted by itself: {}", entry.reason)
        };
        self.notice(severity, kind, entry.generation, headline)
    }

    fn how_to_promote(&self, generation: Generation) -> String {
        let payload =
            format!(r#"{{"action":"failover","accept_data_loss":true,"expected_generation":{generation}}}"#);
        let command = self.command_line(&payload);
        format!("Only you can decide. To make the dr cluster the writer now: {command}")
    }
}
