//! A session for a step: how the server sees it, and what its errors say.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::time::Duration;

use clusters::SUPERUSER;
use cutover_core::database::Side::{Source, Target};
use cutover_core::error::Class;
use cutover_postgres::error::DatabaseError;
use cutover_postgres::session::{Database, Limits, Manner, Sessions};
use cutover_postgres::{after, fence, prepare, sequences, sessions as connected, write};
use scene::{PASSWORD, Scene, cluster, limits, login, sessions, sessions_within, until};

async fn refused(sessions: &Sessions, database: &Database) -> DatabaseError {
    let name = database.login.database.clone();
    let asked = sessions.with(database, Manner::Ourselves, "look around", async |session| {
        connected::all(session, &name).await
    });
    asked.await.unwrap_err()
}

fn told(error: &DatabaseError) -> String {
    assert!(!format!("{error} {error:?}").contains("planted"), "{error:?}");
    error.to_string()
}

#[tokio::test]
async fn the_server_sees_who_asks_and_the_connection_ends_with_the_step() {
    let scene = Scene::new(&[Source]);
    let database = scene.ours(Source);
    let seen = sessions_within(Source, Limits::default())
        .with(&database, Manner::Ourselves, "look", async |_| {
            let who = "SELECT application_name || ' ' || ssl FROM pg_stat_activity JOIN pg_stat_ssl USING (pid) \
                       WHERE application_name LIKE 'cutover/%'";
            Ok(scene.sql(Source, &format!("{who} AND datname = current_database()")))
        })
        .await
        .unwrap();
    assert_eq!(seen, "cutover/route53-updater/7 true");
    let ours = "SELECT count(*) FROM pg_stat_activity \
                WHERE datname = current_database() AND application_name LIKE 'cutover/%'";
    until("the end of the session", async || {
        (scene.sql(Source, ours) == "0").then_some(())
    })
    .await;
}

#[tokio::test]
async fn a_wrong_password_is_told_with_side_step_and_code() {
    let scene = Scene::new(&[Target]);
    let wrong = login(Target, &scene.ours, "planted-wrong", &scene.database);
    let error = refused(&sessions(Target), &wrong).await;
    let sentence = format!(
        "target: look around: 28P01: password authentication failed for user \"{}\"",
        scene.ours
    );
    assert_eq!(told(&error), sentence);
    assert_eq!((error.class, error.connecting), (Class::Permanent, true));
}

#[tokio::test]
async fn a_wrong_database_is_told_with_its_code() {
    let scene = Scene::new(&[Source]);
    let wrong = login(Source, &scene.ours, PASSWORD, "absent");
    let error = refused(&sessions(Source), &wrong).await;
    assert_eq!(
        told(&error),
        "source: look around: 3D000: database \"absent\" does not exist"
    );
}

#[tokio::test]
async fn a_certificate_of_another_name_is_not_believed_and_no_password_is_sent() {
    let scene = Scene::new(&[Source]);
    let mut database = scene.ours(Source);
    // The certificate is for localhost.
    database.host = "127.0.0.1".to_owned();
    let error = refused(&sessions(Source), &database).await;
    assert!(told(&error).contains("certificate not valid for name"), "{error}");
    assert_eq!((error.class, error.code.as_deref()), (Class::Permanent, None));
    let stranger = Sessions::new(
        "preflight",
        cutover_core::generation::Generation::NONE,
        limits(),
        None,
    );
    let error = refused(&stranger, &scene.ours(Source)).await;
    assert!(told(&error).contains("certificate"), "{error}");
}

