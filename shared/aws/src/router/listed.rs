//! The record sets of a hosted zone from one name on.

use aws_sdk_route53::Client;
use aws_sdk_route53::error::SdkError;
use aws_sdk_route53::operation::list_resource_record_sets::ListResourceRecordSetsError;
use aws_sdk_route53::types::ResourceRecordSet;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;

/// Record sets asked for at once: a name has its two, times the types it exists in.
const PAGE: i32 = 20;
/// Pages read at most for one name.
const PAGES_MAX: usize = 5;

/// Every record set of the name that it begins with, and what follows on the same page.
#[derive(Debug, Default)]
pub(super) struct Listed {
    sets: Vec<ResourceRecordSet>,
    /// The name at which the listing stops short.
    next: Option<String>,
}

impl Listed {
    /// Page by page until the name's record sets are complete.
    pub async fn read(
        client: &Client,
        zone: &str,
        name: &str,
    ) -> Result<Self, SdkError<ListResourceRecordSetsError, HttpResponse>> {
        let mut listed = Self::default();
        let mut start = (Some(name.to_owned()), None, None);
        for _ in 0..PAGES_MAX {
            let request = client
                .list_resource_record_sets()
                .hosted_zone_id(zone)
                .max_items(PAGE);
            let (from, r#type, identifier) = start;
            let request = request.set_start_record_name(from).set_start_record_type(r#type);
            let output = request.set_start_record_identifier(identifier).send().await?;
            listed.sets.extend(output.resource_record_sets);
            listed.next = output.next_record_name.clone().filter(|_| output.is_truncated);
            if listed.next.as_deref() != Some(name) {
                break;
            }
            start = (
                output.next_record_name,
                output.next_record_type,
                output.next_record_identifier,
            );
        }
        Ok(listed)
    }

    pub fn of(&self, name: &str) -> Vec<ResourceRecordSet> {
        let of_name = |set: &&ResourceRecordSet| set.name.eq_ignore_ascii_case(name);
        self.sets.iter().filter(of_name).cloned().collect()
    }

    /// Whether it has every record set of a name that is not the one it began with.
    pub fn shows(&self, name: &str) -> bool {
        let cut = self
            .next
            .as_ref()
            .is_some_and(|next| next.eq_ignore_ascii_case(name));
        !cut && self.sets.iter().any(|set| set.name.eq_ignore_ascii_case(name))
    }
}
