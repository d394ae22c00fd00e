//! What each function costs in round trips, as the server's log has it: every line is a message that somebody waited for.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::time::Duration;

use cutover_core::database::Side::Source;
use cutover_core::database::fence::Door;
use cutover_core::database::heartbeat::Beat;
use cutover_core::replication::Direction;
use cutover_postgres::drained::{Fenced, measure};
use cutover_postgres::error::DatabaseError;
use cutover_postgres::session::Session;
use cutover_postgres::{after, fence, heartbeat, prepare, sequences, write};
use jiff::Timestamp;
use scene::{Scene, cluster, sessions};

const FORWARD: Direction = Direction::Forward;

fn messages(scene: &Scene) -> usize {
    let ours = format!("{} cutover/", scene.database);
    let log = cluster(Source).log().unwrap();
    let asked = log.lines().filter(|line| line.contains(&ours));
    asked
        .filter(|line| line.contains("LOG:  statement:") || line.contains("LOG:  execute "))
        .count()
}

/// What is asked costs so many round trips.
async fn costs<T>(
    scene: &Scene,
    expected: usize,
    ask: impl AsyncFnOnce(&Session) -> Result<T, DatabaseError>,
) -> T {
    let before = messages(scene);
    let answer = scene.ask(Source, ask).await.unwrap();
    assert_eq!(messages(scene) - before, expected);
    answer
}

fn beat(seconds: i64) -> Beat {
    Beat {
        at: Timestamp::from_second(1_700_000_000 + seconds).unwrap(),
        generation: 7,
    }
}

#[tokio::test]
async fn the_heartbeat_costs_one_and_the_first_one_three() {
    let scene = Scene::new(&[Source]);
    costs(&scene, 3, async |session| {
        heartbeat::beat(session, "dev", FORWARD, beat(0)).await
    })
    .await;
    costs(&scene, 1, async |session| {
        heartbeat::beat(session, "dev", FORWARD, beat(1)).await
    })
    .await;
    costs(&scene, 1, async |session| {
        heartbeat::read(session, "dev", FORWARD).await
    })
    .await;
    costs(&scene, 1, async |session| {
        prepare::tables(session, Some(&scene.application)).await
    })
    .await;
    let before = messages(&scene);
    write::attempt(&sessions(Source), &scene.application(Source))
        .await
        .unwrap();
    assert_eq!(messages(&scene) - before, 1);
}

#[tokio::test]
async fn a_fence_costs_three_with_nobody_there_and_its_undo_four() {
    let scene = Scene::new(&[Source]);
    let found = costs(&scene, 1, async |session| {
        fence::find(session, &scene.database).await
    })
    .await;
    let terms = fence::Terms {
        raised: found.raised(&Door::Open).unwrap(),
        guests: Vec::new(),
        grace: Duration::ZERO,
    };
    let raised = costs(&scene, 3, async |session| fence::raise(session, &terms).await).await;
    costs(&scene, 1, async |session| {
        fence::check(session, &scene.database, raised.at, &[]).await
    })
    .await;
    costs(&scene, 1, async |session| prepare::tables(session, None).await).await;
    let marker = costs(&scene, 1, async |session| {
        heartbeat::mark(session, "dev", FORWARD, beat(0)).await
    })
    .await;
    let fenced = Fenced {
        environment: "dev",
        database: &scene.database,
        direction: FORWARD,
        marker,
        raised_at: raised.at,
        guests: &[],
    };
    // Both sides are one here, which costs one of each.
    costs(&scene, 2, async |session| {
        measure(session, session, &fenced).await
    })
    .await;
    costs(&scene, 4, async |session| {
        fence::lower(session, &found.settings, Some(raised.at), &[]).await
    })
    .await;
}

#[tokio::test]
async fn sequences_cost_five_and_fewer_where_there_is_less_to_do() {
    let scene = Scene::new(&[Source]);
    let mut from = costs(&scene, 2, async |session| sequences::read(session).await).await;
    costs(&scene, 4, async |session| {
        sequences::carry(&from, session, 1).await
    })
    .await;
    for sequence in &mut from {
        sequence.owned = Some(10);
    }
    costs(&scene, 5, async |session| {
        sequences::carry(&from, session, 1).await
    })
    .await;
    for sequence in &mut from {
        sequence.name = "absent".to_owned();
    }
    costs(&scene, 2, async |session| {
        sequences::carry(&from, session, 1).await
    })
    .await;
}

#[tokio::test]
async fn a_look_afterwards_costs_one_and_statistics_three() {
    let scene = Scene::new(&[Source]);
    costs(&scene, 1, async |session| after::look(session, &[]).await).await;
    costs(&scene, 3, async |session| {
        after::analyze(session, Duration::from_mins(1)).await
    })
    .await;
}
