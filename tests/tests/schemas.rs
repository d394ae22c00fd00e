//! The published JSON Schemas: they are those of the code, every document of every story follows them, and a payload is
//! taken by the code exactly where its schema takes it.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "the functions here are all part of tests, which clippy only sees in those marked so"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use cutover_core::json_schemas;
use cutover_core::{command, dr};
use jsonschema::Validator;
use rehearsal::earlier::KEPT;
use rehearsal::story;
use serde_json::{Value, json};

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

fn validators() -> BTreeMap<&'static str, Validator> {
    let compiled = |named: json_schemas::Named| {
        let validator = jsonschema::draft202012::new(named.schema.as_value()).unwrap();
        (named.name, validator)
    };
    json_schemas::all().into_iter().map(compiled).collect()
}

#[test]
fn what_is_published_is_what_the_code_says() {
    let mut published: Vec<String> = std::fs::read_dir(folder("docs/schemas"))
        .unwrap()
        .map(|file| file.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    published.sort();
    let named = json_schemas::all();
    let files: Vec<String> = named.iter().map(json_schemas::Named::file).collect();
    assert_eq!(published, files);
    for named in named {
        let text = std::fs::read_to_string(folder("docs/schemas").join(named.file())).unwrap();
        assert_eq!(
            text,
            named.text().unwrap(),
            "if this is as it should be: make schemas"
        );
    }
}

/// Those of what the version before keeps, too: an alias that is moved step by step, or back, has both at work.
fn validators_of_the_version_before() -> BTreeMap<&'static str, Validator> {
    let versions = std::fs::read_dir(folder("tests/earlier")).unwrap();
    let before = versions.map(|version| version.unwrap().path()).max().unwrap();
    let compiled = |schema| {
        let text = std::fs::read_to_string(before.join(format!("{schema}.schema.json"))).unwrap();
        let validator = jsonschema::draft202012::new(&serde_json::from_str(&text).unwrap());
        (schema, validator.unwrap())
    };
    KEPT.into_iter().map(compiled).collect()
}

#[test]
fn every_document_of_every_story_follows_its_schema_and_the_one_before() {
    let validators = validators();
    let before = validators_of_the_version_before();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    for path in story::stories(&folder("rehearsal/stories")).unwrap() {
        let played = story::play(&story::read(&path).unwrap()).unwrap();
        for document in played.documents {
            *seen.entry(document.schema).or_default() += 1;
            let today = validators.get(document.schema);
            for validator in today.into_iter().chain(before.get(document.schema)) {
                if let Err(error) = validator.validate(&document.value) {
                    panic!(
                        "{}: {} at {}: {error}\n{}",
                        path.display(),
                        document.schema,
                        error.instance_path(),
                        document.value
                    );
                }
            }
        }
    }
    println!("{seen:#?}");
    // A payload and a hook's call are what others write and read elsewhere.
    let expected: Vec<&str> = validators
        .keys()
        .copied()
        .filter(|name| !name.ends_with(".payload") && *name != "dr.hook-call")
        .collect();
    assert_eq!(seen.keys().copied().collect::<Vec<_>>(), expected);
}

/// A field more, and the wrong form of a field, are no answers.
#[test]
fn an_answer_of_another_form_is_refused() {
    let validators = validators();
    let played = story::play("invoke route53-updater {\"action\":\"status\"}").unwrap();
    let answer = &played.documents[0];
    assert_eq!(answer.schema, "migration.answer");
    assert!(validators["migration.answer"].is_valid(&answer.value));
    for (field, value) in [
        ("outcome", json!("fine")),
        ("generation", json!("1")),
        ("phase", Value::Null),
    ] {
        let mut other = answer.value.clone();
        other[field] = value;
        assert!(!validators["migration.answer"].is_valid(&other), "{field}");
    }
    let mut less = answer.value.clone();
    less.as_object_mut().unwrap().remove("blockers");
    assert!(!validators["migration.answer"].is_valid(&less));
}

fn long(characters: usize) -> String {
    "x".repeat(characters)
}

