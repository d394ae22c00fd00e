//! What every service knows of the twin it is part of.

use std::sync::Arc;

use crate::clock::Clock;
use crate::identifiers::Identifiers;

/// Whose account, which region, what time it is.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub account: String,
    pub region: String,
    pub clock: Clock,
    pub identifiers: Arc<Identifiers>,
}
