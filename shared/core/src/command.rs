//! What an operator may ask of `route53-updater`, and how a payload becomes it.

pub(crate) mod fields;

use crate::blocker::Code;
use crate::generation::Generation;
use crate::phase::Action;
use crate::weight::Weight;
use fields::{Fields, echo};

/// Longest `reason`, in characters.
pub const REASON_CHARACTERS_MAX: usize = 1_000;
/// How much of a wrong value an error repeats, in characters.
const ECHO_CHARACTERS_MAX: usize = 40;

/// One thing to do, with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub verb: Verb,
    pub options: Options,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// `gradual_cutover` to one weight, up or down.
    Shift(Weight),
    /// `gradual_cutover` along a ladder; the tick climbs it. Without minutes, the environment's bake time.
    Climb {
        rungs: Vec<Weight>,
        bake_minutes: Option<u32>,
    },
    /// All reads, then the writer, to the target.
    ManualCutover {
        writes_stopped: bool,
    },
    Rollback,
    Status,
    Pause,
    Resume,
    Complete,
    Tick,
    /// `dms-monitor` looks; `prompted` when an event told it to, not the clock.
    Monitor {
        prompted: bool,
    },
    /// `alarm-rollback` looks; the same.
    Guard {
        prompted: bool,
    },
}

impl Verb {
    /// Nobody waits for the answer: the clock or an event asked.
    #[must_use]
    pub fn is_unattended(&self) -> bool {
        match self {
            Self::Tick | Self::Monitor { .. } | Self::Guard { .. } => true,
            Self::Shift(_) | Self::Climb { .. } | Self::ManualCutover { .. } => false,
            Self::Rollback | Self::Status | Self::Pause | Self::Resume | Self::Complete => false,
        }
    }

    /// The schedule asks it again in a minute: the same, or what finds the same.
    #[must_use]
    pub fn comes_again(&self) -> bool {
        match self {
            // A DMS event tells what the clock sees in the task as well.
            Self::Tick | Self::Monitor { .. } | Self::Guard { prompted: false } => true,
            Self::Guard { prompted: true } | Self::Shift(_) | Self::Climb { .. } => false,
            Self::ManualCutover { .. } | Self::Rollback | Self::Status => false,
            Self::Pause | Self::Resume | Self::Complete => false,
        }
    }

    /// The schedule asked a function that watches, and no event did.
    #[must_use]
    pub fn is_watch_on_the_clock(&self) -> bool {
        matches!(
            self,
            Self::Monitor { prompted: false } | Self::Guard { prompted: false }
        )
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub reason: Option<String>,
    pub dry_run: bool,
    pub expected_generation: Option<Generation>,
    pub force: Vec<Code>,
    pub accept_data_loss: bool,
}

/// A payload that is not a command. Nothing was changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {problem}")]
pub struct InvalidRequest {
    pub field: String,
    pub problem: String,
}

impl InvalidRequest {
    #[must_use]
    pub fn new(field: &str, problem: impl Into<String>) -> Self {
        let field = field.chars().take(ECHO_CHARACTERS_MAX).collect();
        Self {
            field,
            problem: problem.into(),
        }
    }
}

impl Command {
    #[must_use]
    pub fn plain(verb: Verb) -> Self {
        Self {
            verb,
            options: Options::default(),
        }
    }

    #[must_use]
    pub fn action(&self) -> Action {
        match self.verb {
            Verb::Shift(_) | Verb::Climb { .. } => Action::GradualCutover,
            Verb::ManualCutover { .. } => Action::ManualCutover,
            Verb::Rollback => Action::Rollback,
            Verb::Status => Action::Status,
            Verb::Pause => Action::Pause,
            Verb::Resume => Action::Resume,
            Verb::Complete => Action::Complete,
            Verb::Tick => Action::Tick,
            Verb::Monitor { .. } => Action::Monitor,
            Verb::Guard { .. } => Action::Guard,
        }
    }

    /// Reads a payload. Every field must be known and of its form: a typing error must not become a default.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidRequest> {
        let mut fields = Fields::of(payload)?;
        let action = fields
            .text("action")?
            .ok_or_else(|| InvalidRequest::new("action", format!("is required, one of {ACTIONS}")))?;
        let options = options(&mut fields)?;
        let verb = verb(&action, &mut fields)?;
        fields.finish(&action)?;
        Ok(Self { verb, options })
    }
}

const ACTIONS: &str = "gradual_cutover, manual_cutover, rollback, status, pause, resume, complete, tick";

fn verb(action: &str, fields: &mut Fields) -> Result<Verb, InvalidRequest> {
    match action {
        "gradual_cutover" => gradual(fields),
        "manual_cutover" => Ok(Verb::ManualCutover {
            writes_stopped: fields.flag("writes_stopped")?.unwrap_or(false),
        }),
        "rollback" => Ok(Verb::Rollback),
        "status" => Ok(Verb::Status),
        "pause" => Ok(Verb::Pause),
        "resume" => Ok(Verb::Resume),
        "complete" => Ok(Verb::Complete),
        "tick" => Ok(Verb::Tick),
        other => Err(InvalidRequest::new(
            "action",
            format!("{} is unknown: one of {ACTIONS}", echo(other)),
        )),
    }
}

fn gradual(fields: &mut Fields) -> Result<Verb, InvalidRequest> {
    let aurora = fields.weight("aurora_weight")?;
    let target = fields.weight("target_weight")?;
    let ladder = fields.ladder()?;
    let bake_minutes = fields.bake_minutes()?;
    let weight = match (aurora, target) {
        (Some(_), Some(_)) => {
            return Err(InvalidRequest::new(
                "target_weight",
                "is another name of aurora_weight: give one",
            ));
        }
        (Some(weight), None) | (None, Some(weight)) => Some(weight),
        (None, None) => None,
    };
    match (weight, ladder) {
        (Some(_), Some(_)) => Err(InvalidRequest::new(
            "ladder",
            "cannot go with aurora_weight: give one of the two",
        )),
        (None, None) => Err(InvalidRequest::new(
            "aurora_weight",
            "is required (0 to 100), or a ladder",
        )),
        (Some(_), None) if bake_minutes.is_some() => {
            Err(InvalidRequest::new("bake_minutes", "goes with a ladder only"))
        }
        (Some(weight), None) => Ok(Verb::Shift(weight)),
        (None, Some(rungs)) => Ok(Verb::Climb { rungs, bake_minutes }),
    }
}

fn options(fields: &mut Fields) -> Result<Options, InvalidRequest> {
    Ok(Options {
        reason: reason(fields)?,
        dry_run: fields.flag("dry_run")?.unwrap_or(false),
        expected_generation: fields
            .number("expected_generation", u32::MAX)?
            .map(Generation::new),
        force: fields.force()?,
        accept_data_loss: fields.flag("accept_data_loss")?.unwrap_or(false),
    })
}

/// A person's reason, if there is more than blanks.
pub(crate) fn reason(fields: &mut Fields) -> Result<Option<String>, InvalidRequest> {
    let reason = fields.text("reason")?;
    if let Some(reason) = &reason {
        let length = reason.chars().count();
        if length > REASON_CHARACTERS_MAX {
            let problem = format!("has {length} characters, at most {REASON_CHARACTERS_MAX}");
            return Err(InvalidRequest::new("reason", problem));
        }
    }
    Ok(reason.filter(|text| !text.trim().is_empty()))
}
