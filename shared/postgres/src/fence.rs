//! The fence in the database: found, raised, checked and lowered. Everything may be done again at any time.

use std::time::Duration;

use cutover_core::database::fence::{Change, Found, PUBLIC, Settings, changes};
use cutover_core::database::sessions::{Writer, born_read_only, due, only_those_who_stay, writers};
use cutover_core::error::Class;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::error::DatabaseError;
use crate::quoted;
use crate::session::Session;
use crate::sessions;

const FIND: &str = "find the fence's settings";
const RAISE: &str = "raise the fence";
const LOWER: &str = "lower the fence";
/// Between two looks at who is still there.
const POLL: Duration = Duration::from_millis(100);
/// Sessions that are told to end are gone within this.
const GONE_WITHIN: Duration = Duration::from_secs(5);
/// Only what the owner granted is ours to take; what others granted stays, and is seen when the application tries to write.
const SETTINGS: &str = "SELECT json_build_object( \
    'ourselves', current_user, \
    'elsewhere', coalesce((SELECT json_object_agg(r.rolname, split_part(c, '=', 2)) \
        FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS c \
        WHERE s.setdatabase = 0 AND r.rolcanlogin AND r.rolname <> 'rdsadmin' \
        AND has_database_privilege(r.oid, d.oid, 'CONNECT') \
        AND split_part(c, '=', 1) = 'default_transaction_read_only'), '{}'), \
    'settings', json_build_object( \
        'database', d.datname, \
        'read_only', (SELECT split_part(c, '=', 2) FROM pg_db_role_setting s, unnest(s.setconfig) AS c \
            WHERE s.setdatabase = d.oid AND s.setrole = 0 AND split_part(c, '=', 1) = 'default_transaction_read_only'), \
        'roles', coalesce((SELECT json_object_agg(r.rolname, split_part(c, '=', 2)) \
            FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole, unnest(s.setconfig) AS c \
            WHERE s.setdatabase = d.oid AND split_part(c, '=', 1) = 'default_transaction_read_only'), '{}'), \
        'allow_connections', d.datallowconn, \
        'connect', coalesce((SELECT json_object_agg( \
            CASE WHEN g.grantee = 0 THEN 'public' ELSE pg_get_userbyid(g.grantee) END, g.is_grantable) \
            FROM aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) AS g \
            WHERE g.privilege_type = 'CONNECT' AND g.grantor = d.datdba), '{}')))::text \
    FROM pg_database d WHERE d.datname = $1";

/// How a fence is raised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// What the settings are to be, as [`Found::raised`] has it.
    pub raised: Settings,
    /// Roles whose sessions are left alone, such as the one of the replication.
    pub guests: Vec<String>,
    /// How long a transaction may still run.
    pub grace: Duration,
}

/// A fence that stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// By the server's clock: new sessions are read-only from here on.
    pub at: Timestamp,
    /// Sessions that were told to end.
    pub ended: u32,
    /// Sessions that could still write. It holds only if there are none.
    pub stay: Vec<Writer>,
}

/// What a database's settings are, for the journal. One round trip.
pub async fn find(session: &Session, database: &str) -> Result<Found, DatabaseError> {
    let found = session.rows(FIND, SETTINGS, &[database]).await?;
    let absent = || session.error(FIND, Class::Permanent, "no such database");
    found.into_iter().next().ok_or_else(absent)
}

/// Raises the fence from wherever it stands: new sessions become read-only, who is idle is sent away, who is in a transaction
/// has until the grace is over. Two round trips, one or two for each look at who is left, at least one look. A door that is
/// shut has to be shut over a session in another database; whoever needs to ask in this one opens its session before.
pub async fn raise(session: &Session, terms: &Terms) -> Result<Raised, DatabaseError> {
    let database = &terms.raised.database;
    let now = find(session, database).await?.settings;
    let at = apply(session, RAISE, &now, &terms.raised).await?;
    let started = Instant::now();
    let mut raised = Raised {
        at,
        ended: 0,
        stay: Vec::new(),
    };
    loop {
        raised.stay = check(session, database, at, &terms.guests).await?;
        let waited = started.elapsed();
        if only_those_who_stay(&raised.stay) || waited >= terms.grace.saturating_add(GONE_WITHIN) {
            return Ok(raised);
        }
        let due = due(&raised.stay, signed(waited), signed(terms.grace));
        raised.ended = raised.ended.saturating_add(sessions::end(session, &due).await?);
        tokio::time::sleep(POLL).await;
    }
}