const ACTIONS: [&str; 15] = [
    "gradual_cutover",
    "manual_cutover",
    "rollback",
    "status",
    "pause",
    "resume",
    "complete",
    "tick",
    "failover",
    "switchover",
    "failback",
    "drill",
    "acknowledge",
    "arm",
    "destroy",
];

/// What belongs to some action.
fn fields() -> Vec<Value> {
    vec![
        json!({}),
        json!({"aurora_weight": 20}),
        json!({"aurora_weight": 0}),
        json!({"aurora_weight": 101}),
        json!({"aurora_weight": -1}),
        json!({"aurora_weight": 20.5}),
        json!({"aurora_weight": "20"}),
        json!({"target_weight": 100}),
        json!({"aurora_weight": 20, "target_weight": 20}),
        json!({"aurora_weight": 20, "bake_minutes": 5}),
        json!({"ladder": [20, 50, 80, 100]}),
        json!({"ladder": [20, 50], "bake_minutes": 30}),
        json!({"ladder": [20], "bake_minutes": 10_081}),
        json!({"ladder": [20], "aurora_weight": 20}),
        json!({"ladder": []}),
        json!({"ladder": [0, 20]}),
        json!({"ladder": [20, 20]}),
        json!({"ladder": (1..=60).collect::<Vec<u32>>()}),
        json!({"writes_stopped": true}),
        json!({"writes_stopped": "yes"}),
        json!({"target": "dr"}),
        json!({"target": " "}),
        json!({"target": long(161)}),
        json!({"mode": "observe"}),
        json!({"mode": "default"}),
        json!({"mode": "off"}),
        json!({"unknown": 1}),
    ]
}

/// What goes with every action, or with those of a migration.
fn options() -> Vec<Value> {
    vec![
        json!({}),
        json!({"reason": "why"}),
        json!({"reason": long(1_000)}),
        json!({"reason": long(1_001)}),
        json!({"reason": null}),
        json!({"dry_run": true, "accept_data_loss": false}),
        json!({"dry_run": 1}),
        json!({"expected_generation": 7}),
        json!({"expected_generation": 4_294_967_296_u64}),
        json!({"force": ["drift", "lag-too-high"]}),
        json!({"force": ["in-progress"]}),
        json!({"force": "drift"}),
    ]
}

/// Payloads of either function, good and bad: what both may say of each action.
fn payloads() -> Vec<Value> {
    let mut payloads = vec![json!(null), json!([]), json!({})];
    for action in ACTIONS {
        for own in &fields() {
            for more in &options() {
                let mut payload = own.clone();
                let members = payload.as_object_mut().unwrap();
                members.extend(more.as_object().unwrap().clone());
                members.insert("action".to_owned(), json!(action));
                payloads.push(payload);
            }
        }
    }
    payloads
}

#[test]
fn a_payload_is_taken_exactly_where_its_schema_takes_it() {
    let validators = validators();
    let (mut taken, mut refused) = (0, 0);
    for payload in payloads() {
        let text = serde_json::to_vec(&payload).unwrap();
        let parsed = [
            ("migration.payload", command::Command::parse(&text).is_ok()),
            ("dr.payload", dr::command::Command::parse(&text).is_ok()),
        ];
        for (schema, is_taken) in parsed {
            assert_eq!(
                validators[schema].is_valid(&payload),
                is_taken,
                "{schema}: {payload}"
            );
            if is_taken {
                taken += 1;
            } else {
                refused += 1;
            }
        }
    }
    println!("{taken} payloads taken, {refused} refused");
    assert!(taken > 100 && refused > 1_000);
}

/// The one thing that a schema cannot say.
#[test]
fn a_ladder_that_does_not_ascend_is_refused_by_the_code_alone() {
    let payload = json!({"action": "gradual_cutover", "ladder": [50, 20]});
    assert!(validators()["migration.payload"].is_valid(&payload));
    assert!(command::Command::parse(payload.to_string().as_bytes()).is_err());
}
