//! Two clusters with logical replication between them: what travels, what is behind, and what keeps the source from being
//! drained.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use cutover_core::database::Side::{Source, Target};
use cutover_core::database::drained::{Marker, Pending, Seen, Slots, pending};
use cutover_core::database::fence::Door;
use cutover_core::database::heartbeat::{Beat, Lag, idle_is_proven, lag};
use cutover_core::replication::Direction;
use cutover_postgres::drained::{Fenced, measure};
use cutover_postgres::fence::{Raised, Terms, find, raise};
use cutover_postgres::heartbeat::{Newest, beat, mark, read};
use cutover_postgres::prepare;
use cutover_postgres::session::Manner;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use scene::{Scene, cluster, sessions, until};

const FORWARD: Direction = Direction::Forward;

fn at(seconds: i64) -> Beat {
    Beat {
        at: Timestamp::from_second(1_700_000_000 + seconds).unwrap(),
        generation: 7,
    }
}

/// Everything of the source's is carried to the target, over a slot that has the database's number in its name.
async fn replicated() -> (Scene, String) {
    let scene = Scene::new(&[Source, Target]);
    for side in [Source, Target] {
        scene
            .ask(side, async |session| prepare::tables(session, None).await)
            .await
            .unwrap();
    }
    let slot: String = scene.ours.chars().filter(char::is_ascii_digit).collect();
    let slot = format!("slot{slot}");
    scene.sql(Source, "CREATE PUBLICATION everything FOR ALL TABLES");
    let from = format!(
        "host={} port={} user=postgres dbname=''{}''",
        cluster(Source).socket().display(),
        cluster(Source).port,
        scene.database
    );
    scene.sql(
        Target,
        &format!(
            "CREATE SUBSCRIPTION {slot} CONNECTION '{from}' PUBLICATION everything WITH (slot_name = {slot})"
        ),
    );
    let ready = "SELECT count(*) FROM pg_subscription_rel WHERE srsubstate <> 'r'";
    until("the first copy", async || {
        (scene.sql(Target, ready) == "0").then_some(())
    })
    .await;
    (scene, slot)
}

async fn fenced(scene: &Scene) -> (Raised, Marker) {
    let fence = scene.ask(Source, async |session| {
        let found = find(session, &scene.database).await?;
        let terms = Terms {
            raised: found.raised(&Door::Open).unwrap(),
            guests: Vec::new(),
            grace: Duration::from_millis(200),
        };
        let raised = raise(session, &terms).await?;
        Ok((raised, mark(session, "dev", FORWARD, at(0)).await?))
    });
    fence.await.unwrap()
}

async fn measured(scene: &Scene, raised: &Raised, marker: Marker) -> Seen {
    let fenced = Fenced {
        environment: "dev",
        database: &scene.database,
        direction: FORWARD,
        marker,
        raised_at: raised.at,
        guests: &[],
    };
    let (source, target) = (sessions(Source), sessions(Target));
    let (from, to) = (scene.ours(Source), scene.ours(Target));
    let measured = source.with(&from, Manner::Ourselves, "drain", async |from| {
        let asked = target.with(&to, Manner::Ourselves, "drain", async |to| {
            measure(from, to, &fenced).await
        });
        asked.await
    });
    measured.await.unwrap()
}

