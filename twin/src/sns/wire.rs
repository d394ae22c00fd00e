//! SNS on the wire: the query protocol.

use std::collections::{BTreeMap, HashMap};

use serde_json::json;
use winterbaume_core::{MockRequest, MockResponse, xml_escape};
use winterbaume_sns::wire::{
    CreateTopicResponse, ListTopicsResponse, PublishInput, PublishResponse, Topic, TopicsList,
    deserialize_publish_request, serialize_create_topic_response, serialize_list_topics_response,
    serialize_publish_response,
};

use super::{Published, Sns};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::reply;
use crate::routing::{self, Service};

/// A page of `ListTopics`.
const TOPICS_PER_PAGE: usize = 100;

#[derive(Debug)]
pub(crate) enum Request {
    CreateTopic { name: String },
    ListTopics { next_token: Option<String> },
    GetTopicAttributes { topic: String },
    Publish(Box<Message>),
}

/// A message with the attributes that the codec leaves out.
#[derive(Debug)]
pub(crate) struct Message {
    input: PublishInput,
    attributes: BTreeMap<String, String>,
    attribute_types: BTreeMap<String, String>,
}

impl Request {
    pub(crate) fn decode(operation: &str, request: &MockRequest) -> Result<Option<Self>, AwsError> {
        let mut form = routing::form(request);
        let mut take = |key: &str| form.remove(key).unwrap_or_default();
        let decoded = match operation {
            "CreateTopic" => Self::CreateTopic { name: take("Name") },
            "GetTopicAttributes" => Self::GetTopicAttributes {
                topic: take("TopicArn"),
            },
            "ListTopics" => Self::ListTopics {
                next_token: form.remove("NextToken"),
            },
            "Publish" => {
                let input = deserialize_publish_request(&form)
                    .map_err(|reason| AwsError::refused("InvalidParameter", reason))?;
                Self::Publish(Box::new(Message {
                    input,
                    attributes: attributes(&form, &["StringValue", "BinaryValue"]),
                    attribute_types: attributes(&form, &["DataType"]),
                }))
            }
            _ => return Ok(None),
        };
        Ok(Some(decoded))
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::CreateTopic { name } => Brief {
                subject: name.clone(),
                ..Brief::default()
            },
            Self::ListTopics { .. } => Brief::default(),
            Self::GetTopicAttributes { topic } => Brief::of_arn(topic, json!({})),
            Self::Publish(message) => {
                let Message {
                    input, attributes, ..
                } = message.as_ref();
                Brief::of_arn(
                    message.topic(),
                    json!({ "subject": input.subject, "attributes": attributes }),
                )
            }
        }
    }
}

impl Request {
    /// The topic that it publishes to, if it does.
    pub(crate) fn published_to(&self) -> Option<&str> {
        match self {
            Self::Publish(message) => Some(message.topic()),
            Self::CreateTopic { .. } | Self::ListTopics { .. } | Self::GetTopicAttributes { .. } => None,
        }
    }
}

impl Message {
    /// Its ARN.
    pub(super) fn topic(&self) -> &str {
        let Self { input, .. } = self;
        let topic = input.topic_arn.as_deref().or(input.target_arn.as_deref());
        topic.unwrap_or_default()
    }
}

impl Sns {
    pub(crate) fn answer(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        match request {
            Request::CreateTopic { name } => {
                let topic_arn = Some(self.create_checked(name)?);
                Ok(serialize_create_topic_response(&CreateTopicResponse {
                    topic_arn,
                }))
            }
            Request::ListTopics { next_token } => Ok(self.list(next_token.as_deref())),
            Request::GetTopicAttributes { topic } => {
                self.known(topic)?;
                Ok(self.topic_attributes(topic))
            }
            Request::Publish(message) => {
                let input = &message.input;
                let published = Published {
                    at: self.place.clock.now(),
                    topic: message.topic().to_owned(),
                    subject: input.subject.clone(),
                    message: input.message.clone(),
                    attributes: message.attributes.clone(),
                };
                let message_id = self.publish(published, &message.attribute_types)?;
                Ok(serialize_publish_response(&PublishResponse {
                    message_id: Some(message_id),
                    ..PublishResponse::default()
                }))
            }
        }
    }

    fn list(&self, next_token: Option<&str>) -> MockResponse {
        let after = next_token.unwrap_or_default();
        let mut rest = self.topics.iter().filter(|arn| arn.as_str() > after);
        let page: Vec<String> = rest.by_ref().take(TOPICS_PER_PAGE).cloned().collect();
        let next_token = rest.next().and(page.last().cloned());
        let items = page
            .into_iter()
            .map(|arn| Topic { topic_arn: Some(arn) })
            .collect();
        serialize_list_topics_response(&ListTopicsResponse {
            next_token,
            topics: Some(TopicsList { items }),
        })
    }

    /// The codec writes a map as elements named by its keys; the protocol wants `entry` elements.
    fn topic_attributes(&self, topic: &str) -> MockResponse {
        let pairs = [
            ("TopicArn", topic),
            ("Owner", self.place.account.as_str()),
            ("DisplayName", ""),
        ];
        let entries: Vec<String> = pairs
            .iter()
            .map(|(key, value)| {
                format!(
                    "<entry><key>{key}</key><value>{}</value></entry>",
                    xml_escape(value)
                )
            })
            .collect();
        let result = format!("<Attributes>{}</Attributes>", entries.concat());
        reply::query(&Service::Sns, "GetTopicAttributes", &result)
    }
}

/// The codec leaves message attributes out; they come as numbered entries. Takes the first of these
/// fields that an entry has.
fn attributes(form: &HashMap<String, String>, fields: &[&str]) -> BTreeMap<String, String> {
    let entry = |index: usize| {
        let name = form.get(&format!("MessageAttributes.entry.{index}.Name"))?;
        let value = |field: &&str| form.get(&format!("MessageAttributes.entry.{index}.Value.{field}"));
        let value = fields.iter().find_map(value)?;
        Some((name.clone(), value.clone()))
    };
    (1..).map_while(entry).collect()
}
