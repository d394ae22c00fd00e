//! What became of the attempts at one call: the SDK sends it again where it hears nothing, and what it is told then may be
//! about its own first attempt.

use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextRef, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

use crate::call_error::SERVER_FAILURE;

/// Of one call only.
#[derive(Debug, Clone, Default)]
pub(super) struct Attempts(Arc<Mutex<Seen>>);

#[derive(Debug, Default)]
struct Seen {
    /// One was sent, and nobody has said yes or no to it.
    open: bool,
    /// Another followed one that nobody had said yes or no to.
    unheard: bool,
}

impl Attempts {
    /// Whether one before the last may have taken effect.
    pub(super) fn may_have_been_heard_before(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).unheard
    }
}

impl Intercept for Attempts {
    fn name(&self) -> &'static str {
        "Attempts"
    }

    fn read_before_attempt(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.unheard |= seen.open;
        seen.open = true;
        Ok(())
    }

    /// Nobody calls it after an attempt that ran out of time.
    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let status = context.response().map(|response| response.status().as_u16());
        if status.is_some_and(|status| status < SERVER_FAILURE) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).open = false;
        }
        Ok(())
    }
}
