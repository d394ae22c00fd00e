//! Who is connected, and how a session is ended.

use cutover_core::database::sessions::{Session as Seen, Writer};
use cutover_core::error::Class;

use crate::error::DatabaseError;
use crate::session::Session;

const LOOK: &str = "look at the sessions";
const END: &str = "end sessions";
/// What others run is hidden from a role that may not see it; then so is when they began. Who merely shows the setting does
/// not override it: drivers do so to find a writer.
pub(crate) const SESSIONS: &str = "coalesce((SELECT json_agg(json_build_object( \
        'pid', a.pid, 'role', coalesce(a.usename, ''), 'application', coalesce(a.application_name, ''), \
        'kind', coalesce(a.backend_type, ''), 'began', a.backend_start, 'busy', coalesce(a.state <> 'idle', true), \
        'sign', CASE WHEN a.backend_xid IS NOT NULL THEN 'writes' \
            WHEN a.query ~* 'transaction_read_only|read\\s+write' AND a.query !~* '^\\s*show\\s' THEN 'overrides' \
            ELSE 'none' END, \
        'superuser', coalesce(r.rolsuper, false) AND current_setting('is_superuser') <> 'on') ORDER BY a.pid) \
    FROM pg_stat_activity a LEFT JOIN pg_roles r ON r.oid = a.usesysid \
    WHERE a.datname = $1 AND a.pid <> pg_backend_pid()), '[]')";
/// A process id may have been given to another session since.
const TERMINATE: &str = "SELECT count(*)::text FROM ( \
        SELECT pg_terminate_backend(a.pid) AS sent FROM json_to_recordset($1::json) AS w(pid integer, began timestamptz) \
        JOIN pg_stat_activity a ON a.pid = w.pid AND a.backend_start = w.began) AS ended WHERE sent";

/// Every session in a database but this one. One round trip.
pub async fn all(session: &Session, database: &str) -> Result<Vec<Seen>, DatabaseError> {
    session
        .row(LOOK, &format!("SELECT {SESSIONS}::text"), &[database])
        .await
}

/// Tells these sessions to end, and counts those that were still there. One round trip, or none.
pub async fn end(session: &Session, writers: &[&Writer]) -> Result<u32, DatabaseError> {
    if writers.is_empty() {
        return Ok(0);
    }
    let told = |error: serde_json::Error| session.error(END, Class::Permanent, error.to_string());
    let named = serde_json::to_string(writers).map_err(told)?;
    session.row(END, TERMINATE, &[&named]).await
}
