//! Who may invoke a function: what resource-based policies say.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::twin::Twin;

/// A statement of a function's resource-based policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// For example `events.amazonaws.com`.
    pub principal: String,
    /// An ARN, perhaps with asterisks; None for any.
    pub source_arn: Option<String>,
}

/// The policies by function name. A function without one is open to all: nobody has deployed it.
#[derive(Debug, Default)]
pub(super) struct Permissions(Mutex<HashMap<String, Vec<Permission>>>);

impl Permission {
    fn allows(&self, principal: &str, source_arn: &str) -> bool {
        self.principal == principal
            && self
                .source_arn
                .as_ref()
                .is_none_or(|pattern| is_like(source_arn, pattern))
    }
}

impl Permissions {
    pub(super) fn allow(&self, function_name: &str, principal: &str, source_arn: &str) -> bool {
        let policies = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        policies.get(function_name).is_none_or(|policy| {
            policy
                .iter()
                .any(|statement| statement.allows(principal, source_arn))
        })
    }
}

impl Twin {
    /// Gives a function a policy: from now on nobody else may make AWS invoke it.
    pub(crate) fn set_policy(&self, function_name: &str, policy: Vec<Permission>) {
        let mut policies = self
            .delivery()
            .permissions
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        policies.insert(function_name.to_owned(), policy);
    }
}

/// IAM's `ArnLike`: an asterisk stands for any text.
fn is_like(text: &str, pattern: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut remaining) = pieces.next().and_then(|first| text.strip_prefix(first)) else {
        return false;
    };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return remaining.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return remaining.ends_with(piece);
        }
        let Some((_, after)) = remaining.split_once(piece) else {
            return false;
        };
        remaining = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_permission_is_for_one_principal() {
        let permission = Permission {
            principal: "events.amazonaws.com".to_owned(),
            source_arn: None,
        };
        assert!(permission.allows("events.amazonaws.com", "arn:aws:events:any"));
        assert!(!permission.allows("sns.amazonaws.com", "arn:aws:events:any"));
    }

    #[test]
    fn asterisks_stand_for_any_text() {
        for (pattern, expected) in [
            ("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:*", true),
            ("arn:aws:cloudwatch:*:alarm:orders-*", true),
            (
                "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-lag",
                true,
            ),
            ("arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders", false),
            ("arn:aws:sns:*", false),
        ] {
            let arn = "arn:aws:cloudwatch:eu-central-1:111122223333:alarm:orders-lag";
            assert_eq!(is_like(arn, pattern), expected, "{pattern}");
        }
    }
}