/// Who could still write since the fence was raised; to be asked again for as long as it stands. A session that overrides the
/// defaults in its login, or between two statements that we see, is told by the numbers of [`crate::after::look`], and kept out
/// for certain only by taking `CONNECT` away. One round trip.
pub async fn check(
    session: &Session,
    database: &str,
    raised_at: Timestamp,
    guests: &[String],
) -> Result<Vec<Writer>, DatabaseError> {
    Ok(writers(
        &sessions::all(session, database).await?,
        raised_at,
        guests,
    ))
}

/// Restores the settings from before, from wherever they stand, and sends those away whose sessions began under the fence:
/// they would only read for as long as they live. `raised_at`: absent where it was lost; then everybody goes. Who may connect
/// is the same as before; a list of rights that the database did not have is then written out. Gives the number of sessions
/// that were told to end. Four round trips, and two more for each further look at who is still there.
pub async fn lower(
    session: &Session,
    before: &Settings,
    raised_at: Option<Timestamp>,
    guests: &[String],
) -> Result<u32, DatabaseError> {
    let now = find(session, &before.database).await?.settings;
    let at = apply(session, LOWER, &now, before).await?;
    let left = find(session, &before.database).await?.settings;
    if &left != before {
        let told =
            "the settings are not those from before: somebody else changes them, or granted CONNECT as well";
        return Err(session.error(LOWER, Class::NeedsHuman, told));
    }
    send_away(session, &before.database, (raised_at, at), guests).await
}

async fn send_away(
    session: &Session,
    database: &str,
    (from, to): (Option<Timestamp>, Timestamp),
    guests: &[String],
) -> Result<u32, DatabaseError> {
    let started = Instant::now();
    let mut ended: u32 = 0;
    loop {
        let all = sessions::all(session, database).await?;
        let mut born = born_read_only(&all, from.unwrap_or(Timestamp::MIN), guests);
        born.retain(|writer| writer.began.is_some_and(|began| began <= to) && !writer.superuser);
        if born.is_empty() {
            return Ok(ended);
        }
        if started.elapsed() >= GONE_WITHIN {
            let told = format!("{} sessions that began under the fence do not end", born.len());
            return Err(session.error(LOWER, Class::Retryable, told));
        }
        let due: Vec<&Writer> = born.iter().collect();
        ended = ended.saturating_add(sessions::end(session, &due).await?);
        tokio::time::sleep(POLL).await;
    }
}

/// Makes `wanted` of `now` in one transaction, and tells the server's time after it.
async fn apply(
    session: &Session,
    step: &'static str,
    now: &Settings,
    wanted: &Settings,
) -> Result<Timestamp, DatabaseError> {
    let database = quoted::name(&wanted.database);
    let changes = changes(now, wanted);
    let statements: Vec<String> = changes
        .iter()
        .map(|change| statement(&database, change))
        .collect();
    let clock = "SELECT to_json(clock_timestamp())::text";
    let told = session.transaction(step, &statements.join("; "), clock).await?;
    let unreadable = |_| session.error(step, Class::Permanent, "the server's time is none");
    serde_json::from_str(&told).map_err(unreadable)
}

/// One change as a statement. `database` is quoted.
fn statement(database: &str, change: &Change) -> String {
    let default = |value: &Option<String>| match value {
        Some(value) => format!("SET default_transaction_read_only TO {}", quoted::text(value)),
        None => "RESET default_transaction_read_only".to_owned(),
    };
    match change {
        Change::Database(value) => format!("ALTER DATABASE {database} {}", default(value)),
        Change::Role { name, value } => {
            let role = quoted::name(name);
            format!("ALTER ROLE {role} IN DATABASE {database} {}", default(value))
        }
        Change::AllowConnections(allowed) => format!("ALTER DATABASE {database} ALLOW_CONNECTIONS {allowed}"),
        Change::Grant { to, pass_on } => {
            let more = if *pass_on { " WITH GRANT OPTION" } else { "" };
            format!("GRANT CONNECT ON DATABASE {database} TO {}{more}", grantee(to))
        }
        Change::Revoke { from, only_pass_on } => {
            let only = if *only_pass_on { "GRANT OPTION FOR " } else { "" };
            format!(
                "REVOKE {only}CONNECT ON DATABASE {database} FROM {}",
                grantee(from)
            )
        }
    }
}

fn grantee(name: &str) -> String {
    if name == PUBLIC {
        return "PUBLIC".to_owned();
    }
    quoted::name(name)
}

fn signed(duration: Duration) -> SignedDuration {
    SignedDuration::try_from(duration).unwrap_or(SignedDuration::MAX)
}
