//! The writer endpoints, as they were last seen: a region that is gone cannot be asked for the one to try.

use std::sync::{Arc, Mutex, PoisonError};

use cutover_core::dr::side::Side;

/// Shared by whoever learns an endpoint and whoever tries it. It lasts as long as the function is warm.
#[derive(Debug, Clone, Default)]
pub struct Endpoints(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    primary: Option<String>,
    dr: Option<String>,
}

impl Endpoints {
    #[must_use]
    pub fn of(&self, side: Side) -> Option<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match side {
            Side::Primary => known.primary.clone(),
            Side::Dr => known.dr.clone(),
        }
    }

    pub fn learn(&self, side: Side, endpoint: &str) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = match side {
            Side::Primary => &mut known.primary,
            Side::Dr => &mut known.dr,
        };
        *place = Some(endpoint.to_owned());
    }
}
