//! Hosted zones, and the history of their weights.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::record_set::{RecordSet, normalised, reversed};
use super::{Route53, Zone};
use crate::error::AwsError;

const NS_TTL_SECONDS: u32 = 172_800;
const SOA_TTL_SECONDS: u32 = 900;
pub(super) const NAME_SERVERS: [&str; 4] = [
    "ns-2048.awsdns-64.com",
    "ns-2049.awsdns-65.net",
    "ns-2050.awsdns-66.org",
    "ns-2051.awsdns-67.co.uk",
];

/// The weights of a zone at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ZoneSnapshot {
    pub at: Timestamp,
    pub zone: String,
    /// None for an edit by hand.
    pub change: Option<String>,
    pub sets: Vec<WeightedSet>,
}

/// The records that share one name and type by weight.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WeightedSet {
    pub name: String,
    pub record_type: String,
    /// Set identifier and weight, in the order of the zone.
    pub weights: Vec<(String, u8)>,
}

impl Route53 {
    pub(super) fn add_zone(&mut self, id: &str, name: &str, caller_reference: &str, comment: Option<String>) {
        let name = normalised(name);
        let name_servers = NAME_SERVERS.map(|server| format!("{server}."));
        let ns = RecordSet {
            values: name_servers.to_vec(),
            ..RecordSet::simple(&name, "NS", NS_TTL_SECONDS, "")
        };
        let [first, ..] = name_servers;
        let soa = RecordSet::simple(
            &name,
            "SOA",
            SOA_TTL_SECONDS,
            &format!("{first} awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"),
        );
        let records = BTreeMap::from([(ns.key(), ns), (soa.key(), soa)]);
        let zone = Zone {
            id: id.to_owned(),
            name,
            caller_reference: caller_reference.to_owned(),
            comment,
            records,
            changed: None,
        };
        self.zones.insert(id.to_owned(), zone);
    }

    /// Returns the new zone's id.
    pub(super) fn create_checked(
        &mut self,
        name: &str,
        caller_reference: &str,
        comment: Option<String>,
    ) -> Result<String, AwsError> {
        if name.is_empty() || !name.trim_end_matches('.').contains('.') {
            return Err(AwsError::refused(
                "InvalidDomainName",
                format!("The domain name {name} is invalid."),
            ));
        }
        if self
            .zones
            .values()
            .any(|zone| zone.caller_reference == caller_reference)
        {
            let message = format!(
                "A hosted zone has already been created with the specified caller reference {caller_reference}."
            );
            return Err(AwsError::new(409, "HostedZoneAlreadyExists", message));
        }
        let id = self.place.identifiers.route53('Z');
        self.add_zone(&id, name, caller_reference, comment);
        Ok(id)
    }

    pub(super) fn zone(&self, id: &str) -> Result<&Zone, AwsError> {
        self.zones.get(id).ok_or_else(|| no_such_zone(id))
    }

    /// All zones, by name with reversed labels, then id.
    pub(super) fn zones_by_name(&self) -> Vec<&Zone> {
        let mut zones: Vec<&Zone> = self.zones.values().collect();
        zones.sort_by_key(|zone| (reversed(&zone.name), zone.id.clone()));
        zones
    }

    pub(super) fn snapshot(&mut self, zone: &str, change: Option<&str>) {
        let mut sets: Vec<WeightedSet> = Vec::new();
        for record in self
            .zones
            .get(zone)
            .into_iter()
            .flat_map(|zone| zone.records.values())
        {
            let (Some(id), Some(weight)) = (&record.set_identifier, record.weight) else {
                continue;
            };
            let entry = (id.clone(), weight);
            match sets.last_mut() {
                Some(set) if set.name == record.name && set.record_type == record.record_type => {
                    set.weights.push(entry);
                }
                Some(_) | None => sets.push(WeightedSet {
                    name: record.name.clone(),
                    record_type: record.record_type.clone(),
                    weights: vec![entry],
                }),
            }
        }
        let at = self.place.clock.now();
        self.history.push(ZoneSnapshot {
            at,
            zone: zone.to_owned(),
            change: change.map(str::to_owned),
            sets,
        });
    }
}

pub(super) fn no_such_zone(id: &str) -> AwsError {
    AwsError::new(
        404,
        "NoSuchHostedZone",
        format!("No hosted zone found with ID: {id}"),
    )
}
