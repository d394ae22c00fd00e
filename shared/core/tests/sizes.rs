//! Whatever happens, what is stored fits a parameter.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "test support may stop at the first surprise"
)]

mod longest;

use cutover_core::journal::Entry;
use cutover_core::schema::{PARAMETER_BYTES_MAX, SchemaError};
use cutover_core::state::State;
use cutover_core::subject::{Migration, Snapshot};
use cutover_core::told::Owed;
use longest::{longest_entry, longest_state};

fn hostile_texts() -> Vec<String> {
    [
        "a",
        "\"",
        "\\",
        "\n",
        "\u{1}",
        "\u{7f}",
        "é",
        "🦀",
        "{",
        "{{",
        "\u{2028}",
        "…",
        "\u{1f}é{{\"",
    ]
    .map(|piece| piece.repeat(4_000))
    .to_vec()
}

#[test]
fn the_longest_entry_fits_a_parameter_whatever_its_texts_are() {
    let mut longest = 0;
    for hostile in hostile_texts() {
        let entry = longest_entry(&hostile);
        let text = entry
            .encode()
            .unwrap_or_else(|error| panic!("{}: {error}", &hostile[..8]));
        longest = longest.max(text.len());
        assert!(
            !text.contains("{{"),
            "Parameter Store would take it for a reference"
        );
        assert_eq!(Entry::decode(&text).unwrap(), entry);
    }
    println!("the longest entry takes {longest} of {PARAMETER_BYTES_MAX} bytes");
}

#[test]
fn the_longest_state_fits_a_parameter_and_still_has_some_history() {
    let (mut longest, mut fewest) = (0, usize::MAX);
    for hostile in hostile_texts() {
        let state = longest_state(&hostile);
        let text = state.encode().unwrap();
        assert!(text.len() <= PARAMETER_BYTES_MAX && !text.contains("{{"));
        let read = State::decode(&text).unwrap();
        assert_eq!(
            read.history,
            state.history[..read.history.len()],
            "the newest stay"
        );
        assert_eq!(
            State {
                history: state.history.clone(),
                ..read.clone()
            },
            state,
            "nothing else is cut"
        );
        longest = longest.max(text.len());
        fewest = fewest.min(read.history.len());
    }
    assert!(fewest >= 1, "no history left");
    println!(
        "the longest state takes {longest} of {PARAMETER_BYTES_MAX} bytes and keeps {fewest} lines or more"
    );
}

#[test]
fn an_ordinary_state_keeps_all_of_its_lines() {
    let mut state = longest_state("window 7");
    state.record.ladder = None;
    state.record.superseded = None;
    state.record.held.truncate(1);
    state.record.restarts.clear();
    (state.untold, state.unannounced) = (Owed::default(), Owed::default());
    state.hold = None;
    state.settling.truncate(1);
    let read = State::decode(&state.encode().unwrap()).unwrap();
    assert_eq!(read.history.len(), 15);
}

#[test]
fn a_schema_that_is_not_known_is_an_error_and_says_which() {
    let text = longest_state("x").encode().unwrap();
    for found in ["2", "\"1\"", "null", "0"] {
        let other = text.replacen("\"schema\":1", &format!("\"schema\":{found}"), 1);
        let error = State::decode(&other).unwrap_err();
        assert!(
            matches!(&error, SchemaError::Unknown { found: said } if said == found),
            "{error}"
        );
    }
    assert!(matches!(
        Entry::<Migration>::decode("{}").unwrap_err(),
        SchemaError::Unknown { .. }
    ));
    assert!(matches!(
        Entry::<Migration>::decode("nonsense").unwrap_err(),
        SchemaError::Unreadable(_)
    ));
    assert!(matches!(
        State::decode("{\"schema\":1}").unwrap_err(),
        SchemaError::Unreadable(_)
    ));
}
