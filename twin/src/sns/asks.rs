//! What SNS asks of IAM. What an encrypted topic asks besides, its key decides.

use super::Request;
use crate::iam::Ask;
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        vec![match self {
            Self::CreateTopic { name } => Ask::new("sns:CreateTopic", place.arn("sns", name)),
            Self::ListTopics { .. } => Ask::new("sns:ListTopics", place.arn("sns", "*")),
            Self::GetTopicAttributes { topic } => Ask::new("sns:GetTopicAttributes", topic),
            Self::Publish(message) => Ask::new("sns:Publish", message.topic()),
        }]
    }
}
