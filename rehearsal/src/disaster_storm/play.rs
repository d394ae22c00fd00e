//! One schedule, played to its end and then until nothing moves any more.

use std::time::Duration;

use cutover_core::error::Failure;
use cutover_core::journal::Outcome;
use jiff::Timestamp;

use super::schedule::Schedule;
use super::stage::{GLOBAL, JOURNAL, Stage};
use super::watch::Watch;

/// Minutes that a storm is given to come to rest at most: a promotion's fifteen, a rebuilt volume's twenty.
const REST_MINUTES_MAX: u32 = 40;
const MINUTE_SECONDS: i64 = 60;
const NANOSECONDS: u32 = 1_000_000_000;

/// A schedule that was played.
pub(super) struct Played {
    pub stage: Stage,
    pub watch: Watch,
    /// When it began: happenings are counted from there.
    pub begun: Timestamp,
    pub came_to_rest: bool,
}

pub(super) async fn play(schedule: &Schedule) -> Result<Played, Failure> {
    let stage = Box::pin(Stage::build(schedule.seed, &schedule.setting)).await?;
    let begun = stage.now();
    let mut storm = Storm {
        watch: Watch::default(),
        begun,
        stage,
    };
    storm.watch.second(&storm.stage);
    for (at, happening) in &schedule.happenings {
        storm.until(*at).await;
        happening.happen(&storm.stage);
    }
    storm.until(schedule.length).await;
    let came_to_rest = storm.rest().await;
    Ok(Played {
        stage: storm.stage,
        watch: storm.watch,
        begun,
        came_to_rest,
    })
}

struct Storm {
    stage: Stage,
    watch: Watch,
    begun: Timestamp,
}

impl Storm {
    /// Time passes until so long after the beginning; every second is looked at, and AWS does at whole minutes what it
    /// does then.
    async fn until(&mut self, after: Duration) {
        let moment = self.begun.saturating_add(after).unwrap_or(Timestamp::MAX);
        while self.stage.now() < moment {
            let now = self.stage.now();
            let into = u32::try_from(now.subsec_nanosecond()).unwrap_or_default();
            let to_second = Duration::from_nanos(u64::from(NANOSECONDS.saturating_sub(into)));
            let left = Duration::try_from(moment.duration_since(now)).unwrap_or_default();
            if left < to_second {
                self.stage.sleep(left).await;
                return;
            }
            self.stage.sleep(to_second).await;
            self.second().await;
        }
    }

    async fn second(&mut self) {
        if self.stage.now().as_second().rem_euclid(MINUTE_SECONDS) == 0 {
            self.stage.twin.minute().await;
        }
        self.watch.second(&self.stage);
    }

    /// A whole minute in which nothing is open is rest. It is looked at between two minutes: at a whole one somebody is
    /// always at work.
    async fn rest(&mut self) -> bool {
        let into = self.stage.now().as_second().rem_euclid(MINUTE_SECONDS);
        let half = MINUTE_SECONDS / 2;
        self.pass((MINUTE_SECONDS + half - into).unsigned_abs()).await;
        for _ in 0..REST_MINUTES_MAX {
            let (before, settled) = (self.mark(), self.is_settled());
            self.pass(MINUTE_SECONDS.unsigned_abs()).await;
            if settled && self.is_settled() && before == self.mark() {
                return true;
            }
        }
        false
    }

    async fn pass(&mut self, seconds: u64) {
        let elapsed = self.stage.now().duration_since(self.begun);
        let elapsed = Duration::try_from(elapsed).unwrap_or_default();
        self.until(elapsed + Duration::from_secs(seconds)).await;
    }

    /// What changes as long as anything is done.
    fn mark(&self) -> (usize, usize) {
        let there = &self.stage.there;
        (
            there.ssm(|ssm| ssm.names(JOURNAL).len()),
            there.sns(|sns| sns.published().len()),
        )
    }

    /// The snapshot is of the head, and nothing in it is open; nobody is at work, and AWS is not.
    fn is_settled(&self) -> bool {
        let there = &self.stage.there;
        let at_work = there.invoked().iter().any(|invoked| invoked.result.is_none());
        let moving = there.rds(|rds| rds.is_moving(GLOBAL));
        if at_work || moving {
            return false;
        }
        let names = there.ssm(|ssm| ssm.names(JOURNAL));
        let Some(state) = self.stage.state() else {
            return names.is_empty();
        };
        let head = state.generation.name();
        let is_head = names.last().is_none_or(|name| name.ends_with(&head));
        is_head && state.outcome != Outcome::Open && state.untold.open().is_empty()
    }
}
