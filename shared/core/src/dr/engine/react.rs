//! From what reached `dr-failover` to what it does about it.

use super::conclude::effect;
use super::{Run, handle};
use crate::command::InvalidRequest;
use crate::dr::command::{Command, Verb};
use crate::dr::ports::World;
use crate::dr::report::Report;
use crate::dr::settings::Settings;
use crate::dr::trigger::{Identity, Trigger, parse};
use crate::engine::Invocation;
use crate::error::Failure;
use crate::ports::{Clock, Probe, StateLog};
use crate::report::{Outcome, StepReport};
use crate::told::TellingKey;
use crate::trigger::{PAYLOAD_BYTES_MAX, Shape, Unrecognised};

/// Commands, DR alarms, RDS events, and the schedule.
pub async fn answer<W: World>(
    world: &W,
    settings: &Settings,
    identity: &Identity,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        let problem = format!("has {} bytes, at most {PAYLOAD_BYTES_MAX}", payload.len());
        return Err(InvalidRequest::new("payload", problem).into());
    }
    let started_by = |id: Option<String>| Invocation {
        trigger: id.unwrap_or_default(),
        ..invocation.clone()
    };
    match parse(payload, identity, world.clock().now()) {
        Trigger::Command => {
            let command = Command::parse(payload)?;
            handle(world, settings, invocation, &command).await
        }
        Trigger::Tick { id } => {
            let command = Command::plain(Verb::Tick);
            handle(world, settings, &started_by(id), &command).await
        }
        Trigger::Alarm(event) => {
            let command = Command::plain(Verb::Watch);
            handle(world, settings, &started_by(event.id), &command).await
        }
        Trigger::Database(event) => {
            let command = Command::plain(Verb::Watch);
            let invocation = started_by(event.id.clone());
            let mut report = handle(world, settings, &invocation, &command).await?;
            let run = Run::new(world, settings, &invocation, &command);
            report.steps.extend(run.take_note(&event).await);
            Ok(report)
        }
        Trigger::Unrecognised(found) if is_a_persons(found.shape) => {
            // A person waits for the answer, and the parser says which field is wrong.
            Command::parse(payload)?;
            Err(InvalidRequest::new("payload", found.detail.as_str()).into())
        }
        Trigger::Unrecognised(found) => {
            let command = Command::plain(Verb::Watch);
            let run = Run::new(world, settings, invocation, &command);
            Ok(run.nothing_done(&found).await)
        }
    }
}

/// It is no envelope of a service.
fn is_a_persons(shape: Shape) -> bool {
    matches!(shape, Shape::Object | Shape::Other)
}

impl<W: World> Run<'_, W> {
    /// It is logged, counted, and told once per shape and hour. It is never acted on, and never an error: an error
    /// would only be sent again.
    async fn nothing_done(&self, found: &Unrecognised) -> Report {
        let log = self.world.log().read(Probe::Snapshot).await;
        let state = log.ok().and_then(|log| log.state);
        let mut report = self.without_a_look(state.as_ref(), Outcome::Unchanged);
        let key = found.key();
        report.message = format!("not one of our events ({key}): {}", found.detail);
        report.unrecognised = Some(key.clone());
        let Some(mut state) = state else {
            return report;
        };
        let telling = TellingKey::of(&key);
        if self.knows(&state, telling) {
            report.steps.push(StepReport::named("notify", "told already"));
            return report;
        }
        let told = self
            .tell(&self.stranger(&state, &key, found.detail.as_str()))
            .await;
        report.steps.push(effect("notify", &told));
        if told.is_ok() {
            self.remember(&mut state, telling);
            report
                .steps
                .push(effect("write-state", &self.save(&mut state).await));
        }
        report.tally = self.counts.tally();
        report
    }
}
