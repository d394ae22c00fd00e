//! What no function may do, called with the function's own credentials, and refused. Then every resource and every condition
//! of every policy is taken away: each time something that was refused is allowed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod refused;

use refused::{dr, migration};
use rehearsal::dr::setting::{Beside, DrSetting, Hook, Routing};
use rehearsal::permissions::granted::Holder;
use rehearsal::permissions::reasons;
use rehearsal::stage::{Setting, Stage};
use rehearsal::virtual_time;
use serde_json::json;
use twin::TwinOptions;
use twin::iam::{Around, Ask, Effect, Key, Kind, Policy, Role};

/// A change's identifier says nothing: all of them is the least there is.
const WIDE_BY_NATURE: &str = "FollowChanges";
const FUNCTION: &str = "arn:aws:lambda:eu-west-1:111122223333:function:dr-failover-dev";

/// Everything switched on that can be.
fn setting() -> Setting {
    let parameters = [
        (
            "ClusterKeyArns",
            "arn:aws:kms:eu-central-1:111122223333:key/orders-primary",
        ),
        ("SecretKeyArn", "arn:aws:kms:eu-west-1:111122223333:key/secrets"),
        ("DrSubnetIds", "subnet-0123456789abcdef0"),
        ("DrSecurityGroupIds", "sg-0123456789abcdef0"),
    ];
    Setting {
        alarms: "orders-5xx=rollback".to_owned(),
        dr: Some(DrSetting {
            beside: Beside::Migration,
            hook: Hook::Agrees,
            routing: Routing::Weights,
            parameters: parameters
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            ..DrSetting::default()
        }),
        ..Setting::default()
    }
}

/// Calls everything that is forbidden. Says who there is, and what each was refused.
fn refusals() -> Vec<(Holder, Vec<Ask>)> {
    virtual_time::run(|| async {
        let stage = Box::pin(Stage::build(TwinOptions::default(), setting()))
            .await
            .unwrap();
        Box::pin(migration::calls(&stage)).await;
        Box::pin(dr::calls(&stage)).await;
        let asked = stage.twin.asked();
        let refused = |holder: &Holder| {
            let own = asked
                .iter()
                .filter(|asked| asked.by == holder.role.arn && !asked.verdict.is_allowed());
            own.map(|asked| asked.ask.clone()).collect()
        };
        let holders = stage.holders().into_iter();
        holders
            .map(|holder| {
                let refused = refused(&holder);
                (holder, refused)
            })
            .collect()
    })
    .unwrap()
}

#[test]
fn what_a_function_must_not_do_is_refused_and_every_resource_and_condition_is_why() {
    let mut idle = Vec::new();
    for (holder, mut refused) in refusals() {
        refused.extend(refused::never_called(&holder.role));
        let around = Around::default();
        for ask in &refused {
            assert!(
                !holder.role.judged(&around, ask).is_allowed(),
                "{}: {ask}",
                holder.name
            );
        }
        // What is denied besides is another test's.
        let role = without_denials(&holder.role);
        for statement in role.policies().iter().flat_map(|policy| &policy.statements) {
            let sid = statement.sid.as_str();
            if reasons::by_lambda(sid).is_some() || sid == WIDE_BY_NATURE {
                continue;
            }
            let mut widened: Vec<(String, Role)> = (0..statement.conditions().count())
                .map(|index| {
                    let line = statement.conditions().nth(index).unwrap();
                    (
                        line,
                        changed(&role, |policy| policy.without_condition(sid, index)),
                    )
                })
                .collect();
            if statement.resources() != ["*"] {
                let everything = changed(&role, |policy| policy.on_everything(sid));
                widened.push(("its resources".to_owned(), everything));
            }
            for (what, role) in widened {
                if !refused.iter().any(|ask| role.judged(&around, ask).is_allowed()) {
                    idle.push(format!("{} {sid}: {what}", holder.name));
                }
            }
        }
    }
    assert!(
        idle.is_empty(),
        "nothing is refused because of\n{}",
        idle.join("\n")
    );
}

fn changed(role: &Role, change: impl Fn(&Policy) -> Policy) -> Role {
    role.with_policies(role.policies().iter().map(change).collect())
}

fn without_denials(role: &Role) -> Role {
    changed(role, |policy| {
        let mut policy = policy.clone();
        policy
            .statements
            .retain(|statement| statement.effect == Effect::Allow);
        policy
    })
}

/// A role to which somebody attached a policy that allows everything.
fn with_everything(role: &Role) -> Role {
    let everything = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Sid": "Everything", "Effect": "Allow", "Action": "*", "Resource": "*" }],
    });
    let mut policies = role.policies().to_vec();
    policies.push(Policy::read("AdministratorAccess", Kind::Identity, &everything).unwrap());
    role.with_policies(policies)
}

#[test]
fn what_is_denied_stays_denied_whatever_else_is_allowed() {
    let stage =
        virtual_time::run(|| async { Stage::build(TwinOptions::default(), setting()).await.unwrap() })
            .unwrap();
    let in_its_own_code = Around::default().with(Key::SourceFunctionArn, FUNCTION);
    let mut denials = 0;
    for holder in stage.holders() {
        let powerful = with_everything(&holder.role);
        for statement in holder
            .statements()
            .filter(|statement| statement.effect == Effect::Deny)
        {
            denials += 1;
            let ask = match statement.sid.as_str() {
                "NeverRewriteJournal" => {
                    let entry = statement.resources()[0].replace('*', "00000001");
                    Ask::new("ssm:PutParameter", entry).with(Key::Overwrite, "true")
                }
                "LeaveNetworkAlone" => Ask::new(
                    "ec2:DeleteNetworkInterface",
                    "arn:aws:ec2:eu-west-1:111122223333:network-interface/eni-1",
                ),
                other => panic!("no test knows what {other} is for"),
            };
            assert!(
                !powerful.judged(&in_its_own_code, &ask).is_allowed(),
                "{}: {ask}",
                holder.name
            );
            let without = changed(&powerful, |policy| policy.without_statement(&statement.sid));
            assert!(
                without.judged(&in_its_own_code, &ask).is_allowed(),
                "{}: {ask}",
                holder.name
            );
        }
    }
    assert_eq!(
        denials, 5,
        "three functions of a migration, and both denials of the fourth"
    );
}
