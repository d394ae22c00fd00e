//! Change batches: all of it or none of it.

use std::collections::BTreeMap;

use super::record_set::{RecordKey, RecordSet};
use super::zones::no_such_zone;
use super::{Route53, Zone};
use crate::error::AwsError;

const CHANGES_MAX: usize = 1000;

/// One change of a batch.
#[derive(Debug, Clone)]
pub(super) struct RecordChange {
    pub action: Action,
    pub record: RecordSet,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Create,
    Delete,
    Upsert,
}

type Records = BTreeMap<RecordKey, RecordSet>;

impl Action {
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "CREATE" => Some(Self::Create),
            "DELETE" => Some(Self::Delete),
            "UPSERT" => Some(Self::Upsert),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
            Self::Upsert => "UPSERT",
        }
    }
}

impl Route53 {
    /// Applies a batch and returns the id of its change. Any complaint, and nothing has changed.
    pub(super) fn apply(
        &mut self,
        zone_id: &str,
        batch: &[RecordChange],
        comment: Option<String>,
    ) -> Result<String, AwsError> {
        let now = self.place.clock.now();
        let window = self.prior_request_window;
        let zone = self.zones.get_mut(zone_id).ok_or_else(|| no_such_zone(zone_id))?;
        let busy = zone
            .changed
            .is_some_and(|at| at.saturating_add(window).is_ok_and(|until| now < until));
        if busy {
            return Err(AwsError::refused(
                "PriorRequestNotComplete",
                "The request was rejected because Route 53 was still processing a prior request.",
            ));
        }
        if batch.is_empty() || batch.len() > CHANGES_MAX {
            return Err(invalid_batch(&[format!(
                "A batch holds between 1 and {CHANGES_MAX} changes"
            )]));
        }
        let changed = attempt(zone, batch).map_err(|complaints| invalid_batch(&complaints))?;
        zone.records = changed;
        zone.changed = Some(now);
        let change = self.submit(comment);
        self.snapshot(zone_id, Some(&change));
        Ok(change)
    }
}

/// What the records would be after the batch, or everything that speaks against it.
fn attempt(zone: &Zone, batch: &[RecordChange]) -> Result<Records, Vec<String>> {
    let mut records = zone.records.clone();
    let mut complaints = Vec::new();
    for change in batch {
        if let Err(complaint) = step(zone, &mut records, change) {
            complaints.push(complaint);
        }
    }
    let written = batch.iter().filter(|change| change.action != Action::Delete);
    complaints.extend(written.filter_map(|change| conflict(zone, &records, &change.record)));
    if complaints.is_empty() {
        Ok(records)
    } else {
        Err(complaints)
    }
}

fn step(zone: &Zone, records: &mut Records, change: &RecordChange) -> Result<(), String> {
    let record = &change.record;
    let key = record.key();
    let current = records.get(&key);
    match change.action {
        Action::Create if current.is_some() => {
            return Err(format!(
                "Tried to create resource record set {} but it already exists",
                record.described()
            ));
        }
        Action::Delete => {
            let Some(current) = current else {
                return Err(format!(
                    "Tried to delete resource record set {} but it was not found",
                    record.described()
                ));
            };
            if !current.is_exactly(record) {
                return Err(format!(
                    "Tried to delete resource record set {} but the values provided do not match the current values",
                    record.described()
                ));
            }
            let kept_by_aws = record.name == zone.name && matches!(record.record_type.as_str(), "NS" | "SOA");
            if kept_by_aws {
                return Err(format!(
                    "A HostedZone must contain at least one {} record for the zone itself.",
                    record.record_type
                ));
            }
            records.remove(&key);
            return Ok(());
        }
        Action::Create | Action::Upsert => {}
    }
    let inside = record.name == zone.name || record.name.ends_with(&format!(".{}", zone.name));
    if !inside {
        return Err(format!(
            "RRSet with DNS name {} is not permitted in zone {}",
            record.name, zone.name
        ));
    }
    records.insert(key, record.clone());
    Ok(())
}

/// What a written record may not stand beside.
fn conflict(zone: &Zone, records: &Records, written: &RecordSet) -> Option<String> {
    let name = &written.name;
    let record_type = &written.record_type;
    let same_name = || records.values().filter(|other| other.name == *name);
    if record_type == "CNAME" && *name == zone.name {
        return Some(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    let other_type = same_name().find(|other| other.record_type != *record_type);
    if other_type.is_some_and(|other| record_type == "CNAME" || other.record_type == "CNAME") {
        return Some(format!(
            "RRSet of type {record_type} with DNS name {name} is not permitted as it conflicts with other records \
             with the same DNS name in zone {}",
            zone.name
        ));
    }
    let same_set = || same_name().filter(|other| other.record_type == *record_type);
    let refused = |why: &str| {
        let set_identifier = written
            .set_identifier
            .as_ref()
            .map(|id| format!(", SetIdentifier {id}"))
            .unwrap_or_default();
        Some(format!(
            "RRSet with DNS name {name}, type {record_type}{set_identifier} cannot be created as {why}"
        ))
    };
    if written.weight.is_some() && same_set().any(|other| other.weight.is_none()) {
        return refused("a non-weighted set exists with the same name and type.");
    }
    if written.weight.is_none()
        && same_set().any(|other| other.set_identifier != written.set_identifier && other.weight.is_some())
    {
        return refused("other RRSets exist with the same name and type.");
    }
    let same_role = |other: &&RecordSet| {
        other.set_identifier != written.set_identifier && other.failover == written.failover
    };
    if written.failover.is_some() && same_set().any(|other| same_role(&other)) {
        return refused("another failover set with the same role exists.");
    }
    let ttl = written.ttl_seconds;
    if ttl.is_some()
        && written.weight.is_some()
        && same_set().any(|other| other.ttl_seconds.is_some() && other.ttl_seconds != ttl)
    {
        return refused("weighted sets must contain the same TTL.");
    }
    None
}

/// The messages of a batch come as one, in brackets.
fn invalid_batch(complaints: &[String]) -> AwsError {
    AwsError::refused("InvalidChangeBatch", format!("[{}]", complaints.join(", ")))
}
