//! Many storms of either kind: played on all cores, counted by heading, told of where they break a law.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use twin::events::Fate;

use crate::virtual_time;

/// Where the counts begin in a line of a summary.
pub(crate) const NAME_WIDTH: usize = 26;

/// What to do when a law is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtTheFirst {
    Stop,
    GoOn,
}

impl AtTheFirst {
    /// After a storm that broke no law, or one that did.
    pub(crate) fn after(self, is_fine: bool) -> ControlFlow<()> {
        match self {
            Self::Stop if !is_fine => ControlFlow::Break(()),
            Self::Stop | Self::GoOn => ControlFlow::Continue(()),
        }
    }
}

/// Plays the numbers from 0 on, each on the next thread that is free, until all are played or `take` has enough. What comes
/// of a number does not depend on which thread has it.
pub(crate) fn play<T>(
    count: u64,
    play: impl Fn(u64) -> T + Sync,
    take: impl FnMut(T) -> ControlFlow<()> + Send,
) -> std::io::Result<()> {
    let workers = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let (next, end) = (AtomicU64::new(0), AtomicBool::new(false));
    let take = Mutex::new(take);
    let work = || {
        while !end.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= count {
                return;
            }
            let played = play(number);
            let mut take = take.lock().unwrap_or_else(PoisonError::into_inner);
            if take(played).is_break() {
                end.store(true, Ordering::Relaxed);
            }
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            virtual_time::spawn(scope, work)?;
        }
        Ok(())
    })
}

/// A schedule, and the laws that it broke.
pub(crate) fn told(schedule: &impl Display, broken: &[String]) -> String {
    let mut text = schedule.to_string();
    for law in broken {
        // Writing to a text does not fail.
        let _written = writeln!(text, "BROKEN: {law}");
    }
    text
}

/// Counts by heading and name, always in the same order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Counts(BTreeMap<&'static str, BTreeMap<String, u64>>);

impl Counts {
    pub fn add(&mut self, heading: &'static str, name: impl Into<String>) {
        self.add_times(heading, name, 1);
    }

    pub fn add_times(&mut self, heading: &'static str, name: impl Into<String>, times: u64) {
        *self.0.entry(heading).or_default().entry(name.into()).or_default() += times;
    }

    pub fn merge(&mut self, other: Self) {
        for (heading, names) in other.0 {
            for (name, count) in names {
                self.add_times(heading, name, count);
            }
        }
    }

    pub fn of(&self, heading: &str, name: &str) -> u64 {
        let names = self.0.get(heading);
        names
            .and_then(|names| names.get(name))
            .copied()
            .unwrap_or_default()
    }

    /// What of it was never counted.
    pub fn missing(&self, wanted: impl Iterator<Item = (&'static str, &'static str)>) -> Vec<String> {
        wanted
            .filter(|(heading, name)| self.of(heading, name) == 0)
            .map(|(heading, name)| format!("{heading}: {name}"))
            .collect()
    }
}

impl Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (heading, names) in &self.0 {
            let all: u64 = names.values().sum();
            let each: Vec<String> = names
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            writeln!(f, "{heading:NAME_WIDTH$}{all}: {}", each.join(", "))?;
        }
        Ok(())
    }
}

/// What became of an event on the bus.
pub(crate) fn fate_name(fate: Fate) -> &'static str {
    match fate {
        Fate::OnTime => "on time",
        Fate::Late(_) => "late",
        Fate::Lost => "lost",
        Fate::Twice(_) => "twice",
        Fate::Held => "held back",
    }
}
