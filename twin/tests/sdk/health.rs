//! An alarm of another region, and what Route 53 makes of it.

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{AlarmIdentifier, CloudWatchRegion, HealthCheckConfig, HealthCheckType};
use twin::Twin;

pub const ZONE: &str = "Z0DB";
pub const NAME: &str = "writer.db.example.com";
pub const ALARM: &str = "serve-from-dr";
pub const AWAY: &str = "eu-west-1";

pub fn client(twin: &Twin) -> Client {
    Client::new(&super::config(twin))
}

/// A twin with a zone, and an alarm in the other region that is OK.
pub fn twin() -> Twin {
    let twin = super::twin();
    twin.route53(|route53| route53.create_zone(ZONE, "db.example.com"));
    alarm(&twin, "OK");
    twin
}

pub fn alarm(twin: &Twin, state: &str) {
    twin.at(AWAY).cloudwatch(|cloudwatch| {
        cloudwatch.create_alarm(ALARM);
        cloudwatch.set_alarm_state(ALARM, state, "as asked");
    });
}

pub fn config(inverted: bool) -> HealthCheckConfig {
    let alarm = AlarmIdentifier::builder()
        .region(CloudWatchRegion::from(AWAY))
        .name(ALARM)
        .build()
        .unwrap();
    HealthCheckConfig::builder()
        .r#type(HealthCheckType::CloudwatchMetric)
        .alarm_identifier(alarm)
        .inverted(inverted)
        .build()
        .unwrap()
}

pub async fn create(client: &Client, reference: &str, config: HealthCheckConfig) -> String {
    let created = client
        .create_health_check()
        .caller_reference(reference)
        .health_check_config(config)
        .send()
        .await
        .unwrap();
    created.health_check.unwrap().id
}
