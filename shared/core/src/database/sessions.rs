//! The sessions that could still write to a fenced database: who they are, which get time, and who stays.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How the names of our own sessions begin, the rest being function and generation.
pub const OURS: &str = "cutover/";
/// How the server calls a session that a client opened; all others are its own, or replication.
const CLIENT: &str = "client backend";
/// The provider's own role, which watches every instance and belongs to nobody's application.
const PROVIDER: &str = "rdsadmin";

/// One session in the database, as `pg_stat_activity` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub pid: i32,
    pub role: String,
    pub application: String,
    pub kind: String,
    /// `None` where we have no right to see.
    pub began: Option<Timestamp>,
    /// It is in a transaction, or runs a statement.
    pub busy: bool,
    /// Its transaction has a number: it has written, or means to.
    pub numbered: bool,
    /// Its last statement speaks of read-only or read-write transactions.
    pub overrides: bool,
    /// We may not end it.
    pub superuser: bool,
}

/// Why a session could still write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// It is older than the fence, whose defaults are for new sessions.
    OlderThanTheFence,
    /// It writes, whatever its defaults are.
    Writes,
    /// It has said itself what its transactions may do.
    Overrides,
    /// We have no right to see what it does.
    Hidden,
}

impl Reason {
    fn words(self) -> &'static str {
        match self {
            Self::OlderThanTheFence => "is older than the fence",
            Self::Writes => "writes in spite of the fence",
            Self::Overrides => "sets for itself whether it writes",
            Self::Hidden => "is hidden from us (grant pg_read_all_stats)",
        }
    }
}

/// A session that could still write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Writer {
    pub pid: i32,
    pub role: String,
    pub application: String,
    /// With the process id it names one session for ever.
    pub began: Option<Timestamp>,
    pub reason: Reason,
    pub busy: bool,
    /// It stays, whatever we do: only a superuser ends a superuser's session.
    pub superuser: bool,
}

impl std::fmt::Display for Writer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { pid, role, .. } = self;
        write!(formatter, "session {pid} of {role}")?;
        if !self.application.is_empty() {
            write!(formatter, " ({})", self.application)?;
        }
        write!(formatter, " {}", self.reason.words())?;
        if self.superuser {
            formatter.write_str(", and only a superuser can end it")?;
        }
        Ok(())
    }
}

/// Those who could still write, given when the fence was raised, by the server's clock. `guests` are roles that are left
/// alone, such as the one of the replication.
#[must_use]
pub fn writers(sessions: &[Session], raised_at: Timestamp, guests: &[String]) -> Vec<Writer> {
    let concerned = sessions.iter().filter(|session| {
        session.kind == CLIENT
            && session.role != PROVIDER
            && !session.application.starts_with(OURS)
            && !guests.contains(&session.role)
    });
    concerned
        .filter_map(|session| Some(writer(session, reason(session, raised_at)?)))
        .collect()
}

fn reason(session: &Session, raised_at: Timestamp) -> Option<Reason> {
    let Some(began) = session.began else {
        return Some(Reason::Hidden);
    };
    if session.numbered && began > raised_at {
        return Some(Reason::Writes);
    }
    if began <= raised_at {
        return Some(Reason::OlderThanTheFence);
    }
    session.overrides.then_some(Reason::Overrides)
}

fn writer(session: &Session, reason: Reason) -> Writer {
    Writer {
        pid: session.pid,
        role: session.role.clone(),
        application: session.application.clone(),
        began: session.began,
        reason,
        busy: session.busy,
        superuser: session.superuser,
    }
}

/// Those to end now. Who is in a transaction has until the grace is over; who is idle loses nothing. Whoever overrides the
/// fence knew of it, and gets none.
#[must_use]
pub fn due(writers: &[Writer], waited: SignedDuration, grace: SignedDuration) -> Vec<&Writer> {
    let over = waited >= grace;
    let endable = writers
        .iter()
        .filter(|writer| !writer.superuser && writer.began.is_some());
    endable
        .filter(|writer| over || !writer.busy || writer.reason != Reason::OlderThanTheFence)
        .collect()
}

/// Whether everybody went whom we can send away.
#[must_use]
pub fn only_those_who_stay(writers: &[Writer]) -> bool {
    writers
        .iter()
        .all(|writer| writer.superuser || writer.began.is_none())
}
