//! `EventBridge` on the wire: awsJson 1.1.

use serde_json::{Value, json};
use winterbaume_core::MockResponse;
use winterbaume_eventbridge::model::{
    DeadLetterConfig, ListRulesRequest, ListRulesResponse, ListTargetsByRuleRequest,
    ListTargetsByRuleResponse, PutEventsRequest, RetryPolicy as WireRetryPolicy, Rule as WireRule,
    Target as WireTarget, TestEventPatternRequest, TestEventPatternResponse,
};
use winterbaume_eventbridge::wire;

use super::{Events, Pattern, Rule, RuleTrigger, Target};
use crate::error::AwsError;
use crate::meaning::Brief;

/// Without them an event cannot be tested.
const EVENT_FIELDS: [&str; 7] = [
    "id",
    "account",
    "source",
    "time",
    "region",
    "resources",
    "detail-type",
];

#[derive(Debug)]
pub(crate) enum Request {
    Put(PutEventsRequest),
    TestPattern(TestEventPatternRequest),
    ListRules(ListRulesRequest),
    ListTargets(ListTargetsByRuleRequest),
}

impl Request {
    pub(crate) fn decode(operation: &str, body: &[u8]) -> Result<Option<Self>, AwsError> {
        let decoded = match operation {
            "PutEvents" => wire::deserialize_put_events_request(body).map(Self::Put),
            "TestEventPattern" => wire::deserialize_test_event_pattern_request(body).map(Self::TestPattern),
            "ListRules" => wire::deserialize_list_rules_request(body).map(Self::ListRules),
            "ListTargetsByRule" => {
                wire::deserialize_list_targets_by_rule_request(body).map(Self::ListTargets)
            }
            _ => return Ok(None),
        };
        decoded.map(Some).map_err(AwsError::unreadable)
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::Put(request) => {
                let words =
                    |word: fn(&winterbaume_eventbridge::model::PutEventsRequestEntry) -> Option<&str>| {
                        let words: Vec<&str> = request.entries.iter().filter_map(word).collect();
                        words.join(",")
                    };
                Brief {
                    subject: words(|entry| entry.source.as_deref()),
                    detail: json!({
                        "detail_types": words(|entry| entry.detail_type.as_deref()),
                        "entries": request.entries.len(),
                    }),
                }
            }
            Self::TestPattern(_) | Self::ListRules(_) => Brief::default(),
            Self::ListTargets(request) => Brief {
                subject: request.rule.clone(),
                ..Brief::default()
            },
        }
    }
}

impl Events {
    pub(crate) fn answer(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        match request {
            Request::Put(request) => Ok(wire::serialize_put_events_response(&self.put(request)?)),
            Request::TestPattern(request) => {
                let result = Some(test_pattern(&request.event_pattern, &request.event)?);
                Ok(wire::serialize_test_event_pattern_response(
                    &TestEventPatternResponse { result },
                ))
            }
            Request::ListRules(request) => {
                let prefix = request.name_prefix.as_deref().unwrap_or_default();
                let named = self.rules.values().filter(|rule| rule.name.starts_with(prefix));
                let rules = Some(named.map(|rule| self.encoded(rule)).collect());
                Ok(wire::serialize_list_rules_response(&ListRulesResponse {
                    rules,
                    next_token: None,
                }))
            }
            Request::ListTargets(request) => {
                let Some(rule) = self.rules.get(&request.rule) else {
                    let message = format!("Rule {} does not exist on EventBus default.", request.rule);
                    return Err(AwsError::refused("ResourceNotFoundException", message));
                };
                let targets = Some(rule.targets.iter().map(encoded_target).collect());
                Ok(wire::serialize_list_targets_by_rule_response(
                    &ListTargetsByRuleResponse {
                        targets,
                        next_token: None,
                    },
                ))
            }
        }
    }

    fn encoded(&self, rule: &Rule) -> WireRule {
        let (event_pattern, schedule_expression) = match &rule.trigger {
            RuleTrigger::Pattern(_, text) => (Some(text.clone()), None),
            RuleTrigger::Schedule(rate) => (None, Some(rate.to_string())),
        };
        let state = if rule.enabled { "ENABLED" } else { "DISABLED" };
        WireRule {
            arn: Some(self.rule_arn(&rule.name)),
            event_bus_name: Some("default".to_owned()),
            event_pattern,
            name: Some(rule.name.clone()),
            schedule_expression,
            state: Some(state.to_owned()),
            ..WireRule::default()
        }
    }
}

fn encoded_target(target: &Target) -> WireTarget {
    let dead_letter_config = target
        .dead_letter
        .clone()
        .map(|arn| DeadLetterConfig { arn: Some(arn) });
    WireTarget {
        arn: target.arn.clone(),
        dead_letter_config,
        id: target.id.clone(),
        input: target.input.clone(),
        retry_policy: Some(WireRetryPolicy {
            maximum_event_age_in_seconds: i32::try_from(target.retry.age_max.as_secs()).ok(),
            maximum_retry_attempts: i32::try_from(target.retry.retries_max).ok(),
        }),
        ..WireTarget::default()
    }
}

fn test_pattern(pattern: &str, event: &str) -> Result<bool, AwsError> {
    let pattern = Pattern::parse(pattern)
        .map_err(|invalid| AwsError::refused("InvalidEventPatternException", invalid.to_string()))?;
    let invalid = |reason: String| {
        let message = format!("Parameter Event is not valid. Reason: {reason}");
        AwsError::refused("ValidationException", message)
    };
    let event: Value =
        serde_json::from_str(event).map_err(|problem| invalid(format!("it is not JSON: {problem}")))?;
    match EVENT_FIELDS.iter().find(|field| event.get(field).is_none()) {
        Some(missing) => Err(invalid(format!("it has no {missing}"))),
        None => Ok(pattern.matches(&event)),
    }
}
