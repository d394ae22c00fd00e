//! Changes: accepted at once, everywhere some time later.

use winterbaume_route53::model::ChangeInfo;

use super::{Change, Route53};
use crate::error::AwsError;
use crate::reply::iso_8601;

impl Route53 {
    pub(super) fn submit(&mut self, comment: Option<String>) -> String {
        let id = self.place.identifiers.route53('C');
        let submitted = self.place.clock.now();
        let in_sync = submitted.saturating_add(self.propagation).unwrap_or(submitted);
        self.changes.insert(
            id.clone(),
            Change {
                submitted,
                in_sync,
                comment,
            },
        );
        id
    }

    pub(super) fn change_info(&self, id: &str) -> Result<ChangeInfo, AwsError> {
        let Some(change) = self.changes.get(id) else {
            let message = format!("Could not find resource with ID: {id}");
            return Err(AwsError::new(404, "NoSuchChange", message));
        };
        let pending = self.place.clock.now() < change.in_sync;
        Ok(ChangeInfo {
            comment: change.comment.clone(),
            id: Some(format!("/change/{id}")),
            status: Some(if pending { "PENDING" } else { "INSYNC" }.to_owned()),
            submitted_at: Some(iso_8601(change.submitted)),
        })
    }
}
