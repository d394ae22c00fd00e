//! The calls of the ports by name, and what can go wrong with one.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Op {
    ReadLog,
    Claim,
    ReadEntry,
    WriteState,
    EarlierState,
    Prune,
    Global,
    Cluster,
    Lag,
    Alarms,
    Probe,
    Migration,
    Promote,
    Tails,
    KeepTail,
    Write,
    Serve,
    Records,
    Endpoint,
    Configure,
    Refresh,
    AskHook,
    TellHook,
    Freeze,
    Publish,
    Sleep,
}

impl Op {
    /// Whether another invocation can tell when it happens. What only people, the application and the clock see commutes
    /// with what others do, so its moment need not be searched.
    pub fn meets_others(self) -> bool {
        match self {
            Self::ReadLog | Self::Claim | Self::ReadEntry | Self::WriteState => true,
            Self::Promote | Self::Serve | Self::Records => true,
            Self::Global | Self::Cluster | Self::Lag | Self::Alarms | Self::Probe | Self::Migration => true,
            // What was written once stays as it was.
            Self::EarlierState | Self::Prune | Self::Tails | Self::KeepTail => false,
            Self::Write | Self::Endpoint | Self::Configure | Self::Refresh => false,
            Self::AskHook | Self::TellHook | Self::Freeze | Self::Publish | Self::Sleep => false,
        }
    }

    /// One look at the world, which an invocation does all at once.
    pub fn is_look(self) -> bool {
        match self {
            Self::ReadLog | Self::Global | Self::Cluster | Self::Lag => true,
            Self::Alarms | Self::Probe | Self::Migration => true,
            Self::Claim | Self::ReadEntry | Self::WriteState | Self::EarlierState | Self::Prune => false,
            Self::Promote | Self::Tails | Self::KeepTail | Self::Write | Self::Serve => false,
            Self::Records | Self::Endpoint | Self::Configure | Self::Refresh => false,
            Self::AskHook | Self::TellHook | Self::Freeze | Self::Publish | Self::Sleep => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// Nothing happened; it may work in a moment.
    LostBefore,
    /// It happened, and nobody was told.
    ReplyLost,
    CrashBefore,
    CrashAfter,
}

impl Fault {
    pub const ALL: [Self; 4] = [
        Self::LostBefore,
        Self::ReplyLost,
        Self::CrashBefore,
        Self::CrashAfter,
    ];
}

/// Faults by the number of the call, counted from 1, and operations that fail throughout.
#[derive(Debug, Clone, Default)]
pub struct Script {
    pub at: Vec<(usize, Fault)>,
    pub failing: Vec<Op>,
}

impl Script {
    pub fn fault_at(&self, number: usize, op: Op) -> Option<Fault> {
        if self.failing.contains(&op) {
            return Some(Fault::LostBefore);
        }
        self.at
            .iter()
            .find(|(at, _)| *at == number)
            .map(|(_, fault)| *fault)
    }
}
