//! The settings that stop writes on a database: what was found, what a fence makes of it, and the changes from the one to the
//! other. Raising and lowering are the same: the difference between two settings, taken from what is there now. So a run that
//! was lost between any two changes is picked up by taking the difference again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// What a fenced database's `default_transaction_read_only` is.
const ON: &str = "on";
/// Roles and grants kept at most, because they are journaled: a database with more is fenced by a person.
pub const KEPT_MAX: usize = 16;

/// Whether new connections are let in, besides being read-only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Door {
    /// Read-only by default; a session that overrides it is found and ended, and may come back.
    Open,
    /// `CONNECT` is only for the fence's own role and these. They need it granted by name.
    Guests(BTreeSet<String>),
    /// `ALLOW_CONNECTIONS false`. Nobody comes in, the fence neither: what remains to be asked of this database has to be asked
    /// over the session that shut it, and replication that loses its connection does not come back.
    Shut,
}

/// Everybody, among those who may connect. No role can have this name.
pub const PUBLIC: &str = "public";

/// The settings of one database that a fence may change. Journaled before the first change: it is what the undo restores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Settings {
    pub database: String,
    /// `default_transaction_read_only` of the database, as written there; absent where it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read_only: Option<String>,
    /// The same of roles in this database, which wins over the database's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub roles: BTreeMap<String, String>,
    pub allow_connections: bool,
    /// Who was granted `CONNECT` by the owner (`public`: everybody), and whether they may pass it on.
    #[serde(default)]
    pub connect: BTreeMap<String, bool>,
}

/// What was read of a database: its settings, and what decides how they are raised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Found {
    pub settings: Settings,
    /// Roles that may connect and whose own default, valid in every database, would win over the database's.
    #[serde(default)]
    pub elsewhere: BTreeMap<String, String>,
    /// The role that asked.
    pub ourselves: String,
}

/// One change of the settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// `None` resets it.
    Database(Option<String>),
    Role {
        name: String,
        value: Option<String>,
    },
    AllowConnections(bool),
    Grant {
        to: String,
        pass_on: bool,
    },
    /// The right to pass it on, or all of it.
    Revoke {
        from: String,
        only_pass_on: bool,
    },
}

/// What the settings of a database are, beside those found before a fence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Standing {
    /// As before the fence.
    Lowered,
    /// As the fence makes them.
    Raised,
    /// Some of each, or changed by somebody else since.
    Between,
}

/// How long a fence may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    /// What a transaction is left that runs when the fence is raised.
    pub grace: SignedDuration,
    /// Past it everything goes back.
    pub deadline: SignedDuration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            grace: SignedDuration::from_secs(5),
            deadline: SignedDuration::from_secs(30),
        }
    }
}

impl Times {
    /// What is left until the deadline of a fence whose first change was made at `began`, both by one clock; nothing: it is over.
    #[must_use]
    pub fn left(&self, began: Timestamp, now: Timestamp) -> Option<SignedDuration> {
        let left = self.deadline.checked_sub(now.duration_since(began))?;
        left.is_positive().then_some(left)
    }
}

/// More than what a journal entry may keep.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{database} has {count} role defaults and grants that a fence would change, limit {KEPT_MAX}")]
pub struct TooMany {
    pub database: String,
    pub count: usize,
}

impl Found {
    /// What a fence makes of it.
    pub fn raised(&self, door: &Door) -> Result<Settings, TooMany> {
        let mut raised = self.settings.clone();
        raised.read_only = Some(on(self.settings.read_only.as_deref()));
        let overriding = self.elsewhere.iter().chain(&self.settings.roles);
        for (role, value) in overriding.filter(|(_, value)| !is_on(value)) {
            // A role's own default wins over the database's, unless the role has one in this database.
            match self.settings.roles.get(role) {
                Some(nearer) if is_on(nearer) => {}
                Some(_) | None => {
                    raised.roles.insert(role.clone(), on(Some(value)));
                }
            }
        }
        match door {
            Door::Open => {}
            Door::Guests(guests) => raised.connect = self.only(guests),
            Door::Shut => raised.allow_connections = false,
        }
        let count = raised.roles.len() + self.settings.connect.len().max(raised.connect.len());
        if count > KEPT_MAX {
            let database = self.settings.database.clone();
            return Err(TooMany { database, count });
        }
        Ok(raised)
    }

