//! What can go wrong with one call.

/// The calls of the ports, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    ReadLog,
    Claim,
    ReadEntry,
    WriteState,
    EarlierState,
    Prune,
    ReadRecords,
    SetWeights,
    Sync,
    Forward,
    Reverse,
    StartReverse,
    StopReverse,
    Alarms,
    Publish,
    Announce,
    Resume,
    Sleep,
}

impl Op {
    /// Whether another invocation can tell when it happens. What concerns tasks and alarms, telling people, and
    /// the passing of time commute with what others do, so their moment need not be searched.
    pub fn meets_others(self) -> bool {
        match self {
            Self::ReadLog | Self::ReadRecords | Self::Claim | Self::ReadEntry => true,
            Self::WriteState | Self::SetWeights | Self::Prune => true,
            // What was written once stays as it was.
            Self::EarlierState => false,
            Self::StartReverse | Self::StopReverse | Self::Sync | Self::Forward | Self::Reverse => false,
            Self::Alarms | Self::Publish | Self::Announce | Self::Sleep => false,
            Self::Resume => true,
        }
    }

    /// One look at the world, which an invocation does all at once.
    pub fn is_look(self) -> bool {
        match self {
            Self::ReadLog | Self::ReadRecords | Self::Forward | Self::Reverse | Self::Alarms => true,
            Self::Claim | Self::ReadEntry | Self::WriteState | Self::Prune | Self::SetWeights => false,
            Self::Sync | Self::StartReverse | Self::StopReverse | Self::Publish | Self::Sleep => false,
            Self::Announce | Self::Resume | Self::EarlierState => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing happened; it may work in a moment.
    FailRetryable,
    /// Nothing happened; it will not work until something is changed.
    FailPermanent,
    /// It happened, and nobody was told.
    ReplyLost,
    CrashBefore,
    CrashAfter,
}

impl Fault {
    pub const ALL: [Self; 5] = [
        Self::FailRetryable,
        Self::FailPermanent,
        Self::ReplyLost,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}

/// Faults by the number of the call, counted from 1, and operations that are denied throughout.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub at: Vec<(usize, Fault)>,
    pub denied: Vec<Op>,
}

impl Script {
    pub fn fault_at(&self, number: usize, op: Op) -> Option<Fault> {
        if self.denied.contains(&op) {
            return Some(Fault::FailPermanent);
        }
        self.at
            .iter()
            .find(|(at, _)| *at == number)
            .map(|(_, fault)| *fault)
    }
}
