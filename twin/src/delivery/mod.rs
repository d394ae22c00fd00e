//! What services tell the world is carried to whoever listens: rules, topics, functions.

mod asynchronous;
mod carriage;
mod invocation_log;
mod minute;
mod notice;
mod permissions;
#[cfg(test)]
mod tests;
mod weather;
mod work;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;

use crate::authorization::Agent;
use crate::emission::{Action, Emission};
use crate::events::{self, BusEvent, Fate, InvalidEnvelope, RuleTrigger};
use crate::sns::Subscription;
use crate::twin::Twin;
use carriage::{Carriage, Sender};
use invocation_log::{DeadLetters, InvocationLog};
use weather::Sky;
use work::WorkCount;

pub use asynchronous::AsyncSettings;
pub(crate) use invocation_log::Attempt;
pub use invocation_log::{Cause, DeadLetter, Invoked};
pub use permissions::Permission;
pub use weather::Weather;

/// In whose name alarms publish. To functions they come in another one.
const ALARMS_TO_TOPICS: &str = "cloudwatch.amazonaws.com";
/// What is held back arrives in these intervals once it is released, so that each is seen by itself.
const RELEASE_INTERVAL: Duration = Duration::from_secs(1);

/// Everything about deliveries that a region keeps. The logs are those of all regions.
#[derive(Debug)]
pub(crate) struct Delivery {
    sky: Mutex<Sky>,
    pub(crate) log: Arc<InvocationLog>,
    dead_letters: Arc<DeadLetters>,
    work: Arc<WorkCount>,
    /// By function name.
    settings: Mutex<HashMap<String, AsyncSettings>>,
}

/// Something on its way, to which the weather applies.
#[derive(Debug, Clone)]
pub(crate) enum Parcel {
    Event(Value),
    Action(Action),
    /// A message's payload for one subscribed function.
    Notice(Subscription, Vec<u8>),
}

impl Delivery {
    pub(crate) fn fair(seed: u64) -> Self {
        Self {
            sky: Mutex::new(Sky::fair(seed)),
            log: Arc::default(),
            dead_letters: Arc::default(),
            work: Arc::default(),
            settings: Mutex::default(),
        }
    }

    /// Another region's, with weather of its own.
    pub(crate) fn beside(&self, seed: u64) -> Self {
        Self {
            log: Arc::clone(&self.log),
            dead_letters: Arc::clone(&self.dead_letters),
            work: Arc::clone(&self.work),
            ..Self::fair(seed)
        }
    }

