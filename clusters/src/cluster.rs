//! One cluster: made, started, asked, and gone again.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use rcgen::{CertifiedKey, generate_simple_self_signed};

use crate::installed::{Installed, NotInstalled};
use crate::keeper::Keeper;

/// Who sets the scene, over the Unix socket and without a password.
pub const SUPERUSER: &str = "postgres";
/// Whom the server runs as where root starts it, which it refuses to run as; Debian's package makes this user.
const SERVER_USER: &str = "postgres";
/// Somebody may take a free port before the server does.
const STARTS_MAX: u32 = 5;
/// In the server's log.
const PORT_TAKEN: &str = "could not create any TCP/IP sockets";
const START_SECONDS: &str = "60";
/// A cluster for tests: fast, because nobody needs its data after a crash, and ready for logical replication.
const CONFIGURATION: &str = "\
listen_addresses = 'localhost'
fsync = off
synchronous_commit = on
full_page_writes = off
wal_level = logical
max_wal_senders = 20
max_replication_slots = 20
max_logical_replication_workers = 12
max_worker_processes = 20
max_prepared_transactions = 10
wal_receiver_status_interval = 1s
wal_retrieve_retry_interval = 200ms
shared_buffers = 32MB
autovacuum = off
logging_collector = off
log_statement = all
log_line_prefix = '%m [%p] %d %a '
ssl = on
ssl_cert_file = 'server.crt'
ssl_key_file = 'server.key'
";
const WHO_MAY_CONNECT: &str = "\
local all all trust
local replication all trust
hostssl all all all scram-sha-256
hostssl replication all all scram-sha-256
";
/// Whoever sets the scene writes, whether there is a fence or not.
const WRITES: &str = "-c default_transaction_read_only=off";
/// Clusters that this process has made: their folders need names.
static MADE: AtomicU32 = AtomicU32::new(0);

