//! Health checks on alarms, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_route53::error::ProvideErrorMetadata;
use aws_sdk_route53::types::InsufficientDataHealthStatus;
use sdk::health::{ALARM, AWAY, alarm, client, config, create, twin};
use twin::Twin;
use twin::route53::{Health, HealthCheckSpec, InsufficientData};

fn healthy(twin: &Twin, id: &str) -> bool {
    twin.route53(|route53| route53.is_healthy(id)).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_health_check_is_kept_as_it_was_asked_for() {
    let twin = twin();
    let client = client(&twin);
    let id = create(&client, "one", config(true)).await;
    assert_eq!(create(&client, "one", config(true)).await, id);
    let other = client.create_health_check().caller_reference("one");
    let refused = other.health_check_config(config(false)).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("HealthCheckAlreadyExists"));

    let got = client
        .get_health_check()
        .health_check_id(&id)
        .send()
        .await
        .unwrap();
    let kept = got.health_check.unwrap().health_check_config.unwrap();
    assert_eq!(kept.alarm_identifier, config(true).alarm_identifier);
    assert_eq!(kept.inverted, Some(true));
    assert_eq!(
        kept.insufficient_data_health_status,
        Some(InsufficientDataHealthStatus::LastKnownStatus)
    );
    let listed = client.list_health_checks().max_items(1).send().await.unwrap();
    assert_eq!(listed.health_checks()[0].id(), id);
    assert!(!listed.is_truncated());
    client
        .delete_health_check()
        .health_check_id(&id)
        .send()
        .await
        .unwrap();
    let gone = client
        .get_health_check()
        .health_check_id(&id)
        .send()
        .await
        .unwrap_err();
    assert_eq!(gone.code(), Some("NoSuchHealthCheck"));
}

#[tokio::test(start_paused = true)]
async fn a_health_check_follows_its_alarm_in_the_alarms_region() {
    let twin = twin();
    let client = client(&twin);
    let id = create(&client, "one", config(false)).await;
    let status = async || {
        let status = client
            .get_health_check_status()
            .health_check_id(&id)
            .send()
            .await
            .unwrap();
        let seen = status.health_check_observations[0].status_report.clone().unwrap();
        seen.status.unwrap().starts_with("Success")
    };
    assert!(status().await);
    // An alarm of the same name elsewhere is another alarm.
    twin.cloudwatch(|cloudwatch| cloudwatch.alarm_has_been(ALARM, "ALARM"));
    assert!(status().await);
    alarm(&twin, "ALARM");
    assert!(!status().await);
    alarm(&twin, "OK");
    assert!(status().await);
}

#[tokio::test(start_paused = true)]
async fn what_no_data_means_is_for_the_health_check_to_say() {
    let twin = twin();
    let create = |insufficient_data, inverted| {
        let spec = HealthCheckSpec {
            watched: Health::OfAlarm {
                region: AWAY.to_owned(),
                alarm: ALARM.to_owned(),
                insufficient_data,
            },
            inverted,
            disabled: false,
        };
        twin.route53(|route53| route53.create_health_check(spec))
    };
    let ids = [
        create(InsufficientData::Healthy, false),
        create(InsufficientData::Unhealthy, false),
        create(InsufficientData::LastKnownStatus, false),
        create(InsufficientData::LastKnownStatus, true),
    ];
    let all = || ids.each_ref().map(|id| healthy(&twin, id));
    assert_eq!(all(), [true, true, true, false]);
    alarm(&twin, "INSUFFICIENT_DATA");
    assert_eq!(all(), [true, false, true, false]);
    alarm(&twin, "ALARM");
    assert_eq!(all(), [false, false, false, true]);
    alarm(&twin, "INSUFFICIENT_DATA");
    assert_eq!(all(), [true, false, false, true]);
}

#[tokio::test(start_paused = true)]
async fn a_new_health_check_is_healthy_until_something_is_known() {
    let twin = sdk::twin();
    let spec = HealthCheckSpec::of_alarm(AWAY, "nobody-made-it-yet");
    let id = twin.route53(|route53| route53.create_health_check(spec));
    assert!(healthy(&twin, &id));
}

#[tokio::test(start_paused = true)]
async fn the_last_known_status_outlives_the_alarms_region() {
    let twin = twin();
    let id = twin.route53(|route53| route53.create_health_check(HealthCheckSpec::of_alarm(AWAY, ALARM)));
    alarm(&twin, "ALARM");
    twin.darken(AWAY);
    alarm(&twin, "OK");
    assert!(!healthy(&twin, &id));
    twin.lighten(AWAY);
    assert!(healthy(&twin, &id));
}

#[tokio::test(start_paused = true)]
async fn a_calculated_check_counts_its_children() {
    let twin = twin();
    let (first, second, both) = twin.route53(|route53| {
        let first = route53.create_health_check(HealthCheckSpec::of_alarm(AWAY, ALARM));
        let second = route53.create_health_check(HealthCheckSpec::of_alarm(AWAY, "other"));
        let calculated = |threshold| HealthCheckSpec {
            watched: Health::OfOthers {
                children: vec![first.clone(), second.clone()],
                threshold,
            },
            inverted: false,
            disabled: false,
        };
        let any = route53.create_health_check(calculated(1));
        let both = route53.create_health_check(calculated(2));
        (first, any, both)
    });
    alarm(&twin, "ALARM");
    assert!(!healthy(&twin, &first));
    assert!(healthy(&twin, &second));
    assert!(!healthy(&twin, &both));
}
