//! Whether everything that the source ever acknowledged is on the target.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::sessions::Writer;

/// A position in the write-ahead log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "schemas", schemars(with = "String"))]
pub struct Lsn(pub u64);

#[derive(Debug, thiserror::Error)]
#[error("no log position")]
pub struct NoLsn;

impl TryFrom<String> for Lsn {
    type Error = NoLsn;

    /// Two hexadecimal halves, for example `16/B374D848`.
    fn try_from(text: String) -> Result<Self, NoLsn> {
        let (high, low) = text.split_once('/').ok_or(NoLsn)?;
        let half = |digits| u32::from_str_radix(digits, 16).map_err(|_| NoLsn);
        Ok(Self((u64::from(half(high)?) << 32) | u64::from(half(low)?)))
    }
}

impl From<Lsn> for String {
    fn from(position: Lsn) -> Self {
        position.to_string()
    }
}

impl std::fmt::Display for Lsn {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{:X}/{:X}", self.0 >> 32, self.0 & u64::from(u32::MAX))
    }
}

/// The last row written on a fenced source, and the log's position after its commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Marker {
    pub at: Timestamp,
    pub generation: u32,
    pub position: Lsn,
}

/// A replication slot of the source, as `pg_replication_slots` has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Slot {
    pub name: String,
    /// Somebody reads from it.
    pub active: bool,
    /// Up to where its reader says that it has everything.
    pub confirmed: Option<Lsn>,
}

/// A transaction that was prepared for a two-phase commit, and may still be committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Prepared {
    pub name: String,
    pub owner: String,
    pub since: Timestamp,
}

/// Everything that is measured, read after the marker was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Seen {
    pub marker: Marker,
    /// The marker's row as the target has it: its time and generation.
    pub arrived: Option<super::heartbeat::Beat>,
    /// Logical slots of the source's database.
    pub slots: Vec<Slot>,
    pub prepared: Vec<Prepared>,
    pub writers: Vec<Writer>,
}

/// Whose slots count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slots {
    /// Every logical slot of the database.
    All,
    /// These; one that is not there is a reason to wait.
    Named(Vec<String>),
}

/// Why the source is not drained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "pending", rename_all = "kebab-case")]
pub enum Pending {
    MarkerMissing {
        marker: Marker,
        newest: Option<Timestamp>,
    },
    SlotBehind {
        slot: String,
        active: bool,
        bytes: u64,
    },
    SlotUnknown {
        slot: String,
    },
    SlotMissing {
        slot: String,
    },
    Prepared(Prepared),
    Writer(Writer),
}

impl std::fmt::Display for Pending {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::MarkerMissing { marker, newest } => {
                write!(
                    formatter,
                    "the marker of {} at {} is not on the target",
                    marker.at, marker.position
                )?;
                match newest {
                    Some(newest) => write!(formatter, ", whose newest is of {newest}"),
                    None => formatter.write_str(", which has none"),
                }
            }
            Self::SlotBehind { slot, active, bytes } => {
                let reader = if *active { "is" } else { "has no reader and is" };
                write!(formatter, "slot {slot} {reader} {bytes} bytes behind the marker")
            }
            Self::SlotUnknown { slot } => write!(formatter, "slot {slot} does not say how far its reader is"),
            Self::SlotMissing { slot } => write!(formatter, "slot {slot} is not there"),
            Self::Prepared(Prepared { name, owner, since }) => {
                write!(
                    formatter,
                    "transaction '{name}' of {owner} is prepared since {since}"
                )
            }
            Self::Writer(writer) => writer.fmt(formatter),
        }
    }
}

/// What is still missing; nothing: it is drained.
#[must_use]
pub fn pending(seen: &Seen, slots: &Slots) -> Vec<Pending> {
    let mut pending = Vec::new();
    if !has_arrived(seen) {
        pending.push(Pending::MarkerMissing {
            marker: seen.marker,
            newest: seen.arrived.map(|beat| beat.at),
        });
    }
    let counted = |slot: &&Slot| match slots {
        Slots::All => true,
        Slots::Named(names) => names.contains(&slot.name),
    };
    let behind = seen.slots.iter().filter(counted);
    pending.extend(behind.filter_map(|slot| of_slot(slot, seen.marker.position)));
    if let Slots::Named(names) = slots {
        let there = |name: &&String| !seen.slots.iter().any(|slot| slot.name == **name);
        let missing = names.iter().filter(there).cloned();
        pending.extend(missing.map(|slot| Pending::SlotMissing { slot }));
    }
    pending.extend(seen.prepared.iter().cloned().map(Pending::Prepared));
    pending.extend(seen.writers.iter().cloned().map(Pending::Writer));
    pending
}

/// The very row: one of another fence proves nothing of this one.
fn has_arrived(seen: &Seen) -> bool {
    seen.arrived
        .is_some_and(|beat| (beat.generation, beat.at) == (seen.marker.generation, seen.marker.at))
}

fn of_slot(slot: &Slot, marker: Lsn) -> Option<Pending> {
    let Some(confirmed) = slot.confirmed else {
        return Some(Pending::SlotUnknown {
            slot: slot.name.clone(),
        });
    };
    let bytes = marker.0.saturating_sub(confirmed.0);
    (bytes > 0).then(|| Pending::SlotBehind {
        slot: slot.name.clone(),
        active: slot.active,
        bytes,
    })
}
