//! What an operator may ask of `dr-failover`, and how a payload becomes it.

use super::phase::Action;
use super::policy::Mode;
use crate::command::fields::{Fields, echo};
use crate::command::{InvalidRequest, reason};
use crate::generation::Generation;

/// One thing to do, with its options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    pub verb: Verb,
    pub options: Options,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verb {
    /// Forced; needs `accept_data_loss`.
    Failover {
        target: Option<String>,
    },
    Switchover {
        target: Option<String>,
    },
    Failback,
    Drill,
    /// Ends the block period.
    Acknowledge,
    /// Without a mode, back to what the configuration says.
    Arm {
        mode: Option<Mode>,
    },
    Status,
    Tick,
    /// An event of ours says that it is time to look.
    Watch,
}

impl Verb {
    /// Nobody waits for the answer: the clock or an event asked.
    #[must_use]
    pub fn is_unattended(&self) -> bool {
        match self {
            Self::Tick | Self::Watch => true,
            Self::Failover { .. } | Self::Switchover { .. } | Self::Failback | Self::Drill => false,
            Self::Acknowledge | Self::Arm { .. } | Self::Status => false,
        }
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    pub reason: Option<String>,
    pub dry_run: bool,
    pub expected_generation: Option<Generation>,
    pub accept_data_loss: bool,
}

const ACTIONS: &str = "failover, switchover, failback, drill, acknowledge, arm, status, tick";
/// Longest `target`: an ARN of a cluster or an instance.
pub(crate) const TARGET_CHARACTERS_MAX: usize = 160;

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
            Verb::Failover { .. } => Action::Failover,
            Verb::Switchover { .. } => Action::Switchover,
            Verb::Failback => Action::Failback,
            Verb::Drill => Action::Drill,
            Verb::Acknowledge => Action::Acknowledge,
            Verb::Arm { .. } => Action::Arm,
            Verb::Status => Action::Status,
            Verb::Tick => Action::Tick,
            Verb::Watch => Action::Watch,
        }
    }

    /// Reads a payload. Every field must be known and of its form: a typing error must not become a default.
    pub fn parse(payload: &[u8]) -> Result<Self, InvalidRequest> {
        let mut fields = Fields::of(payload)?;
        let action = fields
            .text("action")?
            .ok_or_else(|| InvalidRequest::new("action", format!("is required, one of {ACTIONS}")))?;
        let options = Options {
            reason: reason(&mut fields)?,
            dry_run: fields.flag("dry_run")?.unwrap_or(false),
            expected_generation: fields
                .number("expected_generation", u32::MAX)?
                .map(Generation::new),
            accept_data_loss: fields.flag("accept_data_loss")?.unwrap_or(false),
        };
        let verb = verb(&action, &mut fields)?;
        fields.finish(&action)?;
        Ok(Self { verb, options })
    }
}

fn verb(action: &str, fields: &mut Fields) -> Result<Verb, InvalidRequest> {
    match action {
        "failover" => Ok(Verb::Failover {
            target: target(fields)?,
        }),
        "switchover" => Ok(Verb::Switchover {
            target: target(fields)?,
        }),
        "failback" => Ok(Verb::Failback),
        "drill" => Ok(Verb::Drill),
        "acknowledge" => Ok(Verb::Acknowledge),
        "arm" => Ok(Verb::Arm { mode: mode(fields)? }),
        "status" => Ok(Verb::Status),
        "tick" => Ok(Verb::Tick),
        other => Err(InvalidRequest::new(
            "action",
            format!("{} is unknown: one of {ACTIONS}", echo(other)),
        )),
    }
}

fn target(fields: &mut Fields) -> Result<Option<String>, InvalidRequest> {
    let Some(target) = fields.text("target")? else {
        return Ok(None);
    };
    let length = target.chars().count();
    if target.trim().is_empty() || length > TARGET_CHARACTERS_MAX {
        let problem =
            format!("must name a cluster or an instance, in 1 to {TARGET_CHARACTERS_MAX} characters");
        return Err(InvalidRequest::new("target", problem));
    }
    Ok(Some(target))
}

/// `default` gives the decision back to the configuration.
fn mode(fields: &mut Fields) -> Result<Option<Mode>, InvalidRequest> {
    const MODES: &str = "observe, approve, auto or default";
    let named = fields
        .text("mode")?
        .ok_or_else(|| InvalidRequest::new("mode", format!("is required: {MODES}")))?;
    if named == "default" {
        return Ok(None);
    }
    Mode::parse(&named)
        .map(Some)
        .ok_or_else(|| InvalidRequest::new("mode", format!("must be {MODES}, not {}", echo(&named))))
}
