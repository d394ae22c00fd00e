//! The one step that cannot be taken back, and the wait for what it changes.

use std::time::Duration;

use futures_util::future::join;

use super::execute::Execution;
use crate::blocker::{Blocker, Code};
use crate::dr::account::Run as RunKept;
use crate::dr::phase::Action;
use crate::dr::policy::{POLL_FIRST_MILLISECONDS, POLL_MAX_MILLISECONDS, PROMOTION_SECONDS_MAX};
use crate::dr::ports::{Clusters, MigrationWatch, Promoted, World};
use crate::dr::roles;
use crate::dr::side::Side;
use crate::dr::verb::Verb;
use crate::error::{PortError, chain};
use crate::replication::seconds_between;
use crate::stepping::{End, Trouble, Verdict, broken, failed};

impl<W: World> Execution<'_, W> {
    /// Asks AWS for it, unless it is done or under way already, whoever began it.
    pub(super) async fn promote(&mut self, verb: &Verb, to: Side) -> Verdict {
        let seen = match self.seen.take() {
            Some(seen) => seen,
            None => self.run.roles(to).await,
        };
        let settings = self.run.settings;
        let now = self.run.now();
        let verb = &RunKept::in_effect(Some(&self.account), self.entry.generation, verb);
        if roles::is_reached(&seen, verb, to, settings) || roles::is_moving_to(&seen, to, settings) {
            self.account.timeline.promote_called.get_or_insert(now);
            return Verdict::Verified("adopted");
        }
        self.account.timeline.promote_called = Some(now);
        let (promoted, frozen) =
            join(self.run.world.clusters().promote(verb, to), self.freeze_beside()).await;
        if let Some(Err(error)) = frozen {
            self.account
                .note(&format!("the migration could not be frozen: {}", chain(&error)));
        }
        if self.entry.action.is_forced() && settings.equipment.pre_hook {
            self.account
                .note("the pre-hook was not asked: the failover is forced");
        }
        match promoted {
            Ok(Promoted::Accepted) => Verdict::Verified("accepted"),
            Ok(Promoted::UnderWay(_)) => Verdict::Verified("adopted"),
            Ok(Promoted::Refused(words)) => self.refused(verb, to, &words).await,
            // The tick tries again, but not for ever without anybody knowing.
            Err(error) if seconds_between(self.entry.at, now) > PROMOTION_SECONDS_MAX => {
                Verdict::End(End::Failed(Trouble::Broken(error)))
            }
            Err(error) => Verdict::End(broken(error)),
        }
    }

    /// A migration must not move traffic while the writer moves. Nothing of a forced failover waits for it.
    async fn freeze_beside(&self) -> Option<Result<(), PortError>> {
        if !self.entry.action.is_forced() || !self.run.settings.equipment.migration {
            return None;
        }
        let reason = format!("the writer moves, DR generation {}", self.entry.generation);
        Some(self.run.world.migration().freeze(&reason).await)
    }

    /// Where the managed way is refused for its versions, only a person who accepted the loss may give up the topology.
    async fn refused(&mut self, verb: &Verb, to: Side, words: &str) -> Verdict {
        let by_version = words.to_ascii_lowercase().contains("version");
        if self.entry.action == Action::Failover && *verb == Verb::FailoverGlobalCluster && by_version {
            return self.detach(to).await;
        }
        refusal(verb, words, by_version)
    }

    /// Written down before it is asked for: afterwards the region may not know the global cluster any more, and whoever
    /// goes on would take that for a failure.
    async fn detach(&mut self, to: Side) -> Verdict {
        let verb = Verb::RemoveFromGlobalCluster;
        self.account.detaches = true;
        self.account
            .note("AWS refused the managed failover for its versions: the cluster was detached");
        if let Err(error) = self.write_down().await {
            return Verdict::End(broken(error));
        }
        match self.run.world.clusters().promote(&verb, to).await {
            Ok(Promoted::Accepted | Promoted::UnderWay(_)) => Verdict::Verified("detached"),
            Ok(Promoted::Refused(words)) => refusal(&verb, &words, false),
            Err(error) => Verdict::End(broken(error)),
        }
    }

    /// By role and status, not by time.
    pub(super) async fn await_role(&mut self, verb: &Verb, to: Side) -> Verdict {
        let verb = &RunKept::in_effect(Some(&self.account), self.entry.generation, verb);
        let begun = self.account.timeline.promote_called.unwrap_or(self.entry.at);
        // Nothing is waited for longer than this, and events that tell of it find a run to tell of.
        let _late = self.write_down().await;
        let mut poll = POLL_FIRST_MILLISECONDS;
        let mut was_moving = false;
        loop {
            let seen = self.run.roles(to).await;
            if roles::is_reached(&seen, verb, to, self.run.settings) {
                return self.reached(to).await;
            }
            let moving = roles::is_moving_to(&seen, to, self.run.settings);
            let readable = seen.global.as_ref().is_none_or(|global| global.known().is_some());
            let given_up = readable && was_moving && !moving && roles::under_way(&seen).is_none();
            let still_reader = roles::writer(&seen, self.run.settings).known() == Some(&to.other());
            if given_up && still_reader {
                let message = format!(
                    "AWS began {} and gave it up: the {to} cluster is no writer",
                    verb.name()
                );
                return failed(Blocker::new(Code::ClusterNotAvailable, message));
            }
            was_moving |= moving;
            if seconds_between(begun, self.run.now()) > PROMOTION_SECONDS_MAX {
                let message = format!(
                    "the {to} cluster is not the writer {PROMOTION_SECONDS_MAX} s after {} was called",
                    verb.name()
                );
                return failed(Blocker::new(Code::InProgress, message));
            }
            if !self.pause(Duration::from_millis(poll)).await {
                return Verdict::End(End::Waiting("role".to_owned()));
            }
            poll = poll.saturating_mul(2).min(POLL_MAX_MILLISECONDS);
        }
    }

    /// It is the writer now: that stands, and blocks another promotion, whatever becomes of the rest.
    async fn reached(&mut self, to: Side) -> Verdict {
        self.reached = true;
        self.account.timeline.promoted.get_or_insert(self.run.now());
        self.state.record.writer = to;
        self.state.record.blocked_until = self.entry.record.blocked_until;
        // The journal knows what was decided, and the roles what came of it: the snapshot may be late.
        let _late = self.write_down().await;
        Verdict::Verified("verified")
    }
}

fn refusal(verb: &Verb, words: &str, by_version: bool) -> Verdict {
    let code = if by_version {
        Code::VersionDrift
    } else {
        Code::ClusterNotAvailable
    };
    failed(Blocker::new(
        code,
        format!("AWS refuses {}: {words}", verb.name()),
    ))
}
