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
    pub sign: Sign,
    /// We may not end it.
    pub superuser: bool,
}

/// What a session shows of wanting to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sign {
    None,
    /// Its last statement speaks of read-only or read-write transactions.
    Overrides,
    /// Its transaction has a number: it has written.
    Writes,
}

/// Why a session is told of, mostly because it could still write.
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
    /// It began under a fence that is no more: it will never write, though it should.
    UnderTheFence,
}

impl Reason {
    fn words(self) -> &'static str {
        match self {
            Self::OlderThanTheFence => "is older than the fence",
            Self::Writes => "writes in spite of the fence",
            Self::Overrides => "sets for itself whether it writes",
            Self::Hidden => "is hidden from us (grant pg_read_all_stats)",
            Self::UnderTheFence => "began under the fence, and would only read for ever",
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
    applications(sessions, guests)
        .filter_map(|session| Some(writer(session, reason(session, raised_at)?)))
        .collect()
}

/// Those that began under a fence. Its default stays with them for as long as they live, and so they have to go with it.
#[must_use]
pub fn born_read_only(sessions: &[Session], raised_at: Timestamp, guests: &[String]) -> Vec<Writer> {
    let born =
        applications(sessions, guests).filter(|session| session.began.is_none_or(|began| began >= raised_at));
    born.map(|session| writer(session, Reason::UnderTheFence))
        .collect()
}

/// Sessions of clients that are neither ours, nor the provider's, nor guests. A hidden one does not tell its kind; only a
/// process of the server itself has no role.
fn applications<'a>(sessions: &'a [Session], guests: &'a [String]) -> impl Iterator<Item = &'a Session> {
    sessions.iter().filter(|session| {
        let client = session.kind == CLIENT || (session.began.is_none() && !session.role.is_empty());
        client
            && session.role != PROVIDER
            && !session.application.starts_with(OURS)
            && !guests.contains(&session.role)
    })
}

fn reason(session: &Session, raised_at: Timestamp) -> Option<Reason> {
    let Some(began) = session.began else {
        return Some(Reason::Hidden);
    };
    if began <= raised_at {
        return Some(Reason::OlderThanTheFence);
    }
    match session.sign {
        Sign::None => None,
        Sign::Overrides => Some(Reason::Overrides),
        Sign::Writes => Some(Reason::Writes),
    }
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
