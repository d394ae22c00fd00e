//! What is behind, what is missing, and what is left: each with its figures.
#![allow(
    clippy::unwrap_used,
    reason = "a test may stop at the first surprise, and clippy only sees those in functions marked so"
)]

use cutover_core::database::drained::{Lsn, Marker, Prepared, Seen, Slot, Slots, pending};
use cutover_core::database::heartbeat::{Beat, Lag, idle_is_proven, lag};
use cutover_core::database::leftover::{Clients, Leftover, Look, leftover};
use cutover_core::database::sessions::{Reason, Writer};
use jiff::{SignedDuration, Timestamp};

fn at(milliseconds: i64) -> Timestamp {
    Timestamp::from_millisecond(1_700_000_000_000 + milliseconds).unwrap()
}

fn beat(milliseconds: i64) -> Beat {
    Beat {
        at: at(milliseconds),
        generation: 7,
    }
}

fn drained() -> Seen {
    Seen {
        marker: Marker {
            at: at(0),
            generation: 7,
            position: Lsn(0x16_0000_0100),
        },
        arrived: Some(beat(0)),
        slots: vec![slot("cutover", Some(Lsn(0x16_0000_0100)))],
        prepared: Vec::new(),
        writers: Vec::new(),
    }
}

fn slot(name: &str, confirmed: Option<Lsn>) -> Slot {
    Slot {
        name: name.to_owned(),
        active: true,
        confirmed,
    }
}

fn sentences(seen: &Seen, slots: &Slots) -> Vec<String> {
    pending(seen, slots).iter().map(ToString::to_string).collect()
}

#[test]
fn a_position_is_written_as_postgresql_writes_it() {
    let position = Lsn::try_from("16/B374D848".to_owned()).unwrap();
    assert_eq!(
        (position, position.to_string().as_str()),
        (Lsn(0x16_B374_D848), "16/B374D848")
    );
    for wrong in ["", "16", "16/", "x/1", "1/2/3", "100000000/0"] {
        assert!(Lsn::try_from(wrong.to_owned()).is_err(), "{wrong}");
    }
}

#[test]
fn it_is_drained_when_the_marker_is_there_and_nothing_is_open() {
    assert_eq!(pending(&drained(), &Slots::All), []);
    assert_eq!(pending(&drained(), &Slots::Named(vec!["cutover".to_owned()])), []);
}

#[test]
fn a_marker_of_another_time_or_run_proves_nothing() {
    for arrived in [
        None,
        Some(beat(-1)),
        Some(beat(1)),
        Some(Beat {
            generation: 6,
            ..beat(0)
        }),
    ] {
        let seen = Seen { arrived, ..drained() };
        let told = sentences(&seen, &Slots::All);
        assert!(told[0].contains("16/100 is not on the target"), "{told:?}");
    }
}

#[test]
fn a_slot_behind_is_told_in_bytes() {
    let mut seen = drained();
    seen.slots = vec![slot("cutover", Some(Lsn(0x16_0000_0000))), slot("other", None)];
    seen.slots[0].active = false;
    assert_eq!(
        sentences(&seen, &Slots::All),
        [
            "slot cutover has no reader and is 256 bytes behind the marker",
            "slot other does not say how far its reader is"
        ]
    );
    let named = Slots::Named(vec!["absent".to_owned()]);
    assert_eq!(sentences(&seen, &named), ["slot absent is not there"]);
}

#[test]
fn prepared_transactions_and_writers_keep_it_open() {
    let mut seen = drained();
    seen.prepared.push(Prepared {
        name: "pay-1".to_owned(),
        owner: "app".to_owned(),
        since: at(-5000),
    });
    seen.writers.push(Writer {
        pid: 42,
        role: "app".to_owned(),
        application: "web".to_owned(),
        began: Some(at(-1)),
        reason: Reason::OlderThanTheFence,
        busy: true,
        superuser: false,
    });
    let told = sentences(&seen, &Slots::All);
    assert!(
        told[0].starts_with("transaction 'pay-1' of app is prepared since 2023"),
        "{told:?}"
    );
    assert_eq!(told[1], "session 42 of app (web) is older than the fence");
}

#[test]
fn a_beat_that_arrived_bounds_the_lag_from_above_and_one_that_did_not_from_below() {
    let level = lag(Some(beat(0)), Some(beat(0)), at(250));
    assert_eq!(
        level,
        Lag::Level {
            milliseconds_max: 250
        }
    );
    let behind = lag(Some(beat(60_000)), Some(beat(0)), at(61_000));
    assert_eq!(
        behind,
        Lag::Behind {
            milliseconds_min: 1000,
            milliseconds_max: Some(61_000)
        }
    );
    let never = lag(Some(beat(0)), None, at(9));
    assert_eq!(
        never,
        Lag::Behind {
            milliseconds_min: 9,
            milliseconds_max: None
        }
    );
}

#[test]
fn nothing_is_said_without_a_beat_or_with_one_of_the_future() {
    assert!(matches!(lag(None, Some(beat(0)), at(0)), Lag::Unknown { .. }));
    assert!(matches!(
        lag(Some(beat(2001)), Some(beat(0)), at(0)),
        Lag::Unknown { .. }
    ));
    assert!(matches!(
        lag(Some(beat(0)), Some(beat(2001)), at(0)),
        Lag::Unknown { .. }
    ));
    let within = lag(Some(beat(2000)), Some(beat(2000)), at(0));
    assert_eq!(within, Lag::Level { milliseconds_max: 0 });
}

#[test]
fn idle_is_proven_by_a_young_beat_that_arrived_and_by_nothing_else() {
    let limit = SignedDuration::from_secs(1);
    assert!(idle_is_proven(
        &lag(Some(beat(0)), Some(beat(0)), at(1000)),
        limit
    ));
    assert!(!idle_is_proven(
        &lag(Some(beat(0)), Some(beat(0)), at(1001)),
        limit
    ));
    assert!(!idle_is_proven(
        &lag(Some(beat(10)), Some(beat(0)), at(20)),
        limit
    ));
    assert!(!idle_is_proven(&lag(None, None, at(0)), limit));
}

fn look(connected: u64, rows_written: u64) -> Look {
    let clients = Clients {
        role: "app".to_owned(),
        application: String::new(),
        count: connected,
    };
    Look {
        at: at(0),
        clients: if connected == 0 { Vec::new() } else { vec![clients] },
        rows_written,
        next_transaction: 100 + rows_written,
        counted_since: None,
    }
}

#[test]
fn what_is_left_is_counted_until_it_is_nothing() {
    assert_eq!(leftover(&look(3, 10), &look(0, 10)), Leftover::None);
    assert_eq!(
        leftover(&look(3, 10), &look(2, 14)),
        Leftover::Some {
            connections: 2,
            rows_written: 4,
            transactions: 4
        }
    );
    assert_eq!(look(2, 0).to_string(), "2 of app (no name)");
}

#[test]
fn counters_that_do_not_go_on_are_unknown_and_never_nothing() {
    assert!(matches!(
        leftover(&look(0, 10), &look(0, 9)),
        Leftover::Unknown { .. }
    ));
    let reset = Look {
        counted_since: Some(at(5)),
        ..look(0, 10)
    };
    assert!(matches!(leftover(&look(0, 10), &reset), Leftover::Unknown { .. }));
    let restored = Look {
        next_transaction: 1,
        ..look(0, 10)
    };
    assert!(matches!(
        leftover(&look(0, 10), &restored),
        Leftover::Unknown { .. }
    ));
}
