//! What the functions of a stage wrote that others read, each with the schema that it promises to follow.

use cutover_core::transition;
use serde_json::Value;
use twin::Twin;

use crate::stage::Stage;

/// One JSON document, and the name of its schema as [`cutover_core::json_schemas`] has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    pub schema: &'static str,
    pub value: Value,
}

/// Answers, snapshots, journals and transitions.
pub(crate) fn of(stage: &Stage) -> Vec<Document> {
    let mut documents = answers(&stage.twin);
    if stage.has_migration() {
        documents.extend(kept(&stage.twin, "migration"));
        documents.extend(transitions(&stage.twin));
    }
    if let Some(dr) = &stage.dr {
        documents.extend(kept(&dr.twin, "dr"));
    }
    documents
}

fn answers(twin: &Twin) -> Vec<Document> {
    let invoked = twin.invoked();
    let answered = invoked.iter().filter_map(|invoked| {
        let schema = answer_of(&invoked.function)?;
        let answer = invoked.result.as_ref()?.as_ref().ok()?;
        Some(document(schema, answer))
    });
    answered.collect()
}

/// `None` of functions that are not ours.
fn answer_of(function: &str) -> Option<&'static str> {
    let of_a_migration = [route53_updater::NAME, dms_monitor::NAME, alarm_rollback::NAME];
    if function.starts_with(dr_failover::NAME) {
        Some("dr.answer")
    } else if of_a_migration.iter().any(|name| function.starts_with(name)) {
        Some("migration.answer")
    } else {
        None
    }
}

/// The snapshot as it is now, and every entry that is still there.
fn kept(twin: &Twin, subject: &str) -> Vec<Document> {
    let (state, entry) = if subject == "dr" {
        ("dr.state", "dr.journal-entry")
    } else {
        ("migration.state", "migration.journal-entry")
    };
    let prefix = format!("/{subject}/");
    twin.ssm(|ssm| {
        let names = ssm.names(&prefix);
        let read = names.iter().filter_map(|name| {
            let schema = if name.ends_with("/state") { state } else { entry };
            Some(document(schema, ssm.value(name)?.as_bytes()))
        });
        read.collect()
    })
}

fn transitions(twin: &Twin) -> Vec<Document> {
    let bus = twin.bus();
    let ours = bus.iter().filter(|sent| {
        sent.event
            .get("source")
            .is_some_and(|source| source == transition::SOURCE)
    });
    ours.map(|sent| Document {
        schema: "migration.transition",
        value: sent.event.get("detail").cloned().unwrap_or_default(),
    })
    .collect()
}

/// What is no JSON follows no schema.
fn document(schema: &'static str, text: &[u8]) -> Document {
    let value = serde_json::from_slice(text).unwrap_or(Value::String("not JSON".to_owned()));
    Document { schema, value }
}
