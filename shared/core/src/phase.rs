//! Where a migration stands, and which action is legal from where.

use serde::{Deserialize, Serialize};

/// Where the migration stands. A phase says what has happened, never what is intended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Nothing is known to replicate yet.
    Preparing,
    /// The first copy of the data is under way.
    FullLoad,
    /// Changes replicate, but too far behind.
    CatchingUp,
    /// Replication is level enough for reads.
    Ready,
    /// Reads are being moved.
    Shifting,
    /// The writer is being moved; it has not settled yet.
    CuttingOver,
    /// The target takes the writes.
    CutOver,
    /// Traffic is on its way back.
    RollingBack,
    /// Everything is back on the source.
    RolledBack,
    /// The way back was given up on purpose.
    Completed,
}

impl Phase {
    pub const ALL: [Self; 10] = [
        Self::Preparing,
        Self::FullLoad,
        Self::CatchingUp,
        Self::Ready,
        Self::Shifting,
        Self::CuttingOver,
        Self::CutOver,
        Self::RollingBack,
        Self::RolledBack,
        Self::Completed,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::FullLoad => "full-load",
            Self::CatchingUp => "catching-up",
            Self::Ready => "ready",
            Self::Shifting => "shifting",
            Self::CuttingOver => "cutting-over",
            Self::CutOver => "cut-over",
            Self::RollingBack => "rolling-back",
            Self::RolledBack => "rolled-back",
            Self::Completed => "completed",
        }
    }
}

/// What can be asked of a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Action {
    GradualCutover,
    ManualCutover,
    Rollback,
    Status,
    Pause,
    Resume,
    Complete,
    Tick,
    /// Ours, not a person's: an interrupted cutover goes back to where it began.
    Undo,
    /// `dms-monitor`'s look at the replication, and the phase that follows from it.
    Monitor,
    /// `alarm-rollback`'s look at the alarms and limits.
    Guard,
    /// A task that stopped recoverably goes on.
    Restart,
    /// Somebody's reason to stop the ladder is kept.
    Hold,
    /// That reason is gone.
    Release,
}

impl Action {
    pub const ALL: [Self; 14] = [
        Self::GradualCutover,
        Self::ManualCutover,
        Self::Rollback,
        Self::Status,
        Self::Pause,
        Self::Resume,
        Self::Complete,
        Self::Tick,
        Self::Undo,
        Self::Monitor,
        Self::Guard,
        Self::Restart,
        Self::Hold,
        Self::Release,
    ];

    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GradualCutover => "gradual_cutover",
            Self::ManualCutover => "manual_cutover",
            Self::Rollback => "rollback",
            Self::Status => "status",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Complete => "complete",
            Self::Tick => "tick",
            Self::Undo => "undo",
            Self::Monitor => "monitor",
            Self::Guard => "guard",
            Self::Restart => "restart",
            Self::Hold => "hold",
            Self::Release => "release",
        }
    }
}

/// What the table says of an action in a phase.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Legality {
    /// The gates decide.
    Legal,
    /// Nothing to do, and that is fine.
    AlreadySo(&'static str),
    /// Not from here; the sentence says why and what to do instead.
    Refused(&'static str),
}

const COMPLETED: &str = "the migration is completed: its way back was given up on purpose";
const WRITES_ON_TARGET: &str =
    "the target takes the writes, so reads on the source would be stale: use rollback to go back";
const NOTHING_TO_COMPLETE: &str = "the writes are still on the source: complete follows a cutover";
const CUTOVER_UNDER_WAY: &str = "the writer is being moved: only rollback stops a cutover";
const ROLLBACK_UNDER_WAY: &str = "traffic is on its way back: wait until the rollback is done";

/// Every pair of phase and action, by name. `Undo`, and from `Monitor` on, only ever are our own decisions.
#[must_use]
pub fn legality(phase: Phase, action: Action) -> Legality {
    match action {
        Action::Status | Action::Tick | Action::Monitor | Action::Guard => Legality::Legal,
        Action::GradualCutover => gradual(phase),
        Action::ManualCutover => manual(phase),
        Action::Rollback => rollback(phase),
        Action::Pause | Action::Resume => mark(phase),
        Action::Complete => complete(phase),
        Action::Undo => undo(phase),
        Action::Restart | Action::Hold | Action::Release => mark(phase),
    }
}

fn gradual(phase: Phase) -> Legality {
    match phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => Legality::Legal,
        Phase::Shifting | Phase::RolledBack => Legality::Legal,
        Phase::CuttingOver => Legality::Refused(CUTOVER_UNDER_WAY),
        Phase::CutOver => Legality::Refused(WRITES_ON_TARGET),
        Phase::RollingBack => Legality::Refused(ROLLBACK_UNDER_WAY),
        Phase::Completed => Legality::Refused(COMPLETED),
    }
}

fn manual(phase: Phase) -> Legality {
    match phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => Legality::Legal,
        Phase::Shifting | Phase::RolledBack => Legality::Legal,
        Phase::CuttingOver => Legality::Refused(CUTOVER_UNDER_WAY),
        Phase::CutOver => Legality::AlreadySo("the target already takes the writes"),
        Phase::RollingBack => Legality::Refused(ROLLBACK_UNDER_WAY),
        Phase::Completed => Legality::AlreadySo(COMPLETED),
    }
}

fn rollback(phase: Phase) -> Legality {
    match phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => Legality::Legal,
        Phase::Shifting | Phase::CuttingOver | Phase::CutOver => Legality::Legal,
        Phase::RollingBack | Phase::RolledBack => Legality::Legal,
        Phase::Completed => Legality::Refused(COMPLETED),
    }
}

fn complete(phase: Phase) -> Legality {
    match phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => {
            Legality::Refused(NOTHING_TO_COMPLETE)
        }
        Phase::Shifting | Phase::RolledBack => Legality::Refused(NOTHING_TO_COMPLETE),
        Phase::CuttingOver => Legality::Refused(CUTOVER_UNDER_WAY),
        Phase::CutOver => Legality::Legal,
        Phase::RollingBack => Legality::Refused(ROLLBACK_UNDER_WAY),
        Phase::Completed => Legality::AlreadySo(COMPLETED),
    }
}

fn undo(phase: Phase) -> Legality {
    match phase {
        Phase::CuttingOver => Legality::Legal,
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready | Phase::Shifting => {
            Legality::Refused("nothing is half done")
        }
        Phase::CutOver | Phase::RollingBack | Phase::RolledBack | Phase::Completed => {
            Legality::Refused("nothing is half done")
        }
    }
}

/// What changes no traffic, and must not come between a change and its end.
fn mark(phase: Phase) -> Legality {
    match phase {
        Phase::Preparing | Phase::FullLoad | Phase::CatchingUp | Phase::Ready => Legality::Legal,
        Phase::Shifting | Phase::CutOver | Phase::RolledBack => Legality::Legal,
        Phase::CuttingOver => Legality::Refused(CUTOVER_UNDER_WAY),
        Phase::RollingBack => Legality::Refused(ROLLBACK_UNDER_WAY),
        Phase::Completed => Legality::Refused(COMPLETED),
    }
}
