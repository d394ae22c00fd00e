//! Two real clusters for a test binary, and for every test a database and roles of its own in them.
#![allow(dead_code, reason = "no test binary needs all of it")]

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use clusters::{Cluster, Settings};
use cutover_core::database::Side;
use cutover_core::generation::Generation;
use cutover_postgres::error::DatabaseError;
use cutover_postgres::login::Login;
use cutover_postgres::session::{Database, Limits, Manner, Session, Sessions};
use tokio_postgres::{Client, NoTls};

/// No message may have it.
pub const PASSWORD: &str = "planted'\\pass\"word";
/// How often something that comes by itself is looked for, and how long at most.
const LOOK: Duration = Duration::from_millis(20);
const LOOKS_MAX: u32 = 1500;

static CLUSTERS: [OnceLock<Cluster>; 2] = [OnceLock::new(), OnceLock::new()];
static SCENES: AtomicU32 = AtomicU32::new(0);

pub fn cluster(side: Side) -> &'static Cluster {
    let slot = match side {
        Side::Source => &CLUSTERS[0],
        Side::Target => &CLUSTERS[1],
    };
    slot.get_or_init(|| {
        let cluster = Cluster::start(&Settings::default()).unwrap_or_else(|error| panic!("{error}"));
        cluster.sql("postgres", "CREATE ROLE administrators").unwrap();
        cluster
    })
}

/// One database in each cluster that is asked for, with a role for us and one for the application.
pub struct Scene {
    pub database: String,
    /// It has what an administrator of a managed service has, and is no superuser.
    pub ours: String,
    pub application: String,
}

impl Scene {
    pub fn new(sides: &[Side]) -> Self {
        let number = SCENES.fetch_add(1, Ordering::Relaxed);
        let scene = Self {
            database: format!("Orders \"{number}\""),
            ours: format!("Cut-over {number}"),
            application: format!("app'{number}"),
        };
        for side in sides {
            scene.make(*side);
        }
        scene
    }

    fn make(&self, side: Side) {
        let Self {
            database,
            ours,
            application,
        } = self;
        let database = database.replace('"', "\"\"");
        let password = PASSWORD.replace('\'', "''");
        let statements = format!(
            "CREATE ROLE \"{application}\" LOGIN PASSWORD '{password}';\n\
             CREATE ROLE \"{ours}\" LOGIN CREATEROLE PASSWORD '{password}';\n\
             GRANT pg_read_all_stats, pg_signal_backend TO \"{ours}\";\n\
             GRANT administrators TO \"{ours}\";\n\
             CREATE DATABASE \"{database}\" OWNER \"{ours}\""
        );
        cluster(side).sql("postgres", &statements).unwrap();
        self.administered(side, application);
        self.sql(
            side,
            &format!(
                "CREATE TABLE public.orders (id bigserial PRIMARY KEY, what text);\n\
                 GRANT ALL ON ALL TABLES IN SCHEMA public TO PUBLIC;\n\
                 GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO PUBLIC;\n\
                 ALTER DATABASE \"{database}\" SET DateStyle = 'German'"
            ),
        );
    }

    /// From 16 on, who may make roles may change only those that he was given. A fence changes every role of the cluster whose
    /// default would win, those of other scenes, too: hence one group for all.
    pub fn administered(&self, side: Side, role: &str) {
        self.sql(
            side,
            &format!("GRANT \"{role}\" TO administrators WITH ADMIN OPTION"),
        );
    }

    /// Sets the scene as a superuser.
    pub fn sql(&self, side: Side, statements: &str) -> String {
        cluster(side).sql(&self.database, statements).unwrap()
    }

    pub fn ours(&self, side: Side) -> Database {
        login(side, &self.ours, PASSWORD, &self.database)
    }

    pub fn application(&self, side: Side) -> Database {
        login(side, &self.application, PASSWORD, &self.database)
    }

    /// Asks over a session of ours.
    pub async fn ask<T>(
        &self,
        side: Side,
        ask: impl AsyncFnOnce(&Session) -> Result<T, DatabaseError>,
    ) -> Result<T, DatabaseError> {
        sessions(side)
            .with(&self.ours(side), Manner::Ourselves, "ask", ask)
            .await
    }

    /// A client that stays connected, as one of the application does.
    pub async fn client(&self, side: Side, role: &str) -> Client {
        let mut config = tokio_postgres::Config::new();
        config
            .host_path(cluster(side).socket())
            .port(cluster(side).port)
            .user(role)
            .dbname(&self.database)
            .application_name("web");
        let (client, connection) = config.connect(NoTls).await.unwrap();
        tokio::spawn(connection);
        client
    }

    pub async fn web(&self, side: Side) -> Client {
        self.client(side, &self.application).await
    }
}

pub fn login(side: Side, role: &str, password: &str, database: &str) -> Database {
    Database {
        side,
        host: "localhost".to_owned(),
        port: cluster(side).port,
        login: Login::new(role, password, database),
    }
}

pub fn sessions(side: Side) -> Sessions {
    sessions_within(side, limits())
}

pub fn sessions_within(side: Side, limits: Limits) -> Sessions {
    Sessions::new(
        "route53-updater",
        Generation::new(7),
        limits,
        Some(cluster(side).ca_file()),
    )
}

/// Long enough for a busy machine.
pub fn limits() -> Limits {
    let patient = Duration::from_mins(1);
    Limits {
        connect: patient,
        step: patient,
        statement: patient,
        lock: patient,
        idle_in_transaction: patient,
    }
}

/// Looks until something has come.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..LOOKS_MAX {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(LOOK).await;
    }
    panic!("{what} did not come");
}
