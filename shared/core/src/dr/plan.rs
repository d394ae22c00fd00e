//! The ordered effects of one decision about the writer.

use serde::{Deserialize, Serialize};

use super::phase::Phase;
use super::side::Side;
use super::verb::Verb;

/// One effect: idempotent, verified, with an undo or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "step", rename_all = "kebab-case")]
pub enum Step {
    /// The pre-hook may veto. Nothing to undo.
    AskHook,
    /// The migration takes no step while the writer moves. Undo: a person's `resume`.
    Freeze,
    /// Replication is level. Nothing to undo.
    AwaitLevel { to: Side },
    /// The operation is accepted, or under way already, whoever began it. No undo.
    Promote { verb: Verb, to: Side },
    /// Its role has changed and it is available. Nothing to undo.
    AwaitRole { verb: Verb, to: Side },
    /// The metric that health checks follow says who serves. Undo: the same, of the other side.
    Serve { from: Side },
    /// The alarm on that metric follows, and with it the health checks; looked for, not enforced.
    AwaitRouting { to: Side },
    /// Records that the control plane has to change; best effort.
    MoveRecords { to: Side },
    /// The global writer endpoint leads there; looked for, not enforced.
    ConfirmEndpoint { to: Side },
    /// The application's parameters name the new side. Undo: the same, of the other side.
    Configure { to: Side },
    /// The application's instances are replaced, so that they read them.
    Refresh,
    /// The new writer takes writes, or, without credentials, has the role and is available.
    Verify { to: Side },
    /// The post-hook is told.
    TellHook,
}

impl Step {
    /// The name operators see.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::AskHook => "ask-hook",
            Self::Freeze => "freeze-migration",
            Self::AwaitLevel { .. } => "await-level",
            Self::Promote { .. } => "promote",
            Self::AwaitRole { .. } => "await-role",
            Self::Serve { .. } => "publish-serve-metric",
            Self::AwaitRouting { .. } => "await-routing",
            Self::MoveRecords { .. } => "move-records",
            Self::ConfirmEndpoint { .. } => "confirm-global-endpoint",
            Self::Configure { .. } => "configure-application",
            Self::Refresh => "refresh-instances",
            Self::Verify { .. } => "verify-writer",
            Self::TellHook => "tell-hook",
        }
    }

    /// The operation that it asks for.
    #[must_use]
    pub fn verb(&self) -> Option<&Verb> {
        match self {
            Self::Promote { verb, .. } => Some(verb),
            Self::AskHook | Self::Freeze | Self::AwaitLevel { .. } | Self::AwaitRole { .. } => None,
            Self::Serve { .. } | Self::MoveRecords { .. } | Self::ConfirmEndpoint { .. } => None,
            Self::AwaitRouting { .. }
            | Self::Configure { .. }
            | Self::Refresh
            | Self::Verify { .. }
            | Self::TellHook => None,
        }
    }

    /// Where we stand while it is under way.
    #[must_use]
    pub fn phase(&self, back: bool) -> Phase {
        match self {
            _ if back => Phase::FailingBack,
            Self::AskHook | Self::Freeze | Self::AwaitLevel { .. } => Phase::Promoting,
            Self::Promote { .. } | Self::AwaitRole { .. } => Phase::Promoting,
            Self::Serve { .. } | Self::MoveRecords { .. } => Phase::Routing,
            Self::ConfirmEndpoint { .. } | Self::AwaitRouting { .. } => Phase::Routing,
            Self::Configure { .. } | Self::Refresh => Phase::Routing,
            Self::Verify { .. } | Self::TellHook => Phase::Verifying,
        }
    }
}

/// What an environment has besides its clusters, so that a plan names only what there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is there or not, apart from all others"
)]
pub struct Equipment {
    pub migration: bool,
    /// The alarm that health checks follow.
    pub routing_alarm: bool,
    pub records: bool,
    pub global_endpoint: bool,
    pub application: bool,
    pub instance_refresh: bool,
    pub pre_hook: bool,
    pub post_hook: bool,
}
