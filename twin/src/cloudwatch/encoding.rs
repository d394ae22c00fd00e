//! One answer, three protocols. The codec's CBOR is right; its JSON and its XML write times as a marker
//! meant for CBOR and lists without their `member` elements, so these two are written here.

use serde::Serialize;
use serde_json::{Number, Value};
use winterbaume_core::{MockResponse, xml_escape};

use crate::reply;
use crate::routing::{Protocol, Service};

/// How the codec marks a time in the value it builds.
const TIME_MARKER: &str = "__cbor_epoch_seconds";

/// An answer with a result. `cbor` is the codec's own encoding of it.
pub(super) fn answer<T: Serialize>(
    protocol: Protocol,
    action: &str,
    result: &T,
    cbor: impl Fn(&T) -> MockResponse,
) -> MockResponse {
    let value = || serde_json::to_value(result).unwrap_or_default();
    match protocol {
        Protocol::Cbor => cbor(result),
        Protocol::Json | Protocol::RestJson => {
            MockResponse::json(200, with_times_as_numbers(value()).to_string())
        }
        Protocol::Query | Protocol::RestXml => reply::query(&Service::CloudWatch, action, &xml(&value())),
    }
}

/// An answer that says only that it is done. `cbor` is the codec's own.
pub(super) fn done(protocol: Protocol, action: &str, cbor: impl Fn() -> MockResponse) -> MockResponse {
    match protocol {
        Protocol::Cbor => cbor(),
        Protocol::Json | Protocol::RestJson => MockResponse::json(200, "{}"),
        Protocol::Query | Protocol::RestXml => reply::query(&Service::CloudWatch, action, ""),
    }
}

fn with_times_as_numbers(value: Value) -> Value {
    match value {
        Value::Object(fields) => match fields.get(TIME_MARKER) {
            Some(seconds) => seconds.clone(),
            None => fields
                .into_iter()
                .map(|(name, field)| (name, with_times_as_numbers(field)))
                .collect(),
        },
        Value::Array(items) => items.into_iter().map(with_times_as_numbers).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

fn xml(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(truth) => truth.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) => xml_escape(text),
        Value::Array(items) => items.iter().map(|item| element("member", item)).collect(),
        Value::Object(fields) => match fields.get(TIME_MARKER).and_then(Value::as_number) {
            Some(seconds) => time(seconds),
            None => fields.iter().map(|(name, field)| element(name, field)).collect(),
        },
    }
}

fn element(name: &str, content: &Value) -> String {
    format!("<{name}>{}</{name}>", xml(content))
}

fn time(seconds: &Number) -> String {
    let time = seconds.as_f64().and_then(reply::from_epoch_seconds);
    time.map(reply::iso_8601).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn times_and_lists_are_written_as_each_protocol_wants_them() {
        let value = json!({ "Values": [1.5, 2.0], "At": { TIME_MARKER: 60.0 }, "Name": "a<b" });
        let written = xml(&value);
        assert!(
            written.contains("<Values><member>1.5</member><member>2.0</member></Values>"),
            "{written}"
        );
        assert!(written.contains("<At>1970-01-01T00:01:00.000Z</At>"), "{written}");
        assert!(written.contains("<Name>a&lt;b</Name>"), "{written}");
        assert_eq!(with_times_as_numbers(value)["At"], json!(60.0));
    }
}
