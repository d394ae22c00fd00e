//! The world as one invocation has it: each call numbered, gated, and faulty as the script says.

use std::fmt::Debug;
use std::sync::{Arc, Mutex, MutexGuard};

use cutover_core::dr::ports::World;
use cutover_core::error::{Class, PortError};
use cutover_core::told::Memory;
use jiff::Timestamp;

use super::Inner;
use super::drive::Gate;
use super::faults::{Fault, Op};
use super::laws::Sight;

/// The world as one invocation has it.
pub struct Hand {
    pub shared: Arc<Mutex<Inner>>,
    pub gate: Gate,
    /// Lambda stops the invocation here.
    pub deadline: Timestamp,
    /// Of the instance that it works in.
    pub memory: Memory,
    /// What it was told of the primary, for the laws.
    pub sight: Mutex<Sight>,
}

impl Hand {
    pub fn inner(&self) -> MutexGuard<'_, Inner> {
        self.shared.lock().unwrap()
    }

    pub fn sight(&self) -> MutexGuard<'_, Sight> {
        self.sight.lock().unwrap()
    }

    pub async fn call<T: Debug + Send>(
        &self,
        op: Op,
        effect: impl FnOnce(&mut Inner) -> Result<T, PortError> + Send,
    ) -> Result<T, PortError> {
        self.gate.pass(op).await;
        let fault = {
            let mut inner = self.inner();
            if inner.now >= self.deadline {
                Some(Fault::CrashBefore)
            } else {
                inner.number(op)
            }
        };
        let (answer, crashes) = match fault {
            None => (effect(&mut self.inner()), false),
            Some(Fault::LostBefore) => (Err(failure(op)), false),
            Some(Fault::ReplyLost) => {
                let _lost = effect(&mut self.inner());
                (Err(failure(op)), false)
            }
            Some(Fault::CrashBefore) => (Err(failure(op)), true),
            Some(Fault::CrashAfter) => (effect(&mut self.inner()), true),
        };
        if crashes {
            self.gate.crash().await;
        }
        if self.gate.is_gated() {
            self.listen(op, &answer);
        }
        answer
    }

    fn listen<T: Debug>(&self, op: Op, answer: &Result<T, PortError>) {
        let inner = self.inner();
        // The log is long, and what it says is known by its digests.
        let told = if op == Op::ReadLog {
            format!("{:?} {:?}", inner.journal_digest, inner.written_digest)
        } else if op == Op::ReadEntry {
            inner.head().to_string()
        } else {
            format!("{answer:?}")
        };
        let heard = format!("{op:?} {} {told}", inner.now.as_second());
        self.gate.heard(&heard);
    }
}

pub fn failure(op: Op) -> PortError {
    PortError {
        operation: format!("{op:?}"),
        class: Class::Retryable,
        source: "connection reset".into(),
    }
}

impl World for Hand {
    type Log = Self;
    type Clusters = Self;
    type Probes = Self;
    type Alarms = Self;
    type Routes = Self;
    type Application = Self;
    type Hooks = Self;
    type Migration = Self;
    type Notifier = Self;
    type Clock = Self;

    fn log(&self) -> &Self {
        self
    }
    fn clusters(&self) -> &Self {
        self
    }
    fn probes(&self) -> &Self {
        self
    }
    fn alarms(&self) -> &Self {
        self
    }
    fn routes(&self) -> &Self {
        self
    }
    fn application(&self) -> &Self {
        self
    }
    fn hooks(&self) -> &Self {
        self
    }
    fn migration(&self) -> &Self {
        self
    }
    fn notifier(&self) -> &Self {
        self
    }
    fn clock(&self) -> &Self {
        self
    }
    fn memory(&self) -> &Memory {
        &self.memory
    }
}
