//! Snapshots that AWS makes of writes which a promotion lost. They expire, so they are copied.

use aws_sdk_rds::types::DbClusterSnapshot;
use cutover_core::dr::ports::Tail;
use cutover_core::dr::side::Side;
use cutover_core::error::PortError;
use jiff::Timestamp;

use crate::call_error::{has_code, port_error};
use crate::clients::DrClients;
use crate::config::dr::DrConfig;

/// Snapshots asked for at once, and pages read at most: a cluster has some 35 automated snapshots.
const PAGE: i32 = 100;
const PAGES_MAX: usize = 5;
/// Longest identifier that a snapshot may have.
const IDENTIFIER_CHARACTERS_MAX: usize = 255;
/// The status of a snapshot that is complete.
const AVAILABLE: &str = "available";
/// What the copies are called.
const KEPT: &str = "cutover-lost-tail";

#[derive(Debug, Clone)]
pub struct LostTails {
    clients: DrClients,
    primary: String,
    dr: String,
}

impl LostTails {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        Self {
            clients: clients.clone(),
            primary: config.settings.primary.identifier().to_owned(),
            dr: config.settings.dr.identifier().to_owned(),
        }
    }

    fn cluster(&self, side: Side) -> &str {
        match side {
            Side::Primary => &self.primary,
            Side::Dr => &self.dr,
        }
    }

    /// Those of one cluster, each with its copy if there is one.
    pub async fn list(&self, side: Side) -> Result<Vec<Tail>, PortError> {
        let snapshots = self.snapshots(side).await?;
        let identifiers: Vec<&str> = snapshots.iter().filter_map(identifier).collect();
        let cluster = self.cluster(side);
        let tail = |snapshot: &DbClusterSnapshot| {
            let identifier = identifier(snapshot)?;
            let copy = kept_name(cluster, identifier)?;
            // One that is still being made has no time yet, and cannot be copied.
            let made_at = snapshot.snapshot_create_time()?.secs();
            let is_made = snapshot.status() == Some(AVAILABLE);
            is_made.then_some(Tail {
                identifier: identifier.to_owned(),
                made_at: Timestamp::from_second(made_at).ok()?,
                kept_as: identifiers.contains(&copy.as_str()).then_some(copy),
            })
        };
        Ok(snapshots.iter().filter_map(tail).collect())
    }

    async fn snapshots(&self, side: Side) -> Result<Vec<DbClusterSnapshot>, PortError> {
        let cluster = self.cluster(side);
        let (mut snapshots, mut marker) = (Vec::new(), None);
        for _ in 0..PAGES_MAX {
            let request = self.clients.rds_of(side).describe_db_cluster_snapshots();
            let request = request.db_cluster_identifier(cluster).max_records(PAGE);
            let output = request.set_marker(marker).send().await;
            let output = output.map_err(|error| {
                port_error(format!("rds:DescribeDBClusterSnapshots of {cluster}"), &error)
            })?;
            snapshots.extend(output.db_cluster_snapshots.unwrap_or_default());
            marker = output.marker;
            if marker.is_none() {
                break;
            }
        }
        Ok(snapshots)
    }

    /// Copies it under a name of its own; a copy that is there already counts.
    pub async fn keep(&self, side: Side, tail: &Tail) -> Result<String, PortError> {
        let cluster = self.cluster(side);
        let copy = kept_name(cluster, &tail.identifier).unwrap_or_else(|| KEPT.to_owned());
        let request = self.clients.rds_of(side).copy_db_cluster_snapshot();
        let request = request.source_db_cluster_snapshot_identifier(&tail.identifier);
        match request.target_db_cluster_snapshot_identifier(&copy).send().await {
            Ok(_) => Ok(copy),
            Err(error) if has_code(&error, "DBClusterSnapshotAlreadyExistsFault") => Ok(copy),
            Err(error) => {
                let operation = format!("rds:CopyDBClusterSnapshot {} to {copy}", tail.identifier);
                Err(port_error(operation, &error))
            }
        }
    }
}

fn identifier(snapshot: &DbClusterSnapshot) -> Option<&str> {
    snapshot.db_cluster_snapshot_identifier()
}

/// What its copy is called; `None` for any other snapshot.
fn kept_name(cluster: &str, identifier: &str) -> Option<String> {
    let time = identifier.strip_prefix(&format!("rds:unplanned-global-failover-{cluster}-"))?;
    let name = format!("{KEPT}-{cluster}-{time}");
    Some(name.chars().take(IDENTIFIER_CHARACTERS_MAX).collect())
}

#[cfg(test)]
mod tests {
    use super::kept_name;

    #[test]
    fn only_a_lost_tail_of_this_cluster_has_a_copy_to_be() {
        let name = |identifier| kept_name("orders-1", identifier);
        assert_eq!(
            name("rds:unplanned-global-failover-orders-1-20260302031000").unwrap(),
            "cutover-lost-tail-orders-1-20260302031000"
        );
        assert_eq!(name("rds:orders-1-2026-03-02-03-10"), None);
        assert_eq!(
            name("rds:unplanned-global-failover-orders-2-20260302031000"),
            None
        );
    }
}
