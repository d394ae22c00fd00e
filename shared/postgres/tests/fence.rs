//! The fence on a real server: who is kept from writing, who gets time, and who is told.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::time::Duration;

use clusters::SUPERUSER;
use cutover_core::database::Side::Source;
use cutover_core::database::fence::{Door, Found};
use cutover_core::database::sessions::{Reason, Writer};
use cutover_postgres::fence::{Raised, Terms, check, find, lower, raise};
use cutover_postgres::write::{Attempt, attempt};
use cutover_postgres::{after, prepare};
use scene::{Scene, login, sessions, until};
use tokio_postgres::Client;

const INSERT: &str = "INSERT INTO public.orders (what) VALUES ('x')";
/// For a transaction that does not end.
const SHORT: Duration = Duration::from_millis(200);
/// For one that ends.
const LONG: Duration = Duration::from_mins(1);

async fn found(scene: &Scene) -> Found {
    scene
        .ask(Source, async |session| find(session, &scene.database).await)
        .await
        .unwrap()
}

async fn raised(scene: &Scene, door: Door, grace: Duration) -> (Found, Raised) {
    let found = found(scene).await;
    let terms = Terms {
        raised: found.raised(&door).unwrap(),
        guests: Vec::new(),
        grace,
    };
    let raised = scene
        .ask(Source, async |session| raise(session, &terms).await)
        .await;
    (found, raised.unwrap())
}

async fn checked(scene: &Scene, raised: &Raised) -> Vec<Writer> {
    let asked = scene.ask(Source, async |session| {
        check(session, &scene.database, raised.at, &[]).await
    });
    asked.await.unwrap()
}

/// The code that a statement ends with; none where it works.
async fn refused(client: &Client, statement: &str) -> Option<String> {
    let error = client.batch_execute(statement).await.err()?;
    Some(
        error
            .code()
            .map_or("the connection is closed", |code| code.code())
            .to_owned(),
    )
}

async fn prepared() -> Scene {
    let scene = Scene::new(&[Source]);
    let application = scene.application.clone();
    let made = scene.ask(Source, async |session| {
        prepare::tables(session, Some(&application)).await
    });
    made.await.unwrap();
    scene
}

#[tokio::test]
async fn new_sessions_only_read_and_old_ones_are_gone() {
    let scene = prepared().await;
    let (sessions, application) = (sessions(Source), scene.application(Source));
    assert_eq!(attempt(&sessions, &application).await, Ok(Attempt::Written));
    assert_eq!(
        scene.sql(Source, "TABLE cutover.write_check"),
        "",
        "and it was taken back"
    );
    let old = scene.web(Source).await;
    let (_, raised) = raised(&scene, Door::Open, LONG).await;
    assert_eq!(
        (raised.ended, raised.stay.len()),
        (1, 0),
        "who is idle gets no grace"
    );
    assert!(refused(&old, INSERT).await.is_some());
    let new = scene.web(Source).await;
    assert_eq!(refused(&new, INSERT).await.as_deref(), Some("25006"));
    assert_eq!(attempt(&sessions, &application).await, Ok(Attempt::ReadOnly));
    assert_eq!(checked(&scene, &raised).await, []);
}

#[tokio::test]
async fn a_transaction_has_until_the_grace_is_over() {
    let scene = Scene::new(&[Source]);
    let long = scene.web(Source).await;
    long.batch_execute(&format!("BEGIN; {INSERT}")).await.unwrap();
    let (_, raised) = raised(&scene, Door::Open, SHORT).await;
    assert_eq!((raised.ended, raised.stay.len()), (1, 0));
    assert!(refused(&long, "COMMIT").await.is_some());
    assert_eq!(scene.sql(Source, "SELECT count(*) FROM public.orders"), "0");
}

#[tokio::test]
async fn a_transaction_that_ends_within_the_grace_is_kept() {
    let scene = Scene::new(&[Source]);
    let long = scene.web(Source).await;
    long.batch_execute(&format!("BEGIN; {INSERT}")).await.unwrap();
    let fenced = raised(&scene, Door::Open, LONG);
    let commits = async {
        until("the fence", async || {
            let now = found(&scene).await;
            now.settings.read_only.is_some().then_some(())
        })
        .await;
        long.batch_execute("COMMIT").await.unwrap();
    };
    let ((_, raised), ()) = tokio::join!(fenced, commits);
    assert_eq!(raised.stay, []);
    assert_eq!(scene.sql(Source, "SELECT count(*) FROM public.orders"), "1");
}

#[tokio::test]
async fn roles_whose_default_would_win_are_fenced_as_well() {
    let scene = Scene::new(&[Source]);
    let role = scene.application.clone();
    scene.sql(
        Source,
        &format!("ALTER ROLE \"{role}\" SET default_transaction_read_only = off"),
    );
    let (before, _) = raised(&scene, Door::Open, SHORT).await;
    assert_eq!(before.elsewhere[&role], "off");
    assert_eq!(
        refused(&scene.web(Source).await, INSERT).await.as_deref(),
        Some("25006")
    );
}

