//! What `dr-failover` may not do.

use aws_sdk_cloudwatch::types::MetricDatum;
use aws_sdk_route53::types::{ChangeAction, RrType};
use cutover_aws::clients::DrClients;
use rehearsal::dr::stage::{DR_CLUSTER, DR_REGION, FUNCTION, GLOBAL, PRIMARY_CLUSTER, RECORD};
use rehearsal::stage::{Stage, ZONE};
use rehearsal::way_in::elsewhere_as;

use super::{OTHER_KEY, OTHER_TOPIC, batch, change, refused};

const OTHER_CLUSTER: &str = "payroll";
const OTHER_CLUSTER_ARN: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:payroll";

pub async fn calls(stage: &Stage) {
    let dr = stage.dr.as_ref().unwrap();
    let twin = &dr.twin;
    twin.sns(|sns| {
        let topic = sns.create_topic(OTHER_TOPIC);
        sns.encrypt(&topic, OTHER_KEY);
    });
    twin.ssm(|ssm| {
        let secret = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:payroll-AbCdEf";
        ssm.put_secret(secret, "{}", Some(OTHER_KEY));
    });
    let credentials = twin.credentials(&stage.function(FUNCTION)).unwrap();
    let way_in = elsewhere_as(twin, twin.http_client(), Some(credentials));
    let clients = DrClients::elsewhere(way_in, &dr.config);
    writers(&clients, &dr.dr).await;
    clusters(&clients).await;
    snapshots(&clients).await;
    parameters(&clients).await;
    traffic(&clients).await;
    others(&clients).await;
}

async fn writers(clients: &DrClients, dr: &str) {
    let target = OTHER_CLUSTER_ARN;
    for (global, member) in [(OTHER_CLUSTER, dr), (GLOBAL, target)] {
        let answer = clients
            .rds
            .failover_global_cluster()
            .global_cluster_identifier(global);
        let answer = answer.target_db_cluster_identifier(member).allow_data_loss(true);
        refused(&format!("fails {global} over to {member}"), answer.send().await);
        let answer = clients
            .rds
            .switchover_global_cluster()
            .global_cluster_identifier(global);
        let answer = answer.target_db_cluster_identifier(member);
        refused(
            &format!("switches {global} over to {member}"),
            answer.send().await,
        );
        let answer = clients
            .rds
            .remove_from_global_cluster()
            .global_cluster_identifier(global);
        refused("removes", answer.db_cluster_identifier(member).send().await);
    }
    // There is a global cluster: nothing is promoted as a replica.
    let answer = clients.rds.promote_read_replica_db_cluster();
    refused("promotes", answer.db_cluster_identifier(DR_CLUSTER).send().await);
    let answer = clients
        .rds
        .failover_db_cluster()
        .db_cluster_identifier(OTHER_CLUSTER);
    refused("moves the writer of another cluster", answer.send().await);
}

async fn clusters(clients: &DrClients) {
    let answer = clients
        .rds
        .describe_db_clusters()
        .db_cluster_identifier(OTHER_CLUSTER);
    refused("looks at another cluster", answer.send().await);
    refused(
        "looks at all clusters",
        clients.rds.describe_db_clusters().send().await,
    );
    let answer = clients
        .rds
        .describe_global_clusters()
        .global_cluster_identifier(OTHER_CLUSTER);
    refused("looks at another global cluster", answer.send().await);
    for cluster in [DR_CLUSTER, PRIMARY_CLUSTER] {
        let answer = clients.rds.delete_db_cluster().db_cluster_identifier(cluster);
        refused("deletes a cluster", answer.send().await);
        let answer = clients.rds.modify_db_cluster().db_cluster_identifier(cluster);
        refused(
            "changes a cluster",
            answer.deletion_protection(false).send().await,
        );
    }
    let answer = clients
        .rds
        .delete_global_cluster()
        .global_cluster_identifier(GLOBAL);
    refused("deletes the global cluster", answer.send().await);
}

async fn snapshots(clients: &DrClients) {
    let answer = clients
        .rds
        .describe_db_cluster_snapshots()
        .db_cluster_identifier(OTHER_CLUSTER);
    refused("looks for snapshots of another cluster", answer.send().await);
    let lost = format!("rds:unplanned-global-failover-{DR_CLUSTER}-20260302031000");
    let kept = format!("cutover-lost-tail-{DR_CLUSTER}-20260302031000");
    for (from, to) in [("payroll-2026", kept.as_str()), (lost.as_str(), "payroll-2026")] {
        let answer = clients
            .rds
            .copy_db_cluster_snapshot()
            .source_db_cluster_snapshot_identifier(from);
        let answer = answer.target_db_cluster_snapshot_identifier(to).send().await;
        refused(&format!("copies {from} to {to}"), answer);
    }
    let answer = clients
        .rds
        .delete_db_cluster_snapshot()
        .db_cluster_snapshot_identifier(kept);
    refused("deletes a snapshot", answer.send().await);
}

