//! Runs an invocation: freely to its end, or one granted call at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::future::{Future, pending, poll_fn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::pin::Pin;
use std::sync::{Mutex, MutexGuard};
use std::task::{Context, Poll, Waker};

use super::faults::Op;

/// Where every call of an invocation passes, so that a scheduler can say which goes next.
#[derive(Default)]
pub struct Gate(Mutex<Passage>);

#[derive(Default)]
struct Passage {
    gated: bool,
    tickets: usize,
    waiting: BTreeMap<usize, Op>,
    granted: BTreeSet<usize>,
    crashed: bool,
    heard: u64,
}

impl Gate {
    pub fn closed() -> Self {
        Self(Mutex::new(Passage {
            gated: true,
            ..Passage::default()
        }))
    }

    fn passage(&self) -> MutexGuard<'_, Passage> {
        self.0.lock().unwrap()
    }

    pub fn is_gated(&self) -> bool {
        self.passage().gated
    }

    pub async fn pass(&self, op: Op) {
        if !self.is_gated() || !op.meets_others() {
            return;
        }
        let ticket = {
            let mut passage = self.passage();
            passage.tickets += 1;
            let ticket = passage.tickets;
            passage.waiting.insert(ticket, op);
            ticket
        };
        poll_fn(|_| {
            if self.passage().granted.remove(&ticket) {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }

    /// The calls that may go next; one look counts as one.
    pub fn choices(&self) -> Vec<(usize, Op)> {
        let mut choices: Vec<(usize, Op)> = Vec::new();
        for (ticket, op) in &self.passage().waiting {
            if !op.is_look() || !choices.iter().any(|(_, other)| other.is_look()) {
                choices.push((*ticket, *op));
            }
        }
        choices
    }

    pub fn grant(&self, ticket: usize) {
        let mut passage = self.passage();
        let Some(op) = passage.waiting.remove(&ticket) else {
            return;
        };
        passage.granted.insert(ticket);
        if op.is_look() {
            let looks: Vec<usize> = passage
                .waiting
                .iter()
                .filter(|(_, op)| op.is_look())
                .map(|(ticket, _)| *ticket)
                .collect();
            for look in looks {
                passage.waiting.remove(&look);
                passage.granted.insert(look);
            }
        }
    }

    /// What an invocation was told decides all it will do.
    pub fn heard(&self, answer: &str) {
        let mut passage = self.passage();
        let mut hasher = DefaultHasher::new();
        (passage.heard, answer).hash(&mut hasher);
        passage.heard = hasher.finish();
    }

    pub fn hearsay(&self) -> u64 {
        self.passage().heard
    }

    pub async fn crash(&self) {
        self.passage().crashed = true;
        pending::<()>().await;
    }

    pub fn is_crashed(&self) -> bool {
        self.passage().crashed
    }
}

/// Polls once.
pub fn poll<T>(future: &mut Pin<Box<dyn Future<Output = T> + '_>>) -> Option<T> {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}
