//! The data plane: what a resolver is told, by routing policy and health. It needs no control plane.

use super::record_set::{RecordSet, normalised};
use super::{Route53, Zone};

/// Aliases of aliases are followed at most this deep.
const DEPTH_MAX: usize = 8;
/// A multivalue answer has at most this many values.
const VALUES_MAX: usize = 8;

impl Route53 {
    /// What a resolver gets for a name right now: the values of the record set that is chosen, nothing if there is
    /// none. `dice` chooses among weighted ones, and each number below the sum of their weights stands for one of its
    /// parts. A name with a CNAME answers with it, whatever is asked for. Accepted changes count at once.
    #[must_use]
    pub fn answer(&self, zone: &str, name: &str, record_type: &str, dice: u64) -> Vec<String> {
        let zone = self.zones.get(zone);
        zone.map_or_else(Vec::new, |zone| {
            self.answer_in(zone, name, record_type, dice, DEPTH_MAX)
        })
    }

    fn answer_in(&self, zone: &Zone, name: &str, record_type: &str, dice: u64, depth: usize) -> Vec<String> {
        let sets = record_sets(zone, name, record_type);
        if sets
            .first()
            .is_some_and(|set| set.multi_value_answer == Some(true))
        {
            let values = healthy_or_all(&sets, |set| self.serves(zone, set, depth));
            let values = values.into_iter().flat_map(|set| set.values.iter().cloned());
            return values.take(VALUES_MAX).collect();
        }
        let Some(chosen) = self.chosen(zone, &sets, dice, depth) else {
            return Vec::new();
        };
        let Some(alias) = &chosen.alias else {
            return chosen.values.clone();
        };
        let target = self.zones.get(&alias.hosted_zone_id);
        match (target, depth.checked_sub(1)) {
            (Some(target), Some(deeper)) => {
                self.answer_in(target, &alias.dns_name, record_type, dice, deeper)
            }
            // A load balancer or the like, which is not played: its name stands for its addresses.
            (None, _) | (_, None) => vec![alias.dns_name.clone()],
        }
    }

    fn chosen<'a>(
        &self,
        zone: &Zone,
        sets: &[&'a RecordSet],
        dice: u64,
        depth: usize,
    ) -> Option<&'a RecordSet> {
        let first = sets.first()?;
        let serves = |set: &&RecordSet| self.serves(zone, set, depth);
        if first.failover.is_some() {
            let of = |role: &str| {
                let mut sets = sets.iter().copied();
                sets.find(|set| set.failover.as_deref() == Some(role))
            };
            let (primary, secondary) = (of("PRIMARY"), of("SECONDARY"));
            // With both unhealthy the primary answers.
            let healthy = [primary, secondary].into_iter().flatten().find(serves);
            return healthy.or(primary).or(secondary);
        }
        if first.weight.is_some() {
            return weighted(sets, serves, dice);
        }
        healthy_or_all(sets, |set| serves(&set)).first().copied()
    }

    /// Whether a record set is healthy. One without a health check is, unless it is an alias that asks its target.
    fn serves(&self, zone: &Zone, set: &RecordSet, depth: usize) -> bool {
        let checked = set.health_check_id.as_ref();
        // What a record with a deleted check does is not documented: it is taken for one without.
        let healthy = checked.and_then(|id| self.is_healthy(id)).unwrap_or(true);
        let asks = set.alias.as_ref().filter(|alias| alias.evaluate_target_health);
        let (Some(alias), Some(deeper)) = (asks, depth.checked_sub(1)) else {
            return healthy;
        };
        let target = self.zones.get(&alias.hosted_zone_id).unwrap_or(zone);
        let behind = record_sets(target, &alias.dns_name, &set.record_type);
        healthy && (behind.is_empty() || behind.iter().any(|set| self.serves(target, set, deeper)))
    }
}

/// The record sets of a name and type, or its CNAMEs.
fn record_sets<'a>(zone: &'a Zone, name: &str, record_type: &str) -> Vec<&'a RecordSet> {
    let name = normalised(name);
    let of_type = |wanted: &str| -> Vec<&RecordSet> {
        let sets = zone.records.values();
        sets.filter(|set| set.name == name && set.record_type == wanted)
            .collect()
    };
    let asked = of_type(record_type);
    if asked.is_empty() { of_type("CNAME") } else { asked }
}

/// If none is healthy, all are treated as if they were.
fn healthy_or_all<'a>(sets: &[&'a RecordSet], serves: impl Fn(&RecordSet) -> bool) -> Vec<&'a RecordSet> {
    let healthy: Vec<&RecordSet> = sets.iter().copied().filter(|set| serves(set)).collect();
    if healthy.is_empty() {
        sets.to_vec()
    } else {
        healthy
    }
}

/// Those of weight 0 are considered only when none of the others is healthy.
fn weighted<'a>(
    sets: &[&'a RecordSet],
    serves: impl Fn(&&RecordSet) -> bool,
    dice: u64,
) -> Option<&'a RecordSet> {
    let weight = |set: &RecordSet| u64::from(set.weight.unwrap_or_default());
    let (heavy, light): (Vec<&RecordSet>, Vec<&RecordSet>) = sets.iter().partition(|set| weight(set) > 0);
    let healthy =
        |sets: &[&'a RecordSet]| -> Vec<&'a RecordSet> { sets.iter().copied().filter(&serves).collect() };
    let considered = [healthy(&heavy), healthy(&light), heavy, light]
        .into_iter()
        .find(|sets| !sets.is_empty())?;
    let total: u64 = considered.iter().map(|set| weight(set)).sum();
    if total == 0 {
        let count = u64::try_from(considered.len()).ok()?;
        return considered.get(usize::try_from(dice % count).ok()?).copied();
    }
    let mut left = dice % total;
    for set in considered {
        match left.checked_sub(weight(set)) {
            Some(rest) => left = rest,
            None => return Some(set),
        }
    }
    None
}
