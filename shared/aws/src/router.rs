//! Weighted pairs in Route 53, changed by compare-and-swap.

mod listed;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_route53::Client;
use aws_sdk_route53::types::{Change, ChangeAction, ChangeBatch, ChangeStatus, ResourceRecordSet};
use cutover_core::error::{PortError, chain};
use cutover_core::observation::{PairFound, PairSeen};
use cutover_core::ports::{SetAnswer, Sighting, SyncAnswer, TrafficRouter};
use cutover_core::weight::Weights;

use crate::call_error::{has_code, port_error, unbuildable};
use crate::config::{Config, RecordName};
use listed::Listed;

/// No listing is known to show both pairs.
const APART: usize = usize::MAX;

#[derive(Debug, Clone)]
pub struct WeightedRouter {
    client: Client,
    names: RouterNames,
    /// The record from which a listing showed both pairs the last time, by its place among the names: where they are
    /// neighbours in their zone, one request does for both, of the five a second that an account has.
    both_from: Arc<AtomicUsize>,
}

/// What the records are called, and by which variables.
#[derive(Debug, Clone)]
pub struct RouterNames {
    pub zone: String,
    pub zone_variable: &'static str,
    pub records: Vec<RecordName>,
    /// Set identifiers.
    pub source: String,
    pub source_variable: &'static str,
    pub target: String,
    pub target_variable: &'static str,
}

/// A pair exactly as it was read: one record set per side and type, to be deleted by its very fields.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PairToken {
    source: Vec<ResourceRecordSet>,
    target: Vec<ResourceRecordSet>,
}

impl PairToken {
    /// Health checks choose between them, and there is no weight to change.
    #[must_use]
    pub fn is_failover(&self) -> bool {
        let mut sets = self.source.iter().chain(&self.target).peekable();
        sets.peek().is_some() && sets.all(|set| set.failover.is_some())
    }
}

impl WeightedRouter {
    #[must_use]
    pub fn new(client: Client, config: &Config) -> Self {
        let names = RouterNames {
            zone: config.hosted_zone_id.clone(),
            zone_variable: "HOSTED_ZONE_ID",
            records: config.records.clone(),
            source: config.source_set_identifier.clone(),
            source_variable: "SOURCE_SET_IDENTIFIER",
            target: config.target_set_identifier.clone(),
            target_variable: "TARGET_SET_IDENTIFIER",
        };
        Self::of(client, names)
    }

    #[must_use]
    pub fn of(client: Client, names: RouterNames) -> Self {
        Self {
            client,
            names,
            both_from: Arc::new(AtomicUsize::new(APART)),
        }
    }

    /// Both pairs by one request if they were neighbours the last time, or else by one each.
    async fn both(
        &self,
        first: &RecordName,
        second: &RecordName,
    ) -> Result<Vec<Sighting<PairToken>>, PortError> {
        let known = match self.both_from.load(Ordering::Relaxed) {
            0 => Some((first, second)),
            1 => Some((second, first)),
            _ => None,
        };
        if let Some((from, other)) = known {
            let listed = self.listed(from).await?;
            if listed.shows(&other.name) {
                let seen = |record: &RecordName| self.sighting(record, &listed);
                return Ok(vec![seen(first), seen(second)]);
            }
        }
        let (one, other) = tokio::join!(self.listed(first), self.listed(second));
        let (one, other) = (one?, other?);
        let neighbours = match (one.shows(&second.name), other.shows(&first.name)) {
            (true, _) => 0,
            (false, true) => 1,
            (false, false) => APART,
        };
        self.both_from.store(neighbours, Ordering::Relaxed);
        Ok(vec![self.sighting(first, &one), self.sighting(second, &other)])
    }

    fn sighting(&self, record: &RecordName, listed: &Listed) -> Sighting<PairToken> {
        let sets = listed.of(&record.name);
        let side = |identifier: &str| -> Vec<ResourceRecordSet> {
            let of_side = |set: &&ResourceRecordSet| set.set_identifier.as_deref() == Some(identifier);
            sets.iter().filter(of_side).cloned().collect()
        };
        let token = PairToken {
            source: side(&self.names.source),
            target: side(&self.names.target),
        };
        let found = self.found(record, &token, sets.is_empty());
        Sighting {
            seen: PairSeen {
                pair: record.pair,
                name: record.name.clone(),
                found,
            },
            token,
        }
    }

    async fn listed(&self, record: &RecordName) -> Result<Listed, PortError> {
        let (name, zone, variable) = (&record.name, &self.names.zone, self.names.zone_variable);
        let operation = || format!("route53:ListResourceRecordSets {name} in zone {zone} ({variable})");
        let listed = Listed::read(&self.client, zone, name).await;
        listed.map_err(|error| port_error(operation(), &error))
    }

