//! The sequences of a side: read, set, and read again.

use std::fmt::Write;

use cutover_core::database::sequences::{Obstacle, Plan, Position, Sequence, Set, plan, unproven};
use cutover_core::error::Class;
use serde::Deserialize;

use crate::error::DatabaseError;
use crate::quoted;
use crate::session::Session;

const READ: &str = "read the sequences";
const SET: &str = "set the sequences";
/// Sequences asked for their row in one statement.
const AT_ONCE_MAX: usize = 200;
/// Those of extensions, of our own and of DMS's record of changed tables are not carried.
const LIST: &str = "SELECT json_build_object( \
        'schema', n.nspname, 'name', c.relname, 'start', s.seqstart, 'increment', s.seqincrement, \
        'min', s.seqmin, 'max', s.seqmax, 'cycle', s.seqcycle, \
        'owner', (SELECT json_build_object('schema', tn.nspname, 'table', t.relname, 'name', a.attname) \
            FROM pg_depend d JOIN pg_class t ON t.oid = d.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace \
            JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid \
            WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_class'::regclass \
            AND d.deptype IN ('a', 'i') AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) LIMIT 1))::text \
    FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN pg_namespace n ON n.oid = c.relnamespace \
    WHERE c.relpersistence <> 't' AND n.nspname <> 'cutover' \
    AND left(n.nspname, 7) <> 'awsdms_' AND left(c.relname, 7) <> 'awsdms_' \
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e') \
    ORDER BY n.nspname, c.relname";
const SET_ALL: &str = "SELECT count(setval(format('%I.%I', s.schema, s.name)::regclass, s.last))::text \
    FROM json_to_recordset($1::json) AS s(schema text, name text, last bigint)";

#[derive(Deserialize)]
struct Listed {
    schema: String,
    name: String,
    start: i64,
    increment: i64,
    min: i64,
    max: i64,
    cycle: bool,
    owner: Option<Column>,
}

#[derive(Deserialize)]
struct Column {
    schema: String,
    table: String,
    name: String,
}

/// The row of a sequence, and what its column has.
#[derive(Deserialize)]
struct Row {
    index: usize,
    last: i64,
    called: bool,
    owned: Option<i64>,
}

/// What became of the sequences of one side.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Moved {
    pub set: Vec<Set>,
    /// It is proven that each goes on past the other side only if there are none.
    pub obstacles: Vec<Obstacle>,
}

/// Every sequence of a database. Two round trips, one more for each further 200. The column that owns a sequence is asked for
/// its highest value, which takes long where no index has it. A sequence that we may not read is an error that names it.
pub async fn read(session: &Session) -> Result<Vec<Sequence>, DatabaseError> {
    let listed: Vec<Listed> = session.rows(READ, LIST, &[]).await?;
    let mut sequences = Vec::with_capacity(listed.len());
    for some in listed.chunks(AT_ONCE_MAX) {
        let mut rows: Vec<Row> = session.rows(READ, &statement(some), &[]).await?;
        rows.sort_by_key(|row| row.index);
        if rows.len() != some.len() {
            return Err(session.error(READ, Class::Retryable, "one of them was dropped meanwhile"));
        }
        sequences.extend(some.iter().zip(rows).map(|(listed, row)| sequence(listed, &row)));
    }
    Ok(sequences)
}

/// Sets the sequences of a side past those of the other, and reads them again; where one cannot go on, none is set. Five round
/// trips, four where all are far enough, two where one cannot go on. `margin`: see [`plan`].
pub async fn carry(from: &[Sequence], to: &Session, margin: u32) -> Result<Moved, DatabaseError> {
    let Plan { set, obstacles } = plan(from, &read(to).await?, margin);
    if !obstacles.is_empty() {
        return Ok(Moved {
            set: Vec::new(),
            obstacles,
        });
    }
    if !set.is_empty() {
        let told = |error: serde_json::Error| to.error(SET, Class::Permanent, error.to_string());
        let values = serde_json::to_string(&set).map_err(told)?;
        let _count: usize = to.row(SET, SET_ALL, &[&values]).await?;
    }
    let obstacles = unproven(from, &read(to).await?);
    Ok(Moved { set, obstacles })
}

fn statement(listed: &[Listed]) -> String {
    let mut statement = String::new();
    for (index, sequence) in listed.iter().enumerate() {
        let union = if index == 0 { "" } else { " UNION ALL " };
        let owned = sequence.owner.as_ref().map_or_else(
            || "NULL".to_owned(),
            |owner| highest(owner, sequence.increment > 0),
        );
        let (schema, name) = (quoted::name(&sequence.schema), quoted::name(&sequence.name));
        // Writing to a text does not fail.
        let _written = write!(
            statement,
            "{union}SELECT json_build_object('index', {index}, 'last', last_value, 'called', is_called, \
             'owned', {owned})::text FROM {schema}.{name}"
        );
    }
    statement
}

fn highest(owner: &Column, rises: bool) -> String {
    let furthest = if rises { "max" } else { "min" };
    format!(
        "(SELECT {furthest}({}) FROM {}.{})",
        quoted::name(&owner.name),
        quoted::name(&owner.schema),
        quoted::name(&owner.table)
    )
}

fn sequence(listed: &Listed, row: &Row) -> Sequence {
    Sequence {
        schema: listed.schema.clone(),
        name: listed.name.clone(),
        position: if row.called {
            Position::Last(row.last)
        } else {
            Position::Next(row.last)
        },
        start: listed.start,
        increment: listed.increment,
        min: listed.min,
        max: listed.max,
        cycle: listed.cycle,
        owned: row.owned,
    }
}
