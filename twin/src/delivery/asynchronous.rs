//! Lambda's asynchronous invocations: accepted at once, tried again when they fail, given up in the end.

use std::sync::PoisonError;
use std::time::Duration;

use super::invocation_log::{Attempt, Cause, DeadLetter};
use super::work::Work;
use crate::iam::Ask;
use crate::lambda::{FunctionFailure, UnknownFunction};
use crate::twin::Twin;

/// Lambda waits this long before it tries a failed invocation again.
const RETRY_WAITS: [Duration; 2] = [Duration::from_mins(1), Duration::from_mins(2)];
/// What Lambda does unless told otherwise.
const AGE_DEFAULT: Duration = Duration::from_hours(6);
const RETRIES_DEFAULT: usize = RETRY_WAITS.len();

/// How a function's asynchronous invocations are tried again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AsyncSettings {
    pub age_max: Duration,
    /// Up to 2.
    pub retries_max: usize,
    /// The ARN of the queue for what failed at every attempt.
    pub dead_letter: Option<String>,
}

impl Default for AsyncSettings {
    fn default() -> Self {
        Self {
            age_max: AGE_DEFAULT,
            retries_max: RETRIES_DEFAULT,
            dead_letter: None,
        }
    }
}

impl Twin {
    /// Sets how a function's asynchronous invocations are tried again.
    pub(crate) fn set_async_settings(&self, function_name: &str, settings: AsyncSettings) {
        let mut all = self
            .delivery()
            .settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.insert(function_name.to_owned(), settings);
    }

    /// Somebody invokes a hosted function and does not wait for its end, as an `Event` invocation does.
    pub fn invoke_async(&self, function_name: &str, payload: Vec<u8>) -> Result<(), UnknownFunction> {
        self.functions().named(function_name)?;
        self.invoke_later(function_name, payload, Cause::Async);
        Ok(())
    }

    /// Accepts an asynchronous invocation of a function that is hosted.
    pub(crate) fn invoke_later(&self, function_name: &str, payload: Vec<u8>, cause: Cause) {
        let attempt = Attempt {
            request_id: self.identifiers().request(),
            number: 1,
            cause,
            payload,
        };
        let work = self.begin_work();
        tokio::spawn(
            self.clone()
                .run_asynchronously(function_name.to_owned(), attempt, work),
        );
    }

    /// Nobody hears how it ends, but a failure is tried again.
    async fn run_asynchronously(self, function_name: String, mut attempt: Attempt, mut work: Work) {
        let accepted = self.clock().now();
        let settings = self.async_settings(&function_name);
        let mut waits = RETRY_WAITS.into_iter().take(settings.retries_max);
        loop {
            // What was accepted before the region went dark waits there until it is lit.
            if !self.outages().is_lit(self.region()) {
                drop(work);
                self.outages().until_lit(self.region()).await;
                work = self.begin_work();
            }
            let Err(failure) = self.attempt(&function_name, &attempt).await else {
                return;
            };
            let Some(wait) = waits.next() else {
                return self.bury(function_name, &settings, attempt.payload, failure);
            };
            work = work.pause(self.clock(), wait).await;
            let age = self.clock().now().duration_since(accepted);
            if Duration::try_from(age).is_ok_and(|age| age > settings.age_max) {
                return self.bury(function_name, &settings, attempt.payload, failure);
            }
            attempt.number += 1;
        }
    }

    async fn attempt(&self, function_name: &str, attempt: &Attempt) -> Result<Vec<u8>, FunctionFailure> {
        match self.functions().named(function_name) {
            Ok(hosted) => self.run(&hosted, attempt.clone()).await,
            Err(unknown) => Err(FunctionFailure {
                error_type: "ResourceNotFoundException".to_owned(),
                error_message: unknown.to_string(),
            }),
        }
    }

    fn async_settings(&self, function_name: &str) -> AsyncSettings {
        let all = self
            .delivery()
            .settings
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        all.get(function_name).cloned().unwrap_or_default()
    }

    fn bury(&self, from: String, settings: &AsyncSettings, payload: Vec<u8>, failure: FunctionFailure) {
        // Lambda sends it in the function's name. What it may not send is lost.
        let ask = |queue: &String| Ask::new("sqs:SendMessage", queue);
        let queue = settings.dead_letter.clone();
        let queue = queue.filter(|queue| self.function_may(&from, &ask(queue)));
        self.delivery().dead_letters.add(DeadLetter {
            at: self.clock().now(),
            region: self.region().to_owned(),
            queue,
            from,
            error_code: failure.error_type,
            error_message: failure.error_message,
            payload,
        });
    }
}
