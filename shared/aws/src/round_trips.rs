//! Counts the round trips that an invocation waits for, one after the other.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Shared by all clients of an invocation.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips(Arc<Mutex<Counter>>);

#[derive(Debug, Default)]
struct Counter {
    in_flight: u32,
    sequential: u32,
    attempts: u32,
}

/// What was counted since the last time somebody asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counted {
    /// Times that a request left while no other was under way. Requests that overlap are waited for together.
    pub sequential: u32,
    /// Every request, repeated ones included.
    pub attempts: u32,
}

impl RoundTrips {
    /// What was counted, and from zero again.
    #[must_use]
    pub fn take(&self) -> Counted {
        let mut counter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = Counted {
            sequential: counter.sequential,
            attempts: counter.attempts,
        };
        *counter = Counter::default();
        counted
    }
}

impl Intercept for RoundTrips {
    fn name(&self) -> &'static str {
        "RoundTrips"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut counter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counter.sequential += u32::from(counter.in_flight == 0);
        counter.attempts += 1;
        counter.in_flight += 1;
        Ok(())
    }

    fn read_after_attempt(
        &self,
        _context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut counter = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        counter.in_flight = counter.in_flight.saturating_sub(1);
        Ok(())
    }
}
