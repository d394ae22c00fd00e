//! Weighted pairs with compare-and-swap by exact value, and changes that take their time.

use cutover_core::observation::{PairFound, PairSeen};
use cutover_core::ports::{SetAnswer, Sighting, SyncAnswer};
use cutover_core::weight::{Pair, Topology, Weight, Weights};
use jiff::{SignedDuration, Timestamp};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PairRecord {
    pub pair: Pair,
    pub weights: Weights,
    pub ttl_seconds: Option<u64>,
    pub missing: Option<String>,
}

#[derive(Debug, Clone, Hash)]
pub struct Zone {
    pub pairs: Vec<PairRecord>,
    /// When each change is in sync.
    pub changes: Vec<Timestamp>,
    pub propagation_seconds: i64,
    /// Every value that stood, oldest first.
    pub history: Vec<(Pair, Weights)>,
}

impl Zone {
    pub fn of(topology: Topology) -> Self {
        let pairs = topology.pairs().iter().map(|pair| PairRecord {
            pair: *pair,
            weights: Weights::of(Weight::ZERO),
            ttl_seconds: Some(30),
            missing: None,
        });
        let pairs: Vec<PairRecord> = pairs.collect();
        let history = pairs.iter().map(|record| (record.pair, record.weights)).collect();
        Self {
            pairs,
            changes: Vec::new(),
            propagation_seconds: 40,
            history,
        }
    }

    pub fn record(&mut self, pair: Pair) -> &mut PairRecord {
        self.pairs.iter_mut().find(|record| record.pair == pair).unwrap()
    }

    pub fn weights(&self, pair: Pair) -> Weights {
        self.pairs
            .iter()
            .find(|record| record.pair == pair)
            .unwrap()
            .weights
    }

    /// The values a pair went through, without repetition.
    pub fn path(&self, pair: Pair) -> Vec<Weights> {
        let mut path: Vec<Weights> = self
            .history
            .iter()
            .filter(|(of, _)| *of == pair)
            .map(|(_, weights)| *weights)
            .collect();
        path.dedup();
        path
    }

    /// Somebody's hand in the console.
    pub fn edit(&mut self, pair: Pair, source: u8, target: u8) {
        let weights = Weights { source, target };
        self.record(pair).weights = weights;
        self.history.push((pair, weights));
    }

    pub fn sightings(&self) -> Vec<Sighting<Weights>> {
        let sighting = |record: &PairRecord| Sighting {
            seen: PairSeen {
                pair: record.pair,
                name: format!("{}.db.example.com", record.pair.name()),
                found: match &record.missing {
                    Some(why) => PairFound::Missing(why.clone()),
                    None => PairFound::Both {
                        weights: record.weights,
                        ttl_seconds: record.ttl_seconds,
                    },
                },
            },
            token: record.weights,
        };
        self.pairs.iter().map(sighting).collect()
    }

    pub fn set(&mut self, pair: Pair, sighted: Weights, to: Weights, now: Timestamp) -> SetAnswer {
        let in_sync_at = now + SignedDuration::from_secs(self.propagation_seconds);
        let record = self.record(pair);
        if record.weights != sighted || record.missing.is_some() {
            return SetAnswer::Moved("not as sighted".to_owned());
        }
        record.weights = to;
        self.history.push((pair, to));
        self.changes.push(in_sync_at);
        SetAnswer::Accepted(format!("C{}", self.changes.len()))
    }

    pub fn sync(&self, change: &str, now: Timestamp) -> SyncAnswer {
        let number: usize = change.trim_start_matches('C').parse().unwrap();
        if self.changes[number - 1] <= now {
            SyncAnswer::InSync
        } else {
            SyncAnswer::Pending
        }
    }
}
