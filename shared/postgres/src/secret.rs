//! A secret in the format of RDS: JSON with `engine`, `host`, `port`, `username`, `password` and `dbname`. An error names the
//! field, and never what is in it.

use cutover_core::database::Side;
use serde_json::{Map, Value};

use crate::login::Login;
use crate::probe::PORT;
use crate::session::Database;

const ENGINES: [&str; 2] = ["postgres", "aurora-postgresql"];

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SecretError {
    #[error("the secret is no JSON object (line {line}, column {column})")]
    NotJson { line: usize, column: usize },
    #[error("the secret has no `{0}`")]
    Missing(&'static str),
    #[error("`{0}` of the secret is not as it should be")]
    Wrong(&'static str),
}

/// Who logs in where. Fields that are not ours are ignored; without `port` it is PostgreSQL's.
pub fn parse(side: Side, secret: &str) -> Result<Database, SecretError> {
    let parsed: Value = serde_json::from_str(secret).map_err(|error| SecretError::NotJson {
        line: error.line(),
        column: error.column(),
    })?;
    let Value::Object(fields) = parsed else {
        return Err(SecretError::NotJson { line: 1, column: 1 });
    };
    if fields.contains_key("engine") && !ENGINES.contains(&text(&fields, "engine")?.as_str()) {
        return Err(SecretError::Wrong("engine"));
    }
    let login = Login::new(
        text(&fields, "username")?,
        text(&fields, "password")?,
        text(&fields, "dbname")?,
    );
    Ok(Database {
        side,
        host: text(&fields, "host")?,
        port: port(&fields)?,
        login,
    })
}

/// The protocol ends a text with a zero, so that none may be inside.
fn text(fields: &Map<String, Value>, name: &'static str) -> Result<String, SecretError> {
    match fields.get(name) {
        None | Some(Value::Null) => Err(SecretError::Missing(name)),
        Some(Value::String(text)) if !text.is_empty() && !text.contains('\0') => Ok(text.clone()),
        Some(_) => Err(SecretError::Wrong(name)),
    }
}

/// A number, or a number as text.
fn port(fields: &Map<String, Value>) -> Result<u16, SecretError> {
    const NAME: &str = "port";
    let port = match fields.get(NAME) {
        None | Some(Value::Null) => return Ok(PORT),
        Some(Value::Number(number)) => number.as_u64().and_then(|number| u16::try_from(number).ok()),
        Some(Value::String(text)) => text.parse().ok(),
        Some(_) => None,
    };
    port.filter(|port| *port != 0).ok_or(SecretError::Wrong(NAME))
}
