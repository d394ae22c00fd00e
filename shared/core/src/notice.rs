//! What people are told: what happened, why, what it means, and what to type next.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::generation::Generation;
use crate::policy::NOTICE_WINDOW_SECONDS;
use crate::viability::Viability;

/// Longest subject SNS takes, in ASCII characters.
pub const SUBJECT_CHARACTERS_MAX: usize = 100;

/// What makes two sentences the same to people: everything but the numbers and times in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// Something people were told, and when, in seconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told(pub TellingKey, pub i64);

impl Told {
    #[must_use]
    pub fn is_recent(self, now: Timestamp) -> bool {
        now.as_second().saturating_sub(self.1) < NOTICE_WINDOW_SECONDS
    }
}

/// FNV-1a, which stays the same from one version to the next.
pub(crate) fn fnv(bytes: impl Iterator<Item = u8>) -> u32 {
    const BASIS: u32 = 0x811c_9dc5;
    const PRIME: u32 = 0x0100_0193;
    bytes.fold(BASIS, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(PRIME))
}

/// How loud a notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    Info,
    Warning,
    Critical,
    /// Nothing goes on until a person has decided.
    WaitingForYou,
}

impl Severity {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
            Self::WaitingForYou => "waiting-for-you",
        }
    }
}

/// What a notice is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Transition,
    Hold,
    Undone,
    NeedsHuman,
    /// An alarm that only tells.
    Alarm,
    /// Something reached a function that is none of its events.
    Unrecognised,
}

impl Kind {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Transition => "transition",
            Self::Hold => "hold",
            Self::Undone => "undone",
            Self::NeedsHuman => "needs-human",
            Self::Alarm => "alarm",
            Self::Unrecognised => "unrecognised",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    pub environment: String,
    pub severity: Severity,
    pub kind: Kind,
    pub generation: Generation,
    /// One line, what happened.
    pub headline: String,
    /// Why, what it means, what to do: one paragraph each.
    pub paragraphs: Vec<String>,
}

impl Notice {
    /// ASCII, one line, at most 100 characters, as SNS demands.
    #[must_use]
    pub fn subject(&self) -> String {
        let full = format!(
            "[{}] cutover {}: {}",
            self.severity.name(),
            self.environment,
            self.headline
        );
        let plain = full.chars().map(|character| match character {
            ' '..='~' => character,
            _ => '?',
        });
        plain.take(SUBJECT_CHARACTERS_MAX).collect()
    }

    #[must_use]
    pub fn text(&self) -> String {
        let mut text = format!("{}\n", self.headline);
        for paragraph in &self.paragraphs {
            text.push('\n');
            text.push_str(paragraph);
            text.push('\n');
        }
        text
    }
}

/// What the way back costs, in plain words.
#[must_use]
pub fn way_back(viability: Viability) -> String {
    match viability {
        Viability::Lossless => "Going back now loses no write.".to_owned(),
        Viability::Lossy { seconds } => {
            format!("Going back now would lose up to {seconds} s of the target's writes.")
        }
        Viability::Impossible => "There is no way back.".to_owned(),
    }
}
