//! One connection for one step, with limits on everything that it may wait for.

use std::path::PathBuf;
use std::time::Duration;

use cutover_core::database::Side;
use cutover_core::database::sessions::OURS;
use cutover_core::error::{Class, chain};
use cutover_core::generation::Generation;
use serde::de::DeserializeOwned;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, SimpleQueryMessage};

use crate::connection::{Open, Trust, config};
use crate::error::DatabaseError;
use crate::login::Login;

/// One of the two databases, and who logs in there.
#[derive(Debug, Clone)]
pub struct Database {
    pub side: Side,
    pub host: String,
    pub port: u16,
    pub login: Login,
}

/// How long each thing may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// From the first packet to a session.
    pub connect: Duration,
    /// Everything that is asked over one connection.
    pub step: Duration,
    pub statement: Duration,
    pub lock: Duration,
    pub idle_in_transaction: Duration,
}

impl Default for Limits {
    /// Those of a cutover, whose fence stands for 30 seconds at most.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            step: Duration::from_secs(25),
            statement: Duration::from_secs(10),
            lock: Duration::from_secs(2),
            idle_in_transaction: Duration::from_secs(5),
        }
    }
}

/// As whom a session acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It may write in spite of a fence.
    Ourselves,
    /// What it may do is what the server's defaults say.
    Application,
}

/// Opens sessions for one function at one generation.
pub struct Sessions {
    application: String,
    limits: Limits,
    trust: Trust,
}

impl Sessions {
    /// `ca_file`: certificates in PEM, trusted besides the system's.
    #[must_use]
    pub fn new(function: &str, generation: Generation, limits: Limits, ca_file: Option<PathBuf>) -> Self {
        Self {
            application: format!("{OURS}{function}/{generation}"),
            limits,
            trust: Trust::new(ca_file),
        }
    }

    /// Asks over a connection of its own, which ends with what is asked. Opening one takes six round trips (TCP, the wish
    /// for TLS, TLS 1.3, three of SCRAM), and none for the limits, which go with the login.
    pub async fn with<T>(
        &self,
        database: &Database,
        manner: Manner,
        step: &'static str,
        ask: impl AsyncFnOnce(&Session) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        let side = database.side;
        let limits = &self.limits;
        let late =
            |limit| DatabaseError::new(side, step, Class::Retryable, format!("nothing within {limit:?}"));
        let opened = tokio::time::timeout(limits.connect, Box::pin(self.open(database, manner, step))).await;
        let open = opened.map_err(|_| late(limits.connect).while_connecting())??;
        let asked = open.over(async |client| ask(&Session { client, side }).await);
        let answer = tokio::time::timeout(limits.step, Box::pin(asked)).await;
        answer.map_err(|_| late(limits.step))?
    }

    async fn open(
        &self,
        database: &Database,
        manner: Manner,
        step: &'static str,
    ) -> Result<Open, DatabaseError> {
        let side = database.side;
        let tls = self.trust.tls().map_err(|error| {
            // Our own file is wrong, and the server may be well.
            DatabaseError::new(side, step, Class::Permanent, chain(&error)).while_connecting()
        })?;
        let Database {
            host, port, login, ..
        } = database;
        let mut config = config(host, *port, login, &self.application);
        config.options(options(&self.limits, manner));
        let opened = Open::new(&config, tls).await;
        opened.map_err(|error| DatabaseError::of(side, step, &error).while_connecting())
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Sessions")
            .field("application", &self.application)
            .field("limits", &self.limits)
            .finish_non_exhaustive()
    }
}

