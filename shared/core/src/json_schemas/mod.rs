//! JSON Schemas of everything that others read and write, made from the types themselves.

mod payloads;

use std::borrow::Cow;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

use crate::dr::Disaster;
use crate::journal::Entry;
use crate::subject::Migration;
use crate::text::Text;
use crate::transition::Transition;
use crate::{dr, report, state};

/// One schema, and the name of the file that it belongs in.
#[derive(Debug, Clone)]
pub struct Named {
    /// Without an ending, for example `migration.answer`.
    pub name: &'static str,
    pub schema: Schema,
}

impl Named {
    #[must_use]
    pub fn file(&self) -> String {
        format!("{}.schema.json", self.name)
    }

    /// As the file has it.
    pub fn text(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(&self.schema).map(|text| text + "\n")
    }
}

/// All of them, by name.
#[must_use]
pub fn all() -> Vec<Named> {
    vec![
        named("dr.answer", of::<dr::report::Report>()),
        named("dr.hook-call", of::<dr::ports::HookCall>()),
        named("dr.journal-entry", of::<Entry<Disaster>>()),
        named("dr.payload", payloads::dr_failover()),
        named("dr.state", of::<dr::state::State>()),
        named("migration.answer", of::<report::Report>()),
        named("migration.journal-entry", of::<Entry<Migration>>()),
        named("migration.payload", payloads::route53_updater()),
        named("migration.state", of::<state::State>()),
        named("migration.transition", of::<Transition>()),
    ]
}

fn named(name: &'static str, schema: Schema) -> Named {
    Named { name, schema }
}

/// As it is written: what may be left out is not required, and nothing is added that is not there.
fn of<T: JsonSchema>() -> Schema {
    let settings = SchemaSettings::draft2020_12().for_serialize();
    settings.into_generator().into_root_schema_for::<T>()
}

impl<const MAX: usize> JsonSchema for Text<MAX> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("Text{MAX}").into()
    }

    fn json_schema(_generator: &mut SchemaGenerator) -> Schema {
        // The limit is one of bytes, and a character has at least one.
        json_schema!({ "type": "string", "maxLength": MAX })
    }
}
