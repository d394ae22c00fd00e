//! An alarm's actions, which no service but `CloudWatch` can put into the outbox.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Cause, Permission, Weather};
use crate::emission::{Action, Emission};
use crate::{FunctionFailure, HostedCall, HostedFunction, Twin, TwinOptions};

const FUNCTION: &str = "arn:aws:lambda:eu-central-1:111122223333:function:rollback";

struct Echo;

impl HostedFunction for Echo {
    fn invoke(
        &self,
        call: HostedCall,
    ) -> Pin<Box<dyn Future<Output = Result<Vec<u8>, FunctionFailure>> + Send + '_>> {
        Box::pin(async move { Ok(call.payload) })
    }
}

fn twin() -> Twin {
    let twin = Twin::new(TwinOptions::default());
    twin.host("rollback", Arc::new(Echo), Duration::from_secs(3));
    twin
}

fn act(twin: &Twin, to: &str) {
    let alarm = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:lag";
    twin.outbox().put(Emission::Action(Action {
        to: to.to_owned(),
        payload: json!({ "alarmArn": alarm }),
        subject: "ALARM: \"lag\" in EU (Frankfurt)".to_owned(),
    }));
    twin.deliver();
}

#[tokio::test(start_paused = true)]
async fn an_action_on_a_function_invokes_it() {
    let twin = twin();
    act(&twin, FUNCTION);
    twin.quiet().await;
    let invoked = twin.invoked();
    assert_eq!(invoked.len(), 1);
    assert_eq!(invoked[0].cause, Cause::AlarmAction);
    let payload: Value = serde_json::from_slice(&invoked[0].payload).unwrap();
    assert!(payload["alarmArn"].as_str().unwrap().ends_with(":alarm:lag"));
    twin.weather(Weather::all_lost());
    act(&twin, FUNCTION);
    twin.quiet().await;
    assert_eq!(twin.invoked().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_action_on_a_topic_reaches_its_subscribers() {
    let twin = twin();
    let topic = twin.sns(|sns| sns.create_topic("alarms"));
    twin.sns(|sns| sns.subscribe(&topic, FUNCTION));
    act(&twin, &topic);
    twin.quiet().await;
    let invoked = twin.invoked();
    assert_eq!(invoked[0].cause, Cause::Topic(topic));
    let payload: Value = serde_json::from_slice(&invoked[0].payload).unwrap();
    let notice = &payload["Records"][0]["Sns"];
    assert_eq!(notice["Subject"], "ALARM: \"lag\" in EU (Frankfurt)");
    let message: Value = serde_json::from_str(notice["Message"].as_str().unwrap()).unwrap();
    assert!(message["alarmArn"].is_string());
}

#[tokio::test(start_paused = true)]
async fn an_alarm_needs_a_permission_of_its_own() {
    let twin = twin();
    let permission = |source_arn: &str| Permission {
        principal: "lambda.alarms.cloudwatch.amazonaws.com".to_owned(),
        source_arn: Some(source_arn.to_owned()),
        source_account: None,
    };
    let admit = |source_arn: &str| {
        let policy = Permission::policy(FUNCTION, &[permission(source_arn)]).unwrap();
        twin.iam().guard(FUNCTION, policy);
    };
    admit("arn:aws:cloudwatch:eu-central-1:999988887777:alarm:*");
    act(&twin, FUNCTION);
    twin.quiet().await;
    assert_eq!(twin.dead_letters()[0].error_code, "NO_PERMISSIONS");
    admit("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*");
    act(&twin, FUNCTION);
    twin.quiet().await;
    assert_eq!(twin.invoked().len(), 1);
}
