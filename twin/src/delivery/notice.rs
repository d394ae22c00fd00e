//! A topic's message as a subscribed function gets it.

use serde_json::{Map, Value, json};

use crate::emission::Notice;
use crate::reply::iso_8601;
use crate::sns::Subscription;

/// Nobody can verify it: the twin has no key of Amazon's.
const SIGNATURE: &str = "dHdpbg==";

/// The event that SNS invokes a function with.
pub(super) fn payload(notice: &Notice, subscription: &Subscription, region: &str) -> Vec<u8> {
    let attributes: Map<String, Value> = notice
        .attributes
        .iter()
        .map(|(name, (kind, value))| (name.clone(), json!({ "Type": kind, "Value": value })))
        .collect();
    let host = format!("https://sns.{region}.amazonaws.com");
    let arn = &subscription.arn;
    let event = json!({
        "Records": [{
            "EventSource": "aws:sns",
            "EventVersion": "1.0",
            "EventSubscriptionArn": arn,
            "Sns": {
                "Type": "Notification",
                "MessageId": notice.message_id,
                "TopicArn": notice.topic,
                "Subject": notice.subject,
                "Message": notice.message,
                "Timestamp": iso_8601(notice.at),
                "SignatureVersion": "1",
                "Signature": SIGNATURE,
                "SigningCertUrl": format!("{host}/SimpleNotificationService-twin.pem"),
                "UnsubscribeUrl": format!("{host}/?Action=Unsubscribe&SubscriptionArn={arn}"),
                "MessageAttributes": attributes,
            },
        }],
    });
    event.to_string().into_bytes()
}
