//! Route 53: hosted zones, their records, and the changes on their way to the name servers.

mod answering;
mod batch;
mod changes;
mod health_checks;
mod listing;
mod record_set;
mod wire;
mod zones;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::identifiers::Identifiers;
use crate::place::Place;
use health_checks::HealthCheck;
use record_set::{RecordKey, normalised};

pub use health_checks::{Health, HealthCheckSpec, InsufficientData};
pub use record_set::{Alias, RecordSet};
pub(crate) use wire::Request;
pub use zones::{WeightedSet, ZoneSnapshot};

/// How long a change stays PENDING unless told otherwise. AWS speaks of usually less than 60 s.
const PROPAGATION: Duration = Duration::from_secs(30);

/// Keeps the dice of answers apart from the identifiers.
const SEED_OF_ANSWERS: u64 = 0xA452_3E12_D1CE_0053;

/// Route 53 of one account.
#[derive(Debug)]
pub struct Route53 {
    place: Place,
    zones: BTreeMap<String, Zone>,
    changes: BTreeMap<String, Change>,
    history: Vec<ZoneSnapshot>,
    /// By id.
    health_checks: BTreeMap<String, HealthCheck>,
    /// For the answers among weighted records.
    dice: Identifiers,
    /// How long a change stays PENDING.
    pub propagation: Duration,
    /// For how long after a change its zone answers `PriorRequestNotComplete`; zero switches that off.
    pub prior_request_window: Duration,
}

#[derive(Debug, Clone)]
struct Zone {
    id: String,
    name: String,
    caller_reference: String,
    comment: Option<String>,
    records: BTreeMap<RecordKey, RecordSet>,
    changed: Option<Timestamp>,
}

#[derive(Debug, Clone)]
struct Change {
    submitted: Timestamp,
    in_sync: Timestamp,
    comment: Option<String>,
}

impl Route53 {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            dice: Identifiers::seeded(place.seed ^ SEED_OF_ANSWERS),
            place,
            health_checks: BTreeMap::new(),
            zones: BTreeMap::new(),
            changes: BTreeMap::new(),
            history: Vec::new(),
            propagation: PROPAGATION,
            prior_request_window: Duration::ZERO,
        }
    }

    /// Seeds a hosted zone, with the NS and SOA records it always has.
    pub fn create_zone(&mut self, id: &str, name: &str) {
        self.add_zone(id, name, id, None);
    }

    /// Seeds or replaces a record, as somebody would by hand: nothing is checked. False if there is no such zone.
    pub fn put_record(&mut self, zone: &str, mut record: RecordSet) -> bool {
        record.name = normalised(&record.name);
        if let Some(alias) = &mut record.alias {
            alias.dns_name = normalised(&alias.dns_name);
        }
        let Some(found) = self.zones.get_mut(zone) else {
            return false;
        };
        found.records.insert(record.key(), record);
        self.snapshot(zone, None);
        true
    }

    /// Removes a record by hand. False if there was none.
    pub fn remove_record(&mut self, zone: &str, name: &str, set_identifier: Option<&str>) -> bool {
        let name = normalised(name);
        let Some(found) = self.zones.get_mut(zone) else {
            return false;
        };
        let before = found.records.len();
        found
            .records
            .retain(|_, record| record.name != name || record.set_identifier.as_deref() != set_identifier);
        let removed = found.records.len() < before;
        self.snapshot(zone, None);
        removed
    }

    /// Changes one weight by hand. False if there is no such record.
    pub fn set_weight(&mut self, zone: &str, name: &str, set_identifier: &str, weight: u8) -> bool {
        let name = normalised(name);
        let Some(found) = self.zones.get_mut(zone) else {
            return false;
        };
        let mut touched = false;
        for record in found.records.values_mut() {
            if record.name == name && record.set_identifier.as_deref() == Some(set_identifier) {
                record.weight = Some(weight);
                touched = true;
            }
        }
        if touched {
            self.snapshot(zone, None);
        }
        touched
    }

    /// The records of a zone, in the order in which Route 53 lists them.
    #[must_use]
    pub fn records(&self, zone: &str) -> Vec<RecordSet> {
        self.zones
            .get(zone)
            .map_or_else(Vec::new, |zone| zone.records.values().cloned().collect())
    }

    /// One weight as it is now.
    #[must_use]
    pub fn weight(&self, zone: &str, name: &str, set_identifier: &str) -> Option<u8> {
        let name = normalised(name);
        let zone = self.zones.get(zone)?;
        let found = zone
            .records
            .values()
            .find(|record| record.name == name && record.set_identifier.as_deref() == Some(set_identifier))?;
        found.weight
    }

    /// All weighted sets of a zone after every applied batch and every edit by hand, oldest first.
    #[must_use]
    pub fn history(&self) -> Vec<ZoneSnapshot> {
        self.history.clone()
    }
}
