//! Notices on the topic: text a person can read, attributes to filter by.

use aws_sdk_sns::Client;
use aws_sdk_sns::types::MessageAttributeValue;
use cutover_core::error::PortError;
use cutover_core::notice::Notice;
use cutover_core::ports::Notifier;

use crate::call_error::{port_error, unbuildable};

#[derive(Debug, Clone)]
pub struct TopicNotifier {
    client: Client,
    topic_arn: String,
}

impl TopicNotifier {
    #[must_use]
    pub fn new(client: Client, topic_arn: &str) -> Self {
        Self {
            client,
            topic_arn: topic_arn.to_owned(),
        }
    }
}

impl Notifier for TopicNotifier {
    async fn publish(&self, notice: &Notice) -> Result<(), PortError> {
        let operation = format!("sns:Publish {} (NOTIFICATION_TOPIC_ARN)", self.topic_arn);
        let mut request = self.client.publish().topic_arn(&self.topic_arn);
        for (name, value) in [
            ("environment", notice.environment.clone()),
            ("severity", notice.severity.name().to_owned()),
            ("kind", notice.kind.name().to_owned()),
            ("generation", notice.generation.to_string()),
        ] {
            let attribute = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build();
            let attribute = attribute.map_err(|error| unbuildable(&operation, error))?;
            request = request.message_attributes(name, attribute);
        }
        let answer = request
            .subject(notice.subject())
            .message(notice.text())
            .send()
            .await;
        answer.map(|_| ()).map_err(|error| port_error(operation, &error))
    }
}
