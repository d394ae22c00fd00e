//! Schedules of the form `rate(…)`. The twin knows no `cron(…)`.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;

const SECONDS_PER_MINUTE: i64 = 60;

/// A schedule: every so many minutes, counted from when it was created.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rate {
    minutes: i64,
    text: String,
    since: Timestamp,
}

/// Why a schedule expression is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the twin reads schedules as rate(1 minute), rate(2 hours), rate(7 days), not as {expression}")]
pub struct InvalidRate {
    pub expression: String,
}

impl Rate {
    /// Counts from now on.
    #[must_use]
    pub fn beginning(self, now: Timestamp) -> Self {
        Self { since: now, ..self }
    }

    /// How far into a minute it was created.
    pub(crate) fn past_the_minute(&self) -> Duration {
        let seconds = self.since.as_second().rem_euclid(SECONDS_PER_MINUTE);
        Duration::from_secs(seconds.unsigned_abs())
    }

    /// True once in every period, at a whole minute.
    pub(super) fn is_due(&self, now: Timestamp) -> bool {
        let elapsed = whole_minutes(now) - whole_minutes(self.since);
        elapsed > 0 && elapsed % self.minutes == 0
    }
}

fn whole_minutes(time: Timestamp) -> i64 {
    time.as_second().div_euclid(SECONDS_PER_MINUTE)
}

impl FromStr for Rate {
    type Err = InvalidRate;

    fn from_str(expression: &str) -> Result<Self, Self::Err> {
        let invalid = || InvalidRate {
            expression: expression.to_owned(),
        };
        let inside = expression
            .strip_prefix("rate(")
            .and_then(|rest| rest.strip_suffix(')'));
        let (count, unit) = inside
            .and_then(|inside| inside.split_once(' '))
            .ok_or_else(invalid)?;
        let count: i64 = count.parse().map_err(|_| invalid())?;
        // AWS insists on the grammar: 1 minute, 2 minutes.
        let minutes = match (unit, count) {
            ("minute", 1) | ("minutes", 2..) => count,
            ("hour", 1) | ("hours", 2..) => count.saturating_mul(60),
            ("day", 1) | ("days", 2..) => count.saturating_mul(60 * 24),
            _ => return Err(invalid()),
        };
        Ok(Self {
            minutes,
            text: expression.to_owned(),
            since: Timestamp::UNIX_EPOCH,
        })
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_rate_is_due_once_in_a_period() {
        let start = Timestamp::UNIX_EPOCH;
        let rate = "rate(5 minutes)".parse::<Rate>().unwrap().beginning(start);
        let due: Vec<u64> = (0..=12)
            .filter(|minute| rate.is_due(start + Duration::from_mins(*minute)))
            .collect();
        assert_eq!(due, [5, 10]);
        for refused in [
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(0 minutes)",
            "cron(0 12 * * ? *)",
            "",
        ] {
            assert!(refused.parse::<Rate>().is_err(), "{refused}");
        }
    }
}
