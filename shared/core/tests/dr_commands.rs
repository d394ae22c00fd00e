//! Every payload that an operator may send to `dr-failover`, what it is read as, and what a wrong one is answered.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::dr::command::{Command, Options, Verb};
use cutover_core::dr::policy::Mode;
use cutover_core::generation::Generation;

/// The actions that need no field of their own.
const PLAIN_ACTIONS: [&str; 7] = [
    "failover",
    "switchover",
    "failback",
    "drill",
    "acknowledge",
    "status",
    "tick",
];
const ARM: &str = r#""action":"arm","mode":"auto""#;
const TARGET: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:orders-dr";

#[track_caller]
fn parsed(payload: &str) -> Command {
    Command::parse(payload.as_bytes()).unwrap_or_else(|error| panic!("{payload}: {error}"))
}

/// Checks the field that is named, and what the sentence must contain.
#[track_caller]
fn wrong(payload: &str, field: &str, says: &str) {
    let Err(error) = Command::parse(payload.as_bytes()) else {
        panic!("{payload} was taken")
    };
    assert_eq!(error.field, field, "{payload}: {error}");
    assert!(error.problem.contains(says), "{payload}: {error}");
    let characters = error.to_string().chars().count();
    assert!(characters < 250, "{characters} characters");
}

/// Each action, with the fields that it cannot do without.
fn actions() -> Vec<String> {
    let plain = PLAIN_ACTIONS
        .iter()
        .map(|action| format!(r#""action":"{action}""#));
    plain.chain([ARM.to_owned()]).collect()
}

#[test]
fn every_plain_action_is_read() {
    for action in PLAIN_ACTIONS {
        let command = parsed(&format!(r#"{{"action":"{action}"}}"#));
        assert_eq!(command.action().name(), action);
        assert_eq!(command.options, Options::default());
        assert_eq!(command, Command::plain(command.verb.clone()));
        assert_eq!(command.verb.is_unattended(), action == "tick", "{action}");
    }
}

#[test]
fn every_action_takes_every_option() {
    for action in actions() {
        let command = parsed(&format!(
            r#"{{{action},"reason":"eu-central-1 is down","dry_run":true,"expected_generation":6,"accept_data_loss":true}}"#
        ));
        let expected = Options {
            reason: Some("eu-central-1 is down".to_owned()),
            dry_run: true,
            expected_generation: Some(Generation::new(6)),
            accept_data_loss: true,
        };
        assert_eq!(command.options, expected, "{action}");
    }
}

#[test]
fn an_option_that_is_false_is_one_that_is_not_there() {
    for action in actions() {
        let said = parsed(&format!(
            r#"{{{action},"dry_run":false,"accept_data_loss":false,"reason":" \n"}}"#
        ));
        assert_eq!(said, parsed(&format!("{{{action}}}")));
    }
}

#[test]
fn a_target_is_kept_as_it_is_written() {
    for target in [TARGET, "orders-dr-2", "x"] {
        let named = Some(target.to_owned());
        let failover = parsed(&format!(r#"{{"action":"failover","target":"{target}"}}"#));
        assert_eq!(
            failover.verb,
            Verb::Failover {
                target: named.clone()
            }
        );
        let switchover = parsed(&format!(r#"{{"action":"switchover","target":"{target}"}}"#));
        assert_eq!(switchover.verb, Verb::Switchover { target: named });
    }
    assert_eq!(
        parsed(r#"{"action":"failover"}"#).verb,
        Verb::Failover { target: None }
    );
}

#[test]
fn a_mode_is_one_of_three_or_given_back_to_the_configuration() {
    for (name, mode) in [
        ("observe", Some(Mode::Observe)),
        ("approve", Some(Mode::Approve)),
        ("auto", Some(Mode::Auto)),
        ("default", None),
    ] {
        let command = parsed(&format!(r#"{{"action":"arm","mode":"{name}"}}"#));
        assert_eq!(command.verb, Verb::Arm { mode });
        assert_eq!(command.action().name(), "arm");
    }
    for (value, says) in [
        ("\"Auto\"", "observe, approve, auto or default"),
        ("\"off\"", "not off"),
        ("\"\"", "observe, approve, auto or default"),
        ("null", "text"),
        ("true", "text"),
        ("[\"auto\"]", "text"),
    ] {
        wrong(&format!(r#"{{"action":"arm","mode":{value}}}"#), "mode", says);
    }
    wrong(r#"{"action":"arm"}"#, "mode", "required");
}

#[test]
fn what_is_no_json_object_is_named_the_payload() {
    for (payload, says) in [
        ("", "not JSON"),
        ("failover", "not JSON"),
        (r#"{"action":"tick""#, "not JSON"),
        (r#"{"action":"tick"} {}"#, "not JSON"),
        (r#"{"action":"failover","expected_generation":1e400}"#, "not JSON"),
        ("[]", "object"),
        (r#""tick""#, "object"),
        ("null", "object"),
        ("7", "object"),
    ] {
        wrong(payload, "payload", says);
    }
    assert_eq!(Command::parse(&[0xff, 0xfe]).unwrap_err().field, "payload");
}

#[test]
fn an_action_is_required_and_known() {
    for (payload, says) in [
        ("{}", "required"),
        (r#"{"Action":"tick"}"#, "required"),
        (r#"{"action":7}"#, "text"),
        (r#"{"action":null}"#, "text"),
        (r#"{"action":""}"#, "unknown"),
        (r#"{"action":"Failover"}"#, "unknown"),
        (r#"{"action":"failover "}"#, "unknown"),
        (r#"{"action":"promote"}"#, "switchover"),
        (r#"{"action":"rollback"}"#, "unknown"),
        // Not asked by anybody: an event of ours makes it look.
        (r#"{"action":"watch"}"#, "unknown"),
    ] {
        wrong(payload, "action", says);
    }
}

#[test]
fn options_of_the_wrong_form_are_named() {
    for action in actions() {
        for (field, value, says) in [
            ("reason", "7", "text"),
            ("reason", "null", "text"),
            ("reason", "[\"why\"]", "text"),
            ("dry_run", "\"true\"", "true or false"),
            ("dry_run", "1", "true or false"),
            ("dry_run", "null", "true or false"),
            ("accept_data_loss", "\"yes\"", "true or false"),
            ("accept_data_loss", "1", "true or false"),
            ("accept_data_loss", "null", "true or false"),
            ("expected_generation", "-1", "whole number"),
            ("expected_generation", "1.5", "whole number"),
            ("expected_generation", "\"6\"", "whole number"),
            ("expected_generation", "4294967296", "0 to 4294967295"),
        ] {
            wrong(&format!(r#"{{{action},"{field}":{value}}}"#), field, says);
        }
    }
}

#[test]
fn a_field_that_an_action_does_not_have_is_an_error() {
    for action in actions() {
        for field in ["weight", "force", "mode", "target", "Reason", "accept_loss"] {
            let takes = match field {
                "mode" => action == ARM,
                "target" => action.contains("\"failover\"") || action.contains("\"switchover\""),
                _ => false,
            };
            if !takes {
                let payload = format!(r#"{{{action},"{field}":"auto"}}"#);
                wrong(&payload, field, "is not a field of");
            }
        }
    }
    let long = "x".repeat(1_000_000);
    wrong(
        &format!(r#"{{"action":"tick","{long}":1}}"#),
        &"x".repeat(40),
        "not a field of tick",
    );
}

#[test]
fn a_target_has_1_to_160_characters_that_are_not_all_blank() {
    let longest = "é".repeat(160);
    for action in ["failover", "switchover"] {
        let with = |target: &str| format!(r#"{{"action":"{action}","target":{target}}}"#);
        parsed(&with(&format!("\"{longest}\"")));
        for (target, says) in [
            (format!("\"{longest}é\""), "1 to 160 characters"),
            ("\"\"".to_owned(), "1 to 160 characters"),
            ("\" \\t\"".to_owned(), "1 to 160 characters"),
            ("null".to_owned(), "text"),
            ("[\"orders-dr\"]".to_owned(), "text"),
            ("7".to_owned(), "text"),
        ] {
            wrong(&with(&target), "target", says);
        }
    }
}

#[test]
fn a_reason_has_at_most_1000_characters_and_is_not_repeated() {
    let with =
        |characters: usize| format!(r#"{{"action":"failover","reason":"{}"}}"#, "é".repeat(characters));
    assert_eq!(
        parsed(&with(1_000))
            .options
            .reason
            .map(|reason| reason.chars().count()),
        Some(1_000)
    );
    wrong(&with(1_001), "reason", "1001 characters, at most 1000");
    wrong(
        &format!(r#"{{"action":"{}"}}"#, "🦀".repeat(300_000)),
        "action",
        "…",
    );
    wrong(
        &format!(r#"{{"action":"arm","mode":"{}"}}"#, "a".repeat(1_000_000)),
        "mode",
        "…",
    );
}

#[test]
fn of_a_field_that_stands_twice_the_last_counts_and_the_loss_is_not_accepted_by_the_first() {
    let command = parsed(r#"{"action":"failover","accept_data_loss":true,"accept_data_loss":false}"#);
    assert!(!command.options.accept_data_loss);
}
