//! What keeps a composite alarm from acting: its suppressor, and the times before and after it.

use std::time::Duration;

use jiff::Timestamp;

use super::CloudWatch;
use super::alarm_rule::name_of;
use super::state::{ALARM, State};

/// Why actions are suppressed at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suppression {
    /// The suppressor is in ALARM.
    Alarm,
    /// The suppressor still has time to go into ALARM.
    WaitPeriod { until: Timestamp },
    /// The composite still has time to recover after its suppressor did.
    ExtensionPeriod { until: Timestamp },
}

impl Suppression {
    fn written(self) -> (String, String) {
        let by = match self {
            Self::Alarm => "Alarm",
            Self::WaitPeriod { .. } => "WaitPeriod",
            Self::ExtensionPeriod { .. } => "ExtensionPeriod",
        };
        (by.to_owned(), format!("Actions suppressed by {by}"))
    }
}

impl CloudWatch {
    /// Puts a composite into a state. The event is always sent; the actions wait while they are suppressed.
    pub(super) fn transition_composite(&mut self, name: &str, state: State) {
        let now = self.place.clock.now();
        let suppressing = self.suppressor_fires(name);
        let Some(composite) = self.composites.get_mut(name) else {
            return;
        };
        let previous = State::of_composite(&composite.alarm);
        let changes = previous.value != state.value;
        let wait = composite.alarm.actions_suppressor_wait_period;
        if composite.alarm.actions_suppressor.is_some() && composite.suppression.is_none() && changes {
            composite.suppression = match (suppressing, period(wait)) {
                (true, _) => Some(Suppression::Alarm),
                (false, Some(wait)) if state.value == ALARM => Some(Suppression::WaitPeriod {
                    until: later(now, wait),
                }),
                (false, _) => None,
            };
        }
        let suppressed = composite.suppression.map(Suppression::written);
        if suppressed.is_none() {
            composite.acted.clone_from(&state.value);
        }
        let acts = suppressed.is_none();
        let state = State { suppressed, ..state };
        state.put_into_composite(&mut composite.alarm);
        if changes {
            self.tell(name, &previous, acts);
        }
    }

    /// Follows the suppressor and the clock. True if actions were freed and therefore taken.
    pub(super) fn settle_suppression(&mut self, name: &str) -> bool {
        let now = self.place.clock.now();
        let suppressing = self.suppressor_fires(name);
        let Some(composite) = self.composites.get_mut(name) else {
            return false;
        };
        let extension = composite.alarm.actions_suppressor_extension_period;
        let next = match composite.suppression {
            _ if suppressing => Some(Suppression::Alarm),
            None => None,
            Some(Suppression::Alarm) => period(extension).map(|extension| Suppression::ExtensionPeriod {
                until: later(now, extension),
            }),
            Some(Suppression::WaitPeriod { until } | Suppression::ExtensionPeriod { until })
                if until <= now =>
            {
                None
            }
            same @ Some(Suppression::WaitPeriod { .. } | Suppression::ExtensionPeriod { .. }) => same,
        };
        if next == composite.suppression {
            return false;
        }
        composite.suppression = next;
        let previous = State::of_composite(&composite.alarm);
        let suppressed = next.map(Suppression::written);
        let frees = suppressed.is_none() && previous.value != composite.acted;
        let at = if frees { now } else { previous.at };
        let state = State {
            at,
            suppressed,
            ..previous.clone()
        };
        if frees {
            composite.acted.clone_from(&state.value);
        }
        state.put_into_composite(&mut composite.alarm);
        if frees {
            self.tell(name, &previous, true);
        }
        frees
    }

    fn suppressor_fires(&self, name: &str) -> bool {
        let composite = self.composites.get(name);
        let suppressor = composite.and_then(|known| known.alarm.actions_suppressor.as_deref());
        let state = suppressor.and_then(|suppressor| self.state_of(name_of(suppressor)));
        state.is_some_and(|state| state.value == ALARM)
    }
}

/// A period of no seconds is none.
fn period(seconds: Option<i32>) -> Option<Duration> {
    let seconds = u64::try_from(seconds?).ok()?;
    (seconds > 0).then(|| Duration::from_secs(seconds))
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.saturating_add(by).unwrap_or(Timestamp::MAX)
}
