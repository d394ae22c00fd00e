//! What the three functions of a migration may not do.

use aws_sdk_cloudwatch::types::MetricDatum;
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_route53::types::{ChangeAction, RrType};
use cutover_aws::clients::Clients;
use rehearsal::stage::{READER, Stage, WRITER, ZONE};
use rehearsal::way_in::elsewhere_as;

use super::{OTHER_KEY, OTHER_TOPIC, batch, change, refused};

/// A name of somebody else in the same zone.
const OTHER_NAME: &str = "www.db.example.com.";
const OTHER_ZONE: &str = "Z0OTHER000000000CUT";
const OTHER_TASK: &str = "arn:aws:dms:eu-central-1:111122223333:task:SOMEBODYELSES";

pub async fn calls(stage: &Stage) {
    stage.twin.sns(|sns| {
        let topic = sns.create_topic(OTHER_TOPIC);
        sns.encrypt(&topic, OTHER_KEY);
    });
    for function in ["route53-updater", "dms-monitor", "alarm-rollback"] {
        let credentials = stage.twin.credentials(&stage.function(function)).unwrap();
        let way_in = elsewhere_as(&stage.twin, stage.twin.http_client(), Some(credentials));
        let clients = Clients::elsewhere(way_in);
        records(&clients, function).await;
        parameters(&clients, function).await;
        tasks(&clients, stage, function).await;
        words(&clients, function).await;
    }
}

async fn records(clients: &Clients, function: &str) {
    let of = |name, kind, action| change(name, kind, "source", action);
    let own = || of(READER, RrType::Cname, ChangeAction::Delete);
    let batches = [
        (
            "another name",
            vec![of(OTHER_NAME, RrType::Cname, ChangeAction::Create)],
        ),
        (
            "another name among its own",
            vec![own(), of(OTHER_NAME, RrType::Cname, ChangeAction::Delete)],
        ),
        (
            "another type of its own name",
            vec![of(WRITER, RrType::Txt, ChangeAction::Create)],
        ),
        (
            "an UPSERT of its own name",
            vec![of(WRITER, RrType::Cname, ChangeAction::Upsert)],
        ),
    ];
    for (what, changes) in batches {
        let answer = clients.route53.change_resource_record_sets().hosted_zone_id(ZONE);
        let answer = answer.change_batch(batch(changes)).send().await;
        refused(&format!("{function} changes {what}"), answer);
    }
    let answer = clients
        .route53
        .change_resource_record_sets()
        .hosted_zone_id(OTHER_ZONE);
    refused(function, answer.change_batch(batch(vec![own()])).send().await);
    let answer = clients
        .route53
        .list_resource_record_sets()
        .hosted_zone_id(OTHER_ZONE);
    refused(function, answer.send().await);
    refused(function, clients.route53.get_hosted_zone().id(ZONE).send().await);
    refused(
        function,
        clients.route53.delete_hosted_zone().id(ZONE).send().await,
    );
    if function == "dms-monitor" {
        let answer = clients.route53.change_resource_record_sets().hosted_zone_id(ZONE);
        refused(
            "the monitor changes a record",
            answer.change_batch(batch(vec![own()])).send().await,
        );
        refused(
            "the monitor follows a change",
            clients.route53.get_change().id("C1").send().await,
        );
    }
    // What `GetChange` is permitted on is no other kind of thing.
    let answer = clients
        .route53
        .get_health_check()
        .health_check_id("abc")
        .send()
        .await;
    refused(function, answer);
}

