//! A change as it is asked for, checked for shape before the zone is looked at.

use winterbaume_route53::model::{Change, ResourceRecordSet};

use crate::error::AwsError;
use crate::route53::batch::{Action, RecordChange};
use crate::route53::record_set::{Alias, RecordSet, normalised};

const WEIGHT_MAX: u8 = 255;
const FAILOVER_ROLES: [&str; 2] = ["PRIMARY", "SECONDARY"];
const TTL_SECONDS_MAX: i64 = 2_147_483_647;

pub(super) fn change(change: Change) -> Result<RecordChange, AwsError> {
    let Some(action) = Action::named(&change.action) else {
        let message = format!(
            "Invalid XML ; cvc-enumeration-valid: Value '{}' is not facet-valid with respect to enumeration \
             '[CREATE, DELETE, UPSERT]'.",
            change.action
        );
        return Err(invalid(message));
    };
    let asked = change.resource_record_set;
    check_shape(action, &asked)?;
    let weight = asked.weight.map(weight).transpose()?;
    let ttl_seconds = asked.t_t_l.map(ttl_seconds).transpose()?;
    let alias = asked.alias_target.map(|target| Alias {
        hosted_zone_id: target.hosted_zone_id,
        dns_name: normalised(&target.d_n_s_name),
        evaluate_target_health: target.evaluate_target_health,
    });
    let values = asked
        .resource_records
        .map(|records| records.items)
        .unwrap_or_default();
    let record = RecordSet {
        name: normalised(&asked.name),
        record_type: asked.r#type,
        set_identifier: asked.set_identifier,
        weight,
        ttl_seconds,
        values: values.into_iter().map(|record| record.value).collect(),
        alias,
        health_check_id: asked.health_check_id,
        failover: asked.failover,
        region: asked.region,
        multi_value_answer: asked.multi_value_answer,
    };
    Ok(RecordChange { action, record })
}

fn check_shape(action: Action, asked: &ResourceRecordSet) -> Result<(), AwsError> {
    let set_identifier = asked.set_identifier.as_deref().unwrap_or("null");
    let place = format!(
        "in Change with [Action={}, Name={}, Type={}, SetIdentifier={set_identifier}]",
        action.name(),
        normalised(&asked.name),
        asked.r#type
    );
    if asked.name.is_empty() || asked.r#type.is_empty() {
        return Err(invalid(format!(
            "Invalid request: Missing field 'Name' or 'Type' {place}"
        )));
    }
    if asked.geo_location.is_some()
        || asked.geo_proximity_location.is_some()
        || asked.cidr_routing_config.is_some()
    {
        return Err(invalid(format!(
            "the twin does not implement routing by place or CIDR block, {place}"
        )));
    }
    if let Some(role) = asked
        .failover
        .as_deref()
        .filter(|role| !FAILOVER_ROLES.contains(role))
    {
        return Err(invalid(format!(
            "Invalid XML ; cvc-enumeration-valid: Value '{role}' is not facet-valid with respect to enumeration \
             '[PRIMARY, SECONDARY]'."
        )));
    }
    let has_values = asked
        .resource_records
        .as_ref()
        .is_some_and(|records| !records.items.is_empty());
    let complete = has_values && asked.t_t_l.is_some();
    if asked.alias_target.is_some() == complete {
        let found = if complete { "more than one" } else { "none" };
        return Err(invalid(format!(
            "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or \
             TrafficPolicyInstanceId], but found {found} {place}"
        )));
    }
    let policies = [
        asked.weight.is_some(),
        asked.region.is_some(),
        asked.failover.is_some(),
        asked.multi_value_answer.is_some(),
    ];
    let count = policies.into_iter().filter(|given| *given).count();
    let expected =
        "Expected exactly one of [Weight, Region, Failover, GeoLocation, or MultiValueAnswer], but found";
    match (asked.set_identifier.is_some(), count) {
        (false, 0) | (true, 1) => Ok(()),
        (false, _) => Err(invalid(format!(
            "Invalid request: Missing field 'SetIdentifier' {place}"
        ))),
        (true, 0) => Err(invalid(format!("Invalid request: {expected} none {place}"))),
        (true, _) => Err(invalid(format!(
            "Invalid request: {expected} more than one {place}"
        ))),
    }
}

fn weight(asked: i64) -> Result<u8, AwsError> {
    u8::try_from(asked).map_err(|_| {
        let (kind, limit) = if asked < 0 {
            ("min", 0)
        } else {
            ("max", WEIGHT_MAX)
        };
        invalid(format!(
            "Invalid XML ; cvc-{kind}Inclusive-valid: Value '{asked}' is not facet-valid with respect to \
             {kind}Inclusive '{limit}' for type 'ResourceRecordSetWeight'."
        ))
    })
}

fn ttl_seconds(asked: i64) -> Result<u32, AwsError> {
    u32::try_from(asked)
        .ok()
        .filter(|seconds| i64::from(*seconds) <= TTL_SECONDS_MAX)
        .ok_or_else(|| {
            invalid(format!(
                "Invalid XML ; Value '{asked}' is not facet-valid for type 'TTL'."
            ))
        })
}

fn invalid(message: String) -> AwsError {
    AwsError::refused("InvalidInput", message)
}
