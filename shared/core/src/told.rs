//! What people know already, so that they are not told again within the hour.

use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::generation::Generation;
use crate::policy::{NOTICE_WINDOW_SECONDS, SENT_MAX, TOLD_MAX, UNSENT_MAX};

/// What makes two sentences the same to people: everything but the numbers and times in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct TellingKey(u32);

impl TellingKey {
    /// A hash of the sentence without its numbers; a digit in a name stays. Two sentences that share a key by
    /// chance cost one notice in an hour, never a decision.
    #[must_use]
    pub fn of(sentence: &str) -> Self {
        let words = sentence.split(' ').filter(|word| !is_number(word));
        Self(fnv(words.flat_map(|word| word.bytes().chain([b' ']))))
    }
}

/// A number or a time, with what punctuation is around it.
fn is_number(word: &str) -> bool {
    const AROUND: &[u8] = b"-:.,;+%()TZ";
    word.bytes().any(|byte| byte.is_ascii_digit())
        && word
            .bytes()
            .all(|byte| byte.is_ascii_digit() || AROUND.contains(&byte))
}

/// FNV-1a, which stays the same from one version to the next.
pub(crate) fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.fold(BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

/// Something people were told, and when, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
struct Told(TellingKey, i64);

impl Told {
    fn is_recent(self, now: Timestamp) -> bool {
        now.as_second().saturating_sub(self.1) < NOTICE_WINDOW_SECONDS
    }
}

/// What people were told lately, the newest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Tellings(Vec<Told>);

impl Tellings {
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether people were told this within the window in which nothing is told twice.
    #[must_use]
    pub fn has(&self, key: TellingKey, now: Timestamp) -> bool {
        self.0.iter().any(|told| told.0 == key && told.is_recent(now))
    }

    pub fn remember(&mut self, key: TellingKey, now: Timestamp) {
        self.0.retain(|told| told.0 != key && told.is_recent(now));
        self.0.insert(0, Told(key, now.as_second()));
        self.0.truncate(TOLD_MAX);
    }

    /// What either remembers.
    #[must_use]
    pub fn merged(&self, theirs: &Self) -> Self {
        let mut all: Vec<Told> = self.0.iter().chain(&theirs.0).copied().collect();
        all.sort_by_key(|told| std::cmp::Reverse(told.1));
        let mut merged = Self::default();
        for told in all {
            if !merged.knows(told.0) {
                merged.0.push(told);
            }
        }
        merged.0.truncate(TOLD_MAX);
        merged
    }

    fn knows(&self, key: TellingKey) -> bool {
        self.0.iter().any(|told| told.0 == key)
    }
}

/// Generations of which something is still to be sent, the newest first; the oldest go where there are too many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Owed {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    open: Vec<Generation>,
    /// Those that were sent lately, so that nobody who read an earlier snapshot makes them owed again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    sent: Vec<Generation>,
}

impl Owed {
    #[must_use]
    pub fn open(&self) -> &[Generation] {
        &self.open
    }

    pub(crate) fn is_unused(&self) -> bool {
        self.open.is_empty() && self.sent.is_empty()
    }

    pub fn owe(&mut self, generation: Generation) {
        self.sent.retain(|sent| *sent != generation);
        self.open.push(generation);
        newest(&mut self.open, UNSENT_MAX);
    }

    pub fn sent(&mut self, generation: Generation) {
        if self.open.contains(&generation) {
            self.open.retain(|owed| *owed != generation);
            self.sent.push(generation);
            newest(&mut self.sent, SENT_MAX);
        }
    }

    /// What either owes and neither has sent.
    #[must_use]
    pub fn merged(&self, theirs: &Self) -> Self {
        let mut merged = self.clone();
        merged.sent.extend(&theirs.sent);
        newest(&mut merged.sent, SENT_MAX);
        merged.open.extend(&theirs.open);
        merged.open.retain(|owed| !merged.sent.contains(owed));
        newest(&mut merged.open, UNSENT_MAX);
        merged
    }
}

fn newest(generations: &mut Vec<Generation>, most: usize) {
    generations.sort_unstable_by(|one, other| other.cmp(one));
    generations.dedup();
    generations.truncate(most);
}

/// What a warm instance of a function has told where the snapshot cannot remember it. It goes with the instance.
#[derive(Debug, Clone, Default)]
pub struct Memory(Arc<Mutex<Tellings>>);

impl Memory {
    #[must_use]
    pub fn has(&self, key: TellingKey, now: Timestamp) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .has(key, now)
    }

    pub fn remember(&self, key: TellingKey, now: Timestamp) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remember(key, now);
    }
}