#[tokio::test]
async fn a_session_that_overrides_the_default_is_caught() {
    let scene = Scene::new(&[Source]);
    let (_, raised) = raised(&scene, Door::Open, SHORT).await;
    let sly = scene.web(Source).await;
    sly.batch_execute("SET default_transaction_read_only = off")
        .await
        .unwrap();
    let caught = checked(&scene, &raised).await;
    assert_eq!(caught.len(), 1);
    assert_eq!(
        (caught[0].reason, caught[0].role.as_str()),
        (Reason::Overrides, scene.application.as_str())
    );
    let writing = scene.web(Source).await;
    writing
        .batch_execute("SET default_transaction_read_only = off")
        .await
        .unwrap();
    writing
        .batch_execute(&format!("BEGIN; {INSERT}; SELECT 1"))
        .await
        .unwrap();
    let reasons: Vec<Reason> = checked(&scene, &raised)
        .await
        .iter()
        .map(|writer| writer.reason)
        .collect();
    assert_eq!(reasons, [Reason::Overrides, Reason::Writes]);
    let (_, again) = self::raised(&scene, Door::Open, SHORT).await;
    assert_eq!(
        (again.ended, again.stay.len()),
        (2, 0),
        "a second fence sends them away"
    );
    let asks = scene.web(Source).await;
    asks.batch_execute("SHOW transaction_read_only").await.unwrap();
    assert_eq!(
        checked(&scene, &again).await,
        [],
        "who only asks overrides nothing"
    );
}

#[tokio::test]
async fn a_write_between_two_checks_is_told_by_the_transactions_number() {
    let scene = Scene::new(&[Source]);
    let (_, raised) = raised(&scene, Door::Open, SHORT).await;
    let look = async || {
        scene
            .ask(Source, async |session| after::look(session, &[]).await)
            .await
            .unwrap()
    };
    let before = look().await.next_transaction;
    let sly = scene.web(Source).await;
    sly.batch_execute("SET default_transaction_read_only = off")
        .await
        .unwrap();
    sly.batch_execute(INSERT).await.unwrap();
    sly.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(
        checked(&scene, &raised).await,
        [],
        "it looks like one that only reads"
    );
    assert!(look().await.next_transaction > before);
}

#[tokio::test]
async fn where_connect_is_taken_only_guests_and_ourselves_come_in() {
    let scene = prepared().await;
    scene.sql(
        Source,
        &format!("CREATE ROLE \"dms of {}\" LOGIN REPLICATION", scene.application),
    );
    let guest = format!("dms of {}", scene.application);
    let (before, raised) = raised(&scene, Door::Guests([guest.clone()].into()), SHORT).await;
    assert_eq!(raised.stay, []);
    let kept_out = attempt(&sessions(Source), &scene.application(Source)).await;
    assert_eq!(kept_out, Ok(Attempt::KeptOut));
    let _guest = scene.client(Source, &guest).await;
    let lowered = scene.ask(Source, async |session| {
        lower(
            session,
            &before.settings,
            Some(raised.at),
            std::slice::from_ref(&guest),
        )
        .await
    });
    lowered.await.unwrap();
    assert_eq!(
        attempt(&sessions(Source), &scene.application(Source)).await,
        Ok(Attempt::Written)
    );
    assert_eq!(found(&scene).await.settings, before.settings);
}

#[tokio::test]
async fn an_attempt_that_proves_nothing_is_an_error() {
    let scene = Scene::new(&[Source]);
    let no_rights = attempt(&sessions(Source), &scene.application(Source))
        .await
        .unwrap_err();
    assert_eq!(no_rights.code.as_deref(), Some("42P01"));
    let wrong = login(Source, &scene.application, "wrong", &scene.database);
    let wrong_password = attempt(&sessions(Source), &wrong).await.unwrap_err();
    assert_eq!(wrong_password.code.as_deref(), Some("28P01"));
}

#[tokio::test]
async fn a_superusers_session_stays_and_is_reported() {
    let scene = Scene::new(&[Source]);
    let _administrator = scene.client(Source, SUPERUSER).await;
    let (_, raised) = raised(&scene, Door::Open, SHORT).await;
    assert_eq!(raised.ended, 0);
    let told: Vec<String> = raised.stay.iter().map(ToString::to_string).collect();
    assert!(
        told[0].ends_with("is older than the fence, and only a superuser can end it"),
        "{told:?}"
    );
}

#[tokio::test]
async fn whom_we_may_not_see_counts_as_a_writer() {
    let scene = Scene::new(&[Source]);
    let ours = scene.ours.clone();
    scene.sql(Source, &format!("REVOKE pg_read_all_stats FROM \"{ours}\""));
    scene.sql(Source, &format!("CREATE ROLE \"other of {ours}\" LOGIN"));
    let other = scene.client(Source, &format!("other of {ours}")).await;
    other.batch_execute("SELECT 1").await.unwrap();
    let (_, raised) = raised(&scene, Door::Open, SHORT).await;
    let told: Vec<(Reason, bool)> = raised
        .stay
        .iter()
        .map(|writer| (writer.reason, writer.began.is_none()))
        .collect();
    assert_eq!(told, [(Reason::Hidden, true)]);
}

#[tokio::test]
async fn a_fence_that_is_lowered_leaves_no_session_behind_that_only_reads() {
    let scene = Scene::new(&[Source]);
    let (before, raised) = raised(&scene, Door::Open, SHORT).await;
    let pooled = scene.web(Source).await;
    assert_eq!(refused(&pooled, INSERT).await.as_deref(), Some("25006"));
    let lowered = scene.ask(Source, async |session| {
        lower(session, &before.settings, Some(raised.at), &[]).await
    });
    assert_eq!(lowered.await, Ok(1));
    assert!(
        refused(&pooled, INSERT).await.is_some(),
        "it was sent away to come back"
    );
    assert_eq!(refused(&scene.web(Source).await, INSERT).await, None);
}
