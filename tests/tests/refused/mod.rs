//! Forbidden calls, by function.

pub mod dr;
pub mod migration;

use std::fmt::Debug;

use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType};
use aws_sdk_ssm::error::{ProvideErrorMetadata, SdkError};
use twin::iam::{Ask, Key, Role, Statement};

pub const OTHER_TOPIC: &str = "payroll";
pub const OTHER_KEY: &str = "arn:aws:kms:eu-central-1:111122223333:key/payroll";

/// How the services say that IAM says no.
const REFUSALS: [&str; 5] = [
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "KMSAccessDenied",
    "KMSKeyNotAccessibleFault",
];

/// Requires that a call was refused by IAM, and by nothing else.
pub fn refused<T: Debug, E: ProvideErrorMetadata + Debug, R: Debug>(
    what: &str,
    answer: Result<T, SdkError<E, R>>,
) {
    let error = answer.expect_err(what);
    let code = error.code().unwrap_or_default();
    assert!(REFUSALS.contains(&code), "{what}: {error:?}");
}

/// One change of a weighted record.
pub fn change(name: &str, kind: RrType, identifier: &str, action: ChangeAction) -> Change {
    let record = ResourceRecord::builder().value("somewhere.example.com").build();
    let set = ResourceRecordSet::builder()
        .name(name)
        .r#type(kind)
        .set_identifier(identifier)
        .weight(1)
        .ttl(60)
        .resource_records(record.unwrap());
    let change = Change::builder()
        .action(action)
        .resource_record_set(set.build().unwrap());
    change.build().unwrap()
}

pub fn batch(changes: Vec<Change>) -> ChangeBatch {
    ChangeBatch::builder().set_changes(Some(changes)).build().unwrap()
}

/// What cannot be sent from here: other services do it on a function's behalf, or it is no request that the SDK would make.
pub fn never_called(role: &Role) -> Vec<Ask> {
    let mut asks = Vec::new();
    for statement in role.policies().iter().flat_map(|policy| &policy.statements) {
        for action in statement.actions() {
            match action.as_str() {
                "sqs:SendMessage" => {
                    asks.push(Ask::new(action, "arn:aws:sqs:eu-west-1:111122223333:payroll"));
                }
                "events:PutEvents" => {
                    let bus = "arn:aws:events:eu-west-1:111122223333:event-bus/payroll";
                    asks.push(Ask::new(action, bus));
                }
                "rds:DescribeDBInstances" => {
                    asks.push(Ask::new(action, "arn:aws:rds:us-east-1:111122223333:db:payroll"));
                }
                "route53:ChangeResourceRecordSets" => asks.extend(halves(statement)),
                key if key.starts_with("kms:") => asks.extend(uses(key, statement)),
                _ => {}
            }
        }
    }
    asks
}

/// Changes that lack one of the keys by which they are told from others.
fn halves(statement: &Statement) -> Vec<Ask> {
    let name = |key: Key| {
        let line = statement
            .conditions()
            .find(|line| line.starts_with("ForAllValues") && line.contains(key.name()));
        let values = line.unwrap().rsplit(' ').next().unwrap().to_owned();
        vec![values]
    };
    let keys = [Key::RecordNames, Key::RecordTypes, Key::RecordActions];
    let without = |absent: Key| {
        let whole = Ask::new("route53:ChangeResourceRecordSets", &statement.resources()[0]);
        let present = keys.into_iter().filter(|key| *key != absent);
        present.fold(whole, |ask, key| ask.with_all(key, name(key)))
    };
    keys.into_iter().map(without).collect()
}

/// Its own keys by way of another service, and another key by way of its own.
fn uses(action: &str, statement: &Statement) -> Vec<Ask> {
    let own = statement.resources().iter().map(|key| {
        Ask::new(action, key)
            .with(Key::ViaService, "ec2.eu-central-1.amazonaws.com")
            .with(Key::GrantIsForAwsResource, "false")
    });
    let services = [
        "sns.eu-west-1",
        "sns.eu-central-1",
        "secretsmanager.eu-west-1",
        "rds.eu-central-1",
    ];
    let others = services.map(|service| {
        Ask::new(action, OTHER_KEY)
            .with(Key::ViaService, format!("{service}.amazonaws.com"))
            .with(Key::GrantIsForAwsResource, "true")
    });
    own.chain(others).collect()
}
