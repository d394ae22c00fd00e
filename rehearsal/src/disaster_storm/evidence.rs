//! What a played schedule left behind, read from the twin and not from our own answers.

use std::time::Duration;

use cutover_core::dr::Entry;
use cutover_core::dr::phase::Action;
use cutover_core::dr::report::Report;
use cutover_core::dr::state::State;
use jiff::Timestamp;
use twin::rds::LostWrite;
use twin::sns::Published;
use twin::{Call, CallOutcome, Invoked};

use super::play::Played;
use super::schedule::Schedule;
use super::stage::{CANARY_ALARM, DR_CLUSTER, JOURNAL, PRIMARY_CLUSTER, REPLICATION_ALARM, identifier};

/// Everything that the laws look at.
pub(super) struct Evidence<'a> {
    pub schedule: &'a Schedule,
    pub played: &'a Played,
    /// In order.
    pub entries: Vec<Entry>,
    pub state: Option<State>,
    pub reports: Vec<Report>,
    pub calls: Vec<Call>,
    pub invoked: Vec<Invoked>,
    /// What the function itself told.
    pub notices: Vec<Published>,
    pub lost: Vec<LostWrite>,
}

impl<'a> Evidence<'a> {
    pub(super) fn of(schedule: &'a Schedule, played: &'a Played) -> Self {
        let there = &played.stage.there;
        let invoked = there.invoked();
        let read = |invoked: &Invoked| {
            let answer = invoked.result.as_ref()?.as_ref().ok()?;
            serde_json::from_slice(answer).ok()
        };
        let mut notices = there.sns(|sns| sns.published());
        notices.retain(|notice| {
            notice.topic == played.stage.topic && notice.attributes.contains_key("severity")
        });
        Self {
            schedule,
            played,
            entries: entries(played),
            state: played.stage.state(),
            reports: invoked.iter().filter_map(read).collect(),
            calls: there.log(),
            invoked,
            notices,
            lost: there.rds(|rds| rds.lost_writes()),
        }
    }

    /// All of it in words, to compare one run with another.
    pub(super) fn trace(&self) -> String {
        let there = &self.played.stage.there;
        let mut lines: Vec<(Timestamp, String)> = Vec::new();
        lines.extend(self.calls.iter().map(|call| (call.at, told_call(call))));
        lines.extend(
            self.invoked
                .iter()
                .map(|invoked| (invoked.at, told_invoked(invoked))),
        );
        lines.extend(self.entries.iter().map(|entry| (entry.at, told_entry(entry))));
        let notice = |notice: &Published| (notice.at, format!("notice: {}", notice.message));
        lines.extend(self.notices.iter().map(notice));
        let bus = there.bus().into_iter().chain(self.played.stage.twin.bus());
        lines.extend(bus.map(|event| (event.at, format!("event {:?}: {}", event.fate, event.event))));
        let watch = &self.played.watch;
        let writers = watch.writers.iter();
        lines.extend(writers.map(|(at, writer)| (*at, format!("the writer is {writer}"))));
        lines.extend(watch.led.iter().map(|(at, led)| (*at, format!("led to {led:?}"))));
        lines.sort_by_key(|(at, _)| *at);
        let lines: Vec<String> = lines
            .into_iter()
            .map(|(at, line)| format!("{at} {line}"))
            .collect();
        lines.join("\n")
    }

    /// When the primary region went dark.
    pub(super) fn dark(&self) -> Option<Timestamp> {
        self.after(self.schedule.outage?.0)
    }

    pub(super) fn after(&self, after: Duration) -> Option<Timestamp> {
        self.played.begun.checked_add(after).ok()
    }

    /// Forced promotions that the function asked for, whatever came of it.
    pub(super) fn asked(&self) -> Vec<&Call> {
        let ours = |call: &&Call| call.operation == "FailoverGlobalCluster" && call.invocation.is_some();
        self.calls.iter().filter(ours).collect()
    }

    /// When the metric that health checks follow was published.
    pub(super) fn published(&self) -> impl Iterator<Item = Timestamp> {
        let done = |call: &&Call| call.operation == "PutMetricData" && call.outcome == CallOutcome::Ok;
        self.calls.iter().filter(done).map(|call| call.at)
    }

    /// Those that AWS accepted. What a lost reply said is not known, but who is the writer is.
    pub(super) fn accepted(&self) -> Vec<&Call> {
        let mut asked = self.asked();
        asked.retain(|call| call.outcome == CallOutcome::Ok);
        asked
    }

    /// The promotion that nobody asked for.
    pub(super) fn promoted(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.action == Action::Promote)
    }

    pub(super) fn serves_from_dr(&self) -> bool {
        let stage = &self.played.stage;
        stage.writer() == DR_CLUSTER
            && stage.led_to().as_deref() == Some(DR_CLUSTER)
            && stage.twin.rds(|rds| rds.takes_writes(DR_CLUSTER))
    }

    /// When the first alarm that votes went off after the region went dark.
    pub(super) fn first_alarm(&self) -> Option<Timestamp> {
        let dark = self.dark()?;
        let bus = self.played.stage.there.bus();
        let mut alarms = bus.iter().filter(|event| {
            let text = |path: &str| event.event.pointer(path).and_then(serde_json::Value::as_str);
            let votes = [Some(CANARY_ALARM), Some(REPLICATION_ALARM)].contains(&text("/detail/alarmName"));
            event.at >= dark && votes && text("/detail/state/value") == Some("ALARM")
        });
        alarms.next().map(|event| event.at)
    }

    /// Writes that the primary took before it went dark, and that nobody has any more.
    pub(super) fn lost_before_dark(&self) -> Vec<Timestamp> {
        let dark = self.dark().unwrap_or(Timestamp::MIN);
        let lost = self.lost.iter().map(|lost| &lost.write);
        let lost = lost.filter(|write| identifier(&write.cluster_arn) == PRIMARY_CLUSTER && write.at <= dark);
        lost.map(|write| write.at).collect()
    }
}

/// Every entry that can be read, in order.
fn entries(played: &Played) -> Vec<Entry> {
    let values: Vec<String> = played.stage.there.ssm(|ssm| {
        let names = ssm.names(JOURNAL);
        names.iter().filter_map(|name| ssm.value(name)).collect()
    });
    let decoded = values.iter().filter_map(|value| Entry::decode(value).ok());
    let mut entries: Vec<Entry> = decoded.collect();
    entries.sort_by_key(|entry| entry.generation);
    entries
}

fn told_call(call: &Call) -> String {
    format!(
        "  call {} {} {} {} {:?} until {:?} by {:?} {:?}",
        call.number,
        call.region,
        call.operation,
        call.subject,
        call.outcome,
        call.ended,
        call.invocation,
        call.fault
    )
}

fn told_invoked(invoked: &Invoked) -> String {
    let answer = match &invoked.result {
        Some(Ok(answer)) => String::from_utf8_lossy(answer).into_owned(),
        Some(Err(failure)) => format!("{failure:?}"),
        None => "it runs".to_owned(),
    };
    format!(
        "invocation {} {} attempt {} by {:?} until {:?}: {answer}",
        invoked.number, invoked.request_id, invoked.attempt, invoked.cause, invoked.ended
    )
}

fn told_entry(entry: &Entry) -> String {
    format!(
        "generation {}: {} ({})",
        entry.generation,
        entry.action.name(),
        entry.reason
    )
}
