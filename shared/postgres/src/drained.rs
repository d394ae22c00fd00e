//! What is measured on both sides to know whether everything has arrived.

use cutover_core::database::drained::{Marker, Prepared, Seen, Slot};
use cutover_core::database::sessions::{Session as Client, writers};
use cutover_core::replication::Direction;
use jiff::Timestamp;
use serde::Deserialize;

use crate::error::DatabaseError;
use crate::heartbeat;
use crate::session::Session;
use crate::sessions::SESSIONS;

const STEP: &str = "see whether it is drained";
const OPEN: &str = "'slots', coalesce((SELECT json_agg(json_build_object( \
            'name', slot_name, 'active', active, 'confirmed', confirmed_flush_lsn) ORDER BY slot_name) \
        FROM pg_replication_slots WHERE slot_type = 'logical' AND NOT temporary AND database = $1), '[]'), \
    'prepared', coalesce((SELECT json_agg(json_build_object('name', gid, 'owner', owner, 'since', prepared) ORDER BY gid) \
        FROM pg_prepared_xacts WHERE database = $1), '[]')";

#[derive(Deserialize)]
struct Open {
    sessions: Vec<Client>,
    slots: Vec<Slot>,
    prepared: Vec<Prepared>,
}

/// What a fence left behind, and what has to arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fenced<'a> {
    pub environment: &'a str,
    /// The fenced side's database.
    pub database: &'a str,
    pub direction: Direction,
    pub marker: Marker,
    /// When the fence was raised, by the server's clock.
    pub raised_at: Timestamp,
    pub guests: &'a [String],
}

/// Reads both sides at once: one round trip to each.
pub async fn measure(from: &Session, to: &Session, fenced: &Fenced<'_>) -> Result<Seen, DatabaseError> {
    let statement = format!("SELECT json_build_object('sessions', {SESSIONS}, {OPEN})::text");
    let parameters = [fenced.database];
    let asked = from.row(STEP, &statement, &parameters);
    let arrived = heartbeat::read(to, fenced.environment, fenced.direction);
    let (open, arrived): (Open, _) = tokio::try_join!(asked, arrived)?;
    Ok(Seen {
        marker: fenced.marker,
        arrived: arrived.marker,
        slots: open.slots,
        prepared: open.prepared,
        writers: writers(&open.sessions, fenced.raised_at, fenced.guests),
    })
}