/// What differs between clusters.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The names in its certificate.
    pub names: Vec<String>,
    /// Lines of `postgresql.conf`, after ours.
    pub configuration: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            names: vec!["localhost".to_owned()],
            configuration: String::new(),
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    #[error(transparent)]
    NotInstalled(#[from] NotInstalled),
    #[error("{0} cannot be used")]
    File(PathBuf, #[source] io::Error),
    #[error("no certificate could be made")]
    Certificate(#[from] rcgen::Error),
    #[error("{0} cannot be run")]
    Run(String, #[source] io::Error),
    #[error("{command} failed: {told}")]
    Failed { command: String, told: String },
}

/// A running cluster. It ends with this value, or with the process.
pub struct Cluster {
    pub port: u16,
    /// The version of its server, for example 15.
    pub major: u32,
    folder: PathBuf,
    installed: Installed,
    user: Option<&'static str>,
    _keeper: Keeper,
}

impl Cluster {
    pub fn start(settings: &Settings) -> Result<Self, ClusterError> {
        let installed = Installed::newest()?;
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let folder = std::env::temp_dir().join(format!("cutover-cluster-{}-{number}", std::process::id()));
        let created = fs::create_dir(&folder);
        created.map_err(|error| ClusterError::File(folder.clone(), error))?;
        let keeper = |user| {
            let started = Keeper::start(&installed.binary("pg_ctl"), user, &folder);
            started.map_err(|error| ClusterError::Run("sh".to_owned(), error))
        };
        let user = as_whom(&folder)?;
        let mut cluster = Self {
            port: 0,
            major: installed.major,
            _keeper: keeper(user)?,
            folder,
            user,
            installed,
        };
        cluster.make(settings)?;
        cluster.listen(settings)?;
        Ok(cluster)
    }

    /// The folder of its Unix socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.folder
    }

    /// Its certificate, which is its own authority.
    #[must_use]
    pub fn ca_file(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// What its server wrote so far; every statement is in it.
    pub fn log(&self) -> Result<String, ClusterError> {
        let file = self.folder.join("log");
        let read = fs::read(&file).map_err(|error| ClusterError::File(file, error))?;
        Ok(String::from_utf8_lossy(&read).into_owned())
    }

    /// Runs statements, of which a line may end one, as the superuser, each in a transaction of its own and whatever the
    /// defaults are. Gives their rows back: one a line, columns set apart by `|`.
    pub fn sql(&self, database: &str, statements: &str) -> Result<String, ClusterError> {
        let mut command = self.command("psql");
        command
            .env("PGOPTIONS", WRITES)
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", SUPERUSER])
            .args(["-d", database, "-p", &self.port.to_string(), "-h"])
            .arg(&self.folder);
        for statement in statements.split(";\n").filter(|text| !text.trim().is_empty()) {
            command.args(["-c", statement]);
        }
        let output = run(command)?;
        Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
    }

    /// Stops the server as a crash would, and leaves its data.
    pub fn kill(&self) -> Result<(), ClusterError> {
        self.pg_ctl(&["stop", "-m", "immediate"])
    }

    /// Starts a server that was killed, on the same port.
    pub fn revive(&self) -> Result<(), ClusterError> {
        let log = self.folder.join("log").display().to_string();
        self.pg_ctl(&["start", "-w", "-t", START_SECONDS, "-l", &log])
    }

    fn make(&self, settings: &Settings) -> Result<(), ClusterError> {
        let mut command = self.command("initdb");
        command
            .args([
                "--no-sync",
                "--encoding=UTF8",
                "--locale=C",
                "--auth=trust",
                "-U",
                SUPERUSER,
                "-D",
            ])
            .arg(self.data());
        run(command)?;
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(settings.names.clone())?;
        self.file("ca.pem", &cert.pem())?;
        self.file("data/server.crt", &cert.pem())?;
        self.file("data/server.key", &signing_key.serialize_pem())?;
        self.file("data/pg_hba.conf", WHO_MAY_CONNECT)?;
        self.hand_over("data/server.key")
    }

    fn listen(&mut self, settings: &Settings) -> Result<(), ClusterError> {
        let mut told = String::new();
        for _ in 0..STARTS_MAX {
            self.port = free_port()?;
            let ours = format!(
                "{CONFIGURATION}port = {}\nunix_socket_directories = '{}'\n{}",
                self.port,
                self.folder.display(),
                settings.configuration
            );
            self.file("data/postgresql.conf", &ours)?;
            if self.revive().is_ok() {
                return Ok(());
            }
            told = self.log()?;
            if !told.contains(PORT_TAKEN) {
                break;
            }
        }
        Err(ClusterError::Failed {
            command: "pg_ctl start".to_owned(),
            told,
        })
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Result<(), ClusterError> {
        let mut command = self.command("pg_ctl");
        command.args(arguments).arg("-s").arg("-D").arg(self.data());
        run(command).map(drop)
    }

    /// A command of the server's package, run as whoever owns the cluster.
    fn command(&self, name: &str) -> Command {
        let binary = self.installed.binary(name);
        let mut command = if let Some(user) = self.user {
            let mut command = Command::new("runuser");
            command.args(["-u", user, "--"]).arg(binary);
            command
        } else {
            Command::new(binary)
        };
        // Nobody may read the folder that root was started in.
        command.current_dir("/").env("LC_ALL", "C");
        command
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn file(&self, name: &str, text: &str) -> Result<(), ClusterError> {
        let file = self.folder.join(name);
        fs::write(&file, text).map_err(|error| ClusterError::File(file, error))
    }

    /// A key that others may read is not used by the server.
    fn hand_over(&self, name: &str) -> Result<(), ClusterError> {
        let file = self.folder.join(name);
        let mut command = Command::new("chmod");
        command.arg("600").arg(&file);
        run(command)?;
        match self.user {
            Some(user) => owned_by(&file, user),
            None => Ok(()),
        }
    }
}

/// Another user than root, who owns the folder from here on.
fn as_whom(folder: &Path) -> Result<Option<&'static str>, ClusterError> {
    let made = fs::metadata(folder).map_err(|error| ClusterError::File(folder.to_owned(), error))?;
    if made.uid() != 0 {
        return Ok(None);
    }
    owned_by(folder, SERVER_USER)?;
    Ok(Some(SERVER_USER))
}

fn owned_by(file: &Path, user: &str) -> Result<(), ClusterError> {
    let mut command = Command::new("chown");
    command.arg(user).arg(file);
    run(command).map(drop)
}

fn free_port() -> Result<u16, ClusterError> {
    let failed = |error| ClusterError::Run("a port".to_owned(), error);
    let listener = TcpListener::bind(("localhost", 0)).map_err(failed)?;
    Ok(listener.local_addr().map_err(failed)?.port())
}

fn run(mut command: Command) -> Result<Output, ClusterError> {
    let name = format!("{command:?}");
    let output = command
        .output()
        .map_err(|error| ClusterError::Run(name.clone(), error))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(ClusterError::Failed {
        command: name,
        told: format!(
            "{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ),
    })
}
