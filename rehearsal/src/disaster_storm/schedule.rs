//! What an environment is like and what happens to it, drawn from a seed.

use std::fmt;
use std::time::Duration;

use cutover_core::dr::policy::Mode;
use twin::rds::Fencing;

use super::happening::Happening;
use super::troubles::{self, BLIP_SECONDS_MAX};
use crate::storm::dice::Dice;

/// Which of the two storms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something is wrong for less time than it takes to be believed.
    Blip,
    /// The primary region goes dark, for good or for long.
    Outage,
}

/// Keeps the dice of the two kinds apart.
const SEED_OF_OUTAGES: u64 = 0x0D15_A57E_0D15_A57E;
/// All the time since the last reading of the lag counts as lost: that of the alarms, and of an invocation or two that
/// crash. Below this the budget may ask a person.
const BUDGET_THAT_SUFFICES_SECONDS: u32 = 900;
/// A region that is back sooner may be back before all signals were bad for long enough.
const LONG_ENOUGH: Duration = Duration::from_mins(7);
/// After a blip nothing may follow for so long, in seconds.
const AFTER_A_BLIP: (u64, u64) = (130, 210);
/// Two blips are so far apart, in seconds, that they are two.
const BETWEEN_BLIPS_SECONDS: u64 = 180;
/// When the region goes dark, in seconds from the beginning.
const OUTAGE_AT: (u64, u64) = (45, 240);
/// How long an outage is watched, in seconds.
const OUTAGE_SECONDS: u64 = 660;
/// Everything but the outage is over so long after it, in seconds.
const CALM_AFTER: (u64, u64) = (120, 300);
const MILLISECONDS: u64 = 1000;

/// What the environment is like.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one parameter of the template, on or off"
)]
pub struct Setting {
    pub mode: Mode,
    pub quorum: u32,
    pub budget_seconds: u32,
    pub lag: Duration,
    pub fencing: Fencing,
    /// The canary says that it fails, instead of nothing.
    pub canary_speaks: bool,
    /// The direct probe has credentials, and asks for the role.
    pub logs_in: bool,
    pub with_records: bool,
    pub with_application: bool,
    pub with_global_endpoint: bool,
}

/// An environment, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub seed: u64,
    pub kind: Kind,
    pub setting: Setting,
    /// In order, each so long after the beginning.
    pub happenings: Vec<(Duration, Happening)>,
    /// When the primary region goes dark, and when it is back.
    pub outage: Option<(Duration, Option<Duration>)>,
    pub length: Duration,
}

impl Schedule {
    /// Everything that a promotion by itself needs is there.
    fn suffices(&self) -> bool {
        let setting = &self.setting;
        setting.mode == Mode::Auto && setting.budget_seconds >= BUDGET_THAT_SUFFICES_SECONDS
    }

    /// Whether the region is lost, for long enough and with all that a promotion by itself needs.
    #[must_use]
    pub fn demands_a_promotion(&self) -> bool {
        let lasts = self
            .outage
            .is_some_and(|(dark, back)| back.is_none_or(|back| back.saturating_sub(dark) >= LONG_ENOUGH));
        // More lag than usual is more to lose: then it may be for a person.
        lasts && self.suffices() && !self.has(&Happening::is_lag)
    }

    /// Whether anything of a kind happens.
    pub(super) fn has(&self, is_so: &dyn Fn(&Happening) -> bool) -> bool {
        self.happenings.iter().any(|(_, happening)| is_so(happening))
    }
}

/// The schedule of a seed.
#[must_use]
pub fn drawn(kind: Kind, seed: u64) -> Schedule {
    match kind {
        Kind::Blip => blip(seed),
        Kind::Outage => outage(seed),
    }
}

