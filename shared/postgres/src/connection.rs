//! A connection that ends with what is asked over it: a function that freezes must leave none behind.

use std::path::PathBuf;
use std::sync::OnceLock;

use tokio_postgres::config::SslMode;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Client, Config, Connection, Socket};
use tokio_postgres_rustls::MakeRustlsConnect;

use crate::login::Login;
use crate::trust::{TrustError, connector};

/// Whose certificates are believed, read when they are first needed.
pub(crate) struct Trust {
    pub(crate) ca_file: Option<PathBuf>,
    /// Most of its cost is reading the system's certificates.
    tls: OnceLock<MakeRustlsConnect>,
}

impl Trust {
    pub(crate) fn new(ca_file: Option<PathBuf>) -> Self {
        Self {
            ca_file,
            tls: OnceLock::new(),
        }
    }

    pub(crate) fn tls(&self) -> Result<MakeRustlsConnect, TrustError> {
        if let Some(tls) = self.tls.get() {
            return Ok(tls.clone());
        }
        let made = connector(self.ca_file.as_deref())?;
        Ok(self.tls.get_or_init(|| made).clone())
    }
}

/// Never without TLS.
pub(crate) fn config(host: &str, port: u16, login: &Login, application: &str) -> Config {
    let mut config = Config::new();
    config
        .host(host)
        .port(port)
        .user(&login.user)
        .password(login.password())
        .dbname(&login.database)
        .application_name(application)
        .ssl_mode(SslMode::Require);
    config
}

/// An open connection: who asks, and what moves the bytes meanwhile.
pub(crate) struct Open {
    client: Client,
    connection: Connection<Socket, <MakeRustlsConnect as MakeTlsConnect<Socket>>::Stream>,
}

impl Open {
    pub(crate) async fn new(config: &Config, tls: MakeRustlsConnect) -> Result<Self, tokio_postgres::Error> {
        let (client, connection) = config.connect(tls).await?;
        Ok(Self { client, connection })
    }

    /// Asks, and closes. An error of the connection reaches whoever asks over it.
    pub(crate) async fn over<T>(self, ask: impl AsyncFnOnce(Client) -> T) -> T {
        let (answer, _ended) = tokio::join!(ask(self.client), self.connection);
        answer
    }
}
