//! What people are told: what happened, why, what it means, and what to type next.

use crate::generation::Generation;
use crate::viability::Viability;

/// Longest subject SNS takes, in ASCII characters.
pub const SUBJECT_CHARACTERS_MAX: usize = 100;

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
    /// What to do about something that nobody of ours should have sent.
    pub const OF_A_STRANGER: &str = "Nothing was done. If nobody of yours sent it, look who may invoke the function \
         or put events on the bus; the log has its shape.";

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

/// The command to type, in full.
#[must_use]
pub fn command_line(function: &str, environment: &str, payload: &str) -> String {
    format!("aws lambda invoke --function-name {function}-{environment} --payload '{payload}' response.json")
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
