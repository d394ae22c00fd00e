//! Setting the weights of a pair: compare-and-swap, and never over somebody's edit.

use super::execute::Execution;
use crate::blocker::{Blocker, Code};
use crate::observation::PairFound;
use crate::policy::WEIGHT_ATTEMPTS_MAX;
use crate::ports::{SetAnswer, Sighting, TokenOf, TrafficRouter, World};
use crate::state::Settling;
use crate::stepping::{End, Stepping, Trouble, Verdict, broken, failed};
use crate::text::Text;
use crate::weight::{Pair, Weights};

impl<W: World> Execution<'_, W> {
    /// Compare-and-swap until the pair stands, or until what is found is not ours to change.
    pub(super) async fn set_weights(&mut self, pair: Pair, to: Weights) -> Verdict {
        let mut refused = String::from("they had just been changed");
        for _ in 0..WEIGHT_ATTEMPTS_MAX {
            let fresh = self.seen_since || self.sightings.is_none();
            let sighting = match self.sighting(pair).await {
                Ok(sighting) => sighting,
                Err(end) => return Verdict::End(end),
            };
            let (weights, ttl_seconds) = match sighting.seen.found.clone() {
                PairFound::Both { weights, ttl_seconds } => (weights, ttl_seconds),
                PairFound::Missing(why) => return failed(Blocker::new(Code::RecordMissing, why)),
            };
            if weights == to && !fresh {
                continue;
            }
            if weights == to {
                self.stands(pair, to, ttl_seconds);
                return Verdict::Verified("verified");
            }
            if !self.entry.explains(pair, weights, self.run.now()) {
                return failed(self.edited(&sighting, weights));
            }
            if self.moved_unseen(pair, weights, to) {
                match self.await_carried_back().await {
                    Verdict::Verified(_) => {}
                    end @ Verdict::End(_) => return end,
                }
            }
            match self.run.world.router().set(&sighting, to).await {
                Ok(SetAnswer::Accepted(change)) => {
                    self.accepted(pair, to, Some(&change), ttl_seconds);
                    return Verdict::Verified("verified");
                }
                Ok(SetAnswer::Moved(why)) => match self.overtaken().await {
                    Ok(None) => refused = why,
                    Ok(Some(later)) => return Verdict::End(End::Superseded(later)),
                    Err(error) => return Verdict::End(End::Stalled(error)),
                },
                Err(error) => return Verdict::End(broken(error)),
            }
        }
        let message = format!(
            "the {} pair could not be changed in {WEIGHT_ATTEMPTS_MAX} attempts: {refused}",
            pair.name()
        );
        failed(Blocker::new(Code::Drift, message))
    }

    async fn sighting(&mut self, pair: Pair) -> Result<Sighting<TokenOf<W>>, End> {
        let sightings = match self.sightings.take() {
            Some(sightings) => sightings,
            None => self.run.world.router().read().await.map_err(broken)?,
        };
        sightings
            .into_iter()
            .find(|sighting| sighting.seen.pair == pair)
            .ok_or_else(|| {
                End::Failed(Trouble::Blocked(Blocker::new(
                    Code::RecordMissing,
                    format!("the {} pair was not read", pair.name()),
                )))
            })
    }

    /// The decision took the writer to be on the source, so its plan does not wait for the target's writes. An
    /// executor that was overtaken has moved it since.
    fn moved_unseen(&self, pair: Pair, found: Weights, to: Weights) -> bool {
        pair == self.run.settings.topology.writes()
            && to.is_all_source()
            && !found.is_all_source()
            && self.entry.before.traffic.of(pair).is_all_source()
            && !self.entry.accept_data_loss
    }

    fn edited(&self, sighting: &Sighting<TokenOf<W>>, found: Weights) -> Blocker {
        let expected = self.entry.before.traffic.of(sighting.seen.pair);
        let name = &sighting.seen.name;
        Blocker::new(
            Code::Drift,
            format!("{name} stands at {found}, expected {expected}: somebody changed it"),
        )
    }

    /// The weights stand. If that may be somebody's earlier doing in our name, its change still has to settle.
    fn stands(&mut self, pair: Pair, to: Weights, ttl_seconds: Option<u64>) {
        let ours = self.entry.before.traffic.of(pair) != to;
        let known = self.settling.iter().any(|settling| settling.pair == pair);
        // The snapshot knew of the change and no longer awaits it.
        let settled = self.recorded.is_some_and(|traffic| traffic.of(pair) == to);
        if ours && !known && !settled {
            self.accepted(pair, to, None, ttl_seconds);
        }
    }

    fn accepted(&mut self, pair: Pair, to: Weights, change: Option<&str>, ttl_seconds: Option<u64>) {
        self.settling.retain(|earlier| earlier.pair != pair);
        self.settling.push(Settling {
            pair,
            change: change.map(Text::new),
            accepted_at: self.run.now(),
            in_sync_at: None,
            ttl_seconds: ttl_seconds.unwrap_or(self.run.settings.policy.record_ttl_max_seconds),
        });
        self.moved.push((pair, to));
    }
}
