//! Two snapshots that were written over one another, put together again.
//!
//! Parameter Store has no compare-and-swap, but it numbers what is written: who wrote knows whether somebody else did
//! meanwhile, and can read what it was. The journal needs none of this; what people were told is only in the snapshot.

use crate::generation::Generation;
use crate::journal::Outcome;
use crate::state::State;

/// `ours` was written over `theirs` by somebody who only knew `before`. What either changed stays; of a migration
/// that went on, the later is true.
pub(crate) fn merged(ours: &State, before: Option<&State>, theirs: &State) -> State {
    let mut merged = match (ours.progress(), theirs.progress()) {
        (our, their) if our > their => ours.clone(),
        (our, their) if our < their => theirs.clone(),
        _ => ours.on_top_of(before, theirs),
    };
    merged.told = ours.told.merged(&theirs.told);
    merged.untold = ours.untold.merged(&theirs.untold);
    merged.unannounced = ours.unannounced.merged(&theirs.unannounced);
    merged.journal_first = ours.journal_first.max(theirs.journal_first);
    merged.version = ours.version;
    merged
}

impl State {
    /// A generation only ever goes from open to ended.
    fn progress(&self) -> (Generation, bool) {
        (self.generation, self.outcome != Outcome::Open)
    }

    /// Of the same generation, each as the one who changed it left it.
    fn on_top_of(&self, before: Option<&Self>, theirs: &Self) -> Self {
        let Some(before) = before.filter(|before| before.progress() == self.progress()) else {
            return self.clone();
        };
        let mut merged = self.clone();
        macro_rules! theirs_where_ours_is_as_before {
            ($($field:ident),*) => {
                $(if self.$field == before.$field {
                    merged.$field.clone_from(&theirs.$field);
                })*
            };
        }
        theirs_where_ours_is_as_before!(
            record,
            settling,
            settled_at,
            replication,
            ready_for_cutover,
            cutover_blockers,
            rollback,
            hold
        );
        merged
    }
}
