//! What people read of a run: what happened, why, what it means, and what to type next.

use super::{Run, report_text};
use crate::dr::Entry;
use crate::dr::phase::Action;
use crate::dr::ports::World;
use crate::dr::side::Side;
use crate::dr::state::State;
use crate::generation::Generation;
use crate::notice::{Kind, Notice, Severity, command_line};
use crate::subject::Snapshot;

impl<W: World> Run<'_, W> {
    pub(super) fn notice(
        &self,
        severity: Severity,
        kind: Kind,
        generation: Generation,
        headline: String,
    ) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity,
            kind,
            generation,
            headline,
            paragraphs: Vec::new(),
        }
    }

    pub(super) fn critical(&self, state: &State, headline: String) -> Notice {
        self.notice(Severity::Critical, Kind::NeedsHuman, state.generation(), headline)
    }

    pub(super) fn warning(&self, state: &State, headline: String) -> Notice {
        self.notice(Severity::Warning, Kind::Hold, state.generation(), headline)
    }

    pub(super) fn stranger(&self, state: &State, key: &str, detail: &str) -> Notice {
        let headline = format!(
            "{} received what is none of its events: {key}",
            self.settings.function
        );
        let mut notice = self.notice(
            Severity::Warning,
            Kind::Unrecognised,
            state.generation(),
            headline,
        );
        notice.paragraphs = vec![detail.to_owned(), Notice::OF_A_STRANGER.to_owned()];
        notice
    }

    /// The command to type, in full.
    pub(super) fn command_line(&self, payload: &str) -> String {
        command_line(&self.settings.function, &self.settings.environment, payload)
    }

    pub(super) fn run_has_begun(&self, entry: &Entry, state: &State) -> Notice {
        let to = super::execute::target(entry);
        let headline = format!("the {to} cluster is being made the writer: {}", entry.reason);
        let mut notice = self.notice(Severity::Critical, Kind::Transition, entry.generation, headline);
        notice.paragraphs = vec![Self::at_stake(state)];
        notice
    }

    fn at_stake(state: &State) -> String {
        match state.run.as_ref().and_then(|run| run.loss) {
            Some(loss) => format!(
                "Up to {} s of acknowledged writes may be lost (lag {} ms, read {} s before the decision).",
                loss.seconds, loss.lag_milliseconds, loss.age_seconds
            ),
            None => {
                "How many writes may be lost is not known: no reading of the lag was ever seen.".to_owned()
            }
        }
    }

    /// Every step of a run is verified.
    pub(super) fn run_is_over(&self, entry: &Entry, state: &State) -> Notice {
        let to = state.record.writer;
        let lossy = entry.action.is_forced() || entry.action == Action::Adopt;
        let (severity, headline) = match entry.action {
            Action::Adopt => (
                Severity::Critical,
                format!("the {to} cluster serves; somebody else made it the writer"),
            ),
            Action::Drill => (
                Severity::Info,
                "half of the drill is done: the dr cluster serves, and goes back next".to_owned(),
            ),
            Action::DrillBack => (
                Severity::Info,
                "the drill is done: the primary cluster serves again".to_owned(),
            ),
            Action::Failover | Action::Promote => (
                Severity::Critical,
                format!("failed over: the {to} cluster serves"),
            ),
            Action::Switchover | Action::Failback | Action::Acknowledge | Action::Arm => done(entry, to),
            Action::Status | Action::Tick | Action::Watch | Action::WouldPromote => done(entry, to),
            Action::Suspect | Action::Hold | Action::Clear => done(entry, to),
        };
        let mut notice = self.notice(severity, Kind::Transition, entry.generation, headline);
        if !entry.reason.is_empty() {
            notice.paragraphs.push(format!("Reason: {}", entry.reason));
        }
        if lossy {
            notice.paragraphs.push(Self::at_stake(state));
            notice.paragraphs.push(
                "If writes were lost, AWS may leave them as a snapshot in the old region; it is looked for and kept."
                    .to_owned(),
            );
        }
        let Some(run) = &state.run else {
            return notice;
        };
        notice
            .paragraphs
            .extend(run.notes.iter().map(|note| format!("To know: {note}.")));
        if let Some(until) = state.record.blocked_until.filter(|_| lossy) {
            let payload = r#"{"action":"acknowledge"}"#;
            notice.paragraphs.push(format!(
                "Nothing is promoted by itself until {until}. To end that earlier: {}",
                self.command_line(payload)
            ));
        }
        if to == Side::Dr && entry.action != Action::Drill {
            notice.paragraphs.push(self.how_to_go_back(state));
        }
        let objectives = &self.settings.policy.objectives;
        notice.paragraphs.extend(report_text::paragraphs(
            &self.settings.environment,
            state,
            run,
            objectives,
        ));
        notice
    }

    fn how_to_go_back(&self, state: &State) -> String {
        if state.record.detached || self.settings.global_cluster.is_none() {
            return "There is no way back by a command: the topology has to be built anew.".to_owned();
        }
        let command = self.command_line(r#"{"action":"failback"}"#);
        format!("To go back, once the old region has been a level secondary for a while: {command}")
    }

    pub(super) fn went_wrong(&self, entry: &Entry, state: &State, why: &str, needs_human: bool) -> Notice {
        let action = entry.action.name();
        let (severity, kind, headline) = if needs_human {
            let headline = format!("{action} cannot go on by itself");
            (Severity::WaitingForYou, Kind::NeedsHuman, headline)
        } else {
            let headline = format!("{action} was given up, nothing has changed");
            (Severity::Warning, Kind::Undone, headline)
        };
        let mut notice = self.notice(severity, kind, entry.generation, headline);
        notice.paragraphs = vec![
            format!("{}.", why.trim_end_matches('.')),
            format!(
                "The {} cluster is the writer, as far as it was verified.",
                state.record.writer
            ),
        ];
        if needs_human && entry.action.is_forced() && state.record.writer == entry.before.writer {
            let target = super::execute::target(entry);
            let payload = format!(r#"{{"action":"failover","target":"{target}","accept_data_loss":true}}"#);
            notice.paragraphs.push(format!(
                "To make the {target} cluster the writer all the same, if need be outside of the topology: {}",
                self.command_line(&payload)
            ));
        }
        if needs_human {
            let command = self.command_line(r#"{"action":"acknowledge"}"#);
            notice.paragraphs.push(format!("Once it is put right: {command}"));
        }
        notice
    }

    pub(super) fn tail_is_kept(
        &self,
        state: &State,
        lost_by: Side,
        tail: &crate::dr::ports::Tail,
        copy: &str,
    ) -> Notice {
        let headline = "writes were lost, and AWS kept them in a snapshot".to_owned();
        let mut notice = self.notice(
            Severity::WaitingForYou,
            Kind::NeedsHuman,
            state.generation(),
            headline,
        );
        let region = self.settings.cluster(lost_by).region();
        notice.paragraphs = vec![
            format!(
                "{} in {region} holds what the {lost_by} cluster had taken and the other had not; it expires.",
                tail.identifier
            ),
            format!("It was copied to {copy}, which does not. Restore that beside the cluster and compare."),
        ];
        notice
    }
}

fn done(entry: &Entry, to: Side) -> (Severity, String) {
    let action = entry.action.name();
    (
        Severity::Info,
        format!("{action} is done: the {to} cluster serves"),
    )
}
