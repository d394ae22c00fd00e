//! Errors as AWS sends them: a status, a code, a message.

/// How an operation that is not known is refused, by protocol.
pub(crate) const UNKNOWN_OPERATION: [&str; 2] = ["UnknownOperationException", "InvalidAction"];

/// A refusal, before it is written down in the protocol of the service.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} ({status}): {message}")]
pub struct AwsError {
    pub status: u16,
    pub code: String,
    pub message: String,
}

impl AwsError {
    /// A refusal with its own status.
    #[must_use]
    pub fn new(status: u16, code: &str, message: impl Into<String>) -> Self {
        Self {
            status,
            code: code.to_owned(),
            message: message.into(),
        }
    }

    /// The common case: status 400.
    #[must_use]
    pub fn refused(code: &str, message: impl Into<String>) -> Self {
        Self::new(400, code, message)
    }

    /// Whether it says that the twin does not know the operation.
    pub(crate) fn is_unknown_operation(&self) -> bool {
        UNKNOWN_OPERATION.contains(&self.code.as_str())
    }

    /// A body that is none of the JSON that the operation takes.
    pub(crate) fn unreadable(reason: String) -> Self {
        Self::refused("SerializationException", reason)
    }
}
