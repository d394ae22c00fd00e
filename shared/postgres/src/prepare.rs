//! Our own tables. They have to be on both sides before replication begins: a replication that carries a row of a table which
//! the other side has not stops.

use crate::error::DatabaseError;
use crate::quoted;
use crate::session::Session;

const STEP: &str = "make cutover's tables";
/// Asked about first, because `IF NOT EXISTS` needs the right to create even where there is nothing to do.
const TABLES: &str = "DO $$ BEGIN \
    IF to_regnamespace('cutover') IS NULL THEN CREATE SCHEMA cutover; END IF; \
    IF to_regclass('cutover.heartbeat') IS NULL THEN \
        CREATE TABLE cutover.heartbeat ( \
            environment text, direction text, kind text, beat timestamptz NOT NULL, generation bigint NOT NULL, \
            PRIMARY KEY (environment, direction, kind)); \
    END IF; \
    IF to_regclass('cutover.write_check') IS NULL THEN \
        CREATE TABLE cutover.write_check (role text PRIMARY KEY); \
    END IF; \
    END $$";

/// Makes the tables where they are not, and lets the application's role try a write. One round trip.
pub async fn tables(session: &Session, application: Option<&str>) -> Result<(), DatabaseError> {
    let grants = application.map_or_else(String::new, |role| {
        let role = quoted::name(role);
        format!("; GRANT USAGE ON SCHEMA cutover TO {role}; GRANT INSERT ON cutover.write_check TO {role}")
    });
    session.run(STEP, &format!("{TABLES}{grants}")).await
}
