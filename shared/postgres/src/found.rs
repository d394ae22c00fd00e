//! What a connection found. A server that keeps us out by its certificate or its passwords is alive, and that alone says
//! nothing against it.

use std::error::Error as StdError;
use std::io;

/// Beginnings of the codes by which a server that works says that this login, database or statement is not for us:
/// authorization, unknown database, syntax or access rule.
const ALIVE: [&str; 3] = ["28", "3D", "42"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It told its role.
    Role { writes: bool },
    /// It takes connections; why its role is not known, where it was asked for.
    Answers { no_role: Option<String> },
    /// It refused the connection, in its words.
    Refused(String),
    /// Nothing came back.
    Silent(String),
}

impl Found {
    /// The same, where the role cannot be asked for.
    #[must_use]
    pub fn without_role(self, why: String) -> Self {
        match self {
            Self::Role { .. } | Self::Answers { .. } => Self::Answers { no_role: Some(why) },
            Self::Refused(words) => Self::Refused(words),
            Self::Silent(words) => Self::Silent(words),
        }
    }
}

/// What an error says of the server.
pub(crate) fn of_postgres(error: &tokio_postgres::Error) -> Found {
    let words = words(error);
    if let Some(answer) = error.as_db_error() {
        let code = answer.code().code();
        let alive = ALIVE.iter().any(|beginning| code.starts_with(beginning));
        return if alive {
            Found::Answers { no_role: Some(words) }
        } else {
            Found::Refused(words)
        };
    }
    if in_chain::<rustls::Error>(error).is_some() {
        return Found::Answers { no_role: Some(words) };
    }
    match in_chain::<io::Error>(error) {
        Some(error) => of_network(error.kind(), words),
        // No TLS, or a way to log in that we do not know: somebody is there.
        None => Found::Answers { no_role: Some(words) },
    }
}

/// What a failed connection says: a refusal comes from a host that is there.
pub(crate) fn of_network(kind: io::ErrorKind, words: String) -> Found {
    const REFUSALS: [io::ErrorKind; 6] = [
        io::ErrorKind::ConnectionRefused,
        io::ErrorKind::ConnectionReset,
        io::ErrorKind::ConnectionAborted,
        io::ErrorKind::UnexpectedEof,
        io::ErrorKind::BrokenPipe,
        io::ErrorKind::NotConnected,
    ];
    if REFUSALS.contains(&kind) {
        Found::Refused(words)
    } else {
        Found::Silent(words)
    }
}

/// The error and its causes. None of them has the password: it is sent, and never told.
pub(crate) fn words(error: &dyn StdError) -> String {
    /// Causes told at most: a chain longer than this is a loop.
    const CAUSES_MAX: usize = 8;
    let mut words = vec![error.to_string()];
    let mut cause = error.source();
    while let Some(error) = cause.filter(|_| words.len() < CAUSES_MAX) {
        let sentence = error.to_string();
        // An I/O error repeats what it wraps.
        if words.last() != Some(&sentence) {
            words.push(sentence);
        }
        cause = error.source();
    }
    words.join(": ")
}

/// The deepest error of one kind. An I/O error hides what it wraps from `source`, so it is opened.
pub(crate) fn in_chain<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    let mut found = None;
    let mut next = Some(error);
    while let Some(error) = next {
        found = error.downcast_ref::<E>().or(found);
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    found
}
