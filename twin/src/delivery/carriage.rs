//! One delivery to a function or a topic: tried again while that can help, then given up.

use std::time::Duration;

use serde_json::Value;

use super::invocation_log::{Cause, DeadLetter};
use super::work::Work;
use crate::authorization::Agent;
use crate::emission::Action;
use crate::events::{RetryPolicy, Target, bus_region, region_of};
use crate::fault_rules::FaultKind;
use crate::iam::{Ask, Key};
use crate::outages::Reach;
use crate::sns::Subscription;
use crate::twin::Twin;

/// AWS documents an exponential backoff and no figures; these are the twin's.
const FIRST_WAIT: Duration = Duration::from_secs(1);
const WAIT_MAX: Duration = Duration::from_mins(15);

/// What is to be delivered, to whom, and on whose behalf.
#[derive(Debug, Clone)]
pub(super) struct Carriage {
    to: String,
    payload: Vec<u8>,
    cause: Cause,
    sender: Sender,
    retry: RetryPolicy,
    dead_letter: Option<String>,
    /// The ARN of the role that is taken on for it.
    role: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) enum Sender {
    Rule { name: String, arn: String },
    Topic(String),
    Alarm(String),
}

/// Why a delivery failed.
#[derive(Debug)]
struct Undelivered {
    code: &'static str,
    message: String,
    /// Whether another attempt can help. A missing target or permission is not tried again.
    passing: bool,
}

impl Sender {
    fn principal(&self) -> &'static str {
        match self {
            Self::Rule { .. } => "events.amazonaws.com",
            Self::Topic(_) => "sns.amazonaws.com",
            Self::Alarm(_) => "lambda.alarms.cloudwatch.amazonaws.com",
        }
    }

    fn arn(&self) -> &str {
        match self {
            Self::Rule { arn, .. } | Self::Topic(arn) | Self::Alarm(arn) => arn,
        }
    }

    fn agent(&self) -> Agent<'_> {
        Agent {
            principal: self.principal(),
            source_arn: Some(self.arn()),
        }
    }

    fn name(&self) -> &str {
        match self {
            Self::Rule { name, .. } => name,
            Self::Topic(arn) | Self::Alarm(arn) => arn,
        }
    }
}

impl Carriage {
    pub(super) fn to_target(target: Target, sender: Sender, cause: Cause, event: &Value) -> Self {
        let payload = target.input.unwrap_or_else(|| event.to_string());
        Self {
            to: target.arn,
            payload: payload.into_bytes(),
            cause,
            sender,
            retry: target.retry,
            dead_letter: target.dead_letter,
            role: target.role,
        }
    }

    pub(super) fn of_notice(subscription: Subscription, payload: Vec<u8>) -> Self {
        Self {
            to: subscription.endpoint,
            payload,
            cause: Cause::Topic(subscription.topic.clone()),
            sender: Sender::Topic(subscription.topic),
            retry: RetryPolicy::default(),
            dead_letter: None,
            role: None,
        }
    }

    pub(super) fn of_action(action: Action) -> Self {
        let alarm = action.payload.get("alarmArn").and_then(Value::as_str);
        Self {
            to: action.to,
            cause: Cause::AlarmAction,
            sender: Sender::Alarm(alarm.unwrap_or_default().to_owned()),
            payload: action.payload.to_string().into_bytes(),
            retry: RetryPolicy::default(),
            dead_letter: None,
            role: None,
        }
    }
}

impl Twin {
    pub(super) fn transport(&self, carriage: Carriage) {
        self.transport_after(Duration::ZERO, carriage);
    }

    pub(super) fn transport_after(&self, wait: Duration, carriage: Carriage) {
        let work = self.begin_work();
        let twin = self.clone();
        tokio::spawn(async move {
            if !wait.is_zero() {
                twin.clock().sleep(wait).await;
            }
            twin.transport_until_given_up(carriage, work).await;
        });
    }

    async fn transport_until_given_up(self, carriage: Carriage, mut work: Work) {
        let sent = self.clock().now();
        let mut wait = FIRST_WAIT;
        let mut retries = 0;
        loop {
            if !self.outages().is_lit(self.region()) {
                // Lost with the region.
                return;
            }
            let Err(undelivered) = self.hand_over(&carriage).await else {
                return;
            };
            let age = Duration::try_from(self.clock().now().duration_since(sent)).unwrap_or_default();
            let in_time = age.saturating_add(wait) <= carriage.retry.age_max;
            if !undelivered.passing || !in_time || retries == carriage.retry.retries_max {
                // A queue that does not admit the rule keeps nothing, and nobody is told.
                let agent = carriage.sender.agent();
                let queue = carriage
                    .dead_letter
                    .filter(|queue| self.service_may(agent, "sqs:SendMessage", queue));
                self.delivery().dead_letters.add(DeadLetter {
                    at: self.clock().now(),
                    region: self.region().to_owned(),
                    queue,
                    from: carriage.sender.name().to_owned(),
                    error_code: undelivered.code.to_owned(),
                    error_message: undelivered.message,
                    payload: carriage.payload,
                });
                return;
            }
            work = work.pause(self.clock(), wait).await;
            retries += 1;
            wait = wait.saturating_mul(2).min(WAIT_MAX);
        }
    }

