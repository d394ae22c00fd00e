//! Bytes to a JSON object, within limits, and the few ways its fields are read.

use serde_json::Value;

use super::unrecognised::{Refusal, Why};
use crate::text::Text;

/// Largest payload that is read. What is ours has a few KiB; Lambda would hand over several MiB, and reading them
/// would only cost memory.
pub const PAYLOAD_BYTES_MAX: usize = 262_144;
/// Longest id that is kept, in bytes of its JSON form. Those of AWS have 36.
pub const ID_BYTES_MAX: usize = 64;
/// How `serde_json` says that a value is nested deeper than it will follow (128). It has no kind of its own.
const RECURSION_LIMIT: &str = "recursion limit exceeded";

/// Reads an object. What is nested too deep is told by the parser before the stack can be.
pub(crate) fn read(payload: &[u8]) -> Result<Value, Refusal> {
    if payload.len() > PAYLOAD_BYTES_MAX {
        let detail = format!("{} bytes, at most {PAYLOAD_BYTES_MAX} are read", payload.len());
        return Err(Why::TooLarge.because(detail));
    }
    let value: Value = serde_json::from_slice(payload).map_err(|error| {
        let sentence = error.to_string();
        if sentence.starts_with(RECURSION_LIMIT) {
            Why::TooDeep.because(sentence)
        } else {
            Why::NotJson.because(sentence)
        }
    })?;
    if value.is_object() {
        Ok(value)
    } else {
        Err(Why::NotAnObject.because("JSON, but not an object"))
    }
}

/// The text at a JSON pointer. What is empty says nothing and counts as absent, like `null`.
pub(crate) fn text<'event>(event: &'event Value, pointer: &str) -> Option<&'event str> {
    event
        .pointer(pointer)?
        .as_str()
        .filter(|text| !text.trim().is_empty())
}

/// An id, cut to what a journal entry has room for.
pub(crate) fn id(id: Option<&str>) -> Option<String> {
    Some(Text::<ID_BYTES_MAX>::new(id?).as_str().to_owned())
}
