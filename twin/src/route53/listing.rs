//! Listing record sets and hosted zones, page by page.

use winterbaume_route53::model::{
    ListHostedZonesByNameRequest, ListHostedZonesByNameResponse, ListHostedZonesRequest,
    ListHostedZonesResponse, ListResourceRecordSetsRequest, ListResourceRecordSetsResponse,
};

use super::Route53;
use super::record_set::{RecordKey, RecordSet, normalised, reversed};
use super::wire;
use crate::error::AwsError;

/// The most record sets on a page: more may be asked for, not more are sent.
const RECORD_SETS_MAX: i32 = 300;
const ZONES_MAX: i32 = 100;

impl Route53 {
    pub(super) fn list_records(
        &self,
        request: &ListResourceRecordSetsRequest,
    ) -> Result<ListResourceRecordSetsResponse, AwsError> {
        let zone = self.zone(&request.hosted_zone_id)?;
        let start = start(request)?;
        let (max_items, limit) = page_size(request.max_items, RECORD_SETS_MAX)?;
        let mut rest = zone
            .records
            .iter()
            .filter(|(key, _)| start.as_ref().is_none_or(|start| *key >= start));
        let page: Vec<&RecordSet> = rest.by_ref().take(limit).map(|(_, record)| record).collect();
        let next = rest.next().map(|(_, record)| record);
        Ok(ListResourceRecordSetsResponse {
            is_truncated: Some(next.is_some()),
            max_items: Some(max_items),
            next_record_identifier: next.and_then(|next| next.set_identifier.clone()),
            next_record_name: next.map(|next| next.name.clone()),
            next_record_type: next.map(|next| next.record_type.clone()),
            resource_record_sets: Some(page.into_iter().map(wire::encoded_record).collect()),
        })
    }

    pub(super) fn list_zones(
        &self,
        request: &ListHostedZonesRequest,
    ) -> Result<ListHostedZonesResponse, AwsError> {
        let (max_items, limit) = page_size(request.max_items, ZONES_MAX)?;
        let mut rest = self
            .zones
            .values()
            .filter(|zone| request.marker.as_ref().is_none_or(|marker| zone.id >= *marker));
        let page = rest.by_ref().take(limit).map(wire::encoded_zone).collect();
        let next_marker = rest.next().map(|zone| zone.id.clone());
        Ok(ListHostedZonesResponse {
            hosted_zones: Some(page),
            is_truncated: Some(next_marker.is_some()),
            marker: request.marker.clone(),
            max_items: Some(max_items),
            next_marker,
        })
    }

    pub(super) fn list_zones_by_name(
        &self,
        request: &ListHostedZonesByNameRequest,
    ) -> Result<ListHostedZonesByNameResponse, AwsError> {
        let (max_items, limit) = page_size(request.max_items, ZONES_MAX)?;
        let start = request
            .d_n_s_name
            .as_ref()
            .map(|name| reversed(&normalised(name)));
        let start_id = request.hosted_zone_id.clone().unwrap_or_default();
        let zones = self.zones_by_name();
        let mut rest = zones.into_iter().filter(|zone| {
            let name = reversed(&zone.name);
            start
                .as_ref()
                .is_none_or(|start| name > *start || (name == *start && zone.id >= start_id))
        });
        let page = rest.by_ref().take(limit).map(wire::encoded_zone).collect();
        let next = rest.next();
        Ok(ListHostedZonesByNameResponse {
            d_n_s_name: request.d_n_s_name.clone(),
            hosted_zone_id: request.hosted_zone_id.clone(),
            hosted_zones: Some(page),
            is_truncated: Some(next.is_some()),
            max_items: Some(max_items),
            next_d_n_s_name: next.map(|zone| zone.name.clone()),
            next_hosted_zone_id: next.map(|zone| zone.id.clone()),
        })
    }
}

/// Where a listing begins. A type needs a name, an identifier needs both.
fn start(request: &ListResourceRecordSetsRequest) -> Result<Option<RecordKey>, AwsError> {
    let Some(name) = &request.start_record_name else {
        if request.start_record_type.is_some() || request.start_record_identifier.is_some() {
            return Err(invalid(
                "The input is not valid: a start record type or identifier needs a start record name.",
            ));
        }
        return Ok(None);
    };
    if request.start_record_identifier.is_some() && request.start_record_type.is_none() {
        return Err(invalid(
            "The input is not valid: a start record identifier needs a start record type.",
        ));
    }
    Ok(Some(RecordKey {
        reversed_name: reversed(&normalised(name)),
        record_type: request.start_record_type.clone().unwrap_or_default(),
        set_identifier: request.start_record_identifier.clone(),
    }))
}

/// What to report as the limit, and the limit itself.
pub(super) fn page_size(asked: Option<i32>, most: i32) -> Result<(i32, usize), AwsError> {
    let asked = asked.unwrap_or(most).min(most);
    match usize::try_from(asked) {
        Ok(limit) if limit > 0 => Ok((asked, limit)),
        Ok(_) | Err(_) => Err(invalid("The input is not valid: MaxItems must be at least 1.")),
    }
}

fn invalid(message: &str) -> AwsError {
    AwsError::refused("InvalidInput", message)
}