async fn newest(scene: &Scene, environment: &str, direction: Direction) -> Newest {
    scene
        .ask(Target, async |session| {
            read(session, environment, direction).await
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn a_beat_travels_and_gives_the_lag() {
    let (scene, _) = replicated().await;
    let write = async |at| {
        scene
            .ask(Source, async |session| beat(session, "dev", FORWARD, at).await)
            .await
            .unwrap();
    };
    write(at(0)).await;
    let arrived = until("the beat", async || newest(&scene, "dev", FORWARD).await.beat).await;
    assert_eq!(arrived, at(0));
    let level = lag(Some(at(0)), Some(arrived), at(1).at);
    assert_eq!(
        level,
        Lag::Level {
            milliseconds_max: 1000
        }
    );
    assert!(idle_is_proven(&level, SignedDuration::from_secs(1)));
    assert_eq!(newest(&scene, "prod", FORWARD).await, Newest::default());
    assert_eq!(newest(&scene, "dev", Direction::Reverse).await, Newest::default());
    write(at(60)).await;
    write(at(30)).await;
    let later = async || {
        newest(&scene, "dev", FORWARD)
            .await
            .beat
            .filter(|beat| *beat != at(0))
    };
    assert_eq!(
        until("the later beat", later).await,
        at(60),
        "an earlier one does not set it back"
    );
}

#[tokio::test]
async fn the_first_beat_makes_the_table_and_a_side_without_it_has_none() {
    let scene = Scene::new(&[Source, Target]);
    assert_eq!(newest(&scene, "it's", FORWARD).await, Newest::default());
    scene
        .ask(Source, async |session| {
            beat(session, "it's", FORWARD, at(5)).await
        })
        .await
        .unwrap();
    let read = scene
        .ask(Source, async |session| read(session, "it's", FORWARD).await)
        .await
        .unwrap();
    assert_eq!((read.beat, read.marker), (Some(at(5)), None));
}

#[tokio::test]
async fn a_fenced_source_is_drained_when_the_marker_and_its_reader_have_arrived() {
    let (scene, slot) = replicated().await;
    let web = scene.web(Source).await;
    web.batch_execute("INSERT INTO public.orders (what) SELECT 'x' FROM generate_series(1, 1000)")
        .await
        .unwrap();
    let (raised, marker) = fenced(&scene).await;
    assert_eq!(raised.stay, []);
    let slots = Slots::Named(vec![slot]);
    let drained = async || {
        pending(&measured(&scene, &raised, marker).await, &slots)
            .is_empty()
            .then_some(())
    };
    until("the end of the drain", drained).await;
    assert_eq!(scene.sql(Target, "SELECT count(*) FROM public.orders"), "1000");
}

/// Writes and comes again whenever it is sent away, as sane clients do; counts what was acknowledged.
async fn client(scene: &Scene, acknowledged: &AtomicU64, stopped: &AtomicBool) {
    while !stopped.load(Ordering::SeqCst) {
        let web = scene.web(Source).await;
        while web
            .batch_execute("INSERT INTO public.orders (what) VALUES ('x')")
            .await
            .is_ok()
        {
            acknowledged.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn whatever_was_acknowledged_to_clients_that_never_stop_is_on_the_target() {
    const CLIENTS: usize = 8;
    const ENOUGH: u64 = 200;
    let (scene, _) = replicated().await;
    let (acknowledged, stopped) = (AtomicU64::new(0), AtomicBool::new(false));
    let clients = join_all((0..CLIENTS).map(|_| client(&scene, &acknowledged, &stopped)));
    let cutover = async {
        until("some writes", async || {
            (acknowledged.load(Ordering::SeqCst) > ENOUGH).then_some(())
        })
        .await;
        let (raised, marker) = fenced(&scene).await;
        assert_eq!(raised.stay, []);
        assert!(raised.ended > 0);
        let drained = async || {
            let seen = measured(&scene, &raised, marker).await;
            pending(&seen, &Slots::All).is_empty().then_some(())
        };
        until("the end of the drain", drained).await;
        stopped.store(true, Ordering::SeqCst);
    };
    let ((), _) = tokio::join!(cutover, clients);
    let count = |side| scene.sql(side, "SELECT count(*) FROM public.orders");
    let written: u64 = count(Target).parse().unwrap();
    let known = acknowledged.load(Ordering::SeqCst);
    // A client that was sent away does not know of its last one.
    assert!(
        (known..=known + u64::try_from(CLIENTS).unwrap()).contains(&written),
        "{written} of {known}"
    );
    assert_eq!(count(Source), count(Target));
}

#[tokio::test]
async fn while_replication_is_stopped_it_is_behind_by_so_many_bytes() {
    let (scene, slot) = replicated().await;
    scene.sql(Target, &format!("ALTER SUBSCRIPTION {slot} DISABLE"));
    let active = format!("SELECT active FROM pg_replication_slots WHERE slot_name = '{slot}'");
    until("the end of its reader", async || {
        (scene.sql(Source, &active) == "f").then_some(())
    })
    .await;
    scene.sql(Source, "INSERT INTO public.orders (what) VALUES ('late')");
    let (raised, marker) = fenced(&scene).await;
    let seen = measured(&scene, &raised, marker).await;
    let found = pending(&seen, &Slots::Named(vec![slot.clone()]));
    assert!(
        matches!(found[0], Pending::MarkerMissing { newest: None, .. }),
        "{found:?}"
    );
    assert!(
        matches!(&found[1], Pending::SlotBehind { active: false, bytes, .. } if *bytes > 0),
        "{found:?}"
    );
    assert_eq!(found.len(), 2);
    scene.sql(Target, &format!("ALTER SUBSCRIPTION {slot} ENABLE"));
    let drained = async || {
        let seen = measured(&scene, &raised, marker).await;
        pending(&seen, &Slots::All).is_empty().then_some(())
    };
    until("the end of the drain", drained).await;
    assert_eq!(scene.sql(Target, "SELECT count(*) FROM public.orders"), "1");
}

#[tokio::test]
async fn a_prepared_transaction_and_a_session_that_writes_keep_it_from_being_drained() {
    let (scene, _) = replicated().await;
    let web = scene.web(Source).await;
    let prepare = format!(
        "BEGIN; INSERT INTO public.orders (what) VALUES ('2'); PREPARE TRANSACTION 'pay {}'",
        scene.ours
    );
    web.batch_execute(&prepare).await.unwrap();
    let (raised, marker) = fenced(&scene).await;
    let sly = scene.web(Source).await;
    let write = "BEGIN READ WRITE; INSERT INTO public.orders (what) VALUES ('3')";
    sly.batch_execute(write).await.unwrap();
    let left = async || {
        let found = pending(&measured(&scene, &raised, marker).await, &Slots::All);
        let told: Vec<String> = found.iter().map(ToString::to_string).collect();
        (told.len() == 2).then_some(told)
    };
    let told = until("what is left", left).await;
    assert!(told[0].starts_with(&format!(
        "transaction 'pay {}' of {} is prepared since 20",
        scene.ours, scene.application
    )));
    assert!(told[1].ends_with("writes in spite of the fence"), "{told:?}");
    scene.sql(Source, &format!("ROLLBACK PREPARED 'pay {}'", scene.ours));
}
