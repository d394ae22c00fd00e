//! What a played schedule left behind, read from the twin and not from our own answers.

use std::collections::BTreeMap;

use cutover_core::journal::Entry;
use cutover_core::plan::Step;
use cutover_core::report::Report;
use cutover_core::weight::{Pair, Weights};
use jiff::Timestamp;
use twin::route53::ZoneSnapshot;
use twin::sns::Published;
use twin::{Call, CallOutcome, Invoked};

use super::line::Schedule;
use super::play::Played;
use super::truth::Truth;
use crate::stage::{READER, Stage, WRITER};

/// One weight change of ours that took effect.
#[derive(Debug, Clone)]
pub(super) struct Move {
    pub at: Timestamp,
    pub pair: Pair,
    pub from: Weights,
    pub to: Weights,
    /// Number of the invocation that made it, and of its attempt.
    pub by: Option<u64>,
}

/// Everything that the laws look at.
pub(super) struct Evidence<'a> {
    pub schedule: &'a Schedule,
    pub stage: &'a Stage,
    pub truth: &'a Truth,
    pub played: &'a Played,
    pub entries: Vec<Entry>,
    pub moves: Vec<Move>,
    pub calls: Vec<Call>,
    pub invoked: Vec<Invoked>,
    /// By number.
    pub reports: BTreeMap<u64, Report>,
    pub notices: Vec<Published>,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(schedule: &'a Schedule, played: &'a Played) -> Self {
        let stage = &played.player.stage;
        let twin = &stage.twin;
        let (calls, invoked) = (twin.log(), twin.invoked());
        let read = |invoked: &Invoked| {
            let answer = invoked.result.as_ref()?.as_ref().ok()?;
            Some((invoked.number, serde_json::from_slice(answer).ok()?))
        };
        let history = twin.route53(|route53| route53.history());
        Self {
            schedule,
            stage,
            truth: &played.truth,
            played,
            entries: entries(stage),
            moves: moves(stage, &history, &calls, &invoked),
            reports: invoked.iter().filter_map(read).collect(),
            calls,
            invoked,
            notices: twin.sns(|sns| sns.published()),
        }
    }

    /// All of it in words, to compare one run with another.
    pub(super) fn trace(&self) -> String {
        let mut lines: Vec<String> = self.calls.iter().map(|call| format!("{call:?}")).collect();
        lines.extend(self.invoked.iter().map(|invoked| format!("{invoked:?}")));
        lines.extend(self.entries.iter().map(|entry| format!("{entry:?}")));
        lines.extend(self.notices.iter().map(|notice| format!("{notice:?}")));
        lines.extend(self.stage.twin.bus().iter().map(|event| format!("{event:?}")));
        lines.join("\n")
    }

    pub(super) fn writes(&self) -> Pair {
        if self.stage.setting.shared {
            Pair::Shared
        } else {
            Pair::Writer
        }
    }

    pub(super) fn invocation(&self, number: Option<u64>) -> Option<&Invoked> {
        let number = number?;
        self.invoked.iter().find(|invoked| invoked.number == number)
    }

    /// The latest decision until then that sets a pair to these weights.
    pub(super) fn decided(&self, pair: Pair, to: Weights, at: Timestamp) -> Option<&Entry> {
        let sets = |entry: &&Entry| entry.at <= at && sets(entry, pair, to);
        self.entries.iter().rev().find(sets)
    }

    /// What the person typed who had this decided, if a person did.
    pub(super) fn typed(&self, entry: &Entry) -> Option<serde_json::Value> {
        let id = entry.invocation.as_str();
        let invoked = self.invoked.iter().find(|invoked| invoked.request_id == id)?;
        serde_json::from_slice(&invoked.payload).ok()
    }
}

pub(super) fn sets(entry: &Entry, pair: Pair, to: Weights) -> bool {
    let mut steps = entry.plan.steps.iter();
    steps.any(
        |step| matches!(step, Step::SetWeights { pair: on, to: weights } if *on == pair && *weights == to),
    )
}

/// Every entry that can be read, in order.
fn entries(stage: &Stage) -> Vec<Entry> {
    let values: Vec<String> = stage.twin.ssm(|ssm| {
        let names = ssm.names("/migration/dev/journal/");
        names.iter().filter_map(|name| ssm.value(name)).collect()
    });
    values
        .iter()
        .filter_map(|value| Entry::decode(value).ok())
        .collect()
}

/// What each of our batches changed, by comparing the zone with what it was just before.
fn moves(stage: &Stage, history: &[ZoneSnapshot], calls: &[Call], invoked: &[Invoked]) -> Vec<Move> {
    let batches: Vec<&Call> = calls
        .iter()
        .filter(|call| call.operation == "ChangeResourceRecordSets")
        .filter(|call| !matches!(call.outcome, CallOutcome::Error { .. }))
        .collect();
    let before_and_after = history.iter().zip(history.iter().skip(1));
    let ours = before_and_after.filter(|(_, after)| after.change.is_some());
    let mut moves = Vec::new();
    for (before, after) in ours {
        for (name, pair) in [(READER, Pair::Reader), (WRITER, Pair::Writer)] {
            let (Some(from), Some(to)) = (weights(before, name), weights(after, name)) else {
                continue;
            };
            if from == to {
                continue;
            }
            let under_way = |call: &&&Call| {
                call.at <= after.at
                    && call.ended.is_none_or(|ended| ended >= after.at)
                    && call.subject.contains(name.trim_end_matches('.'))
            };
            let by = batches
                .iter()
                .find(under_way)
                .and_then(|call| attempt(call, invoked));
            let pair = if stage.setting.shared { Pair::Shared } else { pair };
            moves.push(Move {
                at: after.at,
                pair,
                from,
                to,
                by,
            });
        }
    }
    moves
}

/// The attempt that made a call: the attempts at one event share an id.
pub(super) fn attempt(call: &Call, invoked: &[Invoked]) -> Option<u64> {
    let id = call.invocation.as_deref()?;
    let mut attempts = invoked.iter().rev();
    attempts
        .find(|invoked| invoked.request_id == id && invoked.at <= call.at)
        .map(|invoked| invoked.number)
}

fn weights(snapshot: &ZoneSnapshot, name: &str) -> Option<Weights> {
    let set = snapshot.sets.iter().find(|set| set.name == name)?;
    let side = |identifier: &str| {
        let found = set.weights.iter().find(|(known, _)| known == identifier);
        found.map(|(_, weight)| *weight)
    };
    Some(Weights {
        source: side("source")?,
        target: side("target")?,
    })
}
