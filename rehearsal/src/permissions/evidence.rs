//! What the stories needed: every permission whose absence would have refused them something.

use std::collections::{BTreeMap, BTreeSet};

use twin::iam::{Around, Asked, Statement};

use super::granted::Holder;
use super::removal::Removal;
use crate::story::{self, StoryError};

/// What one story asked of IAM, and of whose policies.
#[derive(Debug, Clone)]
pub struct Witness {
    /// The file's name without its ending.
    pub story: String,
    pub holders: Vec<Holder>,
    pub asked: Vec<Asked>,
}

#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// For each permission the stories that need it, in order.
    needed: BTreeMap<Removal, BTreeSet<String>>,
    /// What policies refused in a story, in words.
    refused: Vec<String>,
}

impl Evidence {
    /// Plays all stories of a folder.
    pub fn of_stories(folder: &std::path::Path) -> Result<Self, StoryError> {
        let mut evidence = Self::default();
        for path in story::stories(folder)? {
            let played = story::play(&story::read(&path)?)?;
            let name = path
                .file_stem()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            evidence.add(&Witness {
                story: name,
                holders: played.holders,
                asked: played.asked,
            });
        }
        Ok(evidence)
    }

    pub fn add(&mut self, witness: &Witness) {
        let around = Around::default();
        let refused = witness.asked.iter().filter(|asked| !asked.verdict.is_allowed());
        let refused = refused.map(|asked| format!("{}: {} {}", witness.story, asked.by, asked.ask));
        self.refused.extend(refused);
        for holder in &witness.holders {
            let permitted = witness
                .asked
                .iter()
                .filter(|asked| asked.by == holder.role.arn && asked.verdict.is_allowed());
            for asked in permitted {
                // What two statements allow neither is needed for.
                if let [(statement, actions)] = holder.role.allowing(&around, &asked.ask).as_slice() {
                    for action in actions_needed(statement, actions) {
                        let removal = Removal {
                            holder: holder.name.clone(),
                            sid: statement.sid.clone(),
                            action,
                        };
                        let stories = self.needed.entry(removal).or_default();
                        stories.insert(witness.story.clone());
                    }
                }
            }
        }
    }

    /// The stories that need a permission.
    #[must_use]
    pub fn stories(&self, removal: &Removal) -> Vec<&str> {
        let stories = self.needed.get(removal).into_iter().flatten();
        stories.map(String::as_str).collect()
    }

    /// What policies refused in stories: each says the story, who, and what.
    #[must_use]
    pub fn refused(&self) -> &[String] {
        &self.refused
    }

    /// Everything that a story needs.
    pub fn needed(&self) -> impl Iterator<Item = &Removal> {
        self.needed.keys()
    }
}

/// What of a statement must not go: the one action that is asked for, and the whole, if that is something else.
fn actions_needed(statement: &Statement, actions: &[&str]) -> Vec<Option<String>> {
    let only = match actions {
        [action] => Some(Some((*action).to_owned())),
        _ => None,
    };
    let whole = (statement.actions().len() > 1).then_some(None);
    only.into_iter().chain(whole).collect()
}
