//! Which reasons a person overrode, and which remain.

use crate::blocker::{Blocker, Code};
use crate::command::Options;

/// Parts the reasons into those that a person overrode by name and those that remain.
pub(super) fn part(blockers: Vec<Blocker>, options: &Options) -> (Vec<Blocker>, Vec<Blocker>) {
    let (forced, mut remaining): (Vec<_>, Vec<_>) = blockers
        .into_iter()
        .partition(|blocker| is_forced(blocker, options));
    for blocker in &mut remaining {
        if needs_reason(blocker.code) && options.force.contains(&blocker.code) {
            blocker.message.push_str("; to force it, say why in \"reason\"");
        }
    }
    (forced, remaining)
}

fn is_forced(blocker: &Blocker, options: &Options) -> bool {
    blocker.forceable
        && options.force.contains(&blocker.code)
        && (options.reason.is_some() || !needs_reason(blocker.code))
}

/// Splitting writes is the one override that can damage data by itself, so it is never without a reason.
fn needs_reason(code: Code) -> bool {
    code == Code::SplitWritesUnsafe
}
