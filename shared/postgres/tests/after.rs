//! After writes have moved: what is left on the old side, and the new side's statistics.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the scene is part of the tests, which clippy only sees in functions marked so"
)]

mod scene;

use std::time::Duration;

use cutover_core::database::Side::{Source, Target};
use cutover_core::database::leftover::{Leftover, Look, leftover};
use cutover_core::error::Class;
use cutover_postgres::after::{analyze, look};
use cutover_postgres::prepare;
use cutover_postgres::write::{Attempt, attempt};
use scene::{Scene, sessions, until};

async fn looked(scene: &Scene, guests: &[String]) -> Look {
    scene
        .ask(Source, async |session| look(session, guests).await)
        .await
        .unwrap()
}

#[tokio::test]
async fn connections_and_writes_on_the_old_side_are_counted_until_they_are_none() {
    let scene = Scene::new(&[Source]);
    let then = looked(&scene, &[]).await;
    assert_eq!(leftover(&then, &looked(&scene, &[]).await), Leftover::None);
    let web = scene.web(Source).await;
    // The server counts what a session did at its end, or when it finds the time.
    let writer = scene.web(Source).await;
    let writes = "INSERT INTO public.orders (what) VALUES ('a'), ('b'); UPDATE public.orders SET what = 'c'";
    writer.batch_execute(writes).await.unwrap();
    drop(writer);
    let counted = async || match leftover(&then, &looked(&scene, &[]).await) {
        Leftover::Some {
            connections: 1,
            rows_written: 4,
            transactions,
        } => Some(transactions),
        Leftover::None | Leftover::Some { .. } | Leftover::Unknown { .. } => None,
    };
    assert!(until("the count of the rows", counted).await >= 1);
    let now = looked(&scene, &[]).await;
    assert_eq!(now.to_string(), format!("1 of {} (web)", scene.application));
    assert_eq!(
        looked(&scene, std::slice::from_ref(&scene.application))
            .await
            .clients,
        [],
        "a guest is nobody"
    );
    drop(web);
    until("the end of the session", async || {
        looked(&scene, &[]).await.clients.is_empty().then_some(())
    })
    .await;
    let since = looked(&scene, &[]).await;
    assert_eq!(leftover(&now, &since), Leftover::None);
}

#[tokio::test]
async fn the_application_writes_on_the_target_and_leaves_nothing_there() {
    let scene = Scene::new(&[Target]);
    let application = scene.application.clone();
    scene
        .ask(Target, async |session| {
            prepare::tables(session, Some(&application)).await
        })
        .await
        .unwrap();
    let tried = attempt(&sessions(Target), &scene.application(Target))
        .await
        .unwrap();
    assert_eq!(tried, Attempt::Written);
    assert_eq!(scene.sql(Target, "SELECT count(*) FROM cutover.write_check"), "0");
}

#[tokio::test]
async fn statistics_are_gathered_and_the_tables_without_are_counted() {
    let scene = Scene::new(&[Target]);
    scene.sql(
        Target,
        "CREATE TABLE public.locked AS SELECT generate_series(1, 100) AS n;\n\
        INSERT INTO public.orders (what) SELECT 'x' FROM generate_series(1, 100)",
    );
    let ours = scene.ours.clone();
    scene.sql(
        Target,
        &format!(
            "ALTER TABLE public.locked OWNER TO \"{ours}\";\nALTER TABLE public.orders OWNER TO \"{ours}\""
        ),
    );
    let holder = scene.client(Target, &ours).await;
    holder
        .batch_execute("BEGIN; LOCK TABLE public.locked")
        .await
        .unwrap();
    let left_out = async || {
        let analyzed = scene.ask(Target, async |session| {
            analyze(session, Duration::from_mins(1)).await
        });
        analyzed.await.unwrap()
    };
    assert_eq!(left_out().await, 1);
    let known = "SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class \
                 WHERE reltuples = 100 AND relname IN ('orders', 'locked')";
    assert_eq!(scene.sql(Target, known), "orders");
    holder.batch_execute("COMMIT").await.unwrap();
    assert_eq!(left_out().await, 0);
}

#[tokio::test]
async fn statistics_that_take_too_long_are_given_up() {
    let scene = Scene::new(&[Target]);
    scene.sql(
        Target,
        "CREATE TABLE public.big AS SELECT generate_series(1, 200000) AS n, repeat('x', 200) AS what;\n\
        ALTER TABLE public.big ALTER COLUMN n SET STATISTICS 10000",
    );
    let ours = scene.ours.clone();
    scene.sql(Target, &format!("ALTER TABLE public.big OWNER TO \"{ours}\""));
    let late = scene
        .ask(Target, async |session| {
            analyze(session, Duration::from_millis(1)).await
        })
        .await
        .unwrap_err();
    assert_eq!(
        (late.code.as_deref(), late.class),
        (Some("57014"), Class::Retryable)
    );
    assert!(
        late.to_string()
            .starts_with("target: gather the statistics: 57014: "),
        "{late}"
    );
}
