//! Who may invoke a function: what resource-based policies say.

use serde_json::{Value, json};

use crate::iam::{InvalidPolicy, Kind, Policy};

/// A statement of a function's resource-based policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// For example `events.amazonaws.com`.
    pub principal: String,
    /// An ARN, perhaps with asterisks; None for any.
    pub source_arn: Option<String>,
    /// The account that the source is in; None for any.
    pub source_account: Option<String>,
}

impl Permission {
    /// The policy that Lambda makes of a function's permissions. Without any, nobody may invoke it.
    pub(crate) fn policy(function_arn: &str, permissions: &[Self]) -> Result<Policy, InvalidPolicy> {
        if permissions.is_empty() {
            return Ok(Policy {
                name: function_arn.to_owned(),
                statements: Vec::new(),
            });
        }
        let statements: Vec<Value> = permissions
            .iter()
            .map(|permission| permission.statement(function_arn))
            .collect();
        let document = json!({ "Version": "2012-10-17", "Statement": statements });
        Policy::read(function_arn, Kind::Resource, &document)
    }

    fn statement(&self, function_arn: &str) -> Value {
        let principal = if self.principal.contains('.') {
            json!({ "Service": self.principal })
        } else {
            json!({ "AWS": self.principal })
        };
        let mut conditions = serde_json::Map::new();
        if let Some(arn) = &self.source_arn {
            conditions.insert("ArnLike".to_owned(), json!({ "aws:SourceArn": arn }));
        }
        if let Some(account) = &self.source_account {
            conditions.insert("StringEquals".to_owned(), json!({ "aws:SourceAccount": account }));
        }
        json!({
            "Effect": "Allow",
            "Principal": principal,
            "Action": "lambda:InvokeFunction",
            "Resource": function_arn,
            "Condition": conditions,
        })
    }
}
