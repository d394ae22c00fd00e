//! Whatever becomes of a fence, its undo restores what was there, to the letter.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::time::Duration;

use cutover_core::database::Side::Source;
use cutover_core::database::fence::{
    Change, Door, Found, Settings, Standing, changes, is_read_only, standing,
};
use cutover_core::error::Class;
use cutover_core::replication::Direction;
use cutover_postgres::fence::{Raised, Terms, find, lower, raise};
use cutover_postgres::heartbeat;
use cutover_postgres::session::Manner;
use cutover_postgres::write::{Attempt, attempt};
use jiff::Timestamp;
use scene::{PASSWORD, Scene, login, sessions};

/// What the server itself has: every default of the scene, whether connections are let in, and who may connect.
fn kept_by_the_server(scene: &Scene) -> String {
    let application = scene.application.replace('\'', "''");
    let statements = format!(
        "SELECT setdatabase = 0, coalesce(rolname, ''), setconfig \
         FROM pg_db_role_setting LEFT JOIN pg_roles r ON r.oid = setrole \
         WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         OR (setdatabase = 0 AND rolname LIKE '% of {application}') ORDER BY 1, 2;\n\
         SELECT datallowconn, (SELECT string_agg(g::text, ' ' ORDER BY g::text) \
         FROM aclexplode(coalesce(datacl, acldefault('d', datdba))) AS g) \
         FROM pg_database WHERE datname = current_database()"
    );
    scene.sql(Source, &statements)
}

const NO_GRACE: Duration = Duration::ZERO;

/// Defaults of the database, of roles in it and of roles anywhere, in all the spellings, and grants.
fn with_everything() -> Scene {
    let scene = Scene::new(&[Source]);
    let Scene {
        database,
        application,
        ..
    } = &scene;
    let database = database.replace('"', "\"\"");
    for role in ["batch", "reports", "import"] {
        scene.sql(Source, &format!("CREATE ROLE \"{role} of {application}\" LOGIN"));
        scene.administered(Source, &format!("{role} of {application}"));
    }
    scene.sql(Source, &format!(
        "ALTER DATABASE \"{database}\" SET default_transaction_read_only = 'false';\n\
         ALTER DATABASE \"{database}\" SET work_mem = '5MB';\n\
         ALTER ROLE \"batch of {application}\" SET default_transaction_read_only = 'off';\n\
         ALTER ROLE \"batch of {application}\" IN DATABASE \"{database}\" SET work_mem = '6MB';\n\
         ALTER ROLE \"reports of {application}\" IN DATABASE \"{database}\" SET default_transaction_read_only = 'true';\n\
         ALTER ROLE \"import of {application}\" IN DATABASE \"{database}\" SET default_transaction_read_only = 'no';\n\
         GRANT CONNECT ON DATABASE \"{database}\" TO \"batch of {application}\" WITH GRANT OPTION;\n\
         GRANT CONNECT ON DATABASE \"{database}\" TO \"import of {application}\""
    ));
    scene
}

async fn found(scene: &Scene) -> Found {
    scene
        .ask(Source, async |session| find(session, &scene.database).await)
        .await
        .unwrap()
}

async fn raised_to(scene: &Scene, settings: &Settings) -> Raised {
    let terms = Terms {
        raised: settings.clone(),
        guests: Vec::new(),
        grace: NO_GRACE,
    };
    scene
        .ask(Source, async |session| raise(session, &terms).await)
        .await
        .unwrap()
}

async fn lowered(scene: &Scene, before: &Settings, at: Option<Timestamp>) {
    let done = scene.ask(Source, async |session| lower(session, before, at, &[]).await);
    done.await.unwrap();
}

/// The settings after the first so many changes.
fn partly(before: &Settings, changes: &[Change]) -> Settings {
    let mut settings = before.clone();
    for change in changes {
        match change {
            Change::Database(value) => settings.read_only.clone_from(value),
            Change::Role {
                name,
                value: Some(value),
            } => drop(settings.roles.insert(name.clone(), value.clone())),
            Change::Role { name, value: None } => drop(settings.roles.remove(name)),
            Change::AllowConnections(allowed) => settings.allow_connections = *allowed,
            Change::Grant { to, pass_on } => drop(settings.connect.insert(to.clone(), *pass_on)),
            Change::Revoke {
                from,
                only_pass_on: true,
            } => drop(settings.connect.insert(from.clone(), false)),
            Change::Revoke {
                from,
                only_pass_on: false,
            } => drop(settings.connect.remove(from)),
        }
    }
    settings
}

#[tokio::test]
async fn a_run_lost_between_any_two_changes_is_undone_exactly() {
    let scene = with_everything();
    let before = found(&scene).await;
    let catalogs = kept_by_the_server(&scene);
    let guest = format!("import of {}", scene.application);
    let fenced = before.raised(&Door::Guests([guest].into())).unwrap();
    let changes = changes(&before.settings, &fenced);
    assert!(changes.len() >= 6, "{changes:?}");
    for lost in 0..=changes.len() {
        let settings = partly(&before.settings, &changes[..lost]);
        raised_to(&scene, &settings).await;
        let now = found(&scene).await.settings;
        assert_eq!(now, settings);
        let expected = match lost {
            0 => Standing::Lowered,
            all if all == changes.len() => Standing::Raised,
            _ => Standing::Between,
        };
        assert_eq!(
            standing(&now, &before.settings, &fenced),
            expected,
            "after {lost} changes"
        );
        // The journal has what was found; whether the time was kept does not matter.
        lowered(&scene, &before.settings, None).await;
        assert_eq!(kept_by_the_server(&scene), catalogs, "after {lost} changes");
    }
}

