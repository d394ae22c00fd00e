//! What conditions may look at, whatever is asked: by whom, and how.

use std::collections::BTreeMap;

use super::ask::Ask;
use super::key::Key;

/// Values that are the same for everything that one caller asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Around(BTreeMap<Key, Vec<String>>);

/// Both together.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen<'a> {
    pub ask: &'a Ask,
    pub around: &'a Around,
}

impl Around {
    /// The same with a value of a condition key.
    #[must_use]
    pub fn with(mut self, key: Key, value: impl Into<String>) -> Self {
        self.0.insert(key, vec![value.into()]);
        self
    }
}

impl Default for Around {
    /// Every call counts as one over TLS, as those to AWS are, whatever door of the twin it comes in by.
    fn default() -> Self {
        Self(BTreeMap::new()).with(Key::SecureTransport, "true")
    }
}

impl<'a> Seen<'a> {
    pub(super) fn values(self, key: Key) -> Option<&'a [String]> {
        let asked = self.ask.values(key);
        asked.or_else(|| self.around.0.get(&key).map(Vec::as_slice))
    }
}