#[tokio::test]
async fn nobody_there_is_passing() {
    let scene = Scene::new(&[Source]);
    let mut database = scene.ours(Source);
    database.port = std::net::TcpListener::bind(("localhost", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let error = refused(&sessions(Source), &database).await;
    assert!(told(&error).contains("refused"), "{error}");
    assert_eq!(error.class, Class::Retryable);
}

#[tokio::test]
async fn a_server_that_says_nothing_costs_no_more_than_its_limit() {
    let silent = std::net::TcpListener::bind(("localhost", 0)).unwrap();
    let mut database = Scene::new(&[Source]).ours(Source);
    database.port = silent.local_addr().unwrap().port();
    let short = Limits {
        connect: Duration::from_millis(50),
        ..limits()
    };
    let error = refused(&sessions_within(Source, short), &database).await;
    assert_eq!(told(&error), "source: look around: nothing within 50ms");
    assert_eq!((error.class, error.connecting), (Class::Retryable, true));
}

#[tokio::test]
async fn a_statement_that_waits_too_long_is_ended_by_the_server() {
    let scene = Scene::new(&[Source]);
    let mut holder = scene.web(Source).await;
    let held = holder.transaction().await.unwrap();
    held.batch_execute("LOCK TABLE public.orders").await.unwrap();
    let lock = Limits {
        lock: Duration::from_millis(50),
        ..limits()
    };
    let statement = Limits {
        statement: Duration::from_millis(50),
        ..limits()
    };
    for (short, code) in [(lock, "55P03"), (statement, "57014")] {
        let error = read(&scene, short).await.unwrap_err();
        assert_eq!(
            (error.code.as_deref(), error.class),
            (Some(code), Class::Retryable),
            "{error}"
        );
        assert!(
            error.to_string().starts_with("source: read the sequences: "),
            "{error}"
        );
    }
    let step = Limits {
        step: Duration::from_millis(50),
        ..limits()
    };
    let late = read(&scene, step).await.unwrap_err();
    assert_eq!(late.to_string(), "source: read: nothing within 50ms");
}

async fn read(scene: &Scene, limits: Limits) -> Result<(), DatabaseError> {
    let sessions = sessions_within(Source, limits);
    let database = scene.ours(Source);
    let asked = sessions.with(&database, Manner::Ourselves, "read", async |session| {
        sequences::read(session).await.map(drop)
    });
    asked.await
}

#[tokio::test]
async fn without_rights_the_error_names_what_was_not_allowed() {
    let scene = Scene::new(&[Source]);
    let application = scene.application(Source);
    let name = scene.database.clone();
    let (raised, found) = sessions(Source)
        .with(&application, Manner::Ourselves, "fence", async |session| {
            let found = fence::find(session, &name).await?;
            let raised = found.raised(&cutover_core::database::fence::Door::Open).unwrap();
            let terms = fence::Terms {
                raised,
                guests: Vec::new(),
                grace: Duration::ZERO,
            };
            Ok((
                fence::raise(session, &terms).await,
                fence::find(session, &name).await? == found,
            ))
        })
        .await
        .unwrap();
    let error = raised.unwrap_err();
    assert_eq!(error.code.as_deref(), Some("42501"));
    assert!(
        told(&error).starts_with("source: raise the fence: 42501: "),
        "{error}"
    );
    assert!(found, "and nothing was changed");
}

#[tokio::test]
async fn a_planted_password_is_in_no_error_no_debug_output_and_no_log() {
    let scene = Scene::new(&[Source]);
    scene.sql(
        Source,
        "CREATE FUNCTION public.tell() RETURNS trigger LANGUAGE plpgsql AS \
        $$ BEGIN RAISE EXCEPTION 'planted in a message: %', NEW; END $$",
    );
    scene
        .ask(Source, async |session| {
            prepare::tables(session, Some(&scene.application)).await
        })
        .await
        .unwrap();
    scene.sql(Source, "CREATE TRIGGER tell BEFORE INSERT ON cutover.write_check FOR EACH ROW EXECUTE FUNCTION public.tell()");
    let sessions = sessions(Source);
    let error = write::attempt(&sessions, &scene.application(Source))
        .await
        .unwrap_err();
    assert_eq!(
        told(&error),
        "source: try to write as the application: P0001: the server's message is left out, because it may quote a value"
    );
    for text in [
        format!("{sessions:?}"),
        format!("{:?}", scene.ours(Source)),
        format!("{:?}", scene.ours(Source).login),
    ] {
        assert!(!text.contains("planted"), "{text}");
    }
    let log = cluster(Source).log().unwrap();
    let ours: Vec<&str> = log
        .lines()
        .filter(|line| line.contains("planted") && !line.contains("CREATE ROLE"))
        .collect();
    assert!(
        ours.iter().all(|line| line.contains("planted in a message")),
        "{ours:?}"
    );
}

#[tokio::test]
async fn a_session_of_a_superuser_is_not_ours_to_end_and_is_told_so() {
    let scene = Scene::new(&[Source]);
    let _administrator = scene.client(Source, SUPERUSER).await;
    let name = scene.database.clone();
    let seen = scene
        .ask(Source, async |session| connected::all(session, &name).await)
        .await
        .unwrap();
    let of_superuser = seen.iter().find(|session| session.role == SUPERUSER).unwrap();
    assert!(of_superuser.superuser && of_superuser.began.is_some());
}

fn may_be_sent_between_threads<T: Send>(future: T) -> T {
    future
}

#[tokio::test]
async fn what_is_asked_may_run_on_any_thread() {
    let scene = Scene::new(&[Source]);
    let sessions = sessions(Source);
    let database = scene.ours(Source);
    let look = may_be_sent_between_threads(async {
        sessions
            .with(&database, Manner::Ourselves, "look", async |session| {
                let _read = sequences::read(session).await?;
                after::look(session, &[]).await
            })
            .await
    });
    assert_eq!(look.await.unwrap().rows_written, 0);
}
