//! What every service knows of the twin it is part of.

use std::sync::Arc;

use crate::clock::Clock;
use crate::emission::Outbox;
use crate::identifiers::Identifiers;

/// Whose account, which region, what time it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub account: String,
    pub region: String,
    /// What the services' own turns and dice begin with.
    pub seed: u64,
    pub clock: Clock,
    pub identifiers: Arc<Identifiers>,
    /// Where it leaves what it has to tell the world.
    pub outbox: Outbox,
}
