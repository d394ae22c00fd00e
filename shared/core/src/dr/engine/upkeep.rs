//! What a look does when nothing is decided: the metric, what was left over, the lost tail, people.

use futures_util::future::join;

use super::conclude::effect;
use super::{Look, Run};
use crate::blocker::{Blocker, Code};
use crate::dr::account::Left;
use crate::dr::command::Verb;
use crate::dr::observation::Observation;
use crate::dr::phase::Phase;
use crate::dr::policy::{OWNERSHIP_SECONDS, TAIL_MINUTES};
use crate::dr::ports::{Application, Clusters, Routes, Tail, World};
use crate::dr::report::Report;
use crate::dr::side::Side;
use crate::dr::state::{Hold, LagKept, State};
use crate::dr::votes::{BadSince, bad_since};
use crate::error::PortError;
use crate::replication::{Seen, seconds_between};
use crate::report::{Outcome, StepReport};
use crate::saving;
use crate::text::Text;

impl<W: World> Run<'_, W> {
    pub(super) async fn rest(&self, look: &Look, why: &str) -> Report {
        let mut report = self.answer(look, Outcome::Unchanged, why);
        self.keep_true(look, &[], &mut report).await;
        report
    }

    pub(super) async fn hold(&self, look: &Look, blockers: Vec<Blocker>) -> Report {
        let asks = blockers
            .iter()
            .any(|blocker| blocker.code == Code::ApprovalNeeded);
        let outcome = if asks { Outcome::NeedsHuman } else { Outcome::Held };
        let sentences: Vec<&str> = blockers.iter().map(|blocker| blocker.message.as_str()).collect();
        let mut report = self.answer(look, outcome, &sentences.join("; "));
        self.keep_true(look, &blockers, &mut report).await;
        report.blockers = blockers;
        report
    }

    pub(super) async fn in_progress(&self, look: &Look, why: &str) -> Report {
        let mut report = self.answer(look, Outcome::InProgress, why);
        if self.command.verb == Verb::Tick {
            let served = self.world.routes().serve(look.standing.record.writer).await;
            report.steps.push(effect("publish-serve-metric", &served));
        }
        report
    }

    /// Only what nobody asked for keeps things true: a person's command changes what it was asked to.
    async fn keep_true(&self, look: &Look, blockers: &[Blocker], report: &mut Report) {
        if !self.command.verb.is_unattended() {
            return;
        }
        let serve = async {
            if self.command.verb == Verb::Tick {
                Some(self.world.routes().serve(look.standing.record.writer).await)
            } else {
                None
            }
        };
        let (served, steps) = join(serve, self.bring_up_to_date(look, blockers)).await;
        report
            .steps
            .extend(served.map(|served| effect("publish-serve-metric", &served)));
        report.steps.extend(steps);
    }

    async fn bring_up_to_date(&self, look: &Look, blockers: &[Blocker]) -> Vec<StepReport> {
        if look.standing.behind.is_some() {
            return Vec::new();
        }
        // Before anything was decided, too, it has to be known by which endpoints a region is probed that is gone.
        let before = look.standing.state.clone().unwrap_or_else(|| {
            State::first(
                look.standing.record.clone(),
                &self.settings.function,
                look.seen.at,
            )
        });
        let mut state = before.clone();
        self.refresh(&mut state, look);
        Self::show_hold(&mut state, look, blockers);
        let mut steps = Vec::new();
        // Whoever wrote a moment ago may still be sending it.
        if seconds_between(before.updated_at, look.seen.at) >= OWNERSHIP_SECONDS.unsigned_abs() {
            steps.extend(self.send_owed(&mut state).await);
        }
        steps.extend(self.try_left(&mut state, &look.seen).await);
        steps.extend(self.look_for_tail(&mut state, look).await);
        let head = state.generation;
        if let Ok(first) = saving::prune(self.world.log(), state.journal_first, head, self.now()).await {
            state.journal_first = first;
        }
        if differs(&before, &state) {
            steps.push(effect("write-state", &self.save(&mut state).await));
        }
        steps
    }

    /// What holds is shown, whether or not people were told of it.
    fn show_hold(state: &mut State, look: &Look, blockers: &[Blocker]) {
        if blockers.is_empty() {
            if state.record.phase != Phase::NeedsHuman {
                state.hold = None;
            }
            return;
        }
        let since = state.hold.as_ref().map_or(look.seen.at, |hold| hold.since);
        state.hold = Some(Hold::of(blockers, since));
    }

    /// Best efforts that failed when they were due. They are done for the writer as it is now.
    async fn try_left(&self, state: &mut State, seen: &Observation) -> Vec<StepReport> {
        let writer = state.record.writer;
        let endpoint = seen
            .cluster(writer)
            .known()
            .and_then(|cluster| cluster.endpoint.clone());
        let Some(run) = &mut state.run else {
            return Vec::new();
        };
        let mut steps = Vec::new();
        for left in run.left.clone() {
            let (name, done) = match (left, &endpoint) {
                (Left::Records, _) => (
                    "move-records",
                    self.world.routes().move_records(writer).await.map(|_| ()),
                ),
                (Left::Application, Some(endpoint)) => (
                    "configure-application",
                    self.world.application().configure(writer, endpoint).await,
                ),
                (Left::Application, None) => continue,
            };
            if done.is_ok() {
                run.left.retain(|other| *other != left);
            }
            steps.push(effect(name, &done));
        }
        steps
    }

    /// What a forced promotion lost may appear as a snapshot in the region that lost it, and expires there.
    async fn look_for_tail(&self, state: &mut State, look: &Look) -> Vec<StepReport> {
        let now = look.seen.at;
        let Some((to, until)) = state.run.as_ref().and_then(|run| Some((run.to, run.tail_until?))) else {
            return Vec::new();
        };
        if now >= until {
            if let Some(run) = &mut state.run {
                run.tail_until = None;
            }
            return Vec::new();
        }
        let lost_by = to.other();
        let due = self.command.verb == Verb::Tick && now.as_second().div_euclid(60) % TAIL_MINUTES == 0;
        if !due || look.seen.cluster(lost_by).known().is_none() {
            return Vec::new();
        }
        let begun = state.run.as_ref().map(|run| run.timeline.detected);
        let found = self.world.clusters().lost_tails(lost_by).await;
        let Ok(tails) = found else {
            return vec![effect("look-for-lost-tail", &found.map(|_| ()))];
        };
        let ours = |tail: &&Tail| begun.is_some_and(|begun| tail.made_at >= begun);
        let Some(tail) = tails.iter().find(ours) else {
            return Vec::new();
        };
        self.keep(state, lost_by, tail).await
    }

    async fn keep(&self, state: &mut State, lost_by: Side, tail: &Tail) -> Vec<StepReport> {
        let kept: Result<String, PortError> = match &tail.kept_as {
            Some(copy) => Ok(copy.clone()),
            None => self.world.clusters().keep_tail(lost_by, tail).await,
        };
        let copy = match kept {
            Ok(copy) => copy,
            Err(error) => return vec![effect("keep-lost-tail", &Err(error))],
        };
        let told = self.tell(&self.tail_is_kept(state, lost_by, tail, &copy)).await;
        if told.is_ok()
            && let Some(run) = &mut state.run
        {
            run.tail_until = None;
            run.note(&format!("the lost tail is kept as {copy}"));
        }
        vec![StepReport::named("keep-lost-tail", copy), effect("notify", &told)]
    }

    /// What of the snapshot follows from the last look.
    pub(super) fn refresh(&self, state: &mut State, look: &Look) {
        let seen = &look.seen;
        state.updated_at = self.now();
        state.bad_since = bad_since(&look.votes, seen.at);
        if let Seen::Known(reading) = &seen.lag {
            state.lag = Some(LagKept {
                milliseconds: reading.milliseconds,
                at: reading.at,
            });
        }
        if let Some(migration) = seen.migration.as_ref().and_then(|migration| migration.known()) {
            state.migration = Some(Text::new(&migration.phase));
        }
        for (side, kept) in [
            (Side::Primary, &mut state.endpoints.primary),
            (Side::Dr, &mut state.endpoints.dr),
        ] {
            let endpoint = seen
                .cluster(side)
                .known()
                .and_then(|cluster| cluster.endpoint.as_deref());
            if let Some(endpoint) = endpoint {
                *kept = Some(Text::new(endpoint));
            }
        }
    }
}

/// Something that the next look could not see again by itself. A lag that is read every minute can.
fn differs(before: &State, after: &State) -> bool {
    let signals =
        |bad: &[BadSince]| -> Vec<String> { bad.iter().map(|bad| bad.signal.as_str().to_owned()).collect() };
    let comparable = |state: &State| State {
        updated_at: after.updated_at,
        version: after.version,
        lag: if before.lag.is_some() { None } else { state.lag },
        bad_since: Vec::new(),
        hold: state.hold.as_ref().map(|hold| Hold {
            message: Text::default(),
            ..hold.clone()
        }),
        ..state.clone()
    };
    comparable(before) != comparable(after) || signals(&before.bad_since) != signals(&after.bad_since)
}
