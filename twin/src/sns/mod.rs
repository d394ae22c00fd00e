//! SNS: topics, and what was published to them.

mod asks;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::emission::{Emission, Notice};
use crate::error::AwsError;
use crate::place::Place;

pub(crate) use wire::Request;

/// Subjects are at most this long.
const SUBJECT_CHARS_MAX: usize = 100;
/// Messages, attributes not counted, are at most 256 KiB.
const MESSAGE_BYTES_MAX: usize = 256 * 1024;
const TOPIC_NAME_CHARS_MAX: usize = 256;

/// The topics of one account in one region.
#[derive(Debug)]
pub struct Sns {
    place: Place,
    topics: BTreeSet<String>,
    /// The key of each encrypted topic, both by ARN.
    keys: BTreeMap<String, String>,
    published: Vec<Published>,
    subscriptions: Vec<Subscription>,
}

/// A function that gets every message of a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subscription {
    pub arn: String,
    pub topic: String,
    /// The function's ARN.
    pub endpoint: String,
}

/// One message as it was accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    pub at: Timestamp,
    pub topic: String,
    pub subject: Option<String>,
    pub message: String,
    pub attributes: BTreeMap<String, String>,
}

impl Sns {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            place,
            topics: BTreeSet::new(),
            keys: BTreeMap::new(),
            published: Vec::new(),
            subscriptions: Vec::new(),
        }
    }

    /// Creates a topic and returns its ARN; one that exists stays as it is.
    pub fn create_topic(&mut self, name: &str) -> String {
        let Place { account, region, .. } = &self.place;
        let arn = format!("arn:aws:sns:{region}:{account}:{name}");
        self.topics.insert(arn.clone());
        arn
    }

    /// Encrypts a topic's messages with a key of the account.
    pub fn encrypt(&mut self, topic: &str, key_arn: &str) {
        self.keys.insert(topic.to_owned(), key_arn.to_owned());
    }

    /// The ARN of the key that a topic's messages are encrypted with.
    pub(crate) fn key_of(&self, topic: &str) -> Option<String> {
        self.keys.get(topic).cloned()
    }

    /// Subscribes a function, by its ARN, to a topic, and returns the subscription's ARN.
    pub fn subscribe(&mut self, topic: &str, function_arn: &str) -> String {
        let same = |known: &&Subscription| known.topic == topic && known.endpoint == function_arn;
        if let Some(known) = self.subscriptions.iter().find(same) {
            return known.arn.clone();
        }
        let arn = format!("{topic}:{}", self.place.identifiers.request());
        self.subscriptions.push(Subscription {
            arn: arn.clone(),
            topic: topic.to_owned(),
            endpoint: function_arn.to_owned(),
        });
        arn
    }

    /// The subscriptions to all topics, in the order they were made.
    #[must_use]
    pub fn subscriptions(&self) -> Vec<Subscription> {
        self.subscriptions.clone()
    }

    /// Publishes a message without attributes, as AWS's own services do. Answers with its id.
    pub fn publish_plain(
        &mut self,
        topic: &str,
        subject: Option<&str>,
        message: &str,
    ) -> Result<String, AwsError> {
        let published = Published {
            at: self.place.clock.now(),
            topic: topic.to_owned(),
            subject: subject.map(str::to_owned),
            message: message.to_owned(),
            attributes: BTreeMap::new(),
        };
        self.publish(published, &BTreeMap::new())
    }

    pub(crate) fn subscriptions_of(&self, topic: &str) -> Vec<Subscription> {
        let subscribed = self.subscriptions.iter().filter(|one| one.topic == topic);
        subscribed.cloned().collect()
    }

    /// Everything published so far, in order.
    #[must_use]
    pub fn published(&self) -> Vec<Published> {
        self.published.clone()
    }

    fn create_checked(&mut self, name: &str) -> Result<String, AwsError> {
        let fits = (1..=TOPIC_NAME_CHARS_MAX).contains(&name.len());
        let spelled = name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
        if !fits || !spelled {
            return Err(invalid("Topic Name"));
        }
        Ok(self.create_topic(name))
    }

    fn known(&self, topic: &str) -> Result<(), AwsError> {
        if !topic.starts_with("arn:aws:sns:") {
            return Err(invalid("TopicArn"));
        }
        if !self.topics.contains(topic) {
            return Err(AwsError::new(404, "NotFound", "Topic does not exist"));
        }
        Ok(())
    }

    /// Publishes a message whose attributes have these types.
    fn publish(&mut self, message: Published, types: &BTreeMap<String, String>) -> Result<String, AwsError> {
        if message.message.is_empty() {
            return Err(invalid("Empty message"));
        }
        if message.message.len() > MESSAGE_BYTES_MAX {
            return Err(invalid("Message too long"));
        }
        if message
            .subject
            .as_deref()
            .is_some_and(|subject| !subject_allowed(subject))
        {
            return Err(invalid("Subject"));
        }
        self.known(&message.topic)?;
        let message_id = self.place.identifiers.request();
        let typed = |(name, value): (&String, &String)| {
            let kind = types.get(name).map_or("String", String::as_str);
            (name.clone(), (kind.to_owned(), value.clone()))
        };
        self.place.outbox.put(Emission::Notice(Notice {
            topic: message.topic.clone(),
            message_id: message_id.clone(),
            at: message.at,
            subject: message.subject.clone(),
            message: message.message.clone(),
            attributes: message.attributes.iter().map(typed).collect(),
        }));
        self.published.push(message);
        Ok(message_id)
    }
}

/// ASCII, beginning with a letter, a digit or punctuation, without line breaks or control characters.
fn subject_allowed(subject: &str) -> bool {
    let begins_well = subject
        .chars()
        .next()
        .is_some_and(|first| first.is_ascii_graphic());
    begins_well
        && subject.len() <= SUBJECT_CHARS_MAX
        && subject.chars().all(|c| c.is_ascii() && !c.is_ascii_control())
}

fn invalid(what: &str) -> AwsError {
    AwsError::refused("InvalidParameter", format!("Invalid parameter: {what}"))
}
