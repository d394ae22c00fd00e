//! What went wrong inside a database: on which side, at which step, with which code of the server's. No value that was sent is
//! in it, and no password.

use std::error::Error as StdError;

use cutover_core::database::Side;
use cutover_core::error::Class;

use crate::found::{in_chain, words};

/// Codes of the server that may be others in a moment: connection, rollback, resources, operator's intervention; and its
/// locks, and a row that somebody else inserted first.
const PASSING: [&str; 7] = ["08", "40", "53", "57", "55006", "55P03", "23505"];
/// Beginnings of the codes whose messages quote values: data, constraints, and what a trigger raised.
const TELL_VALUES: [&str; 3] = ["22", "23", "P0"];
/// The session's transactions are read-only.
pub const READ_ONLY: &str = "25006";
pub(crate) const NO_TABLE: &str = "42P01";
pub(crate) const NO_SCHEMA: &str = "3F000";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{side}: {step}: {told}")]
pub struct DatabaseError {
    pub side: Side,
    /// In words, for example `raise the fence`.
    pub step: &'static str,
    pub class: Class,
    /// The server's SQLSTATE, where the server spoke.
    pub code: Option<String>,
    /// The connection was not made: nothing was asked yet.
    pub connecting: bool,
    told: String,
}

impl DatabaseError {
    pub(crate) fn new(side: Side, step: &'static str, class: Class, told: impl Into<String>) -> Self {
        Self {
            side,
            step,
            class,
            code: None,
            connecting: false,
            told: told.into(),
        }
    }

    pub(crate) fn of(side: Side, step: &'static str, error: &tokio_postgres::Error) -> Self {
        let Some(answer) = error.as_db_error() else {
            return Self::new(side, step, without_code(error), words(error));
        };
        let code = answer.code().code();
        let begins = |beginnings: &[&str]| beginnings.iter().any(|beginning| code.starts_with(beginning));
        let class = if begins(&PASSING) {
            Class::Retryable
        } else {
            Class::Permanent
        };
        // Detail, hint and context are left out: they quote rows and statements.
        let told = if begins(&TELL_VALUES) {
            format!("{code}: the server's message is left out, because it may quote a value")
        } else {
            format!("{code}: {}", answer.message())
        };
        Self {
            code: Some(code.to_owned()),
            ..Self::new(side, step, class, told)
        }
    }

    pub(crate) fn while_connecting(self) -> Self {
        Self {
            connecting: true,
            ..self
        }
    }

    #[must_use]
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }
}

/// A certificate, or a server that speaks otherwise, stays as it is; a network may not.
fn without_code(error: &tokio_postgres::Error) -> Class {
    let error: &(dyn StdError + 'static) = error;
    let network = in_chain::<std::io::Error>(error).is_some() && in_chain::<rustls::Error>(error).is_none();
    let closed = error.downcast_ref::<tokio_postgres::Error>();
    if network || closed.is_some_and(tokio_postgres::Error::is_closed) {
        Class::Retryable
    } else {
        Class::Permanent
    }
}
