//! Verdicts, as AWS documents them.
#![allow(
    clippy::needless_pass_by_value,
    reason = "statements are written where they are judged"
)]

mod documents;

use std::sync::Arc;

use serde_json::{Value, json};

use super::registry::Session;
use super::{Around, Ask, Caller, Guard, Key, Kind, Policy, Role, Verdict};

const ACCOUNT: &str = "111122223333";
const STATE: &str = "arn:aws:ssm:eu-central-1:111122223333:parameter/migration/dev/state";
const KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/notices";
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:updater";

fn policy(kind: Kind, statements: &Value) -> Policy {
    let document = json!({ "Version": "2012-10-17", "Statement": statements });
    Policy::read("test", kind, &document).unwrap()
}

fn role(statements: &Value) -> Role {
    let trust = json!({"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"});
    let trust = policy(Kind::Trust, &trust);
    Role::new(
        ACCOUNT,
        "updater",
        trust,
        vec![policy(Kind::Identity, statements)],
    )
}

fn allow(action: &str, resource: &str) -> Value {
    json!({"Effect": "Allow", "Action": action, "Resource": resource})
}

fn judged(statements: Value, ask: &Ask) -> Verdict {
    role(&statements).judged(&Around::default(), ask)
}

#[test]
fn what_is_not_allowed_is_denied() {
    let ask = Ask::new("ssm:PutParameter", STATE);
    for (statement, expected) in [
        (allow("ssm:PutParameter", STATE), true),
        (allow("SSM:putparameter", STATE), true),
        (allow("ssm:Put*", "*"), true),
        (allow("ssm:P?tParameter", STATE), true),
        (allow("*", "*"), true),
        (allow("s*:*", "*"), true),
        (allow("ssm:GetParameter", STATE), false),
        (
            allow(
                "ssm:PutParameter",
                "arn:aws:ssm:eu-west-1:111122223333:parameter/*",
            ),
            false,
        ),
        (
            json!({"Effect": "Allow", "NotAction": "ssm:Delete*", "Resource": "*"}),
            true,
        ),
        (
            json!({"Effect": "Allow", "NotAction": ["ssm:Put*"], "Resource": "*"}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "ssm:*", "NotResource": STATE}),
            false,
        ),
        (
            json!({"Effect": "Allow", "Action": "ssm:*", "NotResource": KEY}),
            true,
        ),
    ] {
        let verdict = judged(statement.clone(), &ask);
        assert_eq!(verdict.is_allowed(), expected, "{statement}");
        assert!(expected || verdict == Verdict::NotByIdentity, "{statement}");
    }
}

#[test]
fn an_explicit_denial_outweighs_everything() {
    let statements = json!([
        allow("*", "*"),
        {"Effect": "Deny", "Action": "ssm:PutParameter", "Resource": "*", "Condition": {"StringEquals": {"ssm:Overwrite": "true"}}},
    ]);
    let ask = Ask::new("ssm:PutParameter", STATE);
    assert_eq!(judged(statements.clone(), &ask), Verdict::Allowed);
    let rewriting = ask.with(Key::Overwrite, "true");
    assert_eq!(judged(statements, &rewriting), Verdict::DeniedByIdentity);
}

#[test]
fn all_lines_of_a_condition_must_hold() {
    let statement = json!({
        "Effect": "Allow", "Action": "events:PutEvents", "Resource": "*",
        "Condition": {
            "StringEquals": {"events:source": "cutover", "events:detail-type": "Migration State Change"},
            "Null": {"events:source": "false"},
        },
    });
    let ask = Ask::anywhere("events:PutEvents").with(Key::EventSource, "cutover");
    assert!(!judged(statement.clone(), &ask).is_allowed());
    let whole = ask.with(Key::DetailType, "Migration State Change");
    assert!(judged(statement, &whole).is_allowed());
}

fn session(statements: Value) -> Session {
    Session::of(Arc::new(role(&statements)), "updater")
}

