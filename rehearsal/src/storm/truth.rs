//! What was so, minute by minute, read from the twin: the functions' answers are judged by it.

use jiff::{SignedDuration, Timestamp};
use twin::dms::TaskStatus;

use super::troubles::ALARMS;
use crate::stage::{Direction, Stage};

/// The world at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    pub at: Timestamp,
    pub forward_runs: bool,
    pub reverse_runs: bool,
    /// Seconds; `None` while nothing is reported.
    pub forward_lag: Option<u32>,
    pub reverse_lag: Option<u32>,
    /// An alarm that rolls back or holds is in ALARM.
    pub in_alarm: bool,
}

/// The moments in order. Between two of them the world is taken to be as in the earlier one.
#[derive(Debug, Default)]
pub(super) struct Truth(Vec<Moment>);

impl Truth {
    pub(super) fn look(&mut self, stage: &Stage, lags: (Option<u32>, Option<u32>)) {
        let runs = |direction: Direction| {
            let task = stage.task(direction);
            stage.twin.dms(|dms| dms.status(task)) == Some(TaskStatus::Running)
        };
        let blocking = ALARMS
            .split(',')
            .filter_map(|rule| rule.split_once('='))
            .filter(|(_, policy)| *policy != "notify");
        let in_alarm = stage.setting.alarms == ALARMS
            && stage.twin.cloudwatch(|cloudwatch| {
                let state = |(name, _): (&str, &str)| cloudwatch.alarm_state(name);
                blocking.filter_map(state).any(|(state, _)| state == "ALARM")
            });
        self.0.push(Moment {
            at: stage.twin.clock().now(),
            forward_runs: runs(Direction::Forward),
            reverse_runs: runs(Direction::Reverse),
            forward_lag: lags.0,
            reverse_lag: lags.1,
            in_alarm,
        });
    }

    /// Whether it was so all the time from so long before `at` until then, and at the next look still is: what
    /// changes at that very time is nobody's fault.
    pub(super) fn held_for(&self, seconds: i64, at: Timestamp, is_so: impl Fn(&Moment) -> bool) -> bool {
        let from = at.checked_sub(SignedDuration::from_secs(seconds)).unwrap_or(at);
        let begin = self.0.iter().rposition(|moment| moment.at <= from);
        let Some(begin) = begin else {
            return false;
        };
        let after = self.0.iter().position(|moment| moment.at > at);
        let end = after.unwrap_or(self.0.len().saturating_sub(1));
        self.0.get(begin..=end).is_some_and(|span| span.iter().all(is_so))
    }

    /// Whether it was so at any look between the two, both ends taken generously.
    pub(super) fn ever_between(
        &self,
        from: Timestamp,
        to: Timestamp,
        is_so: impl Fn(&Moment) -> bool,
    ) -> bool {
        let begin = self
            .0
            .iter()
            .rposition(|moment| moment.at <= from)
            .unwrap_or_default();
        let mut span = self.0.iter().skip(begin).take_while(|moment| moment.at <= to);
        span.any(is_so)
    }
}
