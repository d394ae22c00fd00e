//! What is dark, failing, cut off or slow: the weather between regions, and whom a call reaches through it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::twin::Twin;

/// Whether, and how, a call gets through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    Open,
    /// Its answer takes this much longer.
    Slow(Duration),
    /// The service answers with an error of its own.
    Failing,
    /// Nobody answers.
    Silent,
}

/// One thing that is wrong with the regions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outage {
    Dark(String),
    Failing { region: String, service: String },
    Parted(String, String),
    Slow { region: String, by: Duration },
}

/// A time in which a region was dark; without an end if it still is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Night {
    pub from: Timestamp,
    pub until: Option<Timestamp>,
}

/// The outages of all regions. Clones are handles to the same.
#[derive(Debug, Clone)]
pub struct Outages {
    clock: Clock,
    state: Arc<Mutex<State>>,
    changes: Arc<watch::Sender<()>>,
}

#[derive(Debug, Default)]
struct State {
    /// By region, oldest first.
    nights: BTreeMap<String, Vec<Night>>,
    /// Region and service.
    failing: BTreeSet<(String, String)>,
    /// Pairs of regions, in the order of their names.
    parted: BTreeSet<(String, String)>,
    slow: BTreeMap<String, Duration>,
}

impl Night {
    /// Whether it was dark at that time.
    #[must_use]
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from <= at && self.until.is_none_or(|until| at < until)
    }
}

impl Outages {
    pub(crate) fn none(clock: Clock) -> Self {
        Self {
            clock,
            state: Arc::default(),
            changes: Arc::new(watch::Sender::new(())),
        }
    }

    /// How a call to a service of region `to` fares. It comes from a region, or from outside AWS, where operators
    /// are: they reach all that is lit.
    #[must_use]
    pub fn reach(&self, from: Option<&str>, to: &str, service: &str) -> Reach {
        let state = self.state();
        let cut_off = from.is_some_and(|from| !state.connected(from, to));
        if cut_off || !state.is_lit(to) {
            Reach::Silent
        } else if state.failing.contains(&(to.to_owned(), service.to_owned())) {
            Reach::Failing
        } else {
            state.slow.get(to).map_or(Reach::Open, |by| Reach::Slow(*by))
        }
    }

    /// Whether anything runs in the region.
    #[must_use]
    pub fn is_lit(&self, region: &str) -> bool {
        self.state().is_lit(region)
    }

    /// Whether both regions are lit and reach each other.
    #[must_use]
    pub fn connected(&self, a: &str, b: &str) -> bool {
        self.state().connected(a, b)
    }

    /// When the region was dark, oldest first.
    #[must_use]
    pub fn nights(&self, region: &str) -> Vec<Night> {
        self.state().nights.get(region).cloned().unwrap_or_default()
    }

    /// Everything that is wrong right now.
    #[must_use]
    pub fn active(&self) -> Vec<Outage> {
        let state = self.state();
        let dark = state.nights.keys().filter(|region| !state.is_lit(region));
        let failing = state.failing.iter().map(|(region, service)| Outage::Failing {
            region: region.clone(),
            service: service.clone(),
        });
        let parted = state
            .parted
            .iter()
            .map(|(a, b)| Outage::Parted(a.clone(), b.clone()));
        let slow = state.slow.iter().map(|(region, by)| Outage::Slow {
            region: region.clone(),
            by: *by,
        });
        let dark = dark.map(|region| Outage::Dark(region.clone()));
        dark.chain(failing).chain(parted).chain(slow).collect()
    }

    pub(crate) fn darken(&self, region: &str) {
        let from = self.clock.now();
        self.change(|state| {
            if state.is_lit(region) {
                let nights = state.nights.entry(region.to_owned()).or_default();
                nights.push(Night { from, until: None });
            }
        });
    }

    pub(crate) fn lighten(&self, region: &str) {
        let until = self.clock.now();
        self.change(|state| {
            let nights = state.nights.get_mut(region);
            if let Some(night) = nights.and_then(|nights| nights.last_mut()) {
                night.until.get_or_insert(until);
            }
        });
    }

    pub(crate) fn darken_service(&self, region: &str, service: &str) {
        self.change(|state| {
            state.failing.insert((region.to_owned(), service.to_owned()));
        });
    }

    pub(crate) fn lighten_service(&self, region: &str, service: &str) {
        self.change(|state| {
            state.failing.remove(&(region.to_owned(), service.to_owned()));
        });
    }

    pub(crate) fn part(&self, a: &str, b: &str) {
        self.change(|state| {
            state.parted.insert(pair(a, b));
        });
    }

    pub(crate) fn join(&self, a: &str, b: &str) {
        self.change(|state| {
            state.parted.remove(&pair(a, b));
        });
    }

    /// Zero ends it.
    pub(crate) fn slow(&self, region: &str, by: Duration) {
        self.change(|state| {
            if by.is_zero() {
                state.slow.remove(region);
            } else {
                state.slow.insert(region.to_owned(), by);
            }
        });
    }

    /// Returns as soon as the region is lit.
    pub(crate) async fn until_lit(&self, region: &str) {
        let mut changes = self.changes.subscribe();
        while !self.is_lit(region) {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state());
        self.changes.send_replace(());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn is_lit(&self, region: &str) -> bool {
        let last = self.nights.get(region).and_then(|nights| nights.last());
        last.is_none_or(|night| night.until.is_some())
    }

    fn connected(&self, a: &str, b: &str) -> bool {
        self.is_lit(a) && self.is_lit(b) && !self.parted.contains(&pair(a, b))
    }
}

impl Twin {
    /// Everything in a region is down: calls to it are never answered, nothing runs or is told there, and what ran is
    /// dead.
    pub fn darken(&self, region: &str) {
        self.settle_rds();
        // The last that health checks get to know of it.
        self.observe_health();
        self.outages().darken(region);
        self.invocations().kill_all(region);
        self.settle_rds();
    }

    pub fn lighten(&self, region: &str) {
        self.settle_rds();
        self.outages().lighten(region);
        self.settle_rds();
    }

    /// One service of a region, by the name it has in the log, answers every call with an internal error. What it does
    /// without being called goes on.
    pub fn darken_service(&self, region: &str, service: &str) {
        self.outages().darken_service(region, service);
    }

    pub fn lighten_service(&self, region: &str, service: &str) {
        self.outages().lighten_service(region, service);
    }

    /// Two regions cannot reach each other any more. Who is in neither reaches both.
    pub fn part(&self, a: &str, b: &str) {
        self.settle_rds();
        self.outages().part(a, b);
        self.settle_rds();
    }

    pub fn join(&self, a: &str, b: &str) {
        self.settle_rds();
        self.outages().join(a, b);
        self.settle_rds();
    }

    /// Every answer of a region takes this much longer; zero ends it.
    pub fn slow(&self, region: &str, extra: Duration) {
        self.outages().slow(region, extra);
    }

    #[must_use]
    pub fn is_lit(&self, region: &str) -> bool {
        self.outages().is_lit(region)
    }

    /// Whether both regions are lit and reach each other.
    #[must_use]
    pub fn connected(&self, a: &str, b: &str) -> bool {
        self.outages().connected(a, b)
    }
}

fn pair(a: &str, b: &str) -> (String, String) {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    (first.to_owned(), second.to_owned())
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dark(region) => write!(f, "{region} is dark"),
            Self::Failing { region, service } => write!(f, "{service} fails in {region}"),
            Self::Parted(a, b) => write!(f, "{a} and {b} do not reach each other"),
            Self::Slow { region, by } => write!(f, "{region} answers {by:?} later"),
        }
    }
}