    /// Those who stay when `CONNECT` is taken, ourselves among them; what they had is kept.
    fn only(&self, guests: &BTreeSet<String>) -> BTreeMap<String, bool> {
        let ourselves = std::iter::once(&self.ourselves);
        let stay = ourselves.chain(guests);
        stay.map(|role| {
            let pass_on = self.settings.connect.get(role).copied();
            (role.clone(), pass_on.unwrap_or(false))
        })
        .collect()
    }
}

/// The changes that make `wanted` of `now`, in an order in which the way in is never wider than before the last of them: a
/// fence shuts the door when the defaults hold, and opens it before they are gone.
#[must_use]
pub fn changes(now: &Settings, wanted: &Settings) -> Vec<Change> {
    let mut changes = grants(now, wanted);
    let defaults = defaults(now, wanted);
    if now.allow_connections == wanted.allow_connections {
        changes.extend(defaults);
        return changes;
    }
    let door = Change::AllowConnections(wanted.allow_connections);
    if wanted.allow_connections {
        changes.insert(0, door);
        changes.extend(defaults);
    } else {
        changes.extend(defaults);
        changes.push(door);
    }
    changes
}

fn defaults(now: &Settings, wanted: &Settings) -> Vec<Change> {
    let mut changes = Vec::new();
    if now.read_only != wanted.read_only {
        changes.push(Change::Database(wanted.read_only.clone()));
    }
    let names: BTreeSet<&String> = now.roles.keys().chain(wanted.roles.keys()).collect();
    for name in names {
        let value = wanted.roles.get(name);
        if now.roles.get(name) != value {
            changes.push(Change::Role {
                name: name.clone(),
                value: value.cloned(),
            });
        }
    }
    changes
}

/// Grants come before what is revoked, so that we never lock ourselves out.
fn grants(now: &Settings, wanted: &Settings) -> Vec<Change> {
    let mut given = Vec::new();
    let mut taken = Vec::new();
    for (grantee, &pass_on) in &wanted.connect {
        let to = grantee.clone();
        match now.connect.get(grantee) {
            Some(&had) if had == pass_on => {}
            Some(true) => taken.push(Change::Revoke {
                from: to,
                only_pass_on: true,
            }),
            Some(false) | None => given.push(Change::Grant { to, pass_on }),
        }
    }
    let gone = now
        .connect
        .keys()
        .filter(|grantee| !wanted.connect.contains_key(*grantee));
    taken.extend(gone.map(|grantee| Change::Revoke {
        from: grantee.clone(),
        only_pass_on: false,
    }));
    given.append(&mut taken);
    given
}

/// Where a database stands between its settings before a fence and those of the fence. Where both are the same, because it
/// was read-only before, it is raised.
#[must_use]
pub fn standing(now: &Settings, before: &Settings, raised: &Settings) -> Standing {
    if now == raised {
        Standing::Raised
    } else if now == before {
        Standing::Lowered
    } else {
        Standing::Between
    }
}

/// Whether new transactions are read-only here although no journal says why: a fence whose undo was lost, or somebody's wish.
#[must_use]
pub fn is_read_only(settings: &Settings) -> bool {
    settings.read_only.as_deref().is_some_and(is_on) || !settings.allow_connections
}

/// A spelling that means it already is left as it is.
fn on(found: Option<&str>) -> String {
    found.filter(|value| is_on(value)).unwrap_or(ON).to_owned()
}

/// The spellings of true that PostgreSQL takes: `on`, `true`, `yes`, `1`, and beginnings that mean nothing else.
fn is_on(value: &str) -> bool {
    let value = value.trim().to_ascii_lowercase();
    let begins = |word: &str| !value.is_empty() && word.starts_with(value.as_str());
    begins("true") || begins("yes") || value == ON || value == "1"
}
