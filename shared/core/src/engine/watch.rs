//! What `dms-monitor` and `alarm-rollback` leave behind when nothing is decided: true readings, and words.

use super::conclude::{differs, effect};
use super::{Look, Run};
use crate::command::Verb;
use crate::decide::guard;
use crate::error::PortError;
use crate::notice::{Kind, Notice, Severity, way_back};
use crate::observation::{AlarmPolicy, AlarmSeen, AlarmState, Observation};
use crate::phase::Phase;
use crate::policy::Policy;
use crate::ports::World;
use crate::record::Record;
use crate::replication::{Seen, TaskStatus};
use crate::report::Report;
use crate::state::State;
use crate::text::Text;
use crate::told::TellingKey;

impl<W: World> Run<'_, W> {
    /// The readings in the snapshot follow what was seen, where an operator would care.
    pub(super) async fn watch(&self, look: &Look<W>, before: State, report: &mut Report) {
        let mut state = before.clone();
        self.refresh(&mut state, &look.sight.observation);
        if differs(&before, &state) {
            report
                .steps
                .push(effect("write-state", &self.save(&mut state).await));
        }
    }

    /// What moves and holds nothing, told once in a while.
    pub(super) async fn warn(&self, look: &Look<W>, before: State, prompted: bool, report: &mut Report) {
        let observation = &look.sight.observation;
        let mut state = before;
        let mut told = false;
        // What was just taken back because of an alarm says everything about it.
        let ours =
            state.record.phase == Phase::RolledBack && state.updated_by == Text::new(&self.settings.function);
        for (about, sentence) in words(
            &state.record,
            observation,
            &self.settings.policy,
            prompted && !ours,
        ) {
            let key = TellingKey::of(&about);
            if self.knows(&state, key) {
                continue;
            }
            let sent: Result<(), PortError> = self.tell(&self.alarm_notice(sentence, &state)).await;
            if sent.is_ok() {
                self.remember(&mut state, &[key]);
                told = true;
            }
            report.steps.push(effect("notify", &sent));
        }
        if told {
            report
                .steps
                .push(effect("write-state", &self.save(&mut state).await));
        }
    }

    fn alarm_notice(&self, sentence: String, state: &State) -> Notice {
        Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Alarm,
            generation: state.generation,
            headline: sentence,
            paragraphs: vec![
                format!("Phase {}. Nothing was changed.", state.record.phase.name()),
                way_back(state.rollback),
                format!("To look: {}", self.invoke(r#"{"action":"status"}"#)),
            ],
        }
    }
}

/// What is worth telling beyond what is moved or held: by what it is known again, and the sentence.
fn words(
    record: &Record,
    observation: &Observation,
    policy: &Policy,
    prompted: bool,
) -> Vec<(String, String)> {
    let moved = guard::has_moved(record.phase);
    let causes = guard::causes(record, observation, policy);
    let untold = causes.into_iter().filter(|cause| match cause.policy {
        AlarmPolicy::Notify => true,
        // More hold than a record keeps.
        AlarmPolicy::Rollback | AlarmPolicy::Hold => {
            moved && !record.held.iter().any(|held| held.is_by(&cause.by))
        }
    });
    let mut words: Vec<(String, String)> = untold
        .map(|cause| (cause.message.clone(), cause.message))
        .collect();
    match &observation.alarms {
        Seen::Unknown(why) if moved => {
            let about = "the migration alarms are unknown, so none of them takes traffic back or holds it";
            words.push((about.to_owned(), format!("{about}: {why}")));
        }
        Seen::Unknown(_) => {}
        Seen::Known(alarms) if prompted => {
            let sentences = alarms.iter().filter_map(|alarm| aside(alarm, record.phase));
            words.extend(sentences.map(|sentence| (sentence.clone(), sentence)));
        }
        Seen::Known(_) => {}
    }
    words
}

/// What an event about an alarm came to when nothing is done about it.
fn aside(alarm: &AlarmSeen, phase: Phase) -> Option<String> {
    let (name, told) = (&alarm.name, alarm.policy == AlarmPolicy::Notify);
    match alarm.state {
        AlarmState::Alarm if alarm.suppressed => Some(format!(
            "alarm {name} is in ALARM, its actions are suppressed: nothing is done"
        )),
        AlarmState::Alarm if !told && !guard::has_moved(phase) => {
            let phase = phase.name();
            Some(format!(
                "alarm {name} is in ALARM, in phase {phase}: nothing to do"
            ))
        }
        AlarmState::InsufficientData => Some(format!(
            "alarm {name} has insufficient data: nobody knows whether it is well"
        )),
        AlarmState::Alarm | AlarmState::Ok | AlarmState::Absent => None,
    }
}

/// DMS events are best effort. The clock found a task in another state, and no event had told of it.
pub(super) fn missed_event<W: World>(look: &Look<W>, verb: &Verb) -> Option<String> {
    if *verb != (Verb::Monitor { prompted: false }) {
        return None;
    }
    let task = look.sight.observation.forward.known()?;
    let recorded = look.standing.state.as_ref()?.replication.as_ref()?;
    let expected = match &task.status {
        TaskStatus::Stopped => "STOPPED",
        TaskStatus::Failed => "FAILED",
        TaskStatus::Running => "STARTED",
        TaskStatus::Ready | TaskStatus::Starting | TaskStatus::Stopping | TaskStatus::Other(_) => {
            return None;
        }
    };
    let (now, then) = (task.status.name(), recorded.status.as_str());
    let known = then == now || then == "unknown";
    (!known).then(|| format!("{expected} never arrived; Describe says {now}; continued"))
}
