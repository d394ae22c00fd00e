//! From what reached a function to what it does about it: one way in per function.

use super::{Counts, Invocation, Run, Settings, handle};
use crate::command::{Command, InvalidRequest, Verb};
use crate::error::Failure;
use crate::generation::Generation;
use crate::notice::{Kind, Notice, Severity, TellingKey};
use crate::phase::Phase;
use crate::ports::{Clock, Probe, StateLog, World};
use crate::report::{Outcome, Report, StepReport};
use crate::state::{Replication, State};
use crate::trigger::{Identity, PAYLOAD_BYTES_MAX, Trigger, Unrecognised, parse};
use crate::viability::Viability;

/// `route53-updater`: commands, and the schedule. What is neither is refused, because a person waits for the answer.
pub async fn command<W: World>(
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
    let command = match parse(payload, identity, world.clock().now()) {
        Trigger::Tick { .. } => Command::plain(Verb::Tick),
        Trigger::Manual | Trigger::Replication(_) | Trigger::Alarm(_) | Trigger::Unrecognised(_) => {
            Command::parse(payload)?
        }
    };
    handle(world, settings, invocation, &command).await
}

/// `dms-monitor`: DMS events and the schedule.
pub async fn monitor<W: World>(
    world: &W,
    settings: &Settings,
    identity: &Identity,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    let watching = Watching {
        world,
        settings,
        invocation,
        clock: Verb::Monitor { prompted: false },
    };
    match parse(payload, identity, world.clock().now()) {
        Trigger::Replication(event) => watching.look(Verb::Monitor { prompted: true }, event.id).await,
        Trigger::Alarm(_) => watching.not_for_us("an alarm, which is alarm-rollback's").await,
        other @ (Trigger::Tick { .. } | Trigger::Manual | Trigger::Unrecognised(_)) => {
            watching.usual(other, payload).await
        }
    }
}

/// `alarm-rollback`: alarms, whichever way they come, and the schedule.
pub async fn guard<W: World>(
    world: &W,
    settings: &Settings,
    identity: &Identity,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    let watching = Watching {
        world,
        settings,
        invocation,
        clock: Verb::Guard { prompted: false },
    };
    match parse(payload, identity, world.clock().now()) {
        Trigger::Alarm(event) => watching.look(Verb::Guard { prompted: true }, event.id).await,
        Trigger::Replication(_) => watching.not_for_us("a DMS event, which is dms-monitor's").await,
        other @ (Trigger::Tick { .. } | Trigger::Manual | Trigger::Unrecognised(_)) => {
            watching.usual(other, payload).await
        }
    }
}

/// A function that watches, on one invocation.
struct Watching<'a, W: World> {
    world: &'a W,
    settings: &'a Settings,
    invocation: &'a Invocation,
    /// What it does when the clock asks.
    clock: Verb,
}

impl<W: World> Watching<'_, W> {
    async fn look(&self, verb: Verb, event: Option<String>) -> Result<Report, Failure> {
        let invocation = Invocation {
            trigger: event.unwrap_or_default(),
            ..self.invocation.clone()
        };
        handle(self.world, self.settings, &invocation, &Command::plain(verb)).await
    }

    /// What both functions take alike: the schedule, and the two commands of a function that only watches.
    async fn usual(&self, trigger: Trigger, payload: &[u8]) -> Result<Report, Failure> {
        match trigger {
            Trigger::Tick { id } => self.look(self.clock.clone(), id).await,
            Trigger::Manual => {
                let command = self.understood(Command::parse(payload)?)?;
                handle(self.world, self.settings, self.invocation, &command).await
            }
            Trigger::Unrecognised(unrecognised) => Ok(self.unrecognised(&unrecognised).await),
            Trigger::Replication(_) | Trigger::Alarm(_) => self.not_for_us("another function's event").await,
        }
    }

    fn understood(&self, command: Command) -> Result<Command, InvalidRequest> {
        if command.verb == Verb::Status {
            return Ok(command);
        }
        if command.verb == Verb::Tick {
            return Ok(Command {
                verb: self.clock.clone(),
                ..command
            });
        }
        let (action, function) = (command.action().name(), &self.settings.function);
        Err(InvalidRequest::new(
            "action",
            format!("{action} is not an action of {function}: tick or status"),
        ))
    }

    async fn not_for_us(&self, what: &str) -> Result<Report, Failure> {
        Ok(self.nothing_done("misrouted", what).await)
    }

    async fn unrecognised(&self, found: &Unrecognised) -> Report {
        self.nothing_done(&found.key(), found.detail.as_str()).await
    }

    /// It is logged, counted, and told once per shape and hour. It is never acted on, and never an error: an error
    /// would only be sent again.
    async fn nothing_done(&self, key: &str, detail: &str) -> Report {
        let command = Command::plain(self.clock.clone());
        let run = Run {
            world: self.world,
            settings: self.settings,
            invocation: self.invocation,
            command: &command,
            counts: Counts::default(),
        };
        let state = self
            .world
            .log()
            .read(Probe::Snapshot)
            .await
            .ok()
            .and_then(|view| view.state);
        let steps = match &state {
            Some(state) => self.tell_once(&run, state.clone(), key, detail).await,
            // There is nowhere to remember that people know: the log and the metric have it.
            None => Vec::new(),
        };
        Report {
            outcome: Outcome::Unchanged,
            action: command.action(),
            environment: self.settings.environment.clone(),
            generation: state.as_ref().map_or(Generation::NONE, |state| state.generation),
            phase: state
                .as_ref()
                .map_or(Phase::Preparing, |state| state.record.phase),
            traffic: state.as_ref().map(|state| state.record.traffic),
            replication: state
                .as_ref()
                .and_then(|state| state.replication.clone())
                .unwrap_or_else(Replication::unknown),
            blockers: Vec::new(),
            rollback: state.map_or(Viability::Lossless, |state| state.rollback),
            steps,
            waiting_on: Vec::new(),
            message: format!("not one of our events ({key}): {detail}"),
            forced: Vec::new(),
            dry_run: false,
            missed_events: Vec::new(),
            unrecognised: Some(key.to_owned()),
            tally: run.counts.tally(),
        }
    }

    async fn tell_once(
        &self,
        run: &Run<'_, W>,
        mut state: State,
        key: &str,
        detail: &str,
    ) -> Vec<StepReport> {
        let log = self.world.log();
        let now = run.now();
        let telling = TellingKey::of(key);
        if state.was_told(telling, now) {
            return vec![StepReport::named("notify", "told already")];
        }
        let notice = Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Unrecognised,
            generation: state.generation,
            headline: format!("{} received what is none of its events: {key}", self.settings.function),
            paragraphs: vec![
                detail.to_owned(),
                "Nothing was done. If nobody of yours sent it, look who may invoke the function or put events on \
                 the bus; the log has its shape."
                    .to_owned(),
            ],
        };
        let told = run.tell(&notice).await;
        let mut steps = vec![super::conclude::effect("notify", &told)];
        if told.is_ok() {
            state.remember_told(telling, now);
            steps.push(super::conclude::effect(
                "write-state",
                &log.write_state(&state).await,
            ));
        }
        steps
    }
}
