//! A global database of two regions, and the clients of both.

use std::time::Duration;

use aws_sdk_rds::Client;
use aws_sdk_rds::types::{DbCluster, GlobalCluster};
use serde_json::Value;
use twin::Twin;
use twin::rds::{Durations, GlobalSpec, MemberSpec, Span};

pub const GLOBAL: &str = "orders";
pub const PRIMARY_REGION: &str = "eu-central-1";
pub const SECONDARY_REGION: &str = "eu-west-1";
pub const VERIFICATION: Duration = Duration::from_secs(2);
/// A switchover looks at the lag this long after it began.
pub const LOOK: Duration = Duration::from_secs(1);
pub const FAILOVER: Duration = Duration::from_secs(30);
pub const SWITCHOVER: Duration = Duration::from_secs(20);
pub const FINISH: Duration = Duration::from_secs(4);
pub const ENDPOINT: Duration = Duration::from_secs(6);
pub const FENCING: Duration = Duration::from_secs(10);
pub const REBUILD: Duration = Duration::from_mins(10);

/// A global database, and what is needed to look at it.
pub struct Orders {
    pub twin: Twin,
    /// The ARNs of its members.
    pub primary: String,
    pub secondary: String,
    /// The clients of their regions.
    pub here: Client,
    pub there: Client,
}

impl Orders {
    /// Two instances on either side, and everything takes as long as the constants say.
    pub fn new() -> Self {
        let twin = super::twin();
        let (primary, secondary) = twin.rds(|rds| {
            rds.durations(fixed());
            rds.create_global(&GlobalSpec {
                identifier: GLOBAL.to_owned(),
                engine_version: "16.4".to_owned(),
                primary: MemberSpec::new(PRIMARY_REGION, "orders-eu-central", 2),
                secondary: MemberSpec::new(SECONDARY_REGION, "orders-eu-west", 2),
            })
        });
        let client = |region| Client::new(&super::config_with(twin.clock(), twin.http_client(), region));
        Self {
            here: client(PRIMARY_REGION),
            there: client(SECONDARY_REGION),
            twin,
            primary,
            secondary,
        }
    }

    pub async fn wait(&self, duration: Duration) {
        self.twin.clock().sleep(duration).await;
    }

    /// The global database as it is described in the secondary's region.
    pub async fn global(&self) -> GlobalCluster {
        let answer = self.there.describe_global_clusters();
        let answer = answer.global_cluster_identifier(GLOBAL).send().await.unwrap();
        answer.global_clusters()[0].clone()
    }

    /// What the global database says it is doing.
    pub async fn doing(&self) -> Option<String> {
        let state = self.global().await.failover_state?;
        Some(state.status?.as_str().to_owned())
    }

    pub async fn writer(&self) -> String {
        let global = self.global().await;
        let mut members = global.global_cluster_members().iter();
        let writer = members.find(|member| member.is_writer() == Some(true)).unwrap();
        writer.db_cluster_arn().unwrap().to_owned()
    }

    /// The numbers of the RDS events so far, in both regions, by their time; `-` where there is none.
    pub fn events(&self) -> Vec<String> {
        let number = |event: &Value| {
            let id = event["detail"]["EventID"].as_str().unwrap_or("-");
            id.trim_start_matches("RDS-EVENT-").to_owned()
        };
        self.bus().iter().map(number).collect()
    }

    /// The first event of a number.
    pub fn event(&self, number: &str) -> Value {
        let id = format!("RDS-EVENT-{number}");
        let mut bus = self.bus().into_iter();
        bus.find(|event| event["detail"]["EventID"] == id.as_str())
            .unwrap()
    }

    fn bus(&self) -> Vec<Value> {
        self.twin.deliver();
        let regions = [PRIMARY_REGION, SECONDARY_REGION];
        let mut seen: Vec<_> = regions
            .iter()
            .flat_map(|region| self.twin.at(region).bus())
            .collect();
        seen.sort_by_key(|event| event.at);
        seen.into_iter().map(|event| event.event).collect()
    }

    pub async fn fail_over(&self) {
        let request = self.there.failover_global_cluster();
        let request = request.global_cluster_identifier(GLOBAL);
        let request = request.target_db_cluster_identifier(&self.secondary);
        request.allow_data_loss(true).send().await.unwrap();
    }

    pub async fn switch_over(&self) {
        let request = self.here.switchover_global_cluster();
        let request = request.global_cluster_identifier(GLOBAL);
        request
            .target_db_cluster_identifier(&self.secondary)
            .send()
            .await
            .unwrap();
    }
}

pub async fn described(client: &Client, cluster: &str) -> DbCluster {
    let answer = client.describe_db_clusters().db_cluster_identifier(cluster);
    answer.send().await.unwrap().db_clusters()[0].clone()
}

fn fixed() -> Durations {
    Durations {
        verification: Span::exactly(VERIFICATION),
        switchover: Span::exactly(SWITCHOVER),
        finish: Span::exactly(FINISH),
        failover: Span::exactly(FAILOVER),
        endpoint: Span::exactly(ENDPOINT),
        fencing: Span::exactly(FENCING),
        rediscovery: Span::exactly(Duration::from_secs(30)),
        rebuild: Span::exactly(REBUILD),
        snapshot: Span::exactly(Duration::from_mins(1)),
        ..Durations::default()
    }
}
