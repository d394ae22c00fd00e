//! A weight change on its way to every resolver: in sync at the name servers, then one TTL for the caches.

use jiff::SignedDuration;

use super::Run;
use super::execute::Execution;
use crate::blocker::{Blocker, Code};
use crate::error::PortError;
use crate::observation::PairFound;
use crate::policy::SYNC_SECONDS_MAX;
use crate::ports::{SetAnswer, SyncAnswer, TrafficRouter, World};
use crate::replication::seconds_between;
use crate::state::Settling;
use crate::stepping::{End, Verdict, failed};
use crate::text::Text;
use crate::weight::Pair;

impl<W: World> Execution<'_, W> {
    /// In sync at the name servers, then one TTL for the answers that caches still hold.
    pub(super) async fn await_settled(&mut self, pair: Pair) -> Verdict {
        loop {
            let Some(index) = self.settling.iter().position(|settling| settling.pair == pair) else {
                return Verdict::Verified("verified");
            };
            let Some(settling) = self.settling.get(index).cloned() else {
                return Verdict::Verified("verified");
            };
            let advanced = match self.run.advance_settling(settling).await {
                Ok(advanced) => advanced,
                Err(error) => return Verdict::End(End::Stalled(error)),
            };
            let awaited = match advanced {
                None => {
                    self.settling.remove(index);
                    return Verdict::Verified("verified");
                }
                Some(settling) if self.is_stuck(&settling) => {
                    let limit = SYNC_SECONDS_MAX;
                    let message = format!(
                        "the {} pair is not in sync {limit} s after its change",
                        pair.name()
                    );
                    return failed(Blocker::new(Code::InProgress, message));
                }
                Some(settling) => {
                    let what = if settling.in_sync_at.is_some() {
                        "settled"
                    } else {
                        "in-sync"
                    };
                    if let Some(place) = self.settling.get_mut(index) {
                        *place = settling;
                    }
                    format!("{}-{what}", pair.name())
                }
            };
            if !self.pause().await {
                return Verdict::End(End::Waiting(awaited));
            }
        }
    }
}

impl<W: World> Execution<'_, W> {
    /// Route 53 takes about a minute. After ten a person should know, while the tick goes on looking.
    fn is_stuck(&self, settling: &Settling) -> bool {
        settling.in_sync_at.is_none()
            && seconds_between(settling.accepted_at, self.run.now()) > SYNC_SECONDS_MAX
    }
}

impl<W: World> Run<'_, W> {
    /// How far a change has come: `None` once it has settled.
    pub(super) async fn advance_settling(
        &self,
        mut settling: Settling,
    ) -> Result<Option<Settling>, PortError> {
        if settling.in_sync_at.is_none() {
            let Some(change) = settling.change.clone() else {
                settling.change = self.change_of(settling.pair).await?;
                return Ok(Some(settling));
            };
            match self.world.router().sync(change.as_str()).await? {
                SyncAnswer::Pending => return Ok(Some(settling)),
                SyncAnswer::InSync => settling.in_sync_at = Some(self.now()),
            }
        }
        let ttl = SignedDuration::from_secs(i64::try_from(settling.ttl_seconds).unwrap_or(i64::MAX));
        let settled = settling
            .in_sync_at
            .and_then(|moment| moment.checked_add(ttl).ok());
        Ok(if settled.is_some_and(|moment| self.now() >= moment) {
            None
        } else {
            Some(settling)
        })
    }

    /// A change id for weights that stand but whose own id was lost: the same weights are set once more. Route
    /// 53 applies changes in order, so this one being in sync means that the lost one is.
    async fn change_of<const MAX: usize>(&self, pair: Pair) -> Result<Option<Text<MAX>>, PortError> {
        let sightings = self.world.router().read().await?;
        let Some(sighting) = sightings.iter().find(|sighting| sighting.seen.pair == pair) else {
            return Ok(None);
        };
        let PairFound::Both { weights, .. } = sighting.seen.found else {
            return Ok(None);
        };
        match self.world.router().set(sighting, weights).await? {
            SetAnswer::Accepted(change) => Ok(Some(Text::new(&change))),
            SetAnswer::Moved(_) => Ok(None),
        }
    }
}
