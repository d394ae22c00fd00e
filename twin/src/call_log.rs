//! The log of every request that reached the twin.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use serde_json::Value;

use crate::fault_rules::FaultKind;

/// One request, from its arrival on.
#[derive(Debug, Clone, PartialEq)]
pub struct Call {
    /// Counts from 1, in order of arrival.
    pub number: u64,
    pub at: Timestamp,
    /// None while the request is being worked on.
    pub ended: Option<Timestamp>,
    /// The region it was sent to; `us-east-1` for Route 53, wherever its answer is needed.
    pub region: String,
    /// `route53`, `ssm`, `dms`, `cloudwatch`, `sns`, `sts`, `lambda`, `events`, `autoscaling`, or the unknown signing name.
    pub service: String,
    pub operation: String,
    /// What it was about: a parameter's name, a record's name, an ARN.
    pub subject: String,
    /// The hosted invocation that made the call, if one did.
    pub invocation: Option<String>,
    pub outcome: CallOutcome,
    pub fault: Option<FaultKind>,
    /// The request in brief.
    pub detail: Value,
}

/// What came of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallOutcome {
    Ok,
    Error {
        status: u16,
        code: String,
    },
    /// It took effect; the caller never heard of it.
    ReplyLost,
    /// It never came where it was sent to, and nobody answered.
    Unreachable,
    /// Its caller died with it.
    Crashed,
    Pending,
}

/// What is known of a request when it arrives.
#[derive(Debug, Clone)]
pub(crate) struct Arrival {
    pub at: Timestamp,
    pub region: String,
    pub service: String,
    pub operation: String,
    pub subject: String,
    pub invocation: Option<String>,
    pub detail: Value,
}

#[derive(Debug, Default)]
pub(crate) struct CallLog {
    calls: Mutex<Vec<Call>>,
}

impl CallLog {
    pub(crate) fn arrived(&self, arrival: Arrival) -> u64 {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        let number = calls.last().map_or(1, |last| last.number + 1);
        calls.push(Call {
            number,
            at: arrival.at,
            ended: None,
            region: arrival.region,
            service: arrival.service,
            operation: arrival.operation,
            subject: arrival.subject,
            invocation: arrival.invocation,
            outcome: CallOutcome::Pending,
            fault: None,
            detail: arrival.detail,
        });
        number
    }

    pub(crate) fn ended(&self, number: u64, at: Timestamp, outcome: CallOutcome, fault: Option<FaultKind>) {
        let mut calls = self.calls.lock().unwrap_or_else(PoisonError::into_inner);
        // Numbers are assigned in order, so that the search is quick however long the log is.
        let Ok(index) = calls.binary_search_by_key(&number, |call| call.number) else {
            return;
        };
        if let Some(call) = calls.get_mut(index) {
            call.ended = Some(at);
            call.outcome = outcome;
            call.fault = fault;
        }
    }

    pub(crate) fn all(&self) -> Vec<Call> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
