//! From what reached a function to what it does about it: one way in per function.

use super::conclude::effect;
use super::{Invocation, Run, Settings, handle};
use crate::command::{Command, InvalidRequest, Verb};
use crate::error::Failure;
use crate::notice::{Kind, Notice, Severity};
use crate::ports::{Clock, LogView, Probe, StateLog, World};
use crate::report::{Outcome, Report, StepReport};
use crate::state::State;
use crate::told::TellingKey;
use crate::trigger::{Identity, PAYLOAD_BYTES_MAX, Trigger, parse};

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
    let watching = Watching::new(Watched::Replication, world, settings, invocation);
    watching.answer(identity, payload).await
}

/// `alarm-rollback`: alarms, whichever way they come, and the schedule.
pub async fn guard<W: World>(
    world: &W,
    settings: &Settings,
    identity: &Identity,
    invocation: &Invocation,
    payload: &[u8],
) -> Result<Report, Failure> {
    let watching = Watching::new(Watched::Alarms, world, settings, invocation);
    watching.answer(identity, payload).await
}

#[derive(Debug, Clone, Copy)]
enum Watched {
    Replication,
    Alarms,
}

impl Watched {
    fn verb(self, prompted: bool) -> Verb {
        match self {
            Self::Replication => Verb::Monitor { prompted },
            Self::Alarms => Verb::Guard { prompted },
        }
    }
}

/// A function that watches, on one invocation.
struct Watching<'a, W: World> {
    world: &'a W,
    settings: &'a Settings,
    invocation: &'a Invocation,
    what: Watched,
}

impl<'a, W: World> Watching<'a, W> {
    fn new(what: Watched, world: &'a W, settings: &'a Settings, invocation: &'a Invocation) -> Self {
        Self {
            world,
            settings,
            invocation,
            what,
        }
    }

    /// The events of what it watches, the schedule, and the two commands of a function that only watches.
    async fn answer(&self, identity: &Identity, payload: &[u8]) -> Result<Report, Failure> {
        match (parse(payload, identity, self.world.clock().now()), self.what) {
            (Trigger::Tick { id }, _) => self.look(false, id).await,
            (Trigger::Replication(event), Watched::Replication) => self.look(true, event.id).await,
            (Trigger::Alarm(event), Watched::Alarms) => self.look(true, event.id).await,
            (Trigger::Replication(_), Watched::Alarms) => Ok(self
                .nothing_done("misrouted", "a DMS event, which is dms-monitor's")
                .await),
            (Trigger::Alarm(_), Watched::Replication) => Ok(self
                .nothing_done("misrouted", "an alarm, which is alarm-rollback's")
                .await),
            (Trigger::Unrecognised(found), _) => {
                Ok(self.nothing_done(&found.key(), found.detail.as_str()).await)
            }
            (Trigger::Manual, _) => {
                let command = self.understood(Command::parse(payload)?)?;
                handle(self.world, self.settings, self.invocation, &command).await
            }
        }
    }

    async fn look(&self, prompted: bool, event: Option<String>) -> Result<Report, Failure> {
        let invocation = Invocation {
            trigger: event.unwrap_or_default(),
            ..self.invocation.clone()
        };
        let command = Command::plain(self.what.verb(prompted));
        handle(self.world, self.settings, &invocation, &command).await
    }

    fn understood(&self, command: Command) -> Result<Command, InvalidRequest> {
        if command.verb == Verb::Status {
            return Ok(command);
        }
        if command.verb == Verb::Tick {
            return Ok(Command {
                verb: self.what.verb(false),
                ..command
            });
        }
        let (action, function) = (command.action().name(), &self.settings.function);
        Err(InvalidRequest::new(
            "action",
            format!("{action} is not an action of {function}: tick or status"),
        ))
    }

    /// It is logged, counted, and told once per shape and hour. It is never acted on, and never an error: an error
    /// would only be sent again.
    async fn nothing_done(&self, key: &str, detail: &str) -> Report {
        let command = Command::plain(self.what.verb(false));
        let run = Run::new(self.world, self.settings, self.invocation, &command);
        let log = self.world.log().read(Probe::Snapshot).await;
        let mut report = run.without_a_look(&log, Outcome::Unchanged);
        report.message = format!("not one of our events ({key}): {detail}");
        report.unrecognised = Some(key.to_owned());
        // Without a snapshot there is nowhere to remember that people know: the log and the metric have it.
        if let Ok(LogView {
            state: Some(state), ..
        }) = log
        {
            report.steps = self.tell_once(&run, state, key, detail).await;
        }
        report.tally = run.counts.tally();
        report
    }

    async fn tell_once(
        &self,
        run: &Run<'_, W>,
        mut state: State,
        key: &str,
        detail: &str,
    ) -> Vec<StepReport> {
        let telling = TellingKey::of(key);
        if run.knows(&state, telling) {
            return vec![StepReport::named("notify", "told already")];
        }
        let notice = Notice {
            environment: self.settings.environment.clone(),
            severity: Severity::Warning,
            kind: Kind::Unrecognised,
            generation: state.generation,
            headline: format!(
                "{} received what is none of its events: {key}",
                self.settings.function
            ),
            paragraphs: vec![detail.to_owned(), Notice::OF_A_STRANGER.to_owned()],
        };
        let told = run.tell(&notice).await;
        let mut steps = vec![effect("notify", &told)];
        if told.is_ok() {
            run.remember(&mut state, &[telling]);
            steps.push(effect("write-state", &run.save(&mut state).await));
        }
        steps
    }
}