/// Settings that are sent with the login, and win over the server's defaults. No other schema may slip a function under one
/// of ours, and a row that is hidden from us is an error instead of an absent row.
fn options(limits: &Limits, manner: Manner) -> String {
    let mut options = format!(
        "-c statement_timeout={} -c lock_timeout={} -c idle_in_transaction_session_timeout={} \
         -c search_path=pg_catalog -c standard_conforming_strings=on -c row_security=off",
        limits.statement.as_millis(),
        limits.lock.as_millis(),
        limits.idle_in_transaction.as_millis(),
    );
    match manner {
        Manner::Ourselves => options.push_str(" -c default_transaction_read_only=off"),
        Manner::Application => {}
    }
    options
}

/// An open session of one side.
#[derive(Debug)]
pub struct Session {
    client: Client,
    side: Side,
}

impl Session {
    #[must_use]
    pub fn side(&self) -> Side {
        self.side
    }

    pub(crate) fn error(&self, step: &'static str, class: Class, told: impl Into<String>) -> DatabaseError {
        DatabaseError::new(self.side, step, class, told)
    }

    /// The first column of every row, which is JSON as text, for texts as parameters. One round trip.
    pub(crate) async fn rows<T: DeserializeOwned>(
        &self,
        step: &'static str,
        statement: &str,
        parameters: &[&str],
    ) -> Result<Vec<T>, DatabaseError> {
        let parameters: Vec<(&(dyn ToSql + Sync), Type)> = parameters.iter().map(typed).collect();
        let asked = self.client.query_typed(statement, &parameters).await;
        let rows = asked.map_err(|error| DatabaseError::of(self.side, step, &error))?;
        rows.iter().map(|row| self.read(step, row)).collect()
    }

    fn read<T: DeserializeOwned>(
        &self,
        step: &'static str,
        row: &tokio_postgres::Row,
    ) -> Result<T, DatabaseError> {
        let text: &str = row
            .try_get(0)
            .map_err(|error| DatabaseError::of(self.side, step, &error))?;
        // What could not be read is not quoted.
        serde_json::from_str(text).map_err(|error| {
            let told = format!("the answer is not as expected ({:?} error)", error.classify());
            self.error(step, Class::Permanent, told)
        })
    }

    /// The one row that a statement gives. One round trip.
    pub(crate) async fn row<T: DeserializeOwned>(
        &self,
        step: &'static str,
        statement: &str,
        parameters: &[&str],
    ) -> Result<T, DatabaseError> {
        let rows = self.rows(step, statement, parameters).await?;
        let none = || self.error(step, Class::Permanent, "the answer has no row");
        rows.into_iter().next().ok_or_else(none)
    }

    /// Statements in one transaction, and one after its commit, whose value is given back. One round trip.
    pub(crate) async fn transaction(
        &self,
        step: &'static str,
        statements: &str,
        afterwards: &str,
    ) -> Result<String, DatabaseError> {
        let all = format!("BEGIN; {statements}; COMMIT; {afterwards}");
        match self.client.simple_query(&all).await {
            Ok(messages) => {
                let none = || self.error(step, Class::Permanent, "the answer has no row");
                value(&messages).ok_or_else(none)
            }
            Err(error) => {
                // So that the session can be used for what comes next, such as the undo.
                let _ended = self.client.simple_query("ROLLBACK").await;
                Err(DatabaseError::of(self.side, step, &error))
            }
        }
    }

    /// One statement, outside of any transaction. One round trip.
    pub(crate) async fn run(&self, step: &'static str, statement: &str) -> Result<(), DatabaseError> {
        let ran = self.client.simple_query(statement).await;
        ran.map(drop)
            .map_err(|error| DatabaseError::of(self.side, step, &error))
    }
}

fn typed<'a>(text: &'a &str) -> (&'a (dyn ToSql + Sync), Type) {
    (text, Type::TEXT)
}

/// The first value of the last row.
fn value(messages: &[SimpleQueryMessage]) -> Option<String> {
    let rows = messages.iter().filter_map(|message| {
        let SimpleQueryMessage::Row(row) = message else {
            return None;
        };
        Some(row)
    });
    rows.last()?.try_get(0).ok().flatten().map(str::to_owned)
}
