//! Holds with a holder: set by one function or alarm, and lifted by the same.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::blocker::Code;
use crate::policy::{HELD_BY_ONE_MAX, HELD_MAX};
use crate::text::Text;
use crate::told::fnv;

/// Bytes kept of a holder's name. Alarm names may have 255: of a longer one the beginning stays, and a hash of it all.
const HOLDER_BYTES: usize = 40;
/// Of a name that is too long, this much of its beginning.
const BEGINNING_CHARACTERS: usize = 24;

/// What `dms-monitor` holds for.
pub const REPLICATION: &str = "replication";
/// What the end of the migration window holds for.
pub const WINDOW: &str = "window";

/// One reason to hold that outlives the look that found it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Held {
    /// An alarm's name, or what else holds.
    pub by: Text<HOLDER_BYTES>,
    pub code: Code,
    pub since: Timestamp,
}

impl Held {
    #[must_use]
    pub fn new(by: &str, code: Code, since: Timestamp) -> Self {
        Self {
            by: short(by),
            code,
            since,
        }
    }

    #[must_use]
    pub fn is_by(&self, holder: &str) -> bool {
        self.by == short(holder)
    }
}

/// The holds of a record once `ours` are the ones that we have reason for. What stood already keeps its time.
#[must_use]
pub fn replaced(held: &[Held], is_ours: impl Fn(&Held) -> bool, ours: &[Held]) -> Vec<Held> {
    let mut after: Vec<Held> = held
        .iter()
        .filter(|earlier| !is_ours(earlier) || ours.iter().any(|wanted| same(wanted, earlier)))
        .cloned()
        .collect();
    for wanted in ours {
        let of_ours = after.iter().filter(|earlier| is_ours(earlier)).count();
        let room = after.len() < HELD_MAX && of_ours < HELD_BY_ONE_MAX;
        if room && !after.iter().any(|earlier| same(wanted, earlier)) {
            after.push(wanted.clone());
        }
    }
    after
}

fn short(holder: &str) -> Text<HOLDER_BYTES> {
    let whole = Text::new(holder);
    if whole.as_str() == holder {
        return whole;
    }
    let beginning: String = holder.chars().take(BEGINNING_CHARACTERS).collect();
    let beginning = Text::<BEGINNING_CHARACTERS>::new(&beginning);
    Text::new(&format!("{beginning}~{:08x}", fnv(holder.bytes())))
}

fn same(one: &Held, other: &Held) -> bool {
    one.by == other.by && one.code == other.code
}