async fn parameters(clients: &DrClients) {
    let (migration, _) = clients.migration.as_ref().unwrap();
    for (name, overwrite) in [
        ("/dr/dev/journal/00000001", true),
        ("/dr/prod/journal/00000001", false),
        ("/dr/prod/state", true),
        ("/migration/dev/state", true),
        ("/app/orders/database/password", true),
    ] {
        let answer = clients
            .ssm
            .put_parameter()
            .name(name)
            .value("x")
            .overwrite(overwrite);
        refused(&format!("writes {name}"), answer.send().await);
    }
    let answer = migration
        .put_parameter()
        .name("/migration/dev/state")
        .value("x")
        .overwrite(true);
    refused("writes the migration's state", answer.send().await);
    let answer = migration
        .get_parameter()
        .name("/migration/prod/state")
        .send()
        .await;
    refused("reads another migration's state", answer);
    for name in [
        "/app/orders/database/password",
        "/aws/reference/secretsmanager/payroll",
    ] {
        let answer = clients
            .ssm
            .get_parameter()
            .name(name)
            .with_decryption(true)
            .send()
            .await;
        refused(&format!("reads {name}"), answer);
    }
    let answer = clients.ssm.get_parameters().names("/dr/prod/state").send().await;
    refused("reads another environment's state", answer);
    let answer = clients.ssm.get_parameters_by_path().path("/dr").send().await;
    refused("lists all of them", answer);
    for name in ["/dr/dev/state", "/dr/prod/journal/00000001"] {
        let answer = clients.ssm.delete_parameters().names(name).send().await;
        refused(&format!("deletes {name}"), answer);
    }
}

async fn traffic(clients: &DrClients) {
    let datum = || {
        MetricDatum::builder()
            .metric_name("ServeFromDr")
            .value(1.0)
            .build()
    };
    for namespace in ["Cutover", "AWS/RDS", "Cutover/DR/payroll"] {
        let answer = clients.cloudwatch.put_metric_data().namespace(namespace);
        refused(namespace, answer.metric_data(datum()).send().await);
    }
    let answer = clients.primary_cloudwatch.put_metric_data().namespace("Orders");
    refused(
        "a metric in the primary region",
        answer.metric_data(datum()).send().await,
    );
    let answer = clients.cloudwatch.set_alarm_state().alarm_name("orders-canary");
    let answer = answer.state_value("ALARM".into()).state_reason("forged");
    refused("sets off an alarm", answer.send().await);
    for (what, zone, name, kind, action) in [
        (
            "another zone",
            "Z0OTHER000000000CUT",
            RECORD,
            RrType::Cname,
            ChangeAction::Create,
        ),
        (
            "another name",
            ZONE,
            "reader.db.example.com",
            RrType::Cname,
            ChangeAction::Create,
        ),
        ("another type", ZONE, RECORD, RrType::Txt, ChangeAction::Create),
        ("an UPSERT", ZONE, RECORD, RrType::Cname, ChangeAction::Upsert),
    ] {
        let answer = clients.route53.change_resource_record_sets().hosted_zone_id(zone);
        let answer = answer
            .change_batch(batch(vec![change(name, kind, "dr", action)]))
            .send()
            .await;
        refused(&format!("changes {what}"), answer);
    }
    let answer = clients
        .route53
        .list_resource_record_sets()
        .hosted_zone_id("Z0OTHER000000000CUT");
    refused("lists another zone", answer.send().await);
    let answer = clients
        .route53
        .delete_health_check()
        .health_check_id("abc")
        .send()
        .await;
    refused("deletes a health check", answer);
}

async fn others(clients: &DrClients) {
    let topic = format!("arn:aws:sns:{DR_REGION}:111122223333:{OTHER_TOPIC}");
    let answer = clients.sns.publish().topic_arn(topic).message("x").send().await;
    refused("publishes to another topic", answer);
    let (_, migration) = clients.migration.as_ref().unwrap();
    let payroll = "arn:aws:lambda:eu-west-1:111122223333:function:payroll";
    refused(
        "invokes another function",
        clients.lambda.invoke().function_name(payroll).send().await,
    );
    let monitor = "arn:aws:lambda:eu-central-1:111122223333:function:dms-monitor-dev";
    refused(
        "invokes the monitor",
        migration.invoke().function_name(monitor).send().await,
    );
    let answer = clients
        .lambda
        .delete_function()
        .function_name("dr-failover-dev")
        .send()
        .await;
    refused("deletes itself", answer);
    let answer = clients
        .autoscaling
        .start_instance_refresh()
        .auto_scaling_group_name("payroll");
    refused("replaces another group's instances", answer.send().await);
    let answer = clients
        .autoscaling
        .cancel_instance_refresh()
        .auto_scaling_group_name("orders-app");
    refused("cancels a refresh", answer.send().await);
}
