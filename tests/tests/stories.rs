//! Every story gives its golden transcript, and everything it expects and proves holds.

use std::path::Path;

use rehearsal::story;

fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../rehearsal/stories")
}

#[test]
fn every_story_gives_its_transcript() {
    let stories = story::stories(&folder()).unwrap();
    assert!(stories.len() >= 36, "only {} stories were found", stories.len());
    let mut different = Vec::new();
    for path in stories {
        let played = story::play(&story::read(&path).unwrap()).unwrap();
        let found = played.transcript.render(false);
        let golden = std::fs::read_to_string(path.with_extension("transcript")).unwrap_or_default();
        if found != golden || played.failed_expectations > 0 || played.failed_proofs > 0 {
            different.push(format!("{}\n{found}", path.display()));
        }
    }
    assert!(
        different.is_empty(),
        "if this is as it should be: cargo run -p rehearsal -- stories --update\n{}",
        different.join("\n\n")
    );
}

#[test]
fn a_story_whose_expectation_fails_is_not_taken_for_a_success() {
    let played = story::play("invoke route53-updater {\"action\":\"status\"}\nexpect outcome=done").unwrap();
    assert_eq!(played.failed_expectations, 1);
    assert!(
        played
            .transcript
            .render(false)
            .contains("✗ outcome is unchanged, expected done")
    );
}

#[test]
fn a_line_that_is_no_happening_is_named() {
    let error = story::play("lag 2s\nflap twice").unwrap_err();
    assert!(error.to_string().starts_with("line 2: "), "{error}");
}

#[test]
fn letters_that_a_story_is_about_have_to_be_there() {
    let played = story::play("#: dead-letters\nadvance 1m\nexpect dead-letters=0").unwrap();
    assert_eq!((played.failed_expectations, played.failed_proofs), (0, 1));
}

#[test]
fn a_transition_that_could_not_be_announced_is_owed_and_then_sent() {
    let shift = r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}"#;
    let denied = format!("ticks off\nfault events deny\n{shift}\nexpect outcome=done bus=0");
    let played = story::play(&denied).unwrap();
    assert_eq!((played.failed_expectations, played.failed_proofs), (0, 0));
    assert!(
        played
            .transcript
            .render(false)
            .contains("0 are, 1 are known to be owed")
    );

    let later = format!("{denied}\nfault clear\nticks on\nadvance 1m\nexpect bus=1");
    let played = story::play(&later).unwrap();
    assert_eq!((played.failed_expectations, played.failed_proofs), (0, 0));
}

#[test]
fn a_composite_alarm_of_alarms_that_there_are_not_is_refused() {
    let error = story::play("composite both when ALARM(a) AND ALARM(b)").unwrap_err();
    assert!(error.to_string().contains("do not exist"), "{error}");
}