fn setting(dice: &mut Dice, mode: Mode, budget_seconds: u32) -> Setting {
    Setting {
        mode,
        quorum: dice_number(dice, &[2, 2, 2, 2, 3]),
        budget_seconds,
        lag: Duration::from_millis(dice.pick(&[100, 300, 300, 1_000, 3_000, 9_000])),
        fencing: if dice.chance(70) {
            Fencing::Succeeds
        } else {
            Fencing::TimesOut
        },
        canary_speaks: dice.chance(70),
        logs_in: dice.chance(60),
        with_records: dice.chance(30),
        with_application: dice.chance(30),
        with_global_endpoint: dice.chance(20),
    }
}

fn dice_number(dice: &mut Dice, choices: &[u32]) -> u32 {
    dice.pick(choices)
}

/// A moment between two seconds, to the millisecond.
pub(super) fn moment(dice: &mut Dice, (least, most): (u64, u64)) -> Duration {
    let span = most.saturating_sub(least).saturating_mul(MILLISECONDS);
    Duration::from_millis(least.saturating_mul(MILLISECONDS) + dice.below(span.max(1)))
}

fn blip(seed: u64) -> Schedule {
    let mut dice = Dice::seeded(seed);
    let budget = dice_number(&mut dice, &[300, 300, 600, 3_600]);
    let setting = setting(&mut dice, Mode::Auto, budget);
    let mut happenings = Vec::new();
    let mut begin = moment(&mut dice, (10, 130));
    let blips = if dice.chance(12) { 2 } else { 1 };
    let mut end = begin;
    for _ in 0..blips {
        let length = moment(&mut dice, (1, BLIP_SECONDS_MAX));
        end = begin + length;
        troubles::blip(&mut dice, begin, end, &mut happenings);
        troubles::around(&mut dice, begin, end, &mut happenings);
        begin = end + Duration::from_secs(BETWEEN_BLIPS_SECONDS);
    }
    let length = end + moment(&mut dice, AFTER_A_BLIP);
    finished(seed, Kind::Blip, setting, happenings, None, length)
}

fn outage(seed: u64) -> Schedule {
    let mut dice = Dice::seeded(seed ^ SEED_OF_OUTAGES);
    let (mode, budget) = match dice.below(20) {
        0 => (Mode::Observe, 300),
        1 => (Mode::Approve, 300),
        2 => (Mode::Auto, 10),
        3 => (Mode::Auto, 120),
        4..=6 => (Mode::Auto, 300),
        _ => (Mode::Auto, BUDGET_THAT_SUFFICES_SECONDS),
    };
    let setting = setting(&mut dice, mode, budget);
    let mut happenings = Vec::new();
    let dark = moment(&mut dice, OUTAGE_AT);
    let back = troubles::outage(&mut dice, dark, &mut happenings);
    troubles::hands(&mut dice, dark, &mut happenings);
    troubles::around(
        &mut dice,
        dark,
        dark + Duration::from_secs(CALM_AFTER.0),
        &mut happenings,
    );
    happenings.push((dark + moment(&mut dice, CALM_AFTER), Happening::Calm));
    let length = dark + Duration::from_secs(OUTAGE_SECONDS);
    let outage = Some((dark, back));
    finished(seed, Kind::Outage, setting, happenings, outage, length)
}

fn finished(
    seed: u64,
    kind: Kind,
    setting: Setting,
    mut happenings: Vec<(Duration, Happening)>,
    outage: Option<(Duration, Option<Duration>)>,
    length: Duration,
) -> Schedule {
    happenings.sort_by_key(|(at, _)| *at);
    Schedule {
        seed,
        kind,
        setting,
        happenings,
        outage,
        length,
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Blip => "blip",
            Self::Outage => "outage",
        })
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {} {}", self.kind, self.seed)?;
        writeln!(f, "#: {:?}", self.setting)?;
        for (at, happening) in &self.happenings {
            writeln!(f, "{:8.3} s  {happening}", at.as_secs_f64())?;
        }
        writeln!(f, "{:8.3} s  the end", self.length.as_secs_f64())
    }
}
