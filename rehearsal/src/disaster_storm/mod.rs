//! The seeded storm around `dr-failover`: blips for which nothing may happen, and outages in which it must promote, once,
//! in virtual time. A seed is a whole run: it replays to the letter.

mod evidence;
mod figures;
mod happening;
mod laws;
mod play;
mod probe;
mod samples;
pub mod schedule;
mod stage;
mod tally;
mod troubles;
mod watch;

use cutover_core::error::Failure;
use evidence::Evidence;
pub use figures::Figures;
pub use schedule::{Kind, Schedule};
pub use tally::Tally;

pub use crate::storm::AtTheFirst;
use crate::storm::many;
use crate::virtual_time;

/// One schedule, and what came of it.
#[derive(Debug)]
pub struct Storm {
    pub schedule: Schedule,
    /// What is not as it must be.
    pub broken: Vec<String>,
    pub tally: Tally,
    pub figures: Figures,
    /// Every call, invocation, decision, event and notice, in order; only told of one storm, or of one that broke a law.
    pub trace: String,
}

/// Why a storm cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum StormError {
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
    #[error("{kind} {seed}: {}", problem.chain())]
    Play { kind: Kind, seed: u64, problem: Failure },
}

/// What many storms came to.
#[derive(Debug, Default)]
pub struct Storms {
    pub tally: Tally,
    pub figures: Figures,
    /// Those that broke a law, by seed. The first one ends it all, so there are seldom more than one.
    pub broken: Vec<Storm>,
}

/// Plays the schedule of one seed, on a runtime of its own, and tells all of it.
pub fn of(kind: Kind, seed: u64) -> Result<Storm, StormError> {
    std::thread::scope(|scope| {
        virtual_time::spawn(scope, || play(schedule::drawn(kind, seed), true))
            .map_err(StormError::Runtime)?
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn play(schedule: Schedule, in_full: bool) -> Result<Storm, StormError> {
    let (kind, seed) = (schedule.kind, schedule.seed);
    let played = virtual_time::run_here(|| async {
        let played = play::play(&schedule).await?;
        let evidence = Evidence::of(&schedule, &played);
        let broken = laws::broken(&evidence);
        let trace = if in_full || !broken.is_empty() {
            evidence.trace()
        } else {
            String::new()
        };
        let came_to = (broken, Tally::of(&evidence), Figures::of(&evidence), trace);
        played.stage.twin.unhost_all();
        Ok(came_to)
    });
    let (broken, tally, figures, trace) = played
        .map_err(StormError::Runtime)?
        .map_err(|problem| StormError::Play { kind, seed, problem })?;
    Ok(Storm {
        schedule,
        broken,
        tally,
        figures,
        trace,
    })
}

/// Plays so many blips and so many outages from the first seed on.
pub fn run(first: u64, blips: u64, outages: u64, broken: AtTheFirst) -> Result<Storms, StormError> {
    let mut storms = Ok(Storms::default());
    let drawn = |number: u64| {
        // Outages are longer: begun first, they do not keep one core busy at the end.
        let (kind, number) = match number.checked_sub(outages) {
            None => (Kind::Outage, number),
            Some(blip) => (Kind::Blip, blip),
        };
        play(schedule::drawn(kind, first.saturating_add(number)), false)
    };
    many::play(blips.saturating_add(outages), drawn, |storm| {
        let is_fine = storm.as_ref().is_ok_and(|storm| storm.broken.is_empty());
        note(&mut storms, storm);
        broken.after(is_fine)
    })
    .map_err(StormError::Runtime)?;
    let mut storms = storms?;
    storms.broken.sort_by_key(|storm| storm.schedule.seed);
    Ok(storms)
}

fn note(storms: &mut Result<Storms, StormError>, storm: Result<Storm, StormError>) {
    let Ok(so_far) = storms else {
        return;
    };
    match storm {
        Ok(storm) => {
            so_far.tally.merge(storm.tally.clone());
            so_far.figures.merge(storm.figures.clone());
            if !storm.broken.is_empty() {
                so_far.broken.push(storm);
            }
        }
        Err(error) => *storms = Err(error),
    }
}

impl Storm {
    /// The schedule, and what it broke.
    #[must_use]
    pub fn told(&self) -> String {
        many::told(&self.schedule, &self.broken)
    }
}
