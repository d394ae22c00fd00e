//! Faults by rule: which calls they hit, and what they do to them.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// What happens to a call that a fault hits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// The service's own throttling error; nothing took effect.
    Throttle,
    /// An internal error of the service; nothing took effect.
    FailBefore,
    /// It took effect, then the connection broke.
    ReplyLost,
    /// It takes effect, and is answered, this much later.
    Delay(Duration),
    /// IAM says no; nothing took effect.
    Deny,
    /// The invocation that made the call dies, before the call took effect.
    CrashBefore,
    /// The invocation that made the call dies, after the call took effect.
    CrashAfter,
}

/// A rule. What is left out matches everything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub service: Option<String>,
    pub operation: Option<String>,
    pub subject_contains: Option<String>,
    pub kind: FaultKind,
    /// This many matching calls pass unharmed first.
    pub skip: u32,
    /// How many calls are hit; None until the faults are cleared.
    pub times: Option<u32>,
}

impl Fault {
    /// Hits every call, until cleared.
    #[must_use]
    pub fn always(kind: FaultKind) -> Self {
        Self {
            service: None,
            operation: None,
            subject_contains: None,
            kind,
            skip: 0,
            times: None,
        }
    }

    /// Hits the next call of one operation, once.
    #[must_use]
    pub fn once(service: &str, operation: &str, kind: FaultKind) -> Self {
        Self {
            service: Some(service.to_owned()),
            operation: Some(operation.to_owned()),
            times: Some(1),
            ..Self::always(kind)
        }
    }

    fn matches(&self, service: &str, operation: &str, subject: &str) -> bool {
        let same = |wanted: &Option<String>, seen: &str| {
            wanted
                .as_ref()
                .is_none_or(|wanted| wanted.eq_ignore_ascii_case(seen))
        };
        same(&self.service, service)
            && same(&self.operation, operation)
            && self
                .subject_contains
                .as_ref()
                .is_none_or(|part| subject.contains(part.as_str()))
    }

    /// Takes note of a matching call: true if this one is hit.
    fn hit(&mut self) -> bool {
        if self.skip > 0 {
            self.skip -= 1;
            return false;
        }
        match &mut self.times {
            None => true,
            Some(0) => false,
            Some(left) => {
                *left -= 1;
                true
            }
        }
    }
}

/// The rules in force. Of several that match a call, the one added first hits it.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Fault>>,
}

impl Faults {
    pub fn add(&self, fault: Fault) {
        self.rules
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(fault);
    }

    pub fn clear(&self) {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// The rules that can still hit something.
    #[must_use]
    pub fn active(&self) -> Vec<Fault> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The fault that hits this call, if any; uses it up.
    pub(crate) fn strike(&self, service: &str, operation: &str, subject: &str) -> Option<FaultKind> {
        let mut rules = self.rules.lock().unwrap_or_else(PoisonError::into_inner);
        let struck = rules
            .iter_mut()
            .find_map(|rule| (rule.matches(service, operation, subject) && rule.hit()).then_some(rule.kind));
        rules.retain(|rule| rule.times != Some(0));
        struck
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Throttle => f.write_str("throttled"),
            Self::FailBefore => f.write_str("failed before it took effect"),
            Self::ReplyLost => f.write_str("reply lost"),
            Self::Delay(by) => write!(f, "delayed by {by:?}"),
            Self::Deny => f.write_str("denied"),
            Self::CrashBefore => f.write_str("crash before it took effect"),
            Self::CrashAfter => f.write_str("crash after it took effect"),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let service = self.service.as_deref().unwrap_or("any service");
        let operation = self.operation.as_deref().unwrap_or("any operation");
        write!(f, "{service} {operation}")?;
        if let Some(part) = &self.subject_contains {
            write!(f, " on {part}")?;
        }
        write!(f, ": {}", self.kind)?;
        if self.skip > 0 {
            write!(f, ", after {} more", self.skip)?;
        }
        match self.times {
            Some(1) => f.write_str(", once"),
            Some(times) => write!(f, ", {times} times"),
            None => f.write_str(", until cleared"),
        }
    }
}
