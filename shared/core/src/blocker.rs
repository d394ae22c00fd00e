//! The typed reasons for not moving.

use serde::{Deserialize, Serialize};

/// The code of a reason. Public: other software parses it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    LagUnknown,
    LagStale,
    LagTooHigh,
    ReplicationNotRunning,
    TablesInError,
    ValidationMismatch,
    Drift,
    RecordMissing,
    TtlTooHigh,
    AlarmActive,
    Paused,
    Baking,
    SplitWritesUnsafe,
    WritesNotStopped,
    NotDrained,
    ReverseNotReady,
    RollbackLossy,
    InProgress,
    GenerationMoved,
    // Of a disaster.
    QuorumMissing,
    Unconfirmed,
    PrimaryAlive,
    LossUnknown,
    LossOverBudget,
    DataLossNotAccepted,
    BlockPeriod,
    NotArmed,
    ApprovalNeeded,
    WriterUnknown,
    NotReplicating,
    NotLevel,
    VersionDrift,
    SwitchoverUnsupported,
    NoInstances,
    ClusterNotAvailable,
    MigrationRunning,
    BlockedWindow,
    HookVeto,
}

impl Code {
    /// Those of a migration.
    pub const ALL: [Self; 19] = [
        Self::LagUnknown,
        Self::LagStale,
        Self::LagTooHigh,
        Self::ReplicationNotRunning,
        Self::TablesInError,
        Self::ValidationMismatch,
        Self::Drift,
        Self::RecordMissing,
        Self::TtlTooHigh,
        Self::AlarmActive,
        Self::Paused,
        Self::Baking,
        Self::SplitWritesUnsafe,
        Self::WritesNotStopped,
        Self::NotDrained,
        Self::ReverseNotReady,
        Self::RollbackLossy,
        Self::InProgress,
        Self::GenerationMoved,
    ];

    /// Those that only the handling of a disaster has.
    pub const OF_A_DISASTER: [Self; 19] = [
        Self::QuorumMissing,
        Self::Unconfirmed,
        Self::PrimaryAlive,
        Self::LossUnknown,
        Self::LossOverBudget,
        Self::DataLossNotAccepted,
        Self::BlockPeriod,
        Self::NotArmed,
        Self::ApprovalNeeded,
        Self::WriterUnknown,
        Self::NotReplicating,
        Self::NotLevel,
        Self::VersionDrift,
        Self::SwitchoverUnsupported,
        Self::NoInstances,
        Self::ClusterNotAvailable,
        Self::MigrationRunning,
        Self::BlockedWindow,
        Self::HookVeto,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::LagUnknown => "lag-unknown",
            Self::LagStale => "lag-stale",
            Self::LagTooHigh => "lag-too-high",
            Self::ReplicationNotRunning => "replication-not-running",
            Self::TablesInError => "tables-in-error",
            Self::ValidationMismatch => "validation-mismatch",
            Self::Drift => "drift",
            Self::RecordMissing => "record-missing",
            Self::TtlTooHigh => "ttl-too-high",
            Self::AlarmActive => "alarm-active",
            Self::Paused => "paused",
            Self::Baking => "baking",
            Self::SplitWritesUnsafe => "split-writes-unsafe",
            Self::WritesNotStopped => "writes-not-stopped",
            Self::NotDrained => "not-drained",
            Self::ReverseNotReady => "reverse-not-ready",
            Self::RollbackLossy => "rollback-lossy",
            Self::InProgress => "in-progress",
            Self::GenerationMoved => "generation-moved",
            Self::QuorumMissing => "quorum-missing",
            Self::Unconfirmed => "unconfirmed",
            Self::PrimaryAlive => "primary-alive",
            Self::LossUnknown => "loss-unknown",
            Self::LossOverBudget => "loss-over-budget",
            Self::DataLossNotAccepted => "data-loss-not-accepted",
            Self::BlockPeriod => "block-period",
            Self::NotArmed => "not-armed",
            Self::ApprovalNeeded => "approval-needed",
            Self::WriterUnknown => "writer-unknown",
            Self::NotReplicating => "not-replicating",
            Self::NotLevel => "not-level",
            Self::VersionDrift => "version-drift",
            Self::SwitchoverUnsupported => "switchover-unsupported",
            Self::NoInstances => "no-instances",
            Self::ClusterNotAvailable => "cluster-not-available",
            Self::MigrationRunning => "migration-running",
            Self::BlockedWindow => "blocked-window",
            Self::HookVeto => "hook-veto",
        }
    }

    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.name() == name)
    }

    /// Whether `force` may override it. What protects an acknowledged write, the claim, or the records
    /// themselves cannot be forced: each has its own way out, which its sentence names.
    #[must_use]
    pub fn forceable(self) -> bool {
        match self {
            Self::LagUnknown | Self::LagStale | Self::LagTooHigh | Self::ReplicationNotRunning => true,
            Self::TablesInError | Self::ValidationMismatch | Self::Drift | Self::TtlTooHigh => true,
            Self::AlarmActive | Self::Paused | Self::SplitWritesUnsafe | Self::ReverseNotReady => true,
            Self::RecordMissing | Self::Baking | Self::WritesNotStopped | Self::NotDrained => false,
            Self::RollbackLossy | Self::InProgress | Self::GenerationMoved => false,
            // There, a person's command has its own rules instead of a force.
            Self::QuorumMissing | Self::Unconfirmed => false,
            Self::PrimaryAlive | Self::LossUnknown => false,
            Self::LossOverBudget | Self::DataLossNotAccepted => false,
            Self::BlockPeriod | Self::NotArmed => false,
            Self::ApprovalNeeded | Self::WriterUnknown => false,
            Self::NotReplicating | Self::NotLevel => false,
            Self::VersionDrift | Self::SwitchoverUnsupported => false,
            Self::NoInstances | Self::ClusterNotAvailable => false,
            Self::MigrationRunning | Self::BlockedWindow => false,
            Self::HookVeto => false,
        }
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}

/// One reason for not moving, with the numbers seen and allowed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Blocker {
    pub code: Code,
    pub message: String,
    pub forceable: bool,
}

impl Blocker {
    #[must_use]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            forceable: code.forceable(),
        }
    }

    /// The same reason where a person's word is not enough, because a write could be lost.
    #[must_use]
    pub fn not_forceable(self) -> Self {
        Self {
            forceable: false,
            ..self
        }
    }
}
