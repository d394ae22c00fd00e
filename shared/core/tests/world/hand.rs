//! The world as one invocation has it: each call numbered, gated, and faulty as the script says.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use cutover_core::error::{Class, PortError};
use cutover_core::ports::World;
use cutover_core::replication::Seen;
use cutover_core::told::Memory;
use jiff::Timestamp;

use super::Inner;
use super::drive::Gate;
use super::faults::{Fault, Op};

/// The world as one invocation has it.
pub struct Hand {
    pub shared: Arc<Mutex<Inner>>,
    pub gate: Gate,
    /// Lambda stops the invocation here.
    pub deadline: Mutex<Timestamp>,
    /// Whose hand it is.
    pub function: String,
    /// Of the instance that it works in.
    pub memory: Memory,
}

impl Hand {
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock().unwrap()
    }

    pub async fn call<T: Debug + Send>(
        &self,
        op: Op,
        effect: impl FnOnce(&mut Inner) -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        self.gate.pass(op).await;
        let fault = {
            let mut inner = self.inner();
            if inner.now >= *self.deadline.lock().unwrap() {
                Some(Fault::CrashBefore)
            } else {
                inner.number(op)
            }
        };
        let (answer, crashes) = match fault {
            None => (effect(&mut self.inner()), false),
            Some(Fault::FailRetryable) => (Err(failure(op, Class::Retryable)), false),
            Some(Fault::FailPermanent) => (Err(failure(op, Class::Permanent)), false),
            Some(Fault::ReplyLost) => {
                let _lost = effect(&mut self.inner());
                (Err(failure(op, Class::Retryable)), false)
            }
            Some(Fault::CrashBefore) => (Err(failure(op, Class::Retryable)), true),
            Some(Fault::CrashAfter) => (effect(&mut self.inner()), true),
        };
        if crashes {
            self.gate.crash().await;
        }
        if self.gate.is_gated() {
            let inner = self.inner();
            // The log is long, and what it says is known by its digest.
            let told = if op == Op::ReadLog {
                format!(
                    "{:?} {:?} {:?}",
                    inner.snapshot, inner.journal_digest, inner.written_digest
                )
            } else if op == Op::ReadEntry {
                inner.head().to_string()
            } else {
                format!("{answer:?}")
            };
            self.gate
                .heard(&format!("{op:?} {} {told}", inner.now.as_second()));
        }
        answer
    }

    /// A reading is never an error: what cannot be read is unknown.
    pub async fn reading<T: Debug + Send>(
        &self,
        op: Op,
        read: impl FnOnce(&mut Inner) -> Seen<T> + Send,
    ) -> Seen<T> {
        match self.call(op, |inner| Ok(read(inner))).await {
            Ok(seen) => seen,
            Err(error) => Seen::Unknown(error.to_string()),
        }
    }
}

pub fn failure(op: Op, class: Class) -> PortError {
    let source = match class {
        Class::Retryable => "connection reset",
        Class::Throttled => "Rate exceeded",
        Class::InvalidRequest | Class::Conflict | Class::Permanent | Class::NeedsHuman => "AccessDenied",
    };
    PortError {
        operation: format!("{op:?}"),
        class,
        source: source.into(),
    }
}

impl World for Hand {
    type Log = Self;
    type Router = Self;
    type Monitor = Self;
    type Alarms = Self;
    type Notifier = Self;
    type Announcer = Self;
    type Clock = Self;

    fn log(&self) -> &Self {
        self
    }
    fn router(&self) -> &Self {
        self
    }
    fn monitor(&self) -> &Self {
        self
    }
    fn alarms(&self) -> &Self {
        self
    }
    fn notifier(&self) -> &Self {
        self
    }
    fn announcer(&self) -> &Self {
        self
    }
    fn clock(&self) -> &Self {
        self
    }
    fn memory(&self) -> &Memory {
        &self.memory
    }
}