#[tokio::test]
async fn a_fence_raised_twice_and_lowered_twice_is_one_fence() {
    let scene = with_everything();
    let before = found(&scene).await;
    let catalogs = kept_by_the_server(&scene);
    let fenced = before.raised(&Door::Open).unwrap();
    let first = raised_to(&scene, &fenced).await;
    let standing = kept_by_the_server(&scene);
    assert_ne!(standing, catalogs);
    let second = raised_to(&scene, &fenced).await;
    assert_eq!(kept_by_the_server(&scene), standing);
    assert!(second.at > first.at);
    for _ in 0..2 {
        lowered(&scene, &before.settings, Some(first.at)).await;
        assert_eq!(kept_by_the_server(&scene), catalogs);
    }
}

#[tokio::test]
async fn a_fence_that_nobody_remembers_is_seen() {
    let scene = Scene::new(&[Source]);
    let before = found(&scene).await;
    assert!(!is_read_only(&before.settings));
    raised_to(&scene, &before.raised(&Door::Open).unwrap()).await;
    assert!(is_read_only(&found(&scene).await.settings));
}

#[tokio::test]
async fn settings_that_somebody_else_changed_are_restored_as_well() {
    let scene = with_everything();
    let before = found(&scene).await;
    let catalogs = kept_by_the_server(&scene);
    let raised = raised_to(&scene, &before.raised(&Door::Open).unwrap()).await;
    let database = scene.database.replace('"', "\"\"");
    scene.sql(
        Source,
        &format!("ALTER DATABASE \"{database}\" SET default_transaction_read_only = 'off'"),
    );
    lowered(&scene, &before.settings, Some(raised.at)).await;
    assert_eq!(kept_by_the_server(&scene), catalogs);
}

#[tokio::test]
async fn a_right_to_connect_from_another_hand_is_a_persons_to_restore() {
    let scene = with_everything();
    let batch = format!("batch of {}", scene.application);
    let before = found(&scene).await;
    raised_to(&scene, &before.raised(&Door::Open).unwrap()).await;
    let database = scene.database.replace('"', "\"\"");
    // What depends on it was given by somebody else, and is not ours to take.
    scene.sql(
        Source,
        &format!(
            "SET ROLE \"{batch}\";\nGRANT CONNECT ON DATABASE \"{database}\" TO \"{}\"",
            scene.application
        ),
    );
    let mut without = before.settings.clone();
    without.connect.remove(&batch);
    let lowered = scene.ask(Source, async |session| lower(session, &without, None, &[]).await);
    let error = lowered.await.unwrap_err();
    assert_eq!(
        (error.code.as_deref(), error.class),
        (Some("2BP01"), Class::Permanent),
        "{error}"
    );
    assert!(
        error
            .to_string()
            .starts_with("source: lower the fence: 2BP01: dependent privileges exist"),
        "{error}"
    );
}

#[tokio::test]
async fn a_door_is_shut_from_outside_and_what_remains_is_asked_inside() {
    let scene = Scene::new(&[Source]);
    let before = found(&scene).await;
    let catalogs = kept_by_the_server(&scene);
    let terms = Terms {
        raised: before.raised(&Door::Shut).unwrap(),
        guests: Vec::new(),
        grace: NO_GRACE,
    };
    let outside = login(Source, &scene.ours, PASSWORD, "postgres");
    let sessions = sessions(Source);
    let beat = cutover_core::database::heartbeat::Beat {
        at: Timestamp::from_second(1_700_000_000).unwrap(),
        generation: 7,
    };
    scene
        .ask(Source, async |session| {
            heartbeat::beat(session, "dev", Direction::Forward, beat).await
        })
        .await
        .unwrap();
    let marker = scene
        .ask(Source, async |inside| {
            let shut = sessions.with(&outside, Manner::Ourselves, "shut", async |session| {
                raise(session, &terms).await
            });
            assert_eq!(shut.await?.stay, []);
            heartbeat::mark(inside, "dev", Direction::Forward, beat).await
        })
        .await
        .unwrap();
    assert!(marker.position.0 > 0);
    assert_eq!(
        attempt(&sessions, &scene.application(Source)).await,
        Ok(Attempt::KeptOut)
    );
    let again = sessions.with(&outside, Manner::Ourselves, "open", async |session| {
        lower(session, &before.settings, None, &[]).await
    });
    again.await.unwrap();
    assert_eq!(kept_by_the_server(&scene), catalogs);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let scene = Scene::new(&[Source]);
    let absent = scene
        .ask(Source, async |session| find(session, "absent").await)
        .await
        .unwrap_err();
    assert_eq!(
        absent.to_string(),
        "source: find the fence's settings: no such database"
    );
}
