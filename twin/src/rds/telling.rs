//! What RDS tells `EventBridge`, in the words of its list of events.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::Rds;
use super::cluster::Cluster;
use super::global::Operation;
use crate::emission::Event;
use crate::reply;

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct News {
    pub(crate) region: String,
    pub(super) at: Timestamp,
    pub(super) source: Source,
    pub(super) arn: String,
    pub(super) identifier: String,
    pub(super) categories: Vec<&'static str>,
    pub(super) message: String,
    /// Some happenings have no number.
    pub(super) event_id: Option<&'static str>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Cluster,
    Instance,
    Snapshot,
}

impl Source {
    fn detail_type(self) -> &'static str {
        match self {
            Self::Cluster => "RDS DB Cluster Event",
            Self::Instance => "RDS DB Instance Event",
            Self::Snapshot => "RDS DB Cluster Snapshot Event",
        }
    }

    fn in_events(self) -> &'static str {
        match self {
            Self::Cluster => "CLUSTER",
            Self::Instance => "DB_INSTANCE",
            Self::Snapshot => "CLUSTER_SNAPSHOT",
        }
    }

    /// As `DescribeEvents` has it.
    pub(super) fn described(self) -> &'static str {
        match self {
            Self::Cluster => "db-cluster",
            Self::Instance => "db-instance",
            Self::Snapshot => "db-cluster-snapshot",
        }
    }
}

impl News {
    /// The event for the bus of its region.
    pub(crate) fn event(&self) -> Event {
        let mut detail = Map::new();
        detail.insert("EventCategories".to_owned(), json!(self.categories));
        detail.insert("SourceType".to_owned(), json!(self.source.in_events()));
        detail.insert("SourceArn".to_owned(), json!(self.arn));
        detail.insert("Date".to_owned(), json!(reply::iso_8601(self.at)));
        detail.insert("Message".to_owned(), json!(self.message));
        detail.insert("SourceIdentifier".to_owned(), json!(self.identifier));
        if let Some(id) = self.event_id {
            detail.insert("EventID".to_owned(), json!(id));
        }
        Event {
            source: "aws.rds".to_owned(),
            detail_type: self.source.detail_type().to_owned(),
            resources: vec![self.arn.clone()],
            detail: Value::Object(detail),
        }
    }
}

impl Rds {
    /// What happened since this was last asked.
    pub(crate) fn take_news(&mut self) -> Vec<News> {
        let news = std::mem::take(&mut self.news);
        self.told.extend(news.clone());
        news
    }

    /// About the cluster that takes over, in its region: AWS does not say where these are recorded.
    pub(super) fn tell_of_move(
        &mut self,
        operation: &Operation,
        event_id: &'static str,
        at: Timestamp,
        message: impl FnOnce(&str, &str) -> String,
    ) {
        let (name, region) = self.name_and_region(&operation.to);
        self.tell_of_cluster(
            &operation.to,
            event_id,
            "global failover",
            message(&name, &region),
            at,
        );
    }

    pub(super) fn tell_of_lag(&mut self, operation: &Operation, lag: Duration, at: Timestamp) {
        let seconds = lag.as_secs();
        let (name, _) = self.name_and_region(&operation.to);
        self.tell_of_move(operation, "RDS-EVENT-0183", at, |_, _| {
            format!(
                "Waiting for data synchronization across global cluster members. Current lags behind primary DB \
                 cluster: {name}: {seconds} seconds."
            )
        });
        self.tell_of_move(operation, "RDS-EVENT-0423", at, |_, _| {
            format!(
                "Waiting for data synchronization with the target DB cluster. Current target DB cluster lag behind \
                 the primary DB cluster: {seconds} seconds."
            )
        });
    }

    pub(super) fn tell_of_cluster(
        &mut self,
        arn: &str,
        event_id: &'static str,
        category: &'static str,
        message: String,
        at: Timestamp,
    ) {
        self.tell_of(arn, Some(event_id), category, message, at);
    }

    /// The list of events has no number for a promotion.
    pub(super) fn tell_of_promotion(&mut self, arn: &str, message: String, at: Timestamp) {
        self.tell_of(arn, None, "notification", message, at);
    }

    fn tell_of(
        &mut self,
        arn: &str,
        event_id: Option<&'static str>,
        category: &'static str,
        message: String,
        at: Timestamp,
    ) {
        let (identifier, region) = self.name_and_region(arn);
        self.tell(News {
            region,
            at,
            source: Source::Cluster,
            arn: arn.to_owned(),
            identifier,
            categories: vec![category],
            message,
            event_id,
        });
    }

    /// Recorded with the old primary if it can be reached, and else with the new one.
    pub(super) fn tell_of_fencing(&mut self, old: &str, promoted: &str, succeeded: bool, at: Timestamp) {
        let (name, region) = self.name_and_region(old);
        let (_, promoted_region) = self.name_and_region(promoted);
        let reachable = self.place.outages.connected(&region, &promoted_region);
        let recorded_with = self.clusters.get(if reachable { old } else { promoted });
        let Some((recorded_in, instance)) = recorded_with.and_then(|cluster| {
            let instance = cluster.serving().or_else(|| cluster.instances.first())?;
            Some((cluster.region.clone(), instance.clone()))
        }) else {
            return;
        };
        let (event_id, became) = if succeeded {
            ("RDS-EVENT-0390", "succeeded")
        } else {
            ("RDS-EVENT-0391", "timed out")
        };
        self.tell(News {
            region: recorded_in,
            at,
            source: Source::Instance,
            arn: instance.arn,
            identifier: instance.identifier,
            categories: vec!["notification", "global database"],
            message: format!("Attempt to block writes for DB cluster {name} in Region {region} {became}."),
            event_id: Some(event_id),
        });
    }

    /// What happens in a dark region nobody hears of.
    pub(super) fn tell(&mut self, news: News) {
        if self.place.outages.is_lit(&news.region) {
            self.news.push(news);
        }
    }

    pub(super) fn name_and_region(&self, arn: &str) -> (String, String) {
        let named = |cluster: &Cluster| (cluster.identifier.clone(), cluster.region.clone());
        self.clusters.get(arn).map(named).unwrap_or_default()
    }
}
