//! Whatever the bytes are: no panic, and nothing acted on that does not say in full whose it is.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod samples;

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use samples::broken::{arrangement, breakage, broken, places, rearranged, vocabulary};
use samples::{Sample, corpus, dr, edited, ours, samples};
use serde_json::Value;

/// By the migration's functions or by `dr-failover`.
fn is_acted_on_only_if_ours(payload: &[u8]) -> bool {
    let by_the_migration_s = ours::is_acted_on_only_if_ours(payload);
    let by_dr_failover = dr::is_acted_on_only_if_ours(payload);
    by_the_migration_s || by_dr_failover
}

fn payloads() -> Vec<Vec<u8>> {
    let all = samples().into_iter().chain(corpus());
    all.map(|Sample { payload, .. }| payload).collect()
}

/// The samples that are JSON.
fn events() -> Vec<Vec<u8>> {
    samples()
        .into_iter()
        .map(|Sample { payload, .. }| payload)
        .collect()
}

fn names() -> Vec<String> {
    let mut names = BTreeSet::new();
    for payload in events() {
        let mut found = Vec::new();
        places(&serde_json::from_slice(&payload).unwrap(), "", &mut found);
        names.extend(
            found
                .iter()
                .filter_map(|place| Some(place.rsplit_once('/')?.1.to_owned())),
        );
    }
    names.into_iter().collect()
}

/// What breaks one of these belongs into `corpus/triggers`, where it is tried every time.
fn bounded() -> ProptestConfig {
    ProptestConfig {
        cases: 512,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(bounded())]

    #[test]
    fn random_bytes_are_never_acted_on(payload in vec(any::<u8>(), 0..2_000)) {
        prop_assert!(!is_acted_on_only_if_ours(&payload));
    }

    #[test]
    fn broken_samples_are_acted_on_only_if_ours(
        payload in select(payloads()), breakages in vec(breakage(), 1..6),
    ) {
        let all = payloads();
        let payload = breakages.iter().fold(payload, |payload, breakage| broken(payload, &all, breakage));
        is_acted_on_only_if_ours(&payload);
    }

    #[test]
    fn rearranged_samples_are_acted_on_only_if_ours(
        payload in select(events()),
        edits in vec((any::<Index>(), proptest::option::of(select(vocabulary(&events())))), 1..4),
    ) {
        let payload = edits.iter().fold(payload, |payload, (at, value)| rearranged(&payload, *at, value.as_ref()));
        is_acted_on_only_if_ours(&payload);
    }

    #[test]
    fn names_and_values_in_any_arrangement_are_acted_on_only_if_ours(
        event in arrangement(names(), vocabulary(&events())),
    ) {
        is_acted_on_only_if_ours(event.to_string().as_bytes());
    }
}

/// What the random tests above would show if they ran forever, for one edit at a time.
#[test]
fn every_place_of_every_sample_may_hold_anything() {
    let words = vocabulary(&[]);
    let (mut tried, mut acted_on) = (0, 0);
    for payload in events() {
        let event: Value = serde_json::from_slice(&payload).unwrap();
        let mut found = Vec::new();
        places(&event, "", &mut found);
        for place in found {
            let values = std::iter::once(None).chain(words.iter().map(Some));
            for edited in values.map(|value| edited(&payload, &place, value)) {
                tried += 1;
                acted_on += usize::from(is_acted_on_only_if_ours(&edited));
            }
        }
    }
    // Most fields are nobody's proof of anything, and an event goes on without them.
    assert!(
        acted_on * 4 > tried,
        "only {acted_on} of {tried} are acted on: what is tried here?"
    );
}
