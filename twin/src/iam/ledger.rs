//! What was asked of IAM, each thing once, and the verdict.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::ask::Ask;
use super::judgement::Verdict;

/// Something that was asked at least once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// The ARN of the role, or the name of the service.
    pub by: String,
    pub ask: Ask,
    pub verdict: Verdict,
}

/// By who asked, then by what.
#[derive(Debug, Default)]
pub(crate) struct Ledger(Mutex<HashMap<String, HashMap<Ask, Verdict>>>);

impl Ledger {
    /// Notes a verdict. The latest counts: policies change with a deployment only.
    pub(crate) fn note(&self, by: &str, ask: &Ask, verdict: Verdict) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = asked.get_mut(by) {
            match known.get_mut(ask) {
                Some(last) => *last = verdict,
                None => {
                    known.insert(ask.clone(), verdict);
                }
            }
        } else {
            let first = HashMap::from([(ask.clone(), verdict)]);
            asked.insert(by.to_owned(), first);
        }
    }

    /// In order of who asked and of what.
    pub(crate) fn all(&self) -> Vec<Asked> {
        let asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<Asked> = asked
            .iter()
            .flat_map(|(by, asks)| {
                asks.iter().map(|(ask, verdict)| Asked {
                    by: by.clone(),
                    ask: ask.clone(),
                    verdict: *verdict,
                })
            })
            .collect();
        all.sort_by(|one, other| (&one.by, &one.ask).cmp(&(&other.by, &other.ask)));
        all
    }
}
