//! `EventBridge`: the default bus, its rules and their targets, and what was seen on it.

mod asks;
mod envelope;
mod matching;
mod pattern;
mod put;
mod rate;
mod wildcard;
mod wire;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use serde_json::Value;

use crate::place::Place;

pub use envelope::InvalidEnvelope;
pub(crate) use envelope::{completed, enveloped, scheduled};
pub use pattern::{InvalidPattern, Pattern};
pub use rate::{InvalidRate, Rate};
pub(crate) use wire::Request;

/// What `EventBridge` does unless a target says otherwise: up to 185 retries within 24 hours.
const RETRIES_DEFAULT: u32 = 185;
const AGE_DEFAULT: Duration = Duration::from_hours(24);

/// The default event bus of one account in one region.
#[derive(Debug)]
pub struct Events {
    place: Place,
    /// By name.
    rules: BTreeMap<String, Rule>,
    seen: Vec<BusEvent>,
    /// Whether anybody may put events as if AWS had sent them. AWS itself allows nobody.
    accept_aws_sources: bool,
    schedules_on: bool,
    /// Functions whose schedules are switched off.
    unscheduled: BTreeSet<String>,
}

/// A rule, for events or for a schedule.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub name: String,
    pub trigger: RuleTrigger,
    pub enabled: bool,
    pub targets: Vec<Target>,
}

/// What makes a rule reach its targets.
#[derive(Debug, Clone, PartialEq)]
pub enum RuleTrigger {
    /// The pattern, and the text it was read from.
    Pattern(Pattern, String),
    Schedule(Rate),
}

/// What a rule sends its events to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub id: String,
    /// The ARN of a function, of a topic, or of another region's default bus.
    pub arn: String,
    /// Sent instead of the event.
    pub input: Option<String>,
    pub retry: RetryPolicy,
    /// The ARN of the queue for what could not be delivered.
    pub dead_letter: Option<String>,
    /// The ARN of the role that the rule takes on for it. Functions, topics and queues have policies instead.
    pub role: Option<String>,
}

/// How long a delivery is tried again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    pub age_max: Duration,
    pub retries_max: u32,
}

/// An event on the bus, as it came there.
#[derive(Debug, Clone, PartialEq)]
pub struct BusEvent {
    /// Counts from 1.
    pub number: u64,
    pub at: Timestamp,
    /// The whole event: `version`, `id`, `source`, `detail-type`, `account`, `time`, `region`, `resources`
    /// and `detail`.
    pub event: Value,
    pub fate: Fate,
}

/// What the weather did to something on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    OnTime,
    Late(Duration),
    Lost,
    /// The second one arrives this much later than the first.
    Twice(Duration),
    /// Until it is released.
    Held,
}

impl RuleTrigger {
    /// For the events that match a pattern, written as JSON.
    pub fn matching(pattern: &str) -> Result<Self, InvalidPattern> {
        Ok(Self::Pattern(Pattern::parse(pattern)?, pattern.to_owned()))
    }
}

impl Target {
    /// The region of the bus that it is; None if it is something else.
    pub(crate) fn bus_region(&self) -> Option<&str> {
        bus_region(&self.arn)
    }
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            age_max: AGE_DEFAULT,
            retries_max: RETRIES_DEFAULT,
        }
    }
}

impl Events {
    pub(crate) fn empty(place: Place, accept_aws_sources: bool) -> Self {
        Self {
            place,
            rules: BTreeMap::new(),
            seen: Vec::new(),
            accept_aws_sources,
            schedules_on: true,
            unscheduled: BTreeSet::new(),
        }
    }

    /// Creates a rule and returns its ARN, replacing the one that had its name.
    pub fn put_rule(&mut self, rule: Rule) -> String {
        let arn = self.rule_arn(&rule.name);
        self.rules.insert(rule.name.clone(), rule);
        arn
    }

    /// The rules, by name.
    #[must_use]
    pub fn rules(&self) -> Vec<Rule> {
        self.rules.values().cloned().collect()
    }

    /// Switches a rule on or off. False if there is no such rule.
    pub fn enable_rule(&mut self, name: &str, enabled: bool) -> bool {
        let rule = self.rules.get_mut(name);
        rule.map(|rule| rule.enabled = enabled).is_some()
    }

    pub(crate) fn rule_arn(&self, name: &str) -> String {
        let Place { account, region, .. } = &self.place;
        format!("arn:aws:events:{region}:{account}:rule/{name}")
    }

    pub(crate) fn place(&self) -> &Place {
        &self.place
    }

    /// Everything seen on the bus, in order.
    pub(crate) fn seen(&self) -> Vec<BusEvent> {
        self.seen.clone()
    }

    pub(crate) fn note(&mut self, event: Value, fate: Fate) {
        let number = self.seen.last().map_or(1, |last| last.number + 1);
        let at = self.place.clock.now();
        self.seen.push(BusEvent {
            number,
            at,
            event,
            fate,
        });
    }

    /// The rules that an event reaches, with the name of each and its targets.
    pub(crate) fn matching(&self, event: &Value) -> Vec<Rule> {
        let matches = |rule: &&Rule| match &rule.trigger {
            RuleTrigger::Pattern(pattern, _) => rule.enabled && pattern.matches(event),
            RuleTrigger::Schedule(_) => false,
        };
        self.rules.values().filter(matches).cloned().collect()
    }

    /// The schedules that are due at this minute, without the targets that are switched off.
    pub(crate) fn due(&self, now: Timestamp) -> Vec<Rule> {
        let is_due = |rule: &&Rule| match &rule.trigger {
            RuleTrigger::Schedule(rate) => self.schedules_on && rule.enabled && rate.is_due(now),
            RuleTrigger::Pattern(..) => false,
        };
        let mut due: Vec<Rule> = self.rules.values().filter(is_due).cloned().collect();
        for rule in &mut due {
            rule.targets
                .retain(|target| !self.unscheduled.iter().any(|name| is_function(&target.arn, name)));
        }
        due
    }

    pub(crate) fn switch_schedules(&mut self, on: bool) {
        self.schedules_on = on;
    }

    pub(crate) fn switch_schedules_of(&mut self, function_name: &str, on: bool) {
        if on {
            self.unscheduled.remove(function_name);
        } else {
            self.unscheduled.insert(function_name.to_owned());
        }
    }
}

/// The region in an ARN.
pub(crate) fn region_of(arn: &str) -> Option<&str> {
    arn.split(':').nth(3)
}

/// The region in the ARN of a default bus.
pub(crate) fn bus_region(arn: &str) -> Option<&str> {
    let is_bus = arn.starts_with("arn:aws:events:") && arn.ends_with(":event-bus/default");
    region_of(arn).filter(|_| is_bus)
}

fn is_function(arn: &str, name: &str) -> bool {
    arn.rsplit_once(":function:")
        .is_some_and(|(_, function)| function == name)
}
