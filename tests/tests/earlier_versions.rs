//! What earlier versions keep in Parameter Store and what this one keeps: while a deployment moves an alias from one to the
//! other, each goes on with what the other wrote.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use std::path::{Path, PathBuf};

use cutover_core::dr::Disaster;
use cutover_core::journal::Entry;
use cutover_core::schema::SchemaError;
use cutover_core::subject::{Migration, Snapshot, Subject};
use rehearsal::earlier::KEPT;
use serde_json::{Value, json};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The folders of earlier versions; the newest is the one that is deployed over next.
fn versions() -> Vec<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir(folder("earlier"))
        .unwrap()
        .map(|found| found.unwrap().path())
        .collect();
    versions.sort();
    assert!(!versions.is_empty());
    versions
}

fn documents(version: &Path, schema: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(version.join(format!("{schema}.jsonl"))).unwrap();
    let documents: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert!(!documents.is_empty(), "{schema}");
    documents
}

/// Read and written again by the code of today.
fn through<S: Subject>(schema: &str, text: &str) -> Result<Value, SchemaError> {
    let is_state = schema.split_once('.').is_some_and(|(_, kind)| kind == "state");
    let text = if is_state {
        S::State::decode(text)?.encode()?
    } else {
        Entry::<S>::decode(text)?.encode()?
    };
    Ok(serde_json::from_str(&text).unwrap())
}

fn read_and_written(schema: &str, document: &Value) -> Result<Value, SchemaError> {
    let text = document.to_string();
    if schema.starts_with("dr.") {
        through::<Disaster>(schema, &text)
    } else {
        through::<Migration>(schema, &text)
    }
}

/// Puts a field that nobody knows into every object.
fn with_more(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut more: serde_json::Map<String, Value> = fields
                .iter()
                .map(|(name, value)| (name.clone(), with_more(value)))
                .collect();
            more.insert("of_a_later_version".to_owned(), json!({"as": [1, "x"]}));
            Value::Object(more)
        }
        Value::Array(items) => Value::Array(items.iter().map(with_more).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.clone(),
    }
}

#[test]
fn what_an_earlier_version_kept_is_read_and_nothing_of_it_is_lost() {
    for version in versions() {
        for schema in KEPT {
            for document in documents(&version, schema) {
                let again = read_and_written(schema, &document);
                let again = again.unwrap_or_else(|error| panic!("{schema}: {error}: {document}"));
                for (name, value) in document.as_object().unwrap() {
                    assert_eq!(&again[name], value, "{} {schema}: {name}", version.display());
                }
            }
        }
    }
}

#[test]
fn what_a_later_version_adds_does_not_stop_this_one() {
    for version in versions() {
        for schema in KEPT {
            for document in documents(&version, schema) {
                let known = read_and_written(schema, &document).unwrap();
                let more = read_and_written(schema, &with_more(&document));
                assert_eq!(more.unwrap(), known, "{schema}");
            }
        }
    }
}

/// That everything of the stories follows those schemas is tested with the schemas of today.
#[test]
fn a_word_that_the_version_before_does_not_know_would_be_noticed() {
    let before = versions().pop().unwrap();
    let text = std::fs::read_to_string(before.join("migration.state.schema.json")).unwrap();
    let validator = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap()).unwrap();
    let document = documents(&before, "migration.state").remove(0);
    assert!(validator.is_valid(&document));
    let mut other = document.clone();
    other["phase"] = json!("teleporting");
    assert!(!validator.is_valid(&other));
    let mut less = document;
    less.as_object_mut().unwrap().remove("generation");
    assert!(!validator.is_valid(&less));
}
