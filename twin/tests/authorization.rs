//! What functions may do, decided by their roles' policies in a template.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_ssm::error::ProvideErrorMetadata;
use sdk::worker::{STATE, TOPIC, as_worker, deployed, pointed, read, template};
use serde_json::json;
use twin::Twin;

#[tokio::test(start_paused = true)]
async fn a_function_may_what_its_role_may_and_nothing_else() {
    let twin = deployed(&template());
    let ssm = aws_sdk_ssm::Client::new(&as_worker(&twin));
    let read = ssm.get_parameter().name(STATE).send().await.unwrap();
    assert_eq!(read.parameter().unwrap().value(), Some("7"));
    let refused = ssm
        .get_parameter()
        .name("/orders/secret")
        .send()
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 400);
    assert_eq!(
        refused.message(),
        Some(
            "User: arn:aws:sts::111122223333:assumed-role/cutover-WorkerRole/worker is not authorized to perform: \
             ssm:GetParameter on resource: arn:aws:ssm:eu-central-1:111122223333:parameter/orders/secret because no \
             identity-based policy allows the ssm:GetParameter action"
        )
    );
    let refused = ssm.delete_parameter().name(STATE).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDeniedException"));
    assert_eq!(twin.ssm(|ssm| ssm.value(STATE)).as_deref(), Some("7"));
}

#[tokio::test(start_paused = true)]
async fn anybody_else_is_the_accounts_administrator() {
    let twin = deployed(&template());
    let ssm = aws_sdk_ssm::Client::new(&sdk::config(&twin));
    ssm.get_parameter().name("/orders/secret").send().await.unwrap();
    ssm.delete_parameter().name(STATE).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn each_protocol_refuses_in_its_own_words() {
    let twin = deployed(&template());
    let config = as_worker(&twin);
    let zone = "Z0DEV00000000000CUT";
    let records = aws_sdk_route53::Client::new(&config)
        .list_resource_record_sets()
        .hosted_zone_id(zone);
    let refused = records.send().await.unwrap_err();
    assert_eq!(refused.code(), Some("AccessDenied"));
    assert_eq!(refused.raw_response().unwrap().status().as_u16(), 403);
    assert!(
        refused
            .message()
            .unwrap()
            .contains("route53:ListResourceRecordSets on resource: arn:aws:route53:::hostedzone/")
    );
    let alarms = aws_sdk_cloudwatch::Client::new(&config)
        .describe_alarms()
        .send()
        .await
        .unwrap_err();
    assert_eq!(alarms.code(), Some("AccessDenied"));
    assert!(
        alarms
            .message()
            .unwrap()
            .contains("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*")
    );
    let tasks = aws_sdk_databasemigration::Client::new(&config);
    let tasks = tasks.describe_replication_tasks().send().await.unwrap_err();
    assert_eq!(tasks.code(), Some("AccessDeniedException"));
    let clusters = aws_sdk_rds::Client::new(&config)
        .describe_db_clusters()
        .send()
        .await
        .unwrap_err();
    assert_eq!(clusters.code(), Some("AccessDenied"));
    let groups = aws_sdk_autoscaling::Client::new(&config);
    let groups = groups
        .start_instance_refresh()
        .auto_scaling_group_name("orders")
        .send()
        .await;
    assert_eq!(groups.unwrap_err().code(), Some("AccessDenied"));
    // What the twin does not play needs a permission as well.
    let deleted = aws_sdk_rds::Client::new(&config)
        .delete_db_cluster()
        .db_cluster_identifier("orders");
    let deleted = deleted.send().await.unwrap_err();
    assert!(
        deleted
            .message()
            .unwrap()
            .contains("rds:DeleteDBCluster on resource: *"),
        "{deleted:?}"
    );
}

async fn published(twin: &Twin) -> Result<(), String> {
    let sns = aws_sdk_sns::Client::new(&as_worker(twin));
    let answer = sns.publish().topic_arn(TOPIC).message("moved").send().await;
    match answer {
        Ok(_) => Ok(()),
        Err(error) => Err(error.code().unwrap_or_default().to_owned()),
    }
}

#[tokio::test(start_paused = true)]
async fn an_encrypted_topic_needs_its_key_as_well() {
    assert_eq!(published(&deployed(&template())).await, Ok(()));
    let policies = "/Resources/WorkerRole/Properties/Policies/0/PolicyDocument/Statement";
    for (path, value, code) in [
        (
            format!("{policies}/1/Action"),
            json!("kms:Decrypt"),
            "KMSAccessDenied",
        ),
        (
            format!("{policies}/1/Action"),
            json!("kms:GenerateDataKey*"),
            "KMSAccessDenied",
        ),
        (
            format!("{policies}/1/Condition/StringEquals/kms:ViaService"),
            json!("sqs.eu-central-1.amazonaws.com"),
            "KMSAccessDenied",
        ),
        (
            format!("{policies}/0/Resource"),
            json!("arn:aws:sns:eu-central-1:111122223333:other"),
            "AuthorizationError",
        ),
        // Without it the key's policy leaves nothing to the account.
        (
            "/Resources/Key/Properties/KeyPolicy/Statement/0/Principal".to_owned(),
            json!({"AWS": "arn:aws:iam::999988887777:root"}),
            "KMSAccessDenied",
        ),
    ] {
        let mut template = template();
        *pointed(&mut template, &path) = value;
        let twin = deployed(&template);
        assert_eq!(published(&twin).await, Err(code.to_owned()), "{path}");
        assert!(twin.sns(|sns| sns.published()).is_empty());
    }
}

#[test]
fn a_template_whose_policies_cannot_be_played_is_refused() {
    let statement = "/Resources/Shared/Properties/PolicyDocument/Statement";
    for (path, value, problem) in [
        (
            format!("{statement}/Condition"),
            json!({"StringEquals": {"aws:username": "x"}}),
            "aws:username",
        ),
        (
            format!("{statement}/Condition"),
            json!({"Near": {"ssm:Overwrite": "x"}}),
            "Near",
        ),
        (
            "/Resources/Shared/Properties/Roles".to_owned(),
            json!(["x"]),
            "Roles",
        ),
        (
            "/Resources/Worker/Properties/Policies".to_owned(),
            json!(["AmazonSSMReadOnlyAccess"]),
            "Policies",
        ),
        (
            "/Resources/WorkerRole/Properties/PermissionsBoundary".to_owned(),
            json!("x"),
            "PermissionsBoundary",
        ),
        (
            "/Resources/WorkerRole/Properties/ManagedPolicyArns".to_owned(),
            json!(["arn:aws:iam::aws:policy/AdministratorAccess"]),
            "AdministratorAccess",
        ),
        (
            "/Resources/Worker/Properties/Role".to_owned(),
            json!("arn:aws:iam::111122223333:role/other"),
            "role/other",
        ),
    ] {
        let mut template = template();
        let (parent, name) = path.rsplit_once('/').unwrap();
        pointed(&mut template, parent)[name] = value;
        let error = read(&template).unwrap_err().to_string();
        assert!(error.contains(problem), "{path}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_role_that_lambda_may_not_take_on_cannot_be_deployed() {
    let mut template = template();
    let path = "/Resources/WorkerRole/Properties/AssumeRolePolicyDocument/Statement/Principal/Service";
    *pointed(&mut template, path) = json!("ec2.amazonaws.com");
    let refused = sdk::twin().deploy(&read(&template).unwrap()).unwrap_err();
    assert!(
        refused.to_string().contains("cannot be assumed by Lambda"),
        "{refused}"
    );
}
