//! What a story says of its regions and clusters: the line `#: dr …`.

use std::collections::BTreeMap;

/// The two clusters, what is beside them, and parameters of the template that are not the usual.
#[derive(Debug, Clone)]
pub struct DrSetting {
    pub primary_region: String,
    pub topology: Topology,
    /// Whether the migration is deployed as well, and `dr-failover` told of it.
    pub beside: Beside,
    pub login: Login,
    pub hook: Hook,
    pub routing: Routing,
    pub parameters: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topology {
    GlobalDatabase,
    ReadReplica,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    Migration,
}

/// What a direct probe can ask.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// Whether it takes writes.
    Role,
    /// Whether anybody listens.
    None,
}

/// Somebody who is asked before a planned switch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hook {
    None,
    Vetoes,
    Agrees,
}

/// How the record of the application leads to the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// The template's failover pair follows its health checks.
    HealthChecks,
    /// Somebody's own weighted pair, which is changed by the function.
    Weights,
}

impl Default for DrSetting {
    fn default() -> Self {
        Self {
            primary_region: "eu-central-1".to_owned(),
            topology: Topology::GlobalDatabase,
            beside: Beside::Nothing,
            login: Login::Role,
            hook: Hook::None,
            routing: Routing::HealthChecks,
            parameters: BTreeMap::new(),
        }
    }
}

impl DrSetting {
    /// Words of a line `#: dr`: `replica`, `migration`, `without-login`, `veto`, `hook`, `weighted`, `primary=REGION`, and parameters
    /// of the template as `Name=value`.
    pub(crate) fn read(&mut self, words: &str) -> Result<(), String> {
        for word in words.split_whitespace() {
            match word.split_once('=') {
                None if word == "replica" => self.topology = Topology::ReadReplica,
                None if word == "migration" => self.beside = Beside::Migration,
                None if word == "without-login" => self.login = Login::None,
                None if word == "weighted" => self.routing = Routing::Weights,
                None if word == "veto" => self.hook = Hook::Vetoes,
                None if word == "hook" => self.hook = Hook::Agrees,
                Some(("primary", region)) => region.clone_into(&mut self.primary_region),
                Some(_) if word.starts_with(|first: char| first.is_ascii_uppercase()) => {
                    self.parameter(word)?;
                }
                None | Some(_) => return Err(format!("#: dr {word} describes no environment")),
            }
        }
        Ok(())
    }

    /// `Name=value`, where the value may have spaces.
    pub(crate) fn parameter(&mut self, rule: &str) -> Result<(), String> {
        let (name, value) = rule.split_once('=').ok_or("#: dr-parameter NAME=VALUE")?;
        self.parameters
            .insert(name.trim().to_owned(), value.trim().to_owned());
        Ok(())
    }
}
