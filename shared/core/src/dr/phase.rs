//! Where a disaster's handling stands, and what can be asked of it.

use serde::{Deserialize, Serialize};

/// Where we stand. A phase says what has happened, never what is intended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// The original writer serves, and nothing says otherwise.
    Normal,
    /// Something says that the writer's region is in trouble; nothing was done about it.
    Suspected,
    /// A cluster is being made the writer.
    Promoting,
    /// It is the writer; traffic is being led to it.
    Routing,
    /// Traffic is led to it; whether it serves is being checked.
    Verifying,
    /// The DR cluster serves.
    FailedOver,
    /// The original cluster is being made the writer again.
    FailingBack,
    /// It cannot go on by itself.
    NeedsHuman,
}

impl Phase {
    pub const ALL: [Self; 8] = [
        Self::Normal,
        Self::Suspected,
        Self::Promoting,
        Self::Routing,
        Self::Verifying,
        Self::FailedOver,
        Self::FailingBack,
        Self::NeedsHuman,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Suspected => "suspected",
            Self::Promoting => "promoting",
            Self::Routing => "routing",
            Self::Verifying => "verifying",
            Self::FailedOver => "failed-over",
            Self::FailingBack => "failing-back",
            Self::NeedsHuman => "needs-human",
        }
    }
}

/// What can be asked, and what is decided without anybody asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    Failover,
    Switchover,
    Failback,
    /// There and back again, with a report.
    Drill,
    Acknowledge,
    Arm,
    Status,
    Tick,
    /// Ours: an event says that it is time to look.
    Watch,
    /// Ours: a forced failover that nobody asked for by hand.
    Promote,
    /// Ours, in mode `observe`: what would have been done.
    WouldPromote,
    /// Ours: signals turned bad.
    Suspect,
    /// Ours: why nothing is done although something is bad.
    Hold,
    /// Ours: they are good again, or what held is over.
    Clear,
    /// Ours: somebody else moved the writer.
    Adopt,
    /// Ours: the second half of a drill.
    DrillBack,
}

impl Action {
    pub const ALL: [Self; 16] = [
        Self::Failover,
        Self::Switchover,
        Self::Failback,
        Self::Drill,
        Self::Acknowledge,
        Self::Arm,
        Self::Status,
        Self::Tick,
        Self::Watch,
        Self::Promote,
        Self::WouldPromote,
        Self::Suspect,
        Self::Hold,
        Self::Clear,
        Self::Adopt,
        Self::DrillBack,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Failover => "failover",
            Self::Switchover => "switchover",
            Self::Failback => "failback",
            Self::Drill => "drill",
            Self::Acknowledge => "acknowledge",
            Self::Arm => "arm",
            Self::Status => "status",
            Self::Tick => "tick",
            Self::Watch => "watch",
            Self::Promote => "promote",
            Self::WouldPromote => "would_promote",
            Self::Suspect => "suspect",
            Self::Hold => "hold",
            Self::Clear => "clear",
            Self::Adopt => "adopt",
            Self::DrillBack => "drill_back",
        }
    }

    /// It may lose writes, and somebody or something decided that it may.
    #[must_use]
    pub fn is_forced(self) -> bool {
        match self {
            Self::Failover | Self::Promote => true,
            Self::Switchover | Self::Failback | Self::Drill | Self::DrillBack => false,
            Self::Acknowledge | Self::Arm | Self::Status | Self::Tick | Self::Watch => false,
            Self::WouldPromote | Self::Suspect | Self::Hold | Self::Clear | Self::Adopt => false,
        }
    }
}
