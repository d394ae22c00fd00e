//! Keeping the snapshot, where others write it too, and the journal, which must not grow for ever.

use std::sync::atomic::{AtomicU64, Ordering};

use futures_util::future::join;
use jiff::{SignedDuration, Timestamp};

use crate::error::PortError;
use crate::generation::Generation;
use crate::policy::{JOURNAL_KEEP_ENTRIES, JOURNAL_KEEP_SECONDS, MERGES_MAX};
use crate::ports::StateLog;
use crate::subject::{Snapshot, Subject};

/// Writes the snapshot. Where somebody else wrote one since ours was read, both are put together and written again:
/// all functions look at the same minute, and what one of them told must not be told again by the next. `wrote` is the
/// number of what this invocation wrote last.
pub(crate) async fn save<S: Subject>(
    log: &impl StateLog<S>,
    state: &mut S::State,
    wrote: &AtomicU64,
) -> Result<(), PortError> {
    let read = state.version().max(wrote.load(Ordering::Relaxed));
    let mut known = read;
    // What both snapshots come from.
    let mut before = None;
    for _ in 0..=MERGES_MAX {
        let version = log.write_state(state).await?;
        state.set_version(version);
        wrote.store(version, Ordering::Relaxed);
        if version <= known.saturating_add(1) {
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
            log.earlier_state(version.saturating_sub(1)),
        )
        .await;
        // What cannot be read back cannot be kept: ours stands, as it would without anybody looking.
        let (Ok(first), Ok(Some(theirs))) = (first, theirs) else {
            break;
        };
        let merged = state.merged(before.as_ref().or(first.as_ref()), &theirs);
        known = version;
        before = Some(theirs);
        if merged == *state {
            break;
        }
        *state = merged;
    }
    Ok(())
}

/// Deletes entries far behind the head and a day old: nobody still running can claim their numbers again. Returns the
/// first that is left.
pub(crate) async fn prune<S: Subject>(
    log: &impl StateLog<S>,
    first: Generation,
    head: Generation,
    now: Timestamp,
) -> Result<Generation, PortError> {
    let end = head.minus(JOURNAL_KEEP_ENTRIES);
    if first >= end {
        return Ok(first);
    }
    let age = SignedDuration::from_secs(JOURNAL_KEEP_SECONDS);
    let before = now.checked_sub(age).unwrap_or(Timestamp::MIN);
    log.prune(first, end, before).await
}
