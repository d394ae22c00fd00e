//! The version that journal entries and snapshots carry, and the size they must fit.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// The version this code writes.
pub const SCHEMA: u16 = 1;
/// Most bytes of a standard parameter's value.
pub const PARAMETER_BYTES_MAX: usize = 4_096;

/// A stored value that cannot be used. Nothing may be changed on top of what is not understood.
#[derive(Debug, thiserror::Error)]
pub enum SchemaError {
    #[error("is not JSON of this product")]
    Unreadable(#[source] serde_json::Error),
    #[error("has schema {found}, and this version knows {SCHEMA}: deploy the version that wrote it")]
    Unknown { found: String },
    #[error("takes {bytes} bytes, more than the {PARAMETER_BYTES_MAX} of a parameter")]
    TooLarge { bytes: usize },
}

pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, SchemaError> {
    let value: Value = serde_json::from_str(text).map_err(SchemaError::Unreadable)?;
    let found = value.get("schema").cloned().unwrap_or(Value::Null);
    if found != SCHEMA {
        return Err(SchemaError::Unknown {
            found: found.to_string(),
        });
    }
    serde_json::from_value(value).map_err(SchemaError::Unreadable)
}

pub(crate) fn encode<T: Serialize>(value: &T) -> Result<String, SchemaError> {
    let text = serde_json::to_string(value).map_err(SchemaError::Unreadable)?;
    if text.len() > PARAMETER_BYTES_MAX {
        return Err(SchemaError::TooLarge { bytes: text.len() });
    }
    Ok(text)
}

/// The same for what may be shed: `shed` lets go of the least of it, and says whether there was anything left to let go.
pub(crate) fn encode_fitting<T: Serialize + Clone>(
    value: &T,
    shed: impl Fn(&mut T) -> bool,
) -> Result<String, SchemaError> {
    let mut fitting = value.clone();
    loop {
        match encode(&fitting) {
            Err(SchemaError::TooLarge { bytes }) => {
                if !shed(&mut fitting) {
                    return Err(SchemaError::TooLarge { bytes });
                }
            }
            encoded => return encoded,
        }
    }
}
