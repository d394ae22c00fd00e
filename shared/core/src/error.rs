//! Failures, with the class that says what to do about them.

use std::error::Error as StdError;

use crate::command::InvalidRequest;
use crate::schema::SchemaError;

/// What a failure calls for. Its name is the `errorType` of the function's error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The payload is wrong: correct it.
    InvalidRequest,
    /// Somebody else was first: look, then decide again.
    Conflict,
    /// It may work in a moment.
    Retryable,
    /// It may work in a moment, and would have worked if fewer had asked. Its name is that of `Retryable`.
    Throttled,
    /// It will not work until something is changed.
    Permanent,
    /// A person has to look at both sides.
    NeedsHuman,
}

impl Class {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidRequest => "InvalidRequest",
            Self::Conflict => "Conflict",
            Self::Retryable | Self::Throttled => "Retryable",
            Self::Permanent => "Permanent",
            Self::NeedsHuman => "NeedsHuman",
        }
    }

    /// Whether it passes by itself.
    #[must_use]
    pub fn is_passing(self) -> bool {
        matches!(self, Self::Retryable | Self::Throttled)
    }
}

type Source = Box<dyn StdError + Send + Sync>;

/// A failed call of a port: which operation on what, and its class, decided where it arose.
#[derive(Debug, thiserror::Error)]
#[error("{operation} failed")]
pub struct PortError {
    /// For example `ssm:PutParameter /migration/dev/state`.
    pub operation: String,
    pub class: Class,
    #[source]
    pub source: Source,
}

/// A failed invocation.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub class: Class,
    pub message: String,
    #[source]
    pub source: Option<Source>,
}

impl Failure {
    #[must_use]
    pub fn new(class: Class, message: impl Into<String>) -> Self {
        Self {
            class,
            message: message.into(),
            source: None,
        }
    }

    /// The same failure, told as part of something larger.
    #[must_use]
    pub fn within(self, message: impl Into<String>) -> Self {
        Self {
            class: self.class,
            message: message.into(),
            source: Some(Box::new(self)),
        }
    }

    /// The message and every cause beneath it, joined with `: `.
    #[must_use]
    pub fn chain(&self) -> String {
        chain(self)
    }
}

/// An error and every cause beneath it, joined with `: `.
#[must_use]
pub fn chain(error: &dyn StdError) -> String {
    /// Causes told at most: a chain longer than this is a loop.
    const CAUSES_MAX: usize = 16;
    let mut sentences = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| sentences.len() < CAUSES_MAX) {
        sentences.push(error.to_string());
        cause = error.source();
    }
    sentences.join(": ")
}

impl From<PortError> for Failure {
    fn from(error: PortError) -> Self {
        Self {
            class: error.class,
            message: error.to_string(),
            source: Some(error.source),
        }
    }
}

impl From<InvalidRequest> for Failure {
    fn from(error: InvalidRequest) -> Self {
        Self::new(Class::InvalidRequest, error.to_string())
    }
}

impl From<SchemaError> for Failure {
    fn from(error: SchemaError) -> Self {
        Self {
            class: Class::Permanent,
            message: "a value to store".to_owned(),
            source: Some(Box::new(error)),
        }
    }
}
