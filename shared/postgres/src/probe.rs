//! The probe itself: a TCP connection, a login and a question, or a write that is read back.

use std::path::PathBuf;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio_postgres::{Client, Config, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::connection::{Open, Trust, config};
use crate::found::{Found, of_network, of_postgres, words};
use crate::login::Login;
use crate::trust::TrustError;

/// The port of PostgreSQL.
pub const PORT: u16 = 5432;
/// What the server's statistics and logs call us.
const APPLICATION: &str = "cutover/dr-failover";
/// A reader recovers for ever, and a writer whose disk is full only reads.
const ROLE: &str =
    "SELECT NOT pg_is_in_recovery() AND current_setting('default_transaction_read_only') = 'off'";
const TABLE_IS_THERE: &str = "SELECT to_regclass('cutover.dr_probe') IS NOT NULL";
const TABLE: &str = "CREATE SCHEMA IF NOT EXISTS cutover; \
     CREATE TABLE IF NOT EXISTS cutover.dr_probe (id integer PRIMARY KEY, mark bigint NOT NULL)";
/// How the server spells a truth.
const TRUE: &str = "t";

/// Connections with one time limit and one set of trusted certificates.
pub struct Postgres {
    timeout: Duration,
    trust: Trust,
}

/// Why a write did not come back.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error("nothing within {0:?}")]
    Timeout(Duration),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Postgres(#[from] tokio_postgres::Error),
    #[error("it was read back as {0:?}")]
    Different(Option<String>),
}

impl Postgres {
    /// `ca_file`: certificates in PEM, trusted besides the system's.
    #[must_use]
    pub fn new(timeout: Duration, ca_file: Option<PathBuf>) -> Self {
        Self {
            timeout,
            trust: Trust::new(ca_file),
        }
    }

    /// Whether anybody takes connections there.
    pub async fn knock(&self, host: &str, port: u16) -> Found {
        let connected = tokio::time::timeout(self.timeout, TcpStream::connect((host, port)));
        match connected.await {
            Ok(Ok(_)) => Found::Answers { no_role: None },
            Ok(Err(error)) => of_network(error.kind(), format!("{host}:{port}: {error}")),
            Err(_) => self.silent(host, port),
        }
    }

    /// Whether what is there takes writes.
    pub async fn role(&self, host: &str, port: u16, login: &Login) -> Found {
        let tls = match self.trust.tls() {
            Ok(tls) => tls,
            // It is our own file that is wrong, and the server may be well.
            Err(error) => return self.knock(host, port).await.without_role(words(&error)),
        };
        let config = config(host, port, login, APPLICATION);
        let question = asked(&config, tls, async |client| one_value(client, ROLE).await);
        match tokio::time::timeout(self.timeout, Box::pin(question)).await {
            Ok(Ok(value)) => Found::Role {
                writes: value.as_deref() == Some(TRUE),
            },
            Ok(Err(error)) => of_postgres(&error),
            Err(_) => self.silent(host, port),
        }
    }

    /// Writes one row and reads it back, in one transaction. The table is made if it is not there.
    pub async fn write(&self, host: &str, port: u16, login: &Login, mark: i64) -> Result<(), WriteError> {
        let tls = self.trust.tls()?;
        let config = config(host, port, login, APPLICATION);
        let written = asked(&config, tls, async |client| upsert(client, mark).await);
        let written = tokio::time::timeout(self.timeout, Box::pin(written)).await;
        let read = written.map_err(|_| WriteError::Timeout(self.timeout))??;
        if read.as_deref() == Some(mark.to_string().as_str()) {
            Ok(())
        } else {
            Err(WriteError::Different(read))
        }
    }

    fn silent(&self, host: &str, port: u16) -> Found {
        Found::Silent(format!("{host}:{port}: nothing within {:?}", self.timeout))
    }
}

impl std::fmt::Debug for Postgres {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Postgres")
            .field("timeout", &self.timeout)
            .field("ca_file", &self.trust.ca_file)
            .finish_non_exhaustive()
    }
}

async fn asked<T>(
    config: &Config,
    tls: MakeRustlsConnect,
    ask: impl AsyncFnOnce(&Client) -> Result<T, tokio_postgres::Error>,
) -> Result<T, tokio_postgres::Error> {
    let open = Open::new(config, tls).await?;
    open.over(async |client| ask(&client).await).await
}

async fn upsert(client: &Client, mark: i64) -> Result<Option<String>, tokio_postgres::Error> {
    if one_value(client, TABLE_IS_THERE).await?.as_deref() != Some(TRUE) {
        client.batch_execute(TABLE).await?;
    }
    let statements = format!(
        "BEGIN; \
         INSERT INTO cutover.dr_probe (id, mark) VALUES (1, {mark}) ON CONFLICT (id) DO UPDATE SET mark = {mark}; \
         SELECT mark FROM cutover.dr_probe WHERE id = 1; \
         COMMIT"
    );
    one_value(client, &statements).await
}

/// The first value of the first row.
async fn one_value(client: &Client, query: &str) -> Result<Option<String>, tokio_postgres::Error> {
    let messages = client.simple_query(query).await?;
    Ok(messages.into_iter().find_map(|message| {
        let SimpleQueryMessage::Row(row) = message else {
            return None;
        };
        row.try_get(0).ok().flatten().map(str::to_owned)
    }))
}
