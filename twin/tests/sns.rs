//! SNS, through the real SDK.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod sdk;

use aws_sdk_sns::Client;
use aws_sdk_sns::error::ProvideErrorMetadata;
use aws_sdk_sns::types::MessageAttributeValue;

#[tokio::test(start_paused = true)]
async fn what_is_published_can_be_read_back_whole() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let topic = client
        .create_topic()
        .name("notices")
        .send()
        .await
        .unwrap()
        .topic_arn
        .unwrap();
    assert_eq!(topic, "arn:aws:sns:eu-central-1:111122223333:notices");
    let severity = MessageAttributeValue::builder()
        .data_type("String")
        .string_value("warning")
        .build()
        .unwrap();
    let sent = client
        .publish()
        .topic_arn(&topic)
        .subject("lag is 75 s + rising")
        .message("größer & <größer>\nzweite Zeile")
        .message_attributes("severity", severity)
        .send()
        .await
        .unwrap();
    assert!(sent.message_id().is_some());
    let published = twin.sns(|sns| sns.published());
    assert_eq!(published.len(), 1);
    assert_eq!(published[0].topic, topic);
    assert_eq!(published[0].subject.as_deref(), Some("lag is 75 s + rising"));
    assert_eq!(published[0].message, "größer & <größer>\nzweite Zeile");
    assert_eq!(published[0].attributes["severity"], "warning");
}

#[tokio::test(start_paused = true)]
async fn the_limits_of_a_message_are_kept() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let topic = twin.sns(|sns| sns.create_topic("notices"));
    let publish = async |subject: &str, message: String| {
        let sent = client
            .publish()
            .topic_arn(&topic)
            .subject(subject)
            .message(message)
            .send()
            .await;
        sent.err()
            .map(|error| error.message().unwrap_or_default().to_owned())
    };
    assert_eq!(publish(&"s".repeat(100), "m".repeat(256 * 1024)).await, None);
    for subject in [
        "s".repeat(101),
        "two\nlines".to_owned(),
        "größer".to_owned(),
        " blank first".to_owned(),
    ] {
        let refused = publish(&subject, "m".to_owned()).await;
        assert_eq!(
            refused.as_deref(),
            Some("Invalid parameter: Subject"),
            "{subject}"
        );
    }
    let refused = publish("s", "m".repeat(256 * 1024 + 1)).await;
    assert_eq!(refused.as_deref(), Some("Invalid parameter: Message too long"));
    assert_eq!(twin.sns(|sns| sns.published().len()), 1);
}

#[tokio::test(start_paused = true)]
async fn topics_are_listed_and_unknown_ones_named() {
    let twin = sdk::twin();
    let client = Client::new(&sdk::config(&twin));
    let topic = twin.sns(|sns| sns.create_topic("notices"));
    let listed = client.list_topics().send().await.unwrap();
    assert_eq!(listed.topics()[0].topic_arn(), Some(topic.as_str()));
    let attributes = client
        .get_topic_attributes()
        .topic_arn(&topic)
        .send()
        .await
        .unwrap();
    assert_eq!(attributes.attributes().unwrap()["TopicArn"], topic);
    let error = client
        .publish()
        .topic_arn(format!("{topic}-other"))
        .message("m")
        .send()
        .await
        .unwrap_err();
    assert!(error.as_service_error().unwrap().is_not_found_exception());
}
