//! What policies are read from, and who has a role.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FUNCTION, STATE, allow, policy, role};
use crate::iam::{Iam, Kind, Policy, Statement};

#[test]
fn what_cannot_be_read_is_refused() {
    let document = |statement: Value| json!({"Version": "2012-10-17", "Statement": [statement]});
    let with = |name: &str, value: Value| {
        let mut statement = allow("ssm:PutParameter", STATE);
        statement[name] = value;
        document(statement)
    };
    for (kind, broken) in [
        (Kind::Identity, json!("policy")),
        (
            Kind::Identity,
            json!({"Version": "2008-10-17", "Statement": [allow("*", "*")]}),
        ),
        (Kind::Identity, json!({"Version": "2012-10-17", "Statement": []})),
        (
            Kind::Identity,
            json!({"Version": "2012-10-17", "Statement": [allow("*", "*")], "Extra": 1}),
        ),
        (Kind::Identity, with("Effect", json!("allow"))),
        (Kind::Identity, with("Principal", json!("*"))),
        (Kind::Identity, with("NotAction", json!("ssm:*"))),
        (Kind::Identity, with("NotResource", json!("*"))),
        (Kind::Identity, with("Action", json!([]))),
        (Kind::Identity, with("Action", json!("PutParameter"))),
        (Kind::Identity, with("Resource", json!("parameter/x"))),
        (
            Kind::Identity,
            with("Resource", json!("arn:aws:ssm:*:*:parameter/${aws:username}")),
        ),
        (Kind::Identity, with("Condition", json!("none"))),
        (Kind::Identity, with("Condition", json!({"StringEquals": "x"}))),
        (
            Kind::Identity,
            with(
                "Condition",
                json!({"StringEquals": {"ssm:Overwrite": "${aws:username}"}}),
            ),
        ),
        (
            Kind::Identity,
            with("Condition", json!({"StringEquals": {"aws:username": "x"}})),
        ),
        (Kind::Resource, with("Effect", json!("Allow"))),
        (Kind::Resource, with("NotPrincipal", json!("*"))),
        (Kind::Resource, with("Principal", json!({"Federated": "x"}))),
        (Kind::Trust, with("Principal", json!("*"))),
    ] {
        assert!(Policy::read("test", kind, &broken).is_err(), "{kind:?} {broken}");
    }
}

#[test]
fn an_error_names_the_policy_and_the_statement() {
    let document = json!({
        "Version": "2012-10-17",
        "Statement": {"Sid": "Odd", "Effect": "Allow", "Action": "ssm:*", "Resource": "*", "Condition": {"Near": {"ssm:Overwrite": "x"}}},
    });
    let error = Policy::read("shared", Kind::Identity, &document)
        .unwrap_err()
        .to_string();
    assert!(
        error.starts_with("the policy shared, Odd: Near of ssm:Overwrite"),
        "{error}"
    );
}

#[test]
fn a_policy_can_be_read_with_less_in_it() {
    let policy = policy(
        Kind::Identity,
        &json!([{
            "Sid": "Two", "Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:PutParameter"], "Resource": STATE,
            "Condition": {"StringEquals": {"ssm:Overwrite": "true"}},
        }]),
    );
    let left = |policy: Policy| -> Vec<usize> {
        let count = |statement: &Statement| statement.actions().len();
        policy.statements.iter().map(count).collect()
    };
    assert_eq!(left(policy.without_action("Two", "ssm:GetParameter")), [1]);
    assert_eq!(left(policy.without_action("Other", "ssm:GetParameter")), [2]);
    assert!(
        left(
            policy
                .without_action("Two", "ssm:GetParameter")
                .without_action("Two", "ssm:PutParameter")
        )
        .is_empty()
    );
    assert!(left(policy.without_statement("Two")).is_empty());
    assert_eq!(
        policy.without_condition("Two", 0).statements[0]
            .conditions()
            .count(),
        0
    );
    assert_eq!(policy.on_everything("Two").statements[0].resources(), ["*"]);
}

#[test]
fn credentials_lead_to_the_role_and_no_others_do() {
    let iam = Iam::default();
    let role = iam.put_role(role(&allow("*", "*")));
    assert_eq!(iam.credentials(FUNCTION), None);
    iam.assume(Arc::clone(&role), FUNCTION);
    let own = iam.credentials(FUNCTION).unwrap();
    assert_eq!(own.access_key_id.len(), 20);
    assert!(own.access_key_id.starts_with("ASIA"), "{own:?}");
    let signed = |id: &str| {
        let mut headers = http::HeaderMap::new();
        let header =
            format!("AWS4-HMAC-SHA256 Credential={id}/20260302/eu-central-1/ssm/aws4_request, Signature=0");
        headers.insert(http::header::AUTHORIZATION, header.parse().unwrap());
        headers
    };
    let session = iam.session(&signed(&own.access_key_id)).unwrap();
    assert_eq!(
        session.arn(),
        "arn:aws:sts::111122223333:assumed-role/updater/updater"
    );
    assert!(iam.session(&signed("AKIAIOSFODNN7EXAMPLE")).is_none());
    assert!(iam.session(&http::HeaderMap::new()).is_none());
}

#[test]
fn a_role_says_who_may_take_it_on() {
    let role = role(&allow("*", "*"));
    assert!(role.trusts("lambda.amazonaws.com", FUNCTION));
    assert!(!role.trusts("events.amazonaws.com", FUNCTION));
}
