//! Carries a plan out: check the head, act, verify; step by step, from wherever it was left. What a step does is its
//! subject's; the rest is the same for all.

use std::future::Future;

use jiff::{SignedDuration, Timestamp};

use crate::blocker::Blocker;
use crate::error::{Class, Failure, PortError, chain};
use crate::generation::Generation;
use crate::policy::DEADLINE_MARGIN_SECONDS;
use crate::report::StepReport;

/// How far an execution came.
#[derive(Debug)]
pub(crate) enum End {
    /// Every step is verified.
    Finished,
    /// A step waits for the world; the tick goes on.
    Waiting(String),
    /// A later generation exists: nothing more is done in this one's name.
    Superseded(Generation),
    /// The plan cannot go on.
    Failed(Trouble),
    /// A call failed that may work in a moment; the tick goes on.
    Stalled(PortError),
}

/// Why a plan cannot go on.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The world is not as it must be.
    Blocked(Blocker),
    /// A call failed for good.
    Broken(PortError),
}

/// What one step came to.
pub(crate) enum Verdict {
    /// The words for the answer's `result`.
    Verified(&'static str),
    End(End),
}

/// One plan in the hands of one invocation.
pub(crate) trait Stepping {
    type Step: Clone + Send;

    fn steps(&self) -> &[Self::Step];
    /// The first step that is not known to be verified.
    fn start(&self) -> usize;
    fn name(step: &Self::Step) -> &'static str;
    /// The generation that overtook this one, if any has.
    fn overtaken(&self) -> impl Future<Output = Result<Option<Generation>, PortError>> + Send;
    /// What was seen before the first step is too old for the second.
    fn forget_sightings(&mut self);
    fn step(&mut self, step: Self::Step) -> impl Future<Output = Verdict> + Send;
    fn reported(&mut self, report: StepReport);
}

pub(crate) async fn carry_out<S: Stepping>(plan: &mut S) -> End {
    let start = plan.start();
    for index in 0..plan.steps().len() {
        let Some(step) = plan.steps().get(index).cloned() else {
            break;
        };
        let name = S::name(&step);
        let report = |result| StepReport::named(name, result);
        if index < start {
            plan.reported(report("verified"));
            continue;
        }
        if index > start {
            plan.forget_sightings();
            match plan.overtaken().await {
                Ok(None) => {}
                Ok(Some(later)) => return End::Superseded(later),
                Err(error) => return End::Stalled(error),
            }
        }
        match plan.step(step).await {
            Verdict::Verified(result) => plan.reported(report(result)),
            Verdict::End(end) => {
                plan.reported(report(words(&end)));
                return end;
            }
        }
    }
    End::Finished
}

fn words(end: &End) -> &'static str {
    match end {
        End::Finished => "verified",
        End::Waiting(_) => "waiting",
        End::Superseded(_) => "superseded",
        End::Failed(_) => "failed",
        End::Stalled(_) => "unknown",
    }
}

/// The last moment at which something new may be begun.
pub(crate) fn last_moment(deadline: Timestamp) -> Timestamp {
    deadline
        .checked_sub(SignedDuration::from_secs(DEADLINE_MARGIN_SECONDS))
        .unwrap_or(deadline)
}

impl Trouble {
    pub fn failure(self, headline: &str) -> Failure {
        match self {
            Self::Blocked(blocker) => {
                Failure::new(Class::NeedsHuman, format!("{headline}: {}", blocker.message))
            }
            Self::Broken(error) => Failure::from(error).within(headline),
        }
    }

    pub fn sentence(&self) -> String {
        match self {
            Self::Blocked(blocker) => blocker.message.clone(),
            Self::Broken(error) => chain(error),
        }
    }
}

pub(crate) fn failed(blocker: Blocker) -> Verdict {
    Verdict::End(End::Failed(Trouble::Blocked(blocker)))
}

pub(crate) fn waiting(what: &str) -> Verdict {
    Verdict::End(End::Waiting(what.to_owned()))
}

pub(crate) fn broken(error: PortError) -> End {
    match error.class {
        Class::Retryable | Class::Throttled | Class::Conflict => End::Stalled(error),
        Class::Permanent | Class::NeedsHuman | Class::InvalidRequest => End::Failed(Trouble::Broken(error)),
    }
}