    fn sky<R>(&self, f: impl FnOnce(&mut Sky) -> R) -> R {
        f(&mut self.sky.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Twin {
    /// Takes what services have to tell and sends it on its way. The twin does so after every request
    /// and at every minute, in all regions; whoever changes the world directly calls it afterwards.
    pub fn deliver(&self) {
        self.collect_news_of_rds();
        self.observe_health();
        for region in self.everywhere() {
            region.deliver_here();
        }
    }

    /// Nobody carries what is told in a dark region: it is lost.
    fn deliver_here(&self) {
        let told = self.outbox().take();
        if !self.outages().is_lit(self.region()) {
            return;
        }
        for emission in told {
            match emission {
                Emission::Event(event) => {
                    let event = self.events(|bus| events::enveloped(&event, bus.place()));
                    self.put_on_bus(event);
                }
                Emission::Whole(event) => self.put_on_bus(event),
                Emission::Action(action) => {
                    self.send(&Parcel::Action(action));
                }
                Emission::Notice(notice) => {
                    let subscriptions = self.sns(|sns| sns.subscriptions_of(&notice.topic));
                    for subscription in subscriptions {
                        let payload = notice::payload(&notice, &subscription, self.region());
                        self.send(&Parcel::Notice(subscription, payload));
                    }
                }
            }
        }
    }

    /// Nobody is told of what services had to tell so far: it happened before the story begins.
    pub fn forget_emissions(&self) {
        self.collect_news_of_rds();
        for region in self.everywhere() {
            let _unheard = region.outbox().take();
        }
    }

    /// Puts a raw event on the bus, whatever it claims to be. Id, account, region and time are filled
    /// in where it does not say them. Answers with its id.
    pub fn inject(&self, event: &str) -> Result<String, InvalidEnvelope> {
        let event = self.events(|bus| events::completed(event, bus.place()))?;
        let id = event
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default()
            .to_owned();
        self.put_on_bus(event);
        Ok(id)
    }

    /// Every event that was put on this region's bus, in order, with what the weather did to it.
    #[must_use]
    pub fn bus(&self) -> Vec<BusEvent> {
        self.events(|events| events.seen())
    }

    /// Changes this region's weather for what is sent from now on.
    pub fn weather(&self, weather: Weather) {
        self.delivery().sky(|sky| sky.change(weather));
    }

    /// Holds back what is sent from now on, until it is released.
    pub fn hold(&self) {
        self.delivery().sky(Sky::hold);
    }

    /// Lets go what was held back, in the order it was sent, and holds no longer.
    pub fn release(&self) {
        let held = self.delivery().sky(Sky::release);
        self.let_go(held);
    }

    /// Lets go what was held back, the last first, and holds no longer.
    pub fn release_reversed(&self) {
        let mut held = self.delivery().sky(Sky::release);
        held.reverse();
        self.let_go(held);
    }

    fn let_go(&self, held: Vec<Parcel>) {
        let mut delay = Duration::ZERO;
        for parcel in held {
            self.carry(parcel, delay);
            delay += RELEASE_INTERVAL;
        }
    }

    pub(super) fn put_on_bus(&self, event: Value) {
        let fate = self.send(&Parcel::Event(event.clone()));
        self.events(|events| events.note(event, fate));
    }

    /// Sends a parcel through the weather.
    fn send(&self, parcel: &Parcel) -> Fate {
        let now = self.clock().now();
        let (fate, delays) = self.delivery().sky(|sky| sky.strike(parcel, now));
        for delay in delays {
            self.carry(parcel.clone(), delay);
        }
        fate
    }

    fn carry(&self, parcel: Parcel, delay: Duration) {
        let work = self.delivery().work.begin();
        let twin = self.clone();
        tokio::spawn(async move {
            let _work = work.pause(twin.clock(), delay).await;
            twin.arrive(parcel);
        });
    }

    fn arrive(&self, parcel: Parcel) {
        if !self.outages().is_lit(self.region()) {
            return;
        }
        match parcel {
            Parcel::Event(event) => self.reach_targets(&event),
            Parcel::Action(action) => self.act(action),
            Parcel::Notice(subscription, payload) => {
                self.transport(Carriage::of_notice(subscription, payload));
            }
        }
    }

    fn reach_targets(&self, event: &Value) {
        for rule in self.events(|events| events.matching(event)) {
            let arn = self.events(|events| events.rule_arn(&rule.name));
            for target in rule.targets {
                // What came from another region is not sent on to a third, so that it cannot go round in circles.
                if target.bus_region().is_some() && !self.is_from_here(event) {
                    continue;
                }
                let sender = Sender::Rule {
                    name: rule.name.clone(),
                    arn: arn.clone(),
                };
                self.transport(Carriage::to_target(
                    target,
                    sender,
                    Cause::Rule(rule.name.clone()),
                    event,
                ));
            }
        }
    }

    fn is_from_here(&self, event: &Value) -> bool {
        event.get("region").and_then(Value::as_str) == Some(self.region())
    }

    fn act(&self, action: Action) {
        if action.to.starts_with("arn:aws:sns:") {
            let alarm = action.payload.get("AlarmArn").and_then(Value::as_str);
            let agent = Agent {
                principal: ALARMS_TO_TOPICS,
                source_arn: Some(alarm.unwrap_or_default()),
            };
            // An action on a topic that is gone, or that does not admit alarms, is lost, as on AWS: it can be read in the
            // alarm's history only.
            if !self.service_may_publish(agent, &action.to) {
                return;
            }
            let _unknown_topic = self
                .sns(|sns| sns.publish_plain(&action.to, Some(&action.subject), &action.payload.to_string()));
            self.deliver();
        } else {
            self.transport(Carriage::of_action(action));
        }
    }

    /// Reaches the targets of the schedules that are due.
    fn keep_schedules(&self) {
        let now = self.clock().now();
        for rule in self.events(|events| events.due(now)) {
            let RuleTrigger::Schedule(rate) = &rule.trigger else {
                continue;
            };
            let after = if self.spreads_schedules() {
                rate.past_the_minute()
            } else {
                Duration::ZERO
            };
            let (arn, event) = self.events(|events| {
                let arn = events.rule_arn(&rule.name);
                let event = events::scheduled(&arn, events.place());
                (arn, event)
            });
            for target in rule.targets {
                let sender = Sender::Rule {
                    name: rule.name.clone(),
                    arn: arn.clone(),
                };
                let carriage = Carriage::to_target(target, sender, Cause::Schedule, &event);
                self.transport_after(after, carriage);
            }
        }
    }
}
