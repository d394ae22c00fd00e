//! How long it took from a lost region to a writer elsewhere, over many outages, and whose time that was.

use std::collections::BTreeMap;
use std::fmt;

use jiff::Timestamp;

use super::evidence::Evidence;
use super::happening::Happening;
use super::stage::DR_CLUSTER;

const FROM_THE_SIGN: &str = "1 RTO as reported: first sign to verified";
const FROM_THE_OUTAGE: &str = "2 outage to verified";
const TO_A_CLIENT: &str = "3 outage to a client's first write";
const OF_ALARMS: &str = "4 of 2: until the first alarm went off";
const OF_AWS: &str = "5 of 2: promotion, as AWS takes it";
const OF_ROUTING: &str = "6 of 2: routing, until the alarm followed";
const OURS: &str = "7 of 2: ours, the rest";
const UNDISTURBED: &str = "8 of 7: where nothing else went wrong";
const LOSS: &str = "9 seconds of writes really lost";
/// Where the figures begin in a line.
const NAME_WIDTH: usize = 44;
const PERMILLE: usize = 1000;
const RANKS: [(&str, usize); 4] = [("p50", 500), ("p90", 900), ("p99", 990), ("p99.9", 999)];

/// Seconds, by what was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures(BTreeMap<&'static str, Vec<u64>>);

impl Figures {
    /// Of a promotion that nobody asked for and nobody else began.
    pub(super) fn of(evidence: &Evidence<'_>) -> Self {
        let mut figures = Self::default();
        // Nothing to measure is nothing to count.
        let _complete = figures.measure(evidence);
        figures
    }

    fn measure(&mut self, evidence: &Evidence<'_>) -> Option<()> {
        let (promoted, dark) = (evidence.promoted()?, evidence.dark()?);
        let run = evidence.state.as_ref()?.run.as_ref()?;
        let calls = evidence.asked();
        let call = calls.first()?;
        if run.generation != promoted.generation || promoted.at < dark {
            return None;
        }
        let verified = run.timeline.verified?;
        let watch = &evidence.played.watch;
        let mut changes = watch.writers.iter().filter(|(at, _)| *at >= call.at);
        let (changed, _) = changes.find(|(_, writer)| writer == DR_CLUSTER)?;
        let whole = seconds(dark, verified);
        let aws = seconds(call.at, *changed);
        let published = evidence.published().find(|at| *at >= *changed)?;
        let routing = seconds(published, run.timeline.routed?);
        self.add(FROM_THE_SIGN, seconds(run.timeline.detected, verified));
        self.add(FROM_THE_OUTAGE, whole);
        self.add(OF_AWS, aws);
        self.add(OF_ROUTING, routing);
        // An alarm that somebody set by hand is no measure of how long alarms take.
        if !evidence.schedule.has(&Happening::is_an_alarm) {
            let alarms = seconds(dark, evidence.first_alarm()?);
            let ours = whole.saturating_sub(alarms).saturating_sub(aws);
            let ours = ours.saturating_sub(routing);
            self.add(OF_ALARMS, alarms);
            self.add(OURS, ours);
            if !evidence.schedule.has(&Happening::is_a_disturbance) {
                self.add(UNDISTURBED, ours);
            }
        }
        let lost = evidence.lost_before_dark();
        self.add(LOSS, lost.first().map_or(0, |first| seconds(*first, dark)));
        self.add(TO_A_CLIENT, seconds(dark, watch.first_at_dr?));
        Some(())
    }

    fn add(&mut self, name: &'static str, seconds: u64) {
        self.0.entry(name).or_default().push(seconds);
    }

    pub(super) fn merge(&mut self, other: Self) {
        for (name, seconds) in other.0 {
            self.0.entry(name).or_default().extend(seconds);
        }
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> u64 {
    u64::try_from(to.duration_since(from).as_secs()).unwrap_or_default()
}

/// The smallest that so many of a thousand do not exceed.
fn rank(sorted: &[u64], permille: usize) -> u64 {
    let index = (sorted.len() * permille).div_ceil(PERMILLE).saturating_sub(1);
    sorted.get(index).copied().unwrap_or_default()
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return Ok(());
        }
        write!(f, "{:NAME_WIDTH$}", "seconds")?;
        for (name, _) in RANKS {
            write!(f, "{name:>8}")?;
        }
        writeln!(f, "{:>8}{:>9}", "max", "of")?;
        for (name, seconds) in &self.0 {
            let mut sorted = seconds.clone();
            sorted.sort_unstable();
            write!(f, "{name:NAME_WIDTH$}")?;
            for (_, permille) in RANKS {
                write!(f, "{:>8}", rank(&sorted, permille))?;
            }
            writeln!(
                f,
                "{:>8}{:>9}",
                sorted.last().copied().unwrap_or_default(),
                sorted.len()
            )?;
        }
        Ok(())
    }
}
