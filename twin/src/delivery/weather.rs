//! The weather between a sender and a receiver: what is lost, doubled, late or out of order.

use std::time::Duration;

use jiff::Timestamp;

use super::Parcel;
use crate::events::Fate;
use crate::identifiers::Identifiers;

/// Keeps the weather's dice apart from the identifiers, which do not change with the weather.
const SEED_OF_WEATHER: u64 = 0x5EA5_1DE0_57AB_1E00;
const PERMILLE: u64 = 1000;
/// A second delivery arrives at most this much after the first.
const SECOND_DELAY_MAX: Duration = Duration::from_secs(2);

/// How events, actions of alarms and notices to functions are delivered. Schedules know no weather.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Weather {
    /// How many of a thousand are lost.
    pub lose_permille: u16,
    /// How many of a thousand arrive twice.
    pub double_permille: u16,
    /// What everything is late by.
    pub delay: Duration,
    /// The most that each is late by beyond that, by chance.
    pub delay_max: Duration,
    /// Whether what is late may be overtaken.
    pub reorder: bool,
}

impl Weather {
    /// Everything arrives, once, at once, in order.
    #[must_use]
    pub fn fair() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn all_lost() -> Self {
        Self {
            lose_permille: 1000,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn all_doubled() -> Self {
        Self {
            double_permille: 1000,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn delayed(delay: Duration) -> Self {
        Self {
            delay,
            ..Self::default()
        }
    }
}

/// The weather with its dice, and what it holds back.
#[derive(Debug)]
pub(super) struct Sky {
    weather: Weather,
    dice: Identifiers,
    /// When the last parcel arrives that must not be overtaken.
    last_due: Timestamp,
    /// None while nothing is held back.
    held: Option<Vec<Parcel>>,
}

impl Sky {
    pub(super) fn fair(seed: u64) -> Self {
        Self {
            weather: Weather::fair(),
            dice: Identifiers::seeded(seed ^ SEED_OF_WEATHER),
            last_due: Timestamp::MIN,
            held: None,
        }
    }

    pub(super) fn change(&mut self, weather: Weather) {
        self.weather = weather;
    }

    pub(super) fn hold(&mut self) {
        self.held.get_or_insert_with(Vec::new);
    }

    pub(super) fn release(&mut self) -> Vec<Parcel> {
        self.held.take().unwrap_or_default()
    }

    /// Decides what becomes of a parcel, and how long each of its copies is on its way. Keeps it if it is
    /// held back.
    pub(super) fn strike(&mut self, parcel: &Parcel, now: Timestamp) -> (Fate, Vec<Duration>) {
        if let Some(held) = &mut self.held {
            held.push(parcel.clone());
            return (Fate::Held, Vec::new());
        }
        if self.chance(self.weather.lose_permille) {
            return (Fate::Lost, Vec::new());
        }
        let doubled = self.chance(self.weather.double_permille);
        let delay = self.delay(now);
        if doubled {
            let gap = self.up_to(SECOND_DELAY_MAX);
            return (Fate::Twice(gap), vec![delay, delay.saturating_add(gap)]);
        }
        let fate = if delay.is_zero() {
            Fate::OnTime
        } else {
            Fate::Late(delay)
        };
        (fate, vec![delay])
    }

    fn delay(&mut self, now: Timestamp) -> Duration {
        let delay = self.weather.delay + self.up_to(self.weather.delay_max);
        if self.weather.reorder {
            return delay;
        }
        let due = now.saturating_add(delay).unwrap_or(Timestamp::MAX);
        self.last_due = due.max(self.last_due);
        Duration::try_from(self.last_due.duration_since(now)).unwrap_or_default()
    }

    fn chance(&self, permille: u16) -> bool {
        permille > 0 && self.dice.below(PERMILLE) < u64::from(permille)
    }

    fn up_to(&self, most: Duration) -> Duration {
        let milliseconds = u64::try_from(most.as_millis()).unwrap_or(u64::MAX);
        Duration::from_millis(self.dice.below(milliseconds.saturating_add(1)))
    }
}