#[test]
fn within_an_account_either_policy_is_enough() {
    let nobody = json!([allow("sns:Publish", "*")]);
    let topic = "arn:aws:sns:eu-central-1:111122223333:notices";
    let ask = Ask::new("sqs:SendMessage", topic);
    let of = |effect: &str, principal: Value| {
        policy(
            Kind::Resource,
            &json!({"Effect": effect, "Principal": principal, "Action": "sqs:*", "Resource": "*"}),
        )
    };
    let root = "arn:aws:iam::111122223333:root";
    for (effect, principal, statements, expected) in [
        ("Allow", json!("*"), nobody.clone(), Verdict::Allowed),
        ("Allow", json!({"AWS": "*"}), nobody.clone(), Verdict::Allowed),
        (
            "Allow",
            json!({"AWS": "arn:aws:iam::111122223333:role/updater"}),
            nobody.clone(),
            Verdict::Allowed,
        ),
        (
            "Allow",
            json!({"AWS": "arn:aws:sts::111122223333:assumed-role/updater/updater"}),
            nobody.clone(),
            Verdict::Allowed,
        ),
        // The account leaves it to the role's own policies.
        (
            "Allow",
            json!({"AWS": root}),
            nobody.clone(),
            Verdict::NotByIdentity,
        ),
        (
            "Allow",
            json!({"Service": "events.amazonaws.com"}),
            nobody.clone(),
            Verdict::NotByIdentity,
        ),
        (
            "Allow",
            json!({"Service": "events.amazonaws.com"}),
            allow("sqs:*", "*"),
            Verdict::Allowed,
        ),
        (
            "Deny",
            json!({"AWS": ACCOUNT}),
            allow("sqs:*", "*"),
            Verdict::DeniedByResource,
        ),
        ("Deny", json!("*"), allow("sqs:*", "*"), Verdict::DeniedByResource),
    ] {
        let session = session(statements);
        let guard = of(effect, principal.clone());
        let verdict = Caller::Session(&session).judged(Guard::Resource(&guard), &ask);
        assert_eq!(verdict, expected, "{effect} {principal}");
    }
}

#[test]
fn a_keys_policy_decides_whether_the_accounts_policies_count() {
    let ask = Ask::new("kms:Decrypt", KEY);
    let key = |principal: Value| {
        policy(
            Kind::Resource,
            &json!({"Effect": "Allow", "Principal": principal, "Action": "kms:*", "Resource": "*"}),
        )
    };
    let root = json!({"AWS": "arn:aws:iam::111122223333:root"});
    let service = json!({"Service": "cloudwatch.amazonaws.com"});
    for (principal, statements, expected) in [
        (root.clone(), allow("kms:Decrypt", KEY), Verdict::Allowed),
        (root.clone(), allow("sns:Publish", "*"), Verdict::NotByIdentity),
        (service.clone(), allow("kms:Decrypt", KEY), Verdict::NotByResource),
        (
            json!({"AWS": "arn:aws:iam::111122223333:role/updater"}),
            allow("sns:Publish", "*"),
            Verdict::Allowed,
        ),
        (
            json!({"AWS": "arn:aws:iam::999988887777:root"}),
            allow("kms:Decrypt", KEY),
            Verdict::NotByResource,
        ),
    ] {
        let session = session(statements);
        let guard = key(principal.clone());
        let verdict = Caller::Session(&session).judged(Guard::Key(&guard), &ask);
        assert_eq!(verdict, expected, "{principal}");
    }
    let guard = key(service);
    let alarms = Caller::Service("cloudwatch.amazonaws.com").judged(Guard::Key(&guard), &ask);
    assert_eq!(alarms, Verdict::Allowed);
    let events = Caller::Service("events.amazonaws.com").judged(Guard::Key(&guard), &ask);
    assert_eq!(events, Verdict::NotByResource);
}
