//! What the weather does to events on their way.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use sdk::ears;
use sdk::rule::{listener, listening, put, seconds_after_start, steps};
use twin::events::Fate;
use twin::{Twin, TwinOptions, Weather};

#[tokio::test(start_paused = true)]
async fn events_are_lost_doubled_and_late_as_the_weather_has_it() {
    let twin = listener();
    twin.weather(Weather::all_lost());
    put(&twin, 1);
    twin.quiet().await;
    assert_eq!(steps(&twin), [0; 0]);
    twin.weather(Weather::all_doubled());
    put(&twin, 2);
    twin.clock().sleep(Duration::from_secs(10)).await;
    assert_eq!(steps(&twin), [2, 2]);
    twin.weather(Weather::delayed(Duration::from_secs(90)));
    put(&twin, 3);
    twin.quiet().await;
    assert_eq!(steps(&twin), [2, 2]);
    twin.clock().sleep(Duration::from_secs(90)).await;
    twin.quiet().await;
    assert_eq!(steps(&twin), [2, 2, 3]);
    assert_eq!(seconds_after_start(&twin)[2], 100);
    twin.weather(Weather {
        delay: Duration::from_secs(30),
        ..Weather::all_doubled()
    });
    put(&twin, 4);
    twin.quiet().await;
    assert_eq!(steps(&twin).len(), 3);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(steps(&twin), [2, 2, 3, 4, 4]);
    let fates: Vec<Fate> = twin.bus().into_iter().map(|event| event.fate).collect();
    assert_eq!(fates[0], Fate::Lost);
    assert!(matches!(fates[1], Fate::Twice(_)));
    assert_eq!(fates[2], Fate::Late(Duration::from_secs(90)));
}

#[tokio::test(start_paused = true)]
async fn what_is_held_back_arrives_when_released_and_the_last_comes_first_if_wanted() {
    let twin = listener();
    twin.hold();
    for step in 1..=3 {
        put(&twin, step);
    }
    twin.clock().sleep(Duration::from_mins(5)).await;
    assert_eq!(steps(&twin), [0; 0]);
    twin.release_reversed();
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(steps(&twin), [3, 2, 1]);
    twin.hold();
    put(&twin, 4);
    put(&twin, 5);
    twin.release();
    put(&twin, 6);
    twin.clock().sleep(Duration::from_mins(1)).await;
    assert_eq!(steps(&twin), [3, 2, 1, 4, 6, 5]);
}

/// Sixty events in a storm, as they arrive.
async fn storm(seed: u64, weather: Weather) -> Vec<(Timestamp, u64)> {
    let twin = Twin::new(TwinOptions {
        seed,
        ..TwinOptions::default()
    });
    ears::host(&twin, "ears");
    listening(&twin, &["ears"]);
    twin.weather(weather);
    for step in 0..60 {
        put(&twin, step);
        twin.clock().sleep(Duration::from_secs(1)).await;
    }
    twin.clock().sleep(Duration::from_mins(5)).await;
    let times = ears::heard(&twin, "ears").into_iter().map(|invoked| invoked.at);
    times.zip(steps(&twin)).collect()
}

fn order(arrived: &[(Timestamp, u64)]) -> Vec<u64> {
    arrived.iter().map(|(_, step)| *step).collect()
}

#[tokio::test(start_paused = true)]
async fn the_same_seed_makes_the_same_weather() {
    let weather = Weather {
        lose_permille: 200,
        double_permille: 200,
        delay_max: Duration::from_mins(1),
        reorder: true,
        ..Weather::default()
    };
    let first = storm(7, weather).await;
    assert_eq!(first, storm(7, weather).await);
    assert_ne!(first, storm(8, weather).await);
    let distinct: BTreeSet<u64> = order(&first).into_iter().collect();
    assert!(distinct.len() < 60, "some are lost");
    assert!(distinct.len() < first.len(), "some come twice");
}

#[tokio::test(start_paused = true)]
async fn what_is_late_is_overtaken_only_where_the_weather_allows_it() {
    let late = Weather {
        delay_max: Duration::from_mins(1),
        ..Weather::default()
    };
    let in_order = storm(7, late).await;
    assert!(order(&in_order).is_sorted());
    assert_eq!(in_order.len(), 60);
    let overtaken = storm(
        7,
        Weather {
            reorder: true,
            ..late
        },
    )
    .await;
    assert!(!order(&overtaken).is_sorted());
    assert_eq!(overtaken.len(), 60);
}