async fn parameters(clients: &Clients, function: &str) {
    let puts = [
        ("/migration/dev/journal/00000001", true),
        ("/migration/dev/other", false),
        ("/migration/prod/state", true),
        ("/migration/prod/journal/00000001", false),
        ("/migration/development/state", true),
        ("/dr/dev/state", true),
    ];
    for (name, overwrite) in puts {
        let answer = clients
            .ssm
            .put_parameter()
            .name(name)
            .value("x")
            .overwrite(overwrite);
        refused(&format!("{function} writes {name}"), answer.send().await);
    }
    for name in [
        "/app/orders/database/endpoint",
        "/migration/prod/state",
        "/migration/dev/other",
    ] {
        let answer = clients.ssm.get_parameter().name(name).send().await;
        refused(&format!("{function} reads {name}"), answer);
        let answer = clients
            .ssm
            .get_parameters()
            .names("/migration/dev/state")
            .names(name);
        refused(
            &format!("{function} reads {name} among others"),
            answer.send().await,
        );
    }
    for path in ["/", "/migration", "/migration/prod/journal", "/migration/dev"] {
        let answer = clients.ssm.get_parameters_by_path().path(path).send().await;
        refused(&format!("{function} lists {path}"), answer);
    }
    let mut forbidden = vec!["/migration/dev/state", "/migration/prod/journal/00000001"];
    if function != "route53-updater" {
        forbidden.push("/migration/dev/journal/00000001");
    }
    for name in forbidden {
        let answer = clients.ssm.delete_parameters().names(name).send().await;
        refused(&format!("{function} deletes {name}"), answer);
        let answer = clients.ssm.delete_parameter().name(name).send().await;
        refused(&format!("{function} deletes {name}"), answer);
    }
}

async fn tasks(clients: &Clients, stage: &Stage, function: &str) {
    use rehearsal::stage::Direction::{Forward, Reverse};
    let mut forbidden = vec![OTHER_TASK];
    match function {
        "route53-updater" => forbidden.push(stage.task(Forward)),
        "alarm-rollback" => forbidden.extend([stage.task(Forward), stage.task(Reverse)]),
        _ => {}
    }
    for task in forbidden {
        let answer = clients.dms.start_replication_task().replication_task_arn(task);
        let answer = answer
            .start_replication_task_type("start-replication".into())
            .send()
            .await;
        refused(&format!("{function} starts {task}"), answer);
    }
    let mut stops = vec![OTHER_TASK, stage.task(Forward)];
    if function != "route53-updater" {
        stops.push(stage.task(Reverse));
    }
    for task in stops {
        let answer = clients.dms.stop_replication_task().replication_task_arn(task);
        refused(&format!("{function} stops {task}"), answer.send().await);
    }
    let answer = clients
        .dms
        .describe_table_statistics()
        .replication_task_arn(OTHER_TASK);
    refused(function, answer.send().await);
    let answer = clients
        .dms
        .delete_replication_task()
        .replication_task_arn(stage.task(Forward));
    refused(function, answer.send().await);
}

async fn words(clients: &Clients, function: &str) {
    let topic = format!("arn:aws:sns:eu-central-1:111122223333:{OTHER_TOPIC}");
    let answer = clients.sns.publish().topic_arn(topic).message("x").send().await;
    refused(&format!("{function} publishes to another topic"), answer);
    for (source, detail_type, bus) in [
        ("aws.dms", "Migration State Change", "default"),
        ("cutover", "DMS Replication Task State Change", "default"),
        ("cutover", "Migration State Change", "payroll"),
    ] {
        let entry = PutEventsRequestEntry::builder()
            .source(source)
            .detail_type(detail_type)
            .event_bus_name(bus)
            .detail("{}");
        let answer = clients
            .eventbridge
            .put_events()
            .entries(entry.build())
            .send()
            .await;
        refused(
            &format!("{function} puts {source} {detail_type} on {bus}"),
            answer,
        );
    }
    let datum = MetricDatum::builder().metric_name("ServeFromDr").value(1.0);
    let answer = clients.cloudwatch.put_metric_data().namespace("Cutover/DR");
    refused(function, answer.metric_data(datum.build()).send().await);
    let answer = clients
        .cloudwatch
        .delete_alarms()
        .alarm_names("orders-5xx")
        .send()
        .await;
    refused(&format!("{function} deletes an alarm"), answer);
}
