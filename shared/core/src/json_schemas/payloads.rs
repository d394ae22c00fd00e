//! What may be asked of a function. A payload is read field by field, for the sake of its errors, so its schema is made of
//! the same limits instead of a type. It says less in one point: that a ladder ascends.

use schemars::{Schema, json_schema};
use serde_json::{Map, Value, json};

use crate::blocker::Code;
use crate::command::REASON_CHARACTERS_MAX;
use crate::dr::command::TARGET_CHARACTERS_MAX;
use crate::ladder::{BAKE_MINUTES_MAX, LADDER_RUNGS_MAX};

pub(super) fn route53_updater() -> Schema {
    let weight = json!({ "type": "integer", "minimum": 0, "maximum": 100 });
    let rung = json!({ "type": "integer", "minimum": 1, "maximum": 100 });
    let ladder = json!({
        "description": "Percent of reads on the target, step by step; ascending.",
        "type": "array", "items": rung, "minItems": 1, "maxItems": LADDER_RUNGS_MAX, "uniqueItems": true,
    });
    let minutes = json!({
        "description": "Minutes on each step once it has settled; without it, the environment's.",
        "type": "integer", "minimum": 0, "maximum": BAKE_MINUTES_MAX,
    });
    let codes: Vec<&str> = Code::ALL
        .iter()
        .filter(|code| code.forceable())
        .map(|code| code.name())
        .collect();
    let force = json!({
        "description": "Blockers to override, by their code.",
        "type": "array", "items": { "enum": codes },
    });
    let with = |action: &str, own: Value, required: &[&str]| {
        let mut properties = options();
        properties.insert("force".to_owned(), force.clone());
        shape(action, properties, own, required)
    };
    let stopped = json!({
        "description": "The operator has stopped the application's writes.", "type": "boolean",
    });
    let mut shapes = vec![
        with(
            "gradual_cutover",
            json!({ "aurora_weight": weight }),
            &["aurora_weight"],
        ),
        with(
            "gradual_cutover",
            json!({ "target_weight": weight }),
            &["target_weight"],
        ),
        with(
            "gradual_cutover",
            json!({ "ladder": ladder, "bake_minutes": minutes }),
            &["ladder"],
        ),
        with("manual_cutover", json!({ "writes_stopped": stopped }), &[]),
    ];
    let plain = ["rollback", "status", "pause", "resume", "complete", "tick"];
    shapes.extend(plain.map(|action| with(action, json!({}), &[])));
    one_of("A payload of route53-updater", &shapes)
}

pub(super) fn dr_failover() -> Schema {
    let target = json!({
        "description": "A cluster, by its ARN, identifier or side, or an instance of the writer's cluster; the DR cluster where none is given.",
        "type": "string", "minLength": 1, "maxLength": TARGET_CHARACTERS_MAX, "pattern": r"\S",
    });
    let mode = json!({
        "description": "`default` gives the decision back to the configuration.",
        "enum": ["observe", "approve", "auto", "default"],
    });
    let with = |action: &str, own: Value, required: &[&str]| shape(action, options(), own, required);
    let mut shapes = vec![
        with("failover", json!({ "target": target }), &[]),
        with("switchover", json!({ "target": target }), &[]),
        with("arm", json!({ "mode": mode }), &["mode"]),
    ];
    let plain = ["failback", "drill", "acknowledge", "status", "tick"];
    shapes.extend(plain.map(|action| with(action, json!({}), &[])));
    one_of("A payload of dr-failover", &shapes)
}

/// What goes with every action.
fn options() -> Map<String, Value> {
    let options = json!({
        "reason": {
            "description": "Why; kept in the journal and told to people.",
            "type": "string", "maxLength": REASON_CHARACTERS_MAX,
        },
        "dry_run": { "description": "Tells the plan and changes nothing.", "type": "boolean" },
        "expected_generation": {
            "description": "Refuses if the state has moved on.",
            "type": "integer", "minimum": 0, "maximum": u32::MAX,
        },
        "accept_data_loss": { "description": "Writes may be lost by it.", "type": "boolean" },
    });
    members(options)
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}

fn shape(action: &str, mut properties: Map<String, Value>, own: Value, required: &[&str]) -> Value {
    properties.extend(members(own));
    properties.insert("action".to_owned(), json!({ "const": action }));
    let required: Vec<&str> = std::iter::once("action")
        .chain(required.iter().copied())
        .collect();
    json!({
        "title": action, "type": "object", "properties": properties,
        "required": required, "additionalProperties": false,
    })
}

fn one_of(title: &str, shapes: &[Value]) -> Schema {
    json_schema!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        "oneOf": shapes,
    })
}
