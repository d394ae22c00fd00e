//! The application: each second its writers write and its reader reads, wherever the record leads them by the data
//! plane, each with an answer of its own age.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::AbortHandle;
use twin::rds::{Probed, WriteRefused};
use twin::{Twin, rds::Rds};

use super::stage::{RECORD, TTL_SECONDS};
use crate::stage::ZONE;

/// Writers whose answers are of different ages, so that they learn of a change one after the other.
const WRITERS: usize = 3;
const SECOND: Duration = Duration::from_secs(1);
/// Between two seconds, so that what happens at a whole one has happened.
const OFFSET: Duration = Duration::from_millis(500);

/// All clients of one environment, and what became of what they did.
#[derive(Debug, Clone)]
pub(crate) struct Clients {
    tally: Arc<Mutex<Tally>>,
    _at_work: Arc<AtWork>,
}

/// What clients saw so far.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tally {
    pub accepted: u64,
    pub refused: u64,
    /// Seconds in which no write was accepted, in all and at a stretch.
    pub without_writer: u64,
    pub longest_without_writer: u64,
    /// Seconds in which two clusters accepted writes.
    pub split: u64,
    pub reads_refused: u64,
    /// What changed for them, with its moment.
    pub changes: Vec<(Timestamp, String)>,
    stretch: u64,
    last: Option<Served>,
    away: bool,
}

#[derive(Debug)]
struct AtWork(AbortHandle);

/// Who accepted the writes of one second.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Served {
    By(String),
    /// By one cluster for some of them only.
    Partly(String),
    Nobody(String),
    Split(Vec<String>),
}

/// One connection pool with its own idea of the record.
#[derive(Debug, Default)]
struct Client {
    endpoint: Option<String>,
    resolved: Option<Timestamp>,
}

impl Clients {
    /// Puts them to work until the last handle is gone.
    pub fn at_work(twin: Twin) -> Self {
        let tally = Arc::new(Mutex::new(Tally::default()));
        let shared = Arc::clone(&tally);
        let task = tokio::spawn(async move {
            let mut clients: Vec<Client> = (0..=WRITERS).map(|_| Client::default()).collect();
            twin.clock().sleep(OFFSET).await;
            loop {
                twin.clock().sleep(SECOND).await;
                if !locked(&shared).away {
                    second(&twin, &mut clients, &shared);
                }
            }
        });
        Self {
            tally,
            _at_work: Arc::new(AtWork(task.abort_handle())),
        }
    }

    pub fn tally(&self) -> Tally {
        locked(&self.tally).clone()
    }

    /// Whether anybody uses the application.
    pub fn come(&self, back: bool) {
        locked(&self.tally).away = !back;
    }
}

impl Drop for AtWork {
    fn drop(&mut self) {
        self.0.abort();
    }
}

fn locked(tally: &Mutex<Tally>) -> MutexGuard<'_, Tally> {
    tally.lock().unwrap_or_else(PoisonError::into_inner)
}

fn second(twin: &Twin, clients: &mut [Client], tally: &Mutex<Tally>) {
    let now = twin.clock().now();
    for (index, client) in clients.iter_mut().enumerate() {
        client.resolve(twin, now, index);
    }
    let Some((reader, writers)) = clients.split_first() else {
        return;
    };
    let (results, reads) = twin.rds(|rds| {
        let results: Vec<_> = writers.iter().map(|client| client.write(rds)).collect();
        (results, reader.read(rds))
    });
    let mut tally = locked(tally);
    tally.reads_refused += u64::from(!reads);
    tally.count(now, &results);
}

impl Client {
    /// Asks again when its answer is as old as the record says, and each at another second.
    fn resolve(&mut self, twin: &Twin, now: Timestamp, index: usize) {
        let ttl = i64::from(TTL_SECONDS);
        let first_age = i64::try_from(index).unwrap_or_default() * ttl / i64::try_from(WRITERS).unwrap_or(1);
        let due = self
            .resolved
            .is_none_or(|at| now.duration_since(at).as_secs() >= ttl);
        if !due {
            return;
        }
        let answer = twin.route53(|route53| route53.answer(ZONE, RECORD, "CNAME", 0));
        self.endpoint = answer.into_iter().next();
        let age = if self.resolved.is_none() { first_age } else { 0 };
        self.resolved = now.checked_sub(SignedDuration::from_secs(age)).ok();
    }

    fn write(&self, rds: &mut Rds) -> Result<String, String> {
        let endpoint = self.endpoint.as_deref().ok_or("the record leads nowhere")?;
        let arn = rds.led_to(endpoint).ok_or("the record leads nowhere")?;
        rds.write(&arn)
            .map(|receipt| receipt.cluster_arn)
            .map_err(|refused: WriteRefused| format!("{}: {refused}", place(&arn)))
    }

    fn read(&self, rds: &Rds) -> bool {
        let Some(endpoint) = self.endpoint.as_deref() else {
            return false;
        };
        let region = rds
            .led_to(endpoint)
            .and_then(|arn| arn.split(':').nth(3).map(str::to_owned));
        region.is_some_and(|region| matches!(rds.probe(endpoint, &region), Probed::Role { .. }))
    }
}

impl Tally {
    fn count(&mut self, now: Timestamp, results: &[Result<String, String>]) {
        let by: BTreeSet<&String> = results.iter().filter_map(|result| result.as_ref().ok()).collect();
        let accepted = results.iter().filter(|result| result.is_ok()).count();
        let refused = results.len() - accepted;
        self.accepted += u64::try_from(accepted).unwrap_or_default();
        self.refused += u64::try_from(refused).unwrap_or_default();
        let by: Vec<String> = by.into_iter().cloned().collect();
        let served = match by.as_slice() {
            [] => {
                let why = results.iter().find_map(|result| result.as_ref().err());
                Served::Nobody(why.cloned().unwrap_or_default())
            }
            [one] if refused == 0 => Served::By(one.clone()),
            [one] => Served::Partly(one.clone()),
            _ => Served::Split(by),
        };
        self.split += u64::from(matches!(served, Served::Split(_)));
        let before = self.stretch;
        if matches!(served, Served::Nobody(_)) {
            self.stretch += 1;
            self.without_writer += 1;
            self.longest_without_writer = self.longest_without_writer.max(self.stretch);
        } else {
            self.stretch = 0;
        }
        // The first second is as it should be, and nobody has to be told.
        if self.last.as_ref().is_some_and(|last| *last != served) {
            self.changes.push((now, told(&served, before)));
        }
        self.last = Some(served);
    }
}

fn told(served: &Served, stretch: u64) -> String {
    let after = |stretch: u64| match stretch {
        0 => String::new(),
        seconds => format!(", after {seconds} s without a writer"),
    };
    match served {
        Served::By(arn) => format!("{} takes all writes{}", place(arn), after(stretch)),
        Served::Partly(arn) => format!("{} takes some of the writes{}", place(arn), after(stretch)),
        Served::Nobody(why) => format!("no write is taken ({why})"),
        Served::Split(arns) => {
            let places: Vec<String> = arns.iter().map(|arn| place(arn)).collect();
            format!("SPLIT BRAIN: {} take writes", places.join(" and "))
        }
    }
}

/// `orders-dr in eu-west-1`
pub(super) fn place(arn: &str) -> String {
    let parts: Vec<&str> = arn.split(':').collect();
    match parts.as_slice() {
        [_, _, _, region, _, _, cluster] => format!("{cluster} in {region}"),
        _ => arn.to_owned(),
    }
}
