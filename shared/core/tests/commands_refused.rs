//! Every wrong payload, and the field that it is wrong in.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "test support may stop at the first surprise"
)]

use cutover_core::blocker::Code;
use cutover_core::command::Command;

/// The field that is named, after the sentence was checked for what it must contain.
#[track_caller]
fn wrong(payload: &str, field: &str, says: &str) {
    let Err(error) = Command::parse(payload.as_bytes()) else {
        panic!("{payload} was taken")
    };
    assert_eq!(error.field, field, "{payload}: {error}");
    assert!(error.problem.contains(says), "{payload}: {error}");
    assert!(
        error.to_string().chars().count() < 250,
        "{} characters",
        error.to_string().len()
    );
}

#[test]
fn what_is_no_json_object_is_named_the_payload() {
    wrong("", "payload", "not JSON");
    wrong("gradual_cutover", "payload", "not JSON");
    wrong(r#"{"action":"tick""#, "payload", "not JSON");
    wrong(r#"{"action":"tick"} {}"#, "payload", "not JSON");
    wrong("[]", "payload", "object");
    wrong(r#""tick""#, "payload", "object");
    wrong("null", "payload", "object");
    let error = Command::parse(&[0xff, 0xfe]).unwrap_err();
    assert_eq!(error.field, "payload");
}

#[test]
fn an_action_is_required_and_known() {
    wrong("{}", "action", "required");
    wrong(r#"{"action":"cutover"}"#, "action", "gradual_cutover");
    wrong(r#"{"action":"undo"}"#, "action", "unknown");
    wrong(r#"{"action":"Rollback"}"#, "action", "unknown");
    wrong(r#"{"action":7}"#, "action", "text");
    wrong(r#"{"action":null}"#, "action", "text");
}

#[test]
fn a_weight_is_a_whole_number_from_0_to_100() {
    for name in ["aurora_weight", "target_weight"] {
        for value in [
            "-1",
            "101",
            "256",
            "\"20\"",
            "20.5",
            "1e400",
            "null",
            "true",
            "[20]",
            "18446744073709551616",
        ] {
            let payload = format!(r#"{{"action":"gradual_cutover","{name}":{value}}}"#);
            if value == "1e400" {
                wrong(&payload, "payload", "not JSON");
            } else {
                wrong(&payload, name, "0 to 100");
            }
        }
    }
    wrong(r#"{"action":"gradual_cutover"}"#, "aurora_weight", "required");
}

#[test]
fn a_weight_and_a_ladder_exclude_each_other() {
    wrong(
        r#"{"action":"gradual_cutover","aurora_weight":20,"ladder":[50]}"#,
        "ladder",
        "aurora_weight",
    );
    wrong(
        r#"{"action":"gradual_cutover","aurora_weight":20,"target_weight":20}"#,
        "target_weight",
        "another name",
    );
    wrong(
        r#"{"action":"gradual_cutover","aurora_weight":20,"bake_minutes":5}"#,
        "bake_minutes",
        "ladder",
    );
    wrong(
        r#"{"action":"gradual_cutover","bake_minutes":5}"#,
        "aurora_weight",
        "required",
    );
    wrong(
        r#"{"action":"rollback","bake_minutes":5}"#,
        "bake_minutes",
        "rollback",
    );
}

#[test]
fn a_ladder_ascends_and_is_neither_empty_nor_endless() {
    let ladder = |rungs: &str| format!(r#"{{"action":"gradual_cutover","ladder":{rungs}}}"#);
    wrong(&ladder("[]"), "ladder", "1 to 20");
    wrong(
        &ladder(&format!("{:?}", (1..=21).collect::<Vec<u8>>())),
        "ladder",
        "21 rungs",
    );
    wrong(&ladder("[50,20]"), "ladder", "ascend");
    wrong(&ladder("[20,20]"), "ladder", "ascend");
    wrong(&ladder("[0,20]"), "ladder", "above 0");
    wrong(&ladder("[20,101]"), "ladder", "0 to 100");
    wrong(&ladder("[20,\"50\"]"), "ladder", "0 to 100");
    wrong(&ladder("20"), "ladder", "list");
    assert!(Command::parse(ladder(&format!("{:?}", (1..=20).collect::<Vec<u8>>())).as_bytes()).is_ok());
    for minutes in ["-1", "10081", "\"30\"", "1.5", "null"] {
        let payload = format!(r#"{{"action":"gradual_cutover","ladder":[20],"bake_minutes":{minutes}}}"#);
        wrong(&payload, "bake_minutes", "0 to 10080");
    }
}

#[test]
fn a_field_that_an_action_does_not_have_is_an_error() {
    wrong(
        r#"{"action":"rollback","aurora_weight":0}"#,
        "aurora_weight",
        "not a field of rollback",
    );
    wrong(
        r#"{"action":"tick","weight":20}"#,
        "weight",
        "not a field of tick",
    );
    wrong(
        r#"{"action":"rollback","writes_stopped":true}"#,
        "writes_stopped",
        "not a field of rollback",
    );
    wrong(
        r#"{"action":"gradual_cutover","aurora_weight":1,"writes_stopped":true}"#,
        "writes_stopped",
        "gradual",
    );
    let long = "x".repeat(1_000_000);
    wrong(
        &format!(r#"{{"action":"tick","{long}":1}}"#),
        &"x".repeat(40),
        "not a field",
    );
}

#[test]
fn options_of_the_wrong_type_are_named() {
    let with = |field: &str| format!(r#"{{"action":"tick",{field}}}"#);
    wrong(&with(r#""reason":7"#), "reason", "text");
    wrong(&with(r#""reason":null"#), "reason", "text");
    wrong(&with(r#""dry_run":"true""#), "dry_run", "true or false");
    wrong(&with(r#""dry_run":1"#), "dry_run", "true or false");
    wrong(
        &with(r#""accept_data_loss":"yes""#),
        "accept_data_loss",
        "true or false",
    );
    wrong(
        &with(r#""expected_generation":-1"#),
        "expected_generation",
        "whole number",
    );
    wrong(
        &with(r#""expected_generation":4294967296"#),
        "expected_generation",
        "whole number",
    );
    wrong(&with(r#""force":"drift""#), "force", "list");
    wrong(&with(r#""force":["everything"]"#), "force", "blocker codes");
    wrong(&with(r#""force":[1]"#), "force", "blocker codes");
    wrong(
        r#"{"action":"manual_cutover","writes_stopped":"yes"}"#,
        "writes_stopped",
        "true or false",
    );
}

#[test]
fn what_protects_a_write_or_the_claim_cannot_be_forced() {
    for code in Code::ALL {
        let payload = format!(r#"{{"action":"rollback","force":["{code}"]}}"#);
        if code.forceable() {
            let command = Command::parse(payload.as_bytes()).unwrap();
            assert_eq!(command.options.force, [code]);
        } else {
            wrong(&payload, "force", "cannot be forced");
        }
    }
}

#[test]
fn a_megabyte_of_reason_is_refused_without_repeating_it() {
    let payload = format!(r#"{{"action":"pause","reason":"{}"}}"#, "a".repeat(1_048_576));
    wrong(&payload, "reason", "1048576 characters, at most 1000");
    let payload = format!(r#"{{"action":"{}"}}"#, "🦀".repeat(300_000));
    wrong(&payload, "action", "…");
}
