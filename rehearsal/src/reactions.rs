//! What functions did because AWS told them to, and which of it is worth a line.

use std::collections::{BTreeMap, BTreeSet};

use cutover_core::report::{Outcome, Report};
use jiff::Timestamp;
use twin::{Cause, FunctionFailure, Invoked, Twin};

use crate::dr::playing::is_quiet;
use crate::dr::stage::FUNCTION as DR_FUNCTION;
use crate::stage::deployed_name;
use crate::transcript::{Answer, DrAnswer};

/// What was told already.
#[derive(Debug, Default)]
pub(crate) struct Reactions {
    seen: u64,
    /// Invocations that had not ended when they were looked at.
    running: BTreeSet<u64>,
    /// By function.
    last_ticks: BTreeMap<String, TickKey>,
}

/// One invocation that nobody waited for.
pub(crate) struct Reaction {
    /// When it ended.
    pub at: Timestamp,
    /// The function and what made it act; empty if the answer is not worth a line.
    pub told: String,
    pub answer: Said,
    /// Whether what a story expects is looked up in it.
    pub leads: bool,
}

/// An answer, by the function that gave it.
#[derive(Debug, Clone)]
pub enum Said {
    Migration(Answer),
    Dr(DrAnswer),
}

/// What makes a tick worth a line: anything but the same as the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TickKey {
    outcome: String,
    codes: Vec<&'static str>,
    waiting_on: Vec<String>,
}

impl Reactions {
    /// What has ended since the last look.
    pub fn news(&mut self, twin: &Twin) -> Vec<Reaction> {
        let next = self.seen.saturating_add(1);
        let invoked = twin.invoked_from(self.running.first().copied().unwrap_or(next));
        let mut news = Vec::new();
        for invocation in invoked {
            let is_new = invocation.number > self.seen;
            if !is_new && !self.running.contains(&invocation.number) {
                continue;
            }
            self.seen = self.seen.max(invocation.number);
            let Some(result) = invocation.result.clone() else {
                self.running.insert(invocation.number);
                continue;
            };
            self.running.remove(&invocation.number);
            if invocation.cause != Cause::Direct {
                news.push(self.reaction(&invocation, said(&invocation.function, result)));
            }
        }
        news.sort_by_key(|reaction| reaction.at);
        news
    }

    fn reaction(&mut self, invocation: &Invoked, answer: Said) -> Reaction {
        let function = invocation.function.trim_end_matches("-dev");
        let cause = match &invocation.cause {
            Cause::Direct | Cause::Async => "invoked",
            Cause::Schedule => "the clock",
            Cause::Rule(_) => "an event",
            Cause::AlarmAction => "an alarm's action",
            Cause::Topic(_) => "a topic",
        };
        let again = match invocation.attempt {
            1 => String::new(),
            attempt => format!(", attempt {attempt}"),
        };
        let by_clock = invocation.cause == Cause::Schedule;
        let worth = !by_clock || self.is_news(function, &answer);
        Reaction {
            at: invocation.ended.unwrap_or(invocation.at),
            told: if worth {
                format!("{function} ({cause}{again})")
            } else {
                String::new()
            },
            leads: !by_clock || [route53_updater::NAME, DR_FUNCTION].contains(&function),
            answer,
        }
    }

    fn is_news(&mut self, function: &str, said: &Said) -> bool {
        let answer = match said {
            Said::Migration(answer) => answer,
            Said::Dr(answer) => return self.is_news_of_dr(answer),
        };
        let key = if function == route53_updater::NAME {
            tick_key(answer)
        } else {
            watcher_key(answer)
        };
        let last = self.last_ticks.insert(function.to_owned(), key.clone());
        let quiet =
            |key: &TickKey| matches!(key.outcome.as_str(), "unchanged" | "done") && key.waiting_on.is_empty();
        let changed = match last {
            // That nothing is left to do after something was done goes without saying.
            Some(last) => last != key && !(quiet(&last) && quiet(&key)),
            None => !quiet(&key),
        };
        let done = matches!(answer, Ok(report) if report.outcome == Outcome::Done || !report.missed_events.is_empty());
        changed || done
    }
}

impl Reactions {
    /// The numbers in a hold change with each tick; what it is for does not.
    fn is_news_of_dr(&mut self, answer: &DrAnswer) -> bool {
        let key = match answer {
            Ok(report) => TickKey {
                outcome: report.outcome.name().to_owned(),
                codes: report
                    .blockers
                    .iter()
                    .map(|blocker| blocker.code.name())
                    .collect(),
                waiting_on: report.waiting_on.clone(),
            },
            Err(failure) => TickKey {
                outcome: failure.error_type.clone(),
                codes: Vec::new(),
                waiting_on: Vec::new(),
            },
        };
        let last = self.last_ticks.insert(DR_FUNCTION.to_owned(), key.clone());
        let done = matches!(answer, Ok(report) if report.outcome == Outcome::Done);
        done || match last {
            Some(last) => last != key,
            None => !is_quiet(answer),
        }
    }
}

fn tick_key(answer: &Answer) -> TickKey {
    match answer {
        Ok(report) => TickKey {
            outcome: report.outcome.name().to_owned(),
            codes: report
                .blockers
                .iter()
                .map(|blocker| blocker.code.name())
                .collect(),
            // That a change has settled goes without saying where nothing waits for it.
            waiting_on: if report.outcome == Outcome::InProgress {
                report.waiting_on.clone()
            } else {
                Vec::new()
            },
        },
        Err(failure) => TickKey {
            outcome: failure.error_type.clone(),
            codes: Vec::new(),
            waiting_on: Vec::new(),
        },
    }
}

/// Those who only watch wait for nothing themselves: what others wait for, or carry out, is no news from them.
fn watcher_key(answer: &Answer) -> TickKey {
    let key = tick_key(answer);
    let outcome = if key.outcome == Outcome::InProgress.name() {
        Outcome::Unchanged.name().to_owned()
    } else {
        key.outcome
    };
    TickKey {
        outcome,
        codes: key.codes,
        waiting_on: Vec::new(),
    }
}

fn said(function: &str, result: Result<Vec<u8>, FunctionFailure>) -> Said {
    if function == deployed_name(DR_FUNCTION) {
        Said::Dr(dr_answer(result))
    } else {
        Said::Migration(answer(result))
    }
}

/// What `dr-failover` came back with, read.
pub(crate) fn dr_answer(result: Result<Vec<u8>, FunctionFailure>) -> DrAnswer {
    serde_json::from_slice(&result?)
        .map(Box::new)
        .map_err(|error| no_report(&error))
}

/// What a function came back with, read.
pub(crate) fn answer(result: Result<Vec<u8>, FunctionFailure>) -> Answer {
    let report: Report = serde_json::from_slice(&result?).map_err(|error| no_report(&error))?;
    Ok(Box::new(report))
}

fn no_report(error: &serde_json::Error) -> FunctionFailure {
    FunctionFailure {
        error_type: "NoReport".to_owned(),
        error_message: error.to_string(),
    }
}
