//! A function `worker` with a role, an encrypted topic, and a queue, as a template deploys them.

use std::collections::BTreeMap;

use aws_sdk_ssm::config::{Credentials, SharedCredentialsProvider};
use serde_json::{Value, json};
use twin::Twin;
use twin::deployment::{self, Deployment, DeploymentError};

pub const ACCOUNT: &str = "111122223333";
pub const TOPIC: &str = "arn:aws:sns:eu-central-1:111122223333:notices";
pub const STATE: &str = "/orders/state";

/// A function with a role that may read one parameter and publish to an encrypted topic.
pub fn template() -> Value {
    let services = ["cloudwatch.amazonaws.com", "events.amazonaws.com"];
    json!({
        "Resources": {
            "Worker": {"Type": "AWS::Serverless::Function", "Properties": {
                "FunctionName": "worker",
                "Role": {"Fn::GetAtt": ["WorkerRole", "Arn"]},
                "DeadLetterQueue": {"Type": "SQS", "TargetArn": {"Fn::GetAtt": ["Letters", "Arn"]}},
                "Events": {"Tick": {"Type": "Schedule", "Properties": {
                    "Schedule": "rate(1 minute)",
                    "RetryPolicy": {"MaximumRetryAttempts": 0},
                    "DeadLetterConfig": {"Arn": {"Fn::GetAtt": ["Letters", "Arn"]}},
                }}},
            }},
            "WorkerRole": {"Type": "AWS::IAM::Role", "Properties": {
                "AssumeRolePolicyDocument": document(&json!({
                    "Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole",
                })),
                "ManagedPolicyArns": [{"Ref": "Shared"}],
                "Policies": [{"PolicyName": "own", "PolicyDocument": document(&json!([
                    {"Sid": "Notify", "Effect": "Allow", "Action": "sns:Publish", "Resource": {"Ref": "Topic"}},
                    {"Sid": "Encrypt", "Effect": "Allow", "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
                     "Resource": {"Fn::GetAtt": ["Key", "Arn"]},
                     "Condition": {"StringEquals": {"kms:ViaService": {"Fn::Sub": "sns.${AWS::Region}.amazonaws.com"}}}},
                    {"Sid": "Letters", "Effect": "Allow", "Action": "sqs:SendMessage",
                     "Resource": {"Fn::GetAtt": ["Letters", "Arn"]}},
                ]))}],
            }},
            "Shared": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": document(&json!({
                "Sid": "Read", "Effect": "Allow", "Action": "ssm:GetParameter",
                "Resource": {"Fn::Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/orders/state"},
            }))}},
            "Letters": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "letters"}},
            "LettersPolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {
                "Queues": [{"Ref": "Letters"}],
                "PolicyDocument": document(&json!({
                    "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage",
                    "Resource": "*", "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["WorkerTick", "Arn"]}}},
                })),
            }},
            "Topic": {"Type": "AWS::SNS::Topic", "Properties": {
                "TopicName": "notices", "KmsMasterKeyId": {"Fn::GetAtt": ["Key", "Arn"]},
            }},
            "TopicPolicy": {"Type": "AWS::SNS::TopicPolicy", "Properties": {
                "Topics": [{"Ref": "Topic"}],
                "PolicyDocument": document(&json!({
                    "Effect": "Allow", "Principal": {"Service": services}, "Action": "sns:Publish", "Resource": {"Ref": "Topic"},
                })),
            }},
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": document(&json!([
                {"Effect": "Allow", "Principal": {"AWS": {"Fn::Sub": "arn:aws:iam::${AWS::AccountId}:root"}},
                 "Action": "kms:*", "Resource": "*"},
                {"Effect": "Allow", "Principal": {"Service": services},
                 "Action": ["kms:Decrypt", "kms:GenerateDataKey*"], "Resource": "*"},
            ]))}},
        },
    })
}

fn document(statement: &Value) -> Value {
    json!({"Version": "2012-10-17", "Statement": statement})
}

pub fn read(template: &Value) -> Result<Deployment, DeploymentError> {
    deployment::read(&template.to_string(), &BTreeMap::new(), ACCOUNT, "eu-central-1")
}

pub fn deployed(template: &Value) -> Twin {
    let twin = super::twin();
    twin.deploy(&read(template).unwrap()).unwrap();
    twin.ssm(|ssm| {
        ssm.put(STATE, "7");
        ssm.put("/orders/secret", "s");
    });
    twin
}

/// What the function's own code has.
pub fn as_worker(twin: &Twin) -> aws_config::SdkConfig {
    let own = twin.credentials("worker").unwrap();
    let credentials = Credentials::new(
        own.access_key_id,
        own.secret_access_key,
        Some(own.session_token),
        None,
        "tests",
    );
    let provider = SharedCredentialsProvider::new(credentials);
    super::config(twin)
        .into_builder()
        .credentials_provider(provider)
        .build()
}

pub fn pointed<'a>(template: &'a mut Value, path: &str) -> &'a mut Value {
    template.pointer_mut(path).unwrap()
}
