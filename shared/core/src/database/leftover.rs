//! What is left on the side that traffic went away from.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Clients of one role under one name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Clients {
    pub role: String,
    pub application: String,
    pub count: u64,
}

/// One look at a database: who is connected, and how much was ever written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Look {
    /// By the server's clock.
    pub at: Timestamp,
    pub clients: Vec<Clients>,
    /// Rows inserted, updated and deleted in the tables of users, less our own. The server counts a transaction up to ten
    /// seconds after it ended.
    pub rows_written: u64,
    /// The next transaction's number in the whole cluster: it counts at once, and counts everybody.
    pub next_transaction: u64,
    /// When the server began to count, which a reset or a crash does anew.
    #[serde(default)]
    pub counted_since: Option<Timestamp>,
}

/// What happened between two looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "leftover", rename_all = "lowercase")]
pub enum Leftover {
    /// Nobody is connected and nothing was written.
    None,
    Some {
        connections: u64,
        rows_written: u64,
        transactions: u64,
    },
    /// The counters do not go on from the first look.
    Unknown { why: String },
}

/// What is left, given a look when traffic went away and one now.
#[must_use]
pub fn leftover(then: &Look, now: &Look) -> Leftover {
    let unknown = |why: &str| Leftover::Unknown { why: why.to_owned() };
    if then.counted_since != now.counted_since {
        return unknown("the server began to count anew");
    }
    let Some(rows_written) = now.rows_written.checked_sub(then.rows_written) else {
        return unknown(
            "fewer rows were written than before: a table was dropped, or its counters were reset",
        );
    };
    let Some(transactions) = now.next_transaction.checked_sub(then.next_transaction) else {
        return unknown("transaction numbers went back: it is another cluster, or a restored one");
    };
    let connections = now.clients.iter().map(|clients| clients.count).sum();
    if connections == 0 && rows_written == 0 {
        return Leftover::None;
    }
    Leftover::Some {
        connections,
        rows_written,
        transactions,
    }
}

impl std::fmt::Display for Look {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.clients.is_empty() {
            return formatter.write_str("nobody is connected");
        }
        for (
            index,
            Clients {
                role,
                application,
                count,
            },
        ) in self.clients.iter().enumerate()
        {
            let comma = if index == 0 { "" } else { ", " };
            let name = if application.is_empty() {
                "no name"
            } else {
                application
            };
            write!(formatter, "{comma}{count} of {role} ({name})")?;
        }
        Ok(())
    }
}
