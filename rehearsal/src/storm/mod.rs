//! The seeded storm: random schedules over the shipped functions in virtual time, each checked against what must
//! never be. A seed is a whole run: it replays to the letter.

mod commands;
pub(crate) mod dice;
mod evidence;
mod laws;
mod line;
pub(crate) mod many;
mod play;
mod samples;
pub mod schedule;
mod tally;
mod troubles;
mod truth;

use evidence::Evidence;
pub use line::{Line, Schedule};
pub use many::AtTheFirst;
pub use tally::Tally;

use crate::player::PlayError;
use crate::virtual_time;

/// One schedule, and what came of it.
#[derive(Debug)]
pub struct Storm {
    pub schedule: Schedule,
    /// What is not as it must be.
    pub broken: Vec<String>,
    pub tally: Tally,
    /// What operators would have seen; only told of one storm, or of one that broke a law.
    pub transcript: String,
    /// Every call, invocation, decision and notice, in order; likewise.
    pub trace: String,
}

/// Why a storm cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum StormError {
    #[error("no runtime: {0}")]
    Runtime(std::io::Error),
    #[error("seed {seed}: {problem}")]
    Play { seed: u64, problem: PlayError },
}

/// What many storms came to.
#[derive(Debug, Default)]
pub struct Storms {
    pub tally: Tally,
    /// Those that broke a law, by seed. The first one ends it all, so there are seldom more than one.
    pub broken: Vec<Storm>,
}

/// Plays the schedule of one seed, on a runtime of its own, and tells all of it.
pub fn of(seed: u64) -> Result<Storm, StormError> {
    std::thread::scope(|scope| {
        virtual_time::spawn(scope, || play(schedule::drawn(seed), true))
            .map_err(StormError::Runtime)?
            .join()
            .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

fn play(schedule: Schedule, in_full: bool) -> Result<Storm, StormError> {
    let seed = schedule.seed;
    let played = virtual_time::run_here(|| async {
        let played = play::play(&schedule).await?;
        let evidence = Evidence::of(&schedule, &played);
        let (broken, tally) = (laws::broken(&evidence), Tally::of(&evidence));
        let (transcript, trace) = if in_full || !broken.is_empty() {
            (played.player.transcript.render(false), evidence.trace())
        } else {
            (String::new(), String::new())
        };
        played.player.stage.twin.unhost_all();
        Ok((broken, tally, transcript, trace))
    });
    let (broken, tally, transcript, trace) = played
        .map_err(StormError::Runtime)?
        .map_err(|problem| StormError::Play { seed, problem })?;
    Ok(Storm {
        schedule,
        broken,
        tally,
        transcript,
        trace,
    })
}

/// Plays so many seeds from the first on.
pub fn run(first: u64, count: u64, broken: AtTheFirst) -> Result<Storms, StormError> {
    let mut storms = Ok(Storms::default());
    let drawn = |number: u64| play(schedule::drawn(first.saturating_add(number)), false);
    many::play(count, drawn, |storm| {
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
