//! Writing the snapshot where others write it too.

use std::sync::atomic::Ordering;

use futures_util::future::join;

use super::Run;
use crate::error::PortError;
use crate::policy::MERGES_MAX;
use crate::ports::{StateLog, World};
use crate::state::State;

impl<W: World> Run<'_, W> {
    /// Writes the snapshot. Where somebody else wrote one since ours was read, both are put together and written again:
    /// all functions look at the same minute, and what one of them told must not be told again by the next.
    pub(super) async fn save(&self, state: &mut State) -> Result<(), PortError> {
        let log = self.world.log();
        let read = state.version.max(self.wrote.load(Ordering::Relaxed));
        let mut known = read;
        // What both snapshots come from.
        let mut before = None;
        for _ in 0..=MERGES_MAX {
            state.version = log.write_state(state).await?;
            self.wrote.store(state.version, Ordering::Relaxed);
            if state.version <= known.saturating_add(1) {
                break;
            }
            let (first, theirs) = join(
                async {
                    if before.is_some() {
                        Ok(None)
                    } else {
                        log.earlier_state(read).await
                    }
                },
                log.earlier_state(state.version.saturating_sub(1)),
            )
            .await;
            // What cannot be read back cannot be kept: ours stands, as it would without anybody looking.
            let (Ok(first), Ok(Some(theirs))) = (first, theirs) else {
                break;
            };
            let merged = state.merged(before.as_ref().or(first.as_ref()), &theirs);
            known = state.version;
            before = Some(theirs);
            if merged == *state {
                break;
            }
            *state = merged;
        }
        Ok(())
    }
}
