//! What CloudWatch says of an alarm, in its three shapes. They differ in where things stand, not in what is checked.

use jiff::Timestamp;
use serde_json::Value;

use super::document::{id, text};
use super::identity::{Arn, stands_in};
use super::ours::{Notice, Ours};
use super::unrecognised::{Refusal, Why};
use super::{AlarmEvent, StateValue, moment};
use crate::text::Text;

/// What an event claims, wherever it stood in it.
struct Claim<'event> {
    id: Option<&'event str>,
    account: Option<&'event str>,
    region: Option<&'event str>,
    arn: Option<&'event str>,
    name: Option<&'event str>,
    from: Option<&'event str>,
    to: Option<&'event str>,
    suppression: Suppression,
    at: Option<&'event str>,
    reason: Option<&'event str>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Suppression {
    Never,
    Now,
    /// It was suppressed in the state before, and is no longer.
    Ended,
}

/// `CloudWatch Alarm State Change` of `EventBridge`.
pub(super) fn from_envelope(event: &Value, ours: &impl Ours, now: Timestamp) -> Result<AlarmEvent, Refusal> {
    let detail = event.get("detail").unwrap_or(&Value::Null);
    Claim {
        id: text(event, "/id"),
        account: text(event, "/account"),
        region: text(event, "/region"),
        arn: text(event, "/resources/0"),
        ..Claim::of_states(detail, text(event, "/time"))
    }
    .judge(ours, now)
}

/// A direct alarm action on the function. It has no id.
pub(super) fn from_action(event: &Value, ours: &impl Ours, now: Timestamp) -> Result<AlarmEvent, Refusal> {
    let source = text(event, "/source").unwrap_or_default();
    if source != "aws.cloudwatch" {
        return Err(Why::UnknownEnvelope.because(format!("alarmData from {source}")));
    }
    let data = event.get("alarmData").unwrap_or(&Value::Null);
    Claim {
        account: text(event, "/accountId"),
        region: text(event, "/region"),
        arn: text(event, "/alarmArn"),
        ..Claim::of_states(data, text(event, "/time"))
    }
    .judge(ours, now)
}

/// The message of an alarm's topic. Its `Region` is a name for people ("EU (Ireland)"), so only the ARN tells it.
pub(super) fn from_notice(
    notice: &Notice<'_>,
    ours: &impl Ours,
    now: Timestamp,
) -> Result<AlarmEvent, Refusal> {
    let message = notice.message;
    let arn = text(message, "/AlarmArn");
    Claim {
        id: notice.id,
        account: text(message, "/AWSAccountId"),
        region: arn.and_then(Arn::parse).map(|arn| arn.region),
        arn,
        name: text(message, "/AlarmName"),
        from: text(message, "/OldStateValue"),
        to: text(message, "/NewStateValue"),
        suppression: Suppression::Never,
        at: text(message, "/StateChangeTime").or(notice.sent),
        reason: text(message, "/NewStateReason"),
    }
    .judge(ours, now)
}

impl<'event> Claim<'event> {
    /// What `EventBridge`'s `detail` and the action's `alarmData` have in common. The `configuration` beside it is
    /// different for every sort of alarm and is never read.
    fn of_states(states: &'event Value, sent: Option<&'event str>) -> Self {
        Self {
            id: None,
            account: None,
            region: None,
            arn: None,
            name: text(states, "/alarmName"),
            from: text(states, "/previousState/value"),
            to: text(states, "/state/value"),
            suppression: Suppression::of(states),
            at: text(states, "/state/timestamp").or(sent),
            reason: text(states, "/state/reason"),
        }
    }

    fn judge(self, ours: &impl Ours, now: Timestamp) -> Result<AlarmEvent, Refusal> {
        let (name, arn) = self.known(ours)?;
        let (from, to) = self.transition()?;
        Ok(AlarmEvent {
            id: id(self.id),
            at: moment::fresh(self.at, now)?,
            name: name.to_owned(),
            arn: arn.to_owned(),
            from,
            to,
            suppressed: self.suppression == Suppression::Now,
            reason: Text::new(self.reason.unwrap_or_default()),
        })
    }

    /// The name and the ARN, which must say the same thing, and something of ours that is where the event comes from.
    fn known(&self, ours: &impl Ours) -> Result<(&'event str, &'event str), Refusal> {
        let name = self
            .name
            .ok_or_else(|| Why::Malformed.because("an alarm without a name"))?;
        let arn = self
            .arn
            .ok_or_else(|| Why::Malformed.because(format!("{name}: without an ARN")))?;
        let parts =
            Arn::parse(arn).ok_or_else(|| Why::Malformed.because(format!("{name}: not an ARN: {arn}")))?;
        ours.is_alarm_s_place(&parts, arn)?;
        if parts.service != "cloudwatch" || parts.resource.strip_prefix("alarm:") != Some(name) {
            return Err(Why::Malformed.because(format!("{name}: the ARN is of something else: {arn}")));
        }
        if !ours.has_alarm(name, arn) {
            return Err(Why::UnknownAlarm.because(name));
        }
        stands_in([(parts.account, parts.region)], self.account, self.region)?;
        Ok((name, arn))
    }

    /// CloudWatch acts on transitions only, and so do we. An alarm that stays in ALARM while its suppression ends
    /// is one: what was not done about it then is due now. A new alarm comes from having no data.
    fn transition(&self) -> Result<(StateValue, StateValue), Refusal> {
        let to = state(
            self.to
                .ok_or_else(|| Why::NoState.because("does not say which state"))?,
        )?;
        let from = self.from.map_or(Ok(StateValue::InsufficientData), state)?;
        let due_now = to == StateValue::Alarm && self.suppression == Suppression::Ended;
        if from == to && !due_now {
            return Err(Why::NoTransition.because(format!("{} as before", to.name())));
        }
        Ok((from, to))
    }
}

impl Suppression {
    fn of(states: &Value) -> Self {
        let muted = states.get("muteDetail").is_some_and(|detail| !detail.is_null());
        let by_suppressor = |pointer| text(states, pointer).is_some();
        if muted || by_suppressor("/state/actionsSuppressedBy") {
            Self::Now
        } else if by_suppressor("/previousState/actionsSuppressedBy") {
            Self::Ended
        } else {
            Self::Never
        }
    }
}

fn state(value: &str) -> Result<StateValue, Refusal> {
    StateValue::parse(value).ok_or_else(|| Why::Malformed.because(format!("{value} is not a state")))
}
