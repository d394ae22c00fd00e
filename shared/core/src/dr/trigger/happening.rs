//! What RDS says happened, by the number that it documents or, where that is not told, by the sentence.

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Happening {
    SwitchoverStarted,
    /// A switchover waits until the target has everything.
    WaitingForLag,
    /// A cluster is the new writer.
    Promoted,
    SwitchoverFinished,
    SwitchoverCancelled,
    SwitchoverFailed,
    FailoverDone,
    FailoverFailed,
    /// The other members are made copies of the new writer, or have been.
    Resync,
    /// The old writer takes no more writes: it is shut down, or blocked at its storage.
    Fenced,
    /// It could not be blocked: it may still take writes that will be lost.
    FencingTimedOut,
    /// The name of the global writer endpoint leads to the new writer.
    WriterEndpointChanged,
    /// A secondary runs a newer version than the rest, which can stand in the way of a managed failover.
    VersionDrift,
    /// The writer's role has moved to a cluster that nobody can connect to.
    PromotedWithoutInstances,
    /// Not one of these. It is ours, so it is still worth a look.
    Other,
}

/// An event as AWS documents it: its number, and how its message begins and ends. What is in between are names and
/// numbers, which may hold any word, so they are not looked at.
///
/// <https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Events.Messages.html>
struct Known(&'static str, Happening, &'static str, &'static str);

const SWITCHOVER: &str = "Global switchover to DB cluster ";
const FAILOVER: &str = "Global failover to DB cluster ";
const BLOCKING: &str = "Attempt to block writes for DB cluster ";
const WAITING: &str = "Waiting for data synchronization ";

const KNOWN: [Known; 17] = [
    Known("0181", Happening::SwitchoverStarted, SWITCHOVER, " started"),
    Known(
        "0182",
        Happening::Fenced,
        "Old primary DB cluster ",
        " successfully shut down",
    ),
    Known("0183", Happening::WaitingForLag, WAITING, ""),
    Known(
        "0184",
        Happening::Promoted,
        "New primary DB cluster ",
        " was successfully promoted",
    ),
    Known("0185", Happening::SwitchoverFinished, SWITCHOVER, " finished"),
    Known(
        "0186",
        Happening::SwitchoverCancelled,
        SWITCHOVER,
        " is cancelled",
    ),
    Known("0187", Happening::SwitchoverFailed, SWITCHOVER, " failed"),
    Known("0238", Happening::FailoverDone, FAILOVER, " completed"),
    Known("0239", Happening::FailoverFailed, FAILOVER, " failed"),
    Known(
        "0240",
        Happening::Resync,
        "Started resynchronizing members of DB cluster ",
        "",
    ),
    Known(
        "0241",
        Happening::Resync,
        "Finished resynchronizing members of DB cluster ",
        "",
    ),
    Known("0390", Happening::Fenced, BLOCKING, " succeeded"),
    Known("0391", Happening::FencingTimedOut, BLOCKING, " timed out"),
    Known(
        "0397",
        Happening::WriterEndpointChanged,
        "Aurora finished changing the DNS name that the global writer endpoint resolves to",
        "",
    ),
    Known("0423", Happening::WaitingForLag, WAITING, ""),
    Known(
        "0424",
        Happening::VersionDrift,
        "The DB cluster ",
        " Consider upgrading your global cluster to match",
    ),
    Known(
        "0519",
        Happening::PromotedWithoutInstances,
        "Global database failover to DB cluster ",
        " Create a DB instance to access your data",
    ),
];

impl Happening {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SwitchoverStarted => "switchover-started",
            Self::WaitingForLag => "waiting-for-lag",
            Self::Promoted => "promoted",
            Self::SwitchoverFinished => "switchover-finished",
            Self::SwitchoverCancelled => "switchover-cancelled",
            Self::SwitchoverFailed => "switchover-failed",
            Self::FailoverDone => "failover-done",
            Self::FailoverFailed => "failover-failed",
            Self::Resync => "resync",
            Self::Fenced => "fenced",
            Self::FencingTimedOut => "fencing-timed-out",
            Self::WriterEndpointChanged => "writer-endpoint-changed",
            Self::VersionDrift => "version-drift",
            Self::PromotedWithoutInstances => "promoted-without-instances",
            Self::Other => "other",
        }
    }

    /// The number decides where there is one.
    pub(super) fn read(number: Option<&str>, message: &str) -> Self {
        let sentence = message.trim().trim_end_matches('.');
        let told = |known: &&Known| match number {
            Some(number) => known.0 == number,
            None => sentence.starts_with(known.2) && sentence.ends_with(known.3),
        };
        KNOWN.iter().find(told).map_or(Self::Other, |known| known.1)
    }
}
