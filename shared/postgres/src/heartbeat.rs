//! Rows that travel: a beat, written on the one side whenever somebody looks, and the marker that is written when the fence
//! stands.

use cutover_core::database::drained::Marker;
use cutover_core::database::heartbeat::Beat;
use cutover_core::error::Class;
use cutover_core::replication::Direction;
use serde::Deserialize;

use crate::error::{DatabaseError, NO_SCHEMA, NO_TABLE};
use crate::prepare;
use crate::quoted;
use crate::session::Session;

const BEAT: &str = "write a heartbeat";
const MARK: &str = "write the marker";
const READ: &str = "read the heartbeat";
const NEWEST: &str = "SELECT json_build_object( \
    'beat', max(beat) FILTER (WHERE kind = 'beat'), \
    'beat_generation', max(generation) FILTER (WHERE kind = 'beat'), \
    'marker', max(beat) FILTER (WHERE kind = 'marker'), \
    'marker_generation', max(generation) FILTER (WHERE kind = 'marker'))::text \
    FROM cutover.heartbeat WHERE environment = $1 AND direction = $2";
const POSITION: &str = "SELECT pg_current_wal_lsn()::text";

/// What a side has.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Newest {
    pub beat: Option<Beat>,
    pub marker: Option<Beat>,
}

#[derive(Deserialize)]
struct Columns {
    beat: Option<jiff::Timestamp>,
    beat_generation: Option<u32>,
    marker: Option<jiff::Timestamp>,
    marker_generation: Option<u32>,
}

/// Writes a beat, whose time is the caller's. A later one is left as it is. One round trip; the first one, which makes the
/// tables, takes three.
pub async fn beat(
    session: &Session,
    environment: &str,
    direction: Direction,
    beat: Beat,
) -> Result<(), DatabaseError> {
    let statement = upsert(environment, direction, "beat", beat);
    match session.run(BEAT, &statement).await {
        Err(error) if is_absent(&error) => {
            prepare::tables(session, None).await?;
            session.run(BEAT, &statement).await
        }
        written => written,
    }
}

/// Writes the marker on a side that is fenced, and tells the log's position after its commit. One round trip.
pub async fn mark(
    session: &Session,
    environment: &str,
    direction: Direction,
    beat: Beat,
) -> Result<Marker, DatabaseError> {
    let statement = upsert(environment, direction, "marker", beat);
    let position = session.transaction(MARK, &statement, POSITION).await?;
    let unreadable = |_| session.error(MARK, Class::Permanent, "the log's position is none");
    Ok(Marker {
        at: beat.at,
        generation: beat.generation,
        position: position.try_into().map_err(unreadable)?,
    })
}

/// The newest beat and marker that a side has; none where it has no such table. One round trip.
pub async fn read(
    session: &Session,
    environment: &str,
    direction: Direction,
) -> Result<Newest, DatabaseError> {
    let columns: Columns = match session.row(READ, NEWEST, &[environment, name(direction)]).await {
        Err(error) if is_absent(&error) => return Ok(Newest::default()),
        read => read?,
    };
    let of = |at: Option<jiff::Timestamp>, generation: Option<u32>| {
        Some(Beat {
            at: at?,
            generation: generation?,
        })
    };
    Ok(Newest {
        beat: of(columns.beat, columns.beat_generation),
        marker: of(columns.marker, columns.marker_generation),
    })
}

fn is_absent(error: &DatabaseError) -> bool {
    error.has_code(NO_TABLE) || error.has_code(NO_SCHEMA)
}

fn upsert(environment: &str, direction: Direction, kind: &str, beat: Beat) -> String {
    format!(
        "INSERT INTO cutover.heartbeat (environment, direction, kind, beat, generation) \
         VALUES ({}, '{}', '{kind}', '{}', {}) \
         ON CONFLICT (environment, direction, kind) DO UPDATE SET beat = excluded.beat, generation = excluded.generation \
         WHERE heartbeat.beat <= excluded.beat",
        quoted::text(environment),
        name(direction),
        beat.at,
        beat.generation,
    )
}

fn name(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "forward",
        Direction::Reverse => "reverse",
    }
}