    fn found(&self, record: &RecordName, token: &PairToken, nothing: bool) -> PairFound {
        let (name, variable, zone) = (&record.name, record.variable, &self.names.zone);
        if nothing {
            return PairFound::Missing(format!("zone {zone} has no record {name} ({variable})"));
        }
        let names = &self.names;
        let sides = [
            (&token.source, &names.source, names.source_variable),
            (&token.target, &names.target, names.target_variable),
        ];
        for (sets, identifier, spelt) in sides {
            if sets.is_empty() {
                return PairFound::Missing(format!(
                    "{name} ({variable}) has no record with set identifier {identifier:?} ({spelt})"
                ));
            }
        }
        let types =
            |sets: &[ResourceRecordSet]| sets.iter().map(|set| set.r#type.clone()).collect::<Vec<_>>();
        if types(&token.source) != types(&token.target) {
            return PairFound::Missing(format!(
                "{name} ({variable}) has not the same record types on both sides"
            ));
        }
        match (one_weight(&token.source), one_weight(&token.target)) {
            (Some(source), Some(target)) => PairFound::Both {
                weights: Weights { source, target },
                ttl_seconds: highest_ttl(token),
            },
            _ => PairFound::Missing(format!(
                "{name} ({variable}) has no weight, or not the same weight in all its record types"
            )),
        }
    }
}

/// The weight that all record sets of a side have.
fn one_weight(sets: &[ResourceRecordSet]) -> Option<u8> {
    let first = sets.first()?.weight?;
    let same = sets.iter().all(|set| set.weight == Some(first));
    same.then(|| u8::try_from(first).ok()).flatten()
}

fn highest_ttl(token: &PairToken) -> Option<u64> {
    let ttls = token.source.iter().chain(&token.target).filter_map(|set| set.ttl);
    ttls.filter_map(|ttl| u64::try_from(ttl).ok()).max()
}

impl TrafficRouter for WeightedRouter {
    type Token = PairToken;

    async fn read(&self) -> Result<Vec<Sighting<PairToken>>, PortError> {
        match self.names.records.as_slice() {
            [first, second] => self.both(first, second).await,
            records => {
                let mut sightings = Vec::new();
                for record in records {
                    sightings.push(self.sighting(record, &self.listed(record).await?));
                }
                Ok(sightings)
            }
        }
    }

    /// A batch is all or nothing, and a DELETE must match every field: if anyone touched the pair since it was
    /// read, the batch fails and nothing changed. All other fields are carried over as read.
    async fn set(&self, sighting: &Sighting<PairToken>, to: Weights) -> Result<SetAnswer, PortError> {
        let operation = || format!("route53:ChangeResourceRecordSets {}", sighting.seen.name);
        let mut changes = Vec::new();
        for (sets, weight) in [
            (&sighting.token.source, to.source),
            (&sighting.token.target, to.target),
        ] {
            for set in sets {
                let mut new = set.clone();
                new.weight = Some(i64::from(weight));
                changes.push(change(ChangeAction::Delete, set.clone()));
                changes.push(change(ChangeAction::Create, new));
            }
        }
        let changes = changes.into_iter().collect::<Result<Vec<_>, _>>();
        let batch = changes.and_then(|changes| {
            ChangeBatch::builder()
                .comment("cutover")
                .set_changes(Some(changes))
                .build()
        });
        let batch = batch.map_err(|error| unbuildable(operation(), error))?;
        let request = self
            .client
            .change_resource_record_sets()
            .hosted_zone_id(&self.names.zone);
        match request.change_batch(batch).send().await {
            Ok(output) => {
                let id = output.change_info.map(|info| info.id).unwrap_or_default();
                Ok(SetAnswer::Accepted(id.trim_start_matches("/change/").to_owned()))
            }
            Err(error) if has_code(&error, "InvalidChangeBatch") => {
                Ok(SetAnswer::Moved(chain(&port_error(operation(), &error))))
            }
            Err(error) => Err(port_error(operation(), &error)),
        }
    }

    async fn sync(&self, change: &str) -> Result<SyncAnswer, PortError> {
        let output = self.client.get_change().id(change).send().await;
        let output = output.map_err(|error| port_error(format!("route53:GetChange {change}"), &error))?;
        match output.change_info.map(|info| info.status) {
            Some(ChangeStatus::Insync) => Ok(SyncAnswer::InSync),
            Some(_) | None => Ok(SyncAnswer::Pending),
        }
    }
}

fn change(
    action: ChangeAction,
    set: ResourceRecordSet,
) -> Result<Change, aws_smithy_types::error::operation::BuildError> {
    Change::builder().action(action).resource_record_set(set).build()
}
