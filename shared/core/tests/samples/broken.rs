//! Payloads as they may be broken on the way, or by somebody who knows what they look like.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Value, json};

use super::{ACCOUNT, REGION, edited};

/// Bytes as somebody might break them on the way.
#[derive(Debug, Clone)]
pub enum Breakage {
    Flip(Index, u8),
    Remove(Index, usize),
    Repeat(Index, usize),
    Insert(Index, Vec<u8>),
    /// The rest is that of another sample.
    Splice(Index, Index, Index),
}

pub fn breakage() -> impl Strategy<Value = Breakage> {
    let dictionary = vec![
        "\"",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\\u0000",
        "null",
        "0",
        "-1e9",
        ACCOUNT,
        REGION,
        super::dr::DR_REGION,
        super::dr::WITNESS,
        "global-cluster:",
        "ALARM",
        "OK",
        "detail-type",
        "alarmData",
        "Records",
        "action",
        "\"action\":\"rollback\",",
    ];
    prop_oneof![
        (any::<Index>(), any::<u8>()).prop_map(|(at, byte)| Breakage::Flip(at, byte)),
        (any::<Index>(), 1usize..60).prop_map(|(at, length)| Breakage::Remove(at, length)),
        (any::<Index>(), 1usize..60).prop_map(|(at, length)| Breakage::Repeat(at, length)),
        (any::<Index>(), select(dictionary))
            .prop_map(|(at, word)| Breakage::Insert(at, word.as_bytes().to_vec())),
        (any::<Index>(), vec(any::<u8>(), 1..8)).prop_map(|(at, bytes)| Breakage::Insert(at, bytes)),
        (any::<Index>(), any::<Index>(), any::<Index>())
            .prop_map(|(at, other, from)| Breakage::Splice(at, other, from)),
    ]
}

pub fn broken(mut payload: Vec<u8>, all: &[Vec<u8>], breakage: &Breakage) -> Vec<u8> {
    let place = |at: &Index, length: usize| at.index(length + 1);
    match breakage {
        Breakage::Flip(at, byte) if !payload.is_empty() => {
            let at = at.index(payload.len());
            payload[at] ^= byte;
        }
        Breakage::Flip(..) => {}
        Breakage::Remove(at, length) => {
            let at = place(at, payload.len());
            drop(payload.drain(at..(at + length).min(payload.len())));
        }
        Breakage::Repeat(at, length) => {
            let at = place(at, payload.len());
            let again = payload[at..(at + length).min(payload.len())].to_vec();
            payload.splice(at..at, again);
        }
        Breakage::Insert(at, bytes) => {
            let at = place(at, payload.len());
            payload.splice(at..at, bytes.clone());
        }
        Breakage::Splice(at, other, from) => {
            payload.truncate(place(at, payload.len()));
            let other = &all[other.index(all.len())];
            payload.extend_from_slice(&other[place(from, other.len())..]);
        }
    }
    payload
}

/// Every place in an event, also inside the message of a topic, as [`edited`] takes it.
pub fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut visit = |field: &str, inside: &Value| {
        let place = format!("{at}/{field}");
        if let Some(Ok(message)) = inside
            .as_str()
            .filter(|_| field == "Message")
            .map(serde_json::from_str)
        {
            places(&message, &place, found);
        }
        places(inside, &place, found);
        found.push(place);
    };
    match value {
        Value::Object(fields) => fields.iter().for_each(|(field, inside)| visit(field, inside)),
        Value::Array(items) => (0..)
            .zip(items)
            .for_each(|(index, item): (usize, _)| visit(&index.to_string(), item)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What may stand where something else should: what the samples have elsewhere, and what they have nowhere.
pub fn vocabulary(payloads: &[Vec<u8>]) -> Vec<Value> {
    let mut words = vec![
        json!(null),
        json!(true),
        json!(-1),
        json!(1e300),
        json!([]),
        json!({}),
        json!(""),
        json!("\u{0}"),
        json!("444455556666"),
        json!("eu-west-1"),
        json!("2026-03-02T08:00:00Z"),
        json!("x".repeat(10_000)),
    ];
    for payload in payloads {
        let Ok(event) = serde_json::from_slice::<Value>(payload) else {
            continue;
        };
        let mut found = Vec::new();
        places(&event, "", &mut found);
        words.extend(found.iter().filter_map(|place| event.pointer(place)).cloned());
    }
    words
}

/// One place of an event left out, or given another value.
pub fn rearranged(payload: &[u8], at: Index, value: Option<&Value>) -> Vec<u8> {
    let event: Value = serde_json::from_slice(payload).unwrap();
    let mut found = Vec::new();
    places(&event, "", &mut found);
    match found.get(at.index(found.len().max(1))) {
        Some(place) => edited(payload, place, value),
        None => payload.to_vec(),
    }
}

/// An event of nobody's making: names and values of the samples in any arrangement.
pub fn arrangement(names: Vec<String>, words: Vec<Value>) -> impl Strategy<Value = Value> {
    select(words).prop_recursive(4, 60, 12, move |inside| {
        prop_oneof![
            vec((select(names.clone()), inside.clone()), 1..12)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            vec(inside, 0..3).prop_map(Value::Array),
        ]
    })
}