    async fn hand_over(&self, carriage: &Carriage) -> Result<(), Undelivered> {
        if let Some(region) = bus_region(&carriage.to) {
            return self.hand_to_bus(region, carriage);
        }
        let Some((_, qualified)) = carriage.to.rsplit_once(":function:") else {
            return self.hand_to_topic(carriage);
        };
        let function_name = qualified.split(':').next().unwrap_or(qualified);
        let fault = self.faults().strike("lambda", "Invoke", function_name);
        match fault {
            None | Some(FaultKind::ReplyLost | FaultKind::CrashAfter) => {}
            Some(FaultKind::Delay(by)) => self.clock().sleep(by).await,
            Some(FaultKind::Throttle) => return Err(passing("THROTTLING", "Rate Exceeded.")),
            Some(FaultKind::FailBefore | FaultKind::CrashBefore) => {
                return Err(passing(
                    "INTERNAL_ERROR",
                    "Lambda answered with an internal error",
                ));
            }
            Some(FaultKind::Deny) => return Err(not_permitted(function_name, carriage)),
        }
        match self.outages().reach(Some(self.region()), self.region(), "lambda") {
            Reach::Open => {}
            Reach::Slow(by) => self.clock().sleep(by).await,
            Reach::Failing | Reach::Silent => {
                return Err(passing(
                    "INTERNAL_ERROR",
                    "Lambda answered with an internal error",
                ));
            }
        }
        let elsewhere = region_of(&carriage.to) != Some(self.region());
        if elsewhere || self.functions().named(function_name).is_err() {
            return Err(lasting(
                "NO_RESOURCE",
                format!("Function not found: {}", carriage.to),
            ));
        }
        let function_arn = self.function_arn(function_name);
        if !self.service_may(carriage.sender.agent(), "lambda:InvokeFunction", &function_arn) {
            return Err(not_permitted(function_name, carriage));
        }
        self.invoke_later(function_name, carriage.payload.clone(), carriage.cause.clone());
        if matches!(fault, Some(FaultKind::ReplyLost | FaultKind::CrashAfter)) {
            // The sender never heard that it arrived, and sends it again.
            return Err(passing("TIMEOUT", "Lambda's answer did not arrive"));
        }
        Ok(())
    }

    /// Puts an event on the default bus of another region, as it is, its region included.
    fn hand_to_bus(&self, region: &str, carriage: &Carriage) -> Result<(), Undelivered> {
        match self.outages().reach(Some(self.region()), region, "events") {
            Reach::Open | Reach::Slow(_) => {}
            Reach::Failing | Reach::Silent => {
                return Err(passing(
                    "INTERNAL_ERROR",
                    "the other region's bus does not answer",
                ));
            }
        }
        let event: Value = serde_json::from_slice(&carriage.payload)
            .map_err(|problem| lasting("INVALID_PARAMETER", format!("the event is not JSON: {problem}")))?;
        let text = |name: &str| event.get(name).and_then(Value::as_str).map(str::to_owned);
        let ask = Ask::new("events:PutEvents", carriage.to.clone())
            .with_all(Key::EventSource, text("source"))
            .with_all(Key::DetailType, text("detail-type"));
        let role = carriage.role.as_ref();
        if role.is_some_and(|role| !self.role_may(role, carriage.sender.agent(), &ask)) {
            let message = format!("{} may not put events on {}", carriage.sender.name(), carriage.to);
            return Err(lasting("NO_PERMISSIONS", message));
        }
        self.at(region).put_on_bus(event);
        Ok(())
    }

    fn hand_to_topic(&self, carriage: &Carriage) -> Result<(), Undelivered> {
        // A rule does not say for what it publishes, so that a condition on that is never met.
        let agent = Agent {
            principal: carriage.sender.principal(),
            source_arn: None,
        };
        if !self.service_may_publish(agent, &carriage.to) {
            let message = format!("{} may not publish to {}", carriage.sender.name(), carriage.to);
            return Err(lasting("NO_PERMISSIONS", message));
        }
        let message = String::from_utf8_lossy(&carriage.payload);
        let published = self.sns(|sns| sns.publish_plain(&carriage.to, None, &message));
        match published {
            Ok(_) => {
                self.deliver();
                Ok(())
            }
            Err(refusal) => Err(lasting("NO_RESOURCE", refusal.message)),
        }
    }
}

fn not_permitted(function_name: &str, carriage: &Carriage) -> Undelivered {
    let message = format!(
        "{} may not invoke {function_name} for {}",
        carriage.sender.principal(),
        carriage.sender.arn()
    );
    lasting("NO_PERMISSIONS", message)
}

fn passing(code: &'static str, message: &str) -> Undelivered {
    Undelivered {
        code,
        message: message.to_owned(),
        passing: true,
    }
}

fn lasting(code: &'static str, message: String) -> Undelivered {
    Undelivered {
        code,
        message,
        passing: false,
    }
}
