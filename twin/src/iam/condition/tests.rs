//! Each operator, as AWS documents it.

use serde_json::json;

use super::*;
use crate::iam::{Around, Ask};

fn holds(operator: &str, key: Key, wanted: &Value, ask: &Ask) -> bool {
    Condition::read(operator, key.name(), wanted)
        .unwrap()
        .holds(Seen {
            ask,
            around: &Around::default(),
        })
}

fn plain() -> Ask {
    Ask::anywhere("ssm:PutParameter")
}

#[test]
fn each_operator_compares_as_aws_documents_it() {
    for (operator, wanted, found, expected) in [
        ("StringEquals", json!("true"), "true", true),
        ("StringEquals", json!(["a", "b"]), "b", true),
        ("StringEquals", json!("True"), "true", false),
        ("StringEquals", json!(true), "true", true),
        ("StringNotEquals", json!("a"), "b", true),
        ("StringNotEquals", json!(["a", "b"]), "b", false),
        ("StringEqualsIgnoreCase", json!("ABC"), "abc", true),
        ("StringNotEqualsIgnoreCase", json!("ABC"), "abc", false),
        (
            "StringLike",
            json!("sns.*.amazonaws.com"),
            "sns.eu-west-1.amazonaws.com",
            true,
        ),
        (
            "StringLike",
            json!("sns.?.amazonaws.com"),
            "sns.eu.amazonaws.com",
            false,
        ),
        ("StringNotLike", json!("sns.*"), "sns.eu", false),
        (
            "ArnEquals",
            json!("arn:aws:events:*:1:rule/*"),
            "arn:aws:events:eu:1:rule/tick",
            true,
        ),
        (
            "ArnLike",
            json!("arn:aws:events:*:1:rule/a"),
            "arn:aws:events:eu:1:rule/b",
            false,
        ),
        (
            "ArnNotLike",
            json!("arn:aws:events:*:1:rule/a"),
            "arn:aws:events:eu:1:rule/b",
            true,
        ),
        (
            "ArnNotEquals",
            json!("arn:aws:events:*:1:rule/b"),
            "arn:aws:events:eu:1:rule/b",
            false,
        ),
        ("Bool", json!("false"), "false", true),
        ("Bool", json!("false"), "true", false),
        ("Bool", json!(false), "nonsense", false),
        ("NumericEquals", json!(3), "3.0", true),
        ("NumericNotEquals", json!("3"), "4", true),
        ("NumericLessThan", json!("3"), "2.5", true),
        ("NumericLessThan", json!("3"), "3", false),
        ("NumericLessThanEquals", json!("3"), "3", true),
        ("NumericGreaterThan", json!("3"), "3", false),
        ("NumericGreaterThanEquals", json!("3"), "3", true),
        ("NumericLessThan", json!("3"), "many", false),
    ] {
        let ask = plain().with(Key::SourceArn, found);
        assert_eq!(
            holds(operator, Key::SourceArn, &wanted, &ask),
            expected,
            "{found} {operator} {wanted}"
        );
    }
}

#[test]
fn an_absent_key_is_unequal_to_everything() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringLike", false),
        ("StringNotEquals", true),
        ("StringNotLike", true),
        ("StringEqualsIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        assert_eq!(
            holds(operator, Key::Overwrite, &json!("true"), &plain()),
            expected,
            "{operator}"
        );
    }
    assert!(!holds("Bool", Key::ViaService, &json!("false"), &plain()));
    assert!(holds("Null", Key::Overwrite, &json!("true"), &plain()));
    assert!(!holds("Null", Key::Overwrite, &json!("false"), &plain()));
    let present = plain().with(Key::Overwrite, "false");
    assert!(holds("Null", Key::Overwrite, &json!("false"), &present));
    assert!(!holds("Null", Key::Overwrite, &json!(true), &present));
}

#[test]
fn several_values_are_compared_each_by_itself() {
    let asked = |actions: [&str; 2]| plain().with_all(Key::RecordActions, actions.map(str::to_owned));
    let both = json!(["CREATE", "DELETE"]);
    for (operator, actions, expected) in [
        ("ForAllValues:StringEquals", ["CREATE", "DELETE"], true),
        ("ForAllValues:StringEquals", ["CREATE", "UPSERT"], false),
        ("ForAnyValue:StringEquals", ["CREATE", "UPSERT"], true),
        ("ForAnyValue:StringEquals", ["UPSERT", "UPSERT"], false),
        ("ForAllValues:StringNotEquals", ["UPSERT", "UPSERT"], true),
        ("ForAllValues:StringNotEquals", ["CREATE", "UPSERT"], false),
        ("ForAnyValue:StringNotEquals", ["CREATE", "UPSERT"], true),
    ] {
        let held = holds(operator, Key::RecordActions, &both, &asked(actions));
        assert_eq!(held, expected, "{operator} {actions:?}");
    }
}

#[test]
fn what_is_not_known_is_an_error_and_never_passed_over() {
    for (operator, key, value) in [
        ("StringEquals", "aws:MultiFactorAuthPresent", json!("true")),
        ("StringMatches", "ssm:Overwrite", json!("true")),
        ("IpAddress", "aws:SourceArn", json!("10.0.0.0/8")),
        ("DateLessThan", "aws:SourceArn", json!("2026-01-01T00:00:00Z")),
        ("ForSomeValues:StringEquals", "ssm:Overwrite", json!("true")),
        ("ForAllValues:Null", "ssm:Overwrite", json!("true")),
        ("NullIfExists", "ssm:Overwrite", json!("true")),
        ("Null", "ssm:Overwrite", json!(["true", "false"])),
        ("Bool", "ssm:Overwrite", json!("maybe")),
        ("NumericEquals", "ssm:Overwrite", json!("few")),
        ("ArnLike", "aws:SourceArn", json!("rule/tick")),
        ("StringEquals", "ssm:Overwrite", json!([])),
        ("StringEquals", "ssm:Overwrite", json!({"a": "b"})),
        // A key that has several values needs to be told which of them count.
        (
            "StringEquals",
            "route53:ChangeResourceRecordSetsActions",
            json!("CREATE"),
        ),
    ] {
        assert!(
            Condition::read(operator, key, &value).is_err(),
            "{operator} {key} {value}"
        );
    }
    assert!(Condition::read("StringEquals", "SSM:overwrite", &json!("true")).is_ok());
}
