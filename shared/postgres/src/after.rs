//! What is asked after writes have moved: what is left on the old side, and the new side's statistics.

use std::time::Duration;

use cutover_core::database::leftover::Look;
use cutover_core::error::Class;

use crate::error::DatabaseError;
use crate::session::Session;

const LOOK: &str = "count what is left";
const ANALYZE: &str = "gather the statistics";
/// The number of the next transaction is told by a function that 12 has and 17 still has.
const LEFT: &str = "SELECT json_build_object( \
    'at', clock_timestamp(), \
    'clients', coalesce((SELECT json_agg(c) FROM ( \
        SELECT coalesce(usename, '') AS role, coalesce(application_name, '') AS application, count(*) AS count \
        FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
        AND coalesce(backend_type, 'client backend') = 'client backend' AND usename IS NOT NULL \
        AND usename <> 'rdsadmin' AND application_name NOT LIKE 'cutover/%' \
        AND usename NOT IN (SELECT json_array_elements_text($1::json)) GROUP BY 1, 2 ORDER BY 1, 2) AS c), '[]'), \
    'rows_written', (SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint \
        FROM pg_stat_user_tables WHERE schemaname <> 'cutover'), \
    'next_transaction', txid_snapshot_xmax(txid_current_snapshot()), \
    'counted_since', (SELECT stats_reset FROM pg_stat_database WHERE datname = current_database()))::text";

const CLOCK: &str = "SELECT clock_timestamp()::text";
/// Before 15 the server counts half a second late, and tells some too many.
const WITHOUT: &str = "SELECT count(*)::text FROM pg_stat_user_tables t JOIN pg_class c ON c.oid = t.relid \
    WHERE c.relkind IN ('r', 'm') AND t.schemaname <> 'cutover' \
    AND (t.last_analyze IS NULL OR t.last_analyze < $1::timestamptz)";

/// Who is connected to the session's database and how much was written in it: the first look is made when traffic goes away,
/// and each later one is compared with it. Rows that reverse replication brings are written, too. One round trip.
pub async fn look(session: &Session, guests: &[String]) -> Result<Look, DatabaseError> {
    let told = |error: serde_json::Error| session.error(LOOK, Class::Permanent, error.to_string());
    let guests = serde_json::to_string(guests).map_err(told)?;
    session.row(LOOK, LEFT, &[&guests]).await
}

/// Gathers the planner's statistics, which replication does not carry, and counts the tables that have none of it: those that
/// are locked, and those that are neither ours nor in a database of ours. Table by table, each in a transaction of its own, so that what was done
/// stays when the time is over. Three round trips.
pub async fn analyze(session: &Session, limit: Duration) -> Result<u64, DatabaseError> {
    let limited = format!("SET statement_timeout TO {}", limit.as_millis());
    let began = session.transaction(ANALYZE, &limited, CLOCK).await?;
    session.run(ANALYZE, "ANALYZE (SKIP_LOCKED)").await?;
    session.row(ANALYZE, WITHOUT, &[&began]).await
}
