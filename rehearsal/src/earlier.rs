//! What a version of the functions keeps in Parameter Store, kept for the versions after it: while one is deployed over
//! another, each reads what the other wrote.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cutover_core::json_schemas;
use serde_json::Value;

use crate::documents::Document;
use crate::story::{self, StoryError};

/// The schemas of what is kept. The rest is read by others, who have the schemas.
pub const KEPT: [&str; 4] = [
    "dr.journal-entry",
    "dr.state",
    "migration.journal-entry",
    "migration.state",
];

/// Why a version could not be written down.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    #[error(transparent)]
    Story(#[from] StoryError),
    #[error("{path}: {source}")]
    File { path: String, source: std::io::Error },
    #[error(transparent)]
    Json(#[from] serde_json::Error),
}

/// Writes, for each schema, the schema itself and documents of the stories that have something of everything in them.
pub fn write(stories: &Path, folder: &Path) -> Result<(), KeepError> {
    let mut kept = Kept::default();
    for path in story::stories(stories)? {
        for document in story::play(&story::read(&path)?)?.documents {
            kept.consider(&document);
        }
    }
    let put = |name: String, text: String| {
        let path = folder.join(name);
        std::fs::write(&path, text).map_err(|source| KeepError::File {
            path: path.display().to_string(),
            source,
        })
    };
    std::fs::create_dir_all(folder).map_err(|source| KeepError::File {
        path: folder.display().to_string(),
        source,
    })?;
    for named in json_schemas::all()
        .into_iter()
        .filter(|named| KEPT.contains(&named.name))
    {
        put(named.file(), named.text()?)?;
        let documents = kept.documents.get(named.name).map_or(&[][..], Vec::as_slice);
        let lines: Vec<String> = documents.iter().map(Value::to_string).collect();
        put(format!("{}.jsonl", named.name), lines.join("\n") + "\n")?;
    }
    Ok(())
}

/// Documents that each have something which those before have not: a field, or a word in it.
#[derive(Debug, Default)]
struct Kept {
    documents: BTreeMap<&'static str, Vec<Value>>,
    seen: BTreeMap<&'static str, BTreeSet<String>>,
}

impl Kept {
    fn consider(&mut self, document: &Document) {
        if !KEPT.contains(&document.schema) {
            return;
        }
        let mut has = BTreeSet::new();
        features(&document.value, "", &mut has);
        let seen = self.seen.entry(document.schema).or_default();
        if !has.is_subset(seen) {
            seen.extend(has);
            let documents = self.documents.entry(document.schema).or_default();
            documents.push(document.value.clone());
        }
    }
}

/// The paths of its fields, and with them the words that are no free text.
fn features(value: &Value, path: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                features(value, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                features(item, &format!("{path}/*"), found);
            }
        }
        Value::String(text) if is_word(text) => {
            found.insert(format!("{path}={text}"));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            found.insert(format!("{path}:{}", kind(value)));
        }
    }
}

/// As phases, outcomes, steps and codes are written.
fn is_word(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_lowercase() || "-_".contains(letter))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "truth",
        Value::Number(_) => "number",
        Value::String(_) | Value::Array(_) | Value::Object(_) => "text",
    }
}
