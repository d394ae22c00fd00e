//! Which invocations there were and why, and what nobody could be made to take.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::lambda::FunctionFailure;
use crate::twin::Twin;

/// One attempt to invoke a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoked {
    /// Counts from 1, in the order in which they began.
    pub number: u64,
    pub at: Timestamp,
    /// None while it runs.
    pub ended: Option<Timestamp>,
    pub region: String,
    pub function: String,
    /// The same for every attempt at one event.
    pub request_id: String,
    /// Counts from 1.
    pub attempt: u32,
    pub cause: Cause,
    pub payload: Vec<u8>,
    /// None while it runs.
    pub result: Option<Result<Vec<u8>, FunctionFailure>>,
}

/// Why a function was invoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// Somebody called it and waits for the answer.
    Direct,
    /// Somebody called it and does not wait.
    Async,
    Schedule,
    /// By the name of the rule.
    Rule(String),
    /// An alarm's action on the function itself.
    AlarmAction,
    /// By the ARN of the topic.
    Topic(String),
}

/// Something that could not be delivered, or that a function failed to handle at every attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    pub at: Timestamp,
    pub region: String,
    /// The ARN of the queue that keeps it; None if nobody does.
    pub queue: Option<String>,
    /// The function that failed, or the rule, topic or alarm that could not deliver.
    pub from: String,
    pub error_code: String,
    pub error_message: String,
    pub payload: Vec<u8>,
}

/// What is known of an attempt when it begins.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    pub request_id: String,
    pub number: u32,
    pub cause: Cause,
    pub payload: Vec<u8>,
}

#[derive(Debug, Default)]
pub(crate) struct InvocationLog(Mutex<Vec<Invoked>>);

#[derive(Debug, Default)]
pub(super) struct DeadLetters(Mutex<Vec<DeadLetter>>);

impl InvocationLog {
    pub(crate) fn began(&self, at: Timestamp, region: &str, function: &str, attempt: &Attempt) -> u64 {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = log.last().map_or(1, |last| last.number + 1);
        log.push(Invoked {
            number,
            at,
            ended: None,
            region: region.to_owned(),
            function: function.to_owned(),
            request_id: attempt.request_id.clone(),
            attempt: attempt.number,
            cause: attempt.cause.clone(),
            payload: attempt.payload.clone(),
            result: None,
        });
        number
    }

    pub(crate) fn ended(&self, number: u64, at: Timestamp, result: &Result<Vec<u8>, FunctionFailure>) {
        let mut log = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let Ok(index) = log.binary_search_by_key(&number, |invoked| invoked.number) else {
            return;
        };
        if let Some(invoked) = log.get_mut(index) {
            invoked.ended = Some(at);
            invoked.result = Some(result.clone());
        }
    }
}

impl DeadLetters {
    pub(super) fn add(&self, letter: DeadLetter) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(letter);
    }
}

impl Twin {
    /// Every attempt to invoke a function so far, in whichever region, in the order in which they began.
    #[must_use]
    pub fn invoked(&self) -> Vec<Invoked> {
        let log = &self.delivery().log.0;
        log.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// How many attempts there were so far: the number of the latest.
    #[must_use]
    pub fn invoked_count(&self) -> u64 {
        let log = &self.delivery().log.0;
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        log.last().map_or(0, |last| last.number)
    }

    /// The attempts from this number on.
    #[must_use]
    pub fn invoked_from(&self, number: u64) -> Vec<Invoked> {
        let log = &self.delivery().log.0;
        let log = log.lock().unwrap_or_else(PoisonError::into_inner);
        let first = log.partition_point(|invoked| invoked.number < number);
        log.iter().skip(first).cloned().collect()
    }

    /// Everything so far that was given up, in whichever region, in order.
    #[must_use]
    pub fn dead_letters(&self) -> Vec<DeadLetter> {
        let letters = &self.delivery().dead_letters.0;
        letters.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
