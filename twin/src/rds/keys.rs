//! Keys of the account that clusters are encrypted with, and what a copy of a snapshot asks of them.

use super::Rds;
use super::wire::Request;
use crate::iam::{Ask, Key};

/// What RDS does with a key before it copies what is encrypted with it.
const COPY_ACTIONS: [&str; 2] = ["kms:DescribeKey", "kms:CreateGrant"];

impl Rds {
    /// Encrypts a cluster, by identifier or ARN, with a key of the account; without one it is a key of AWS's own.
    pub fn encrypt(&mut self, cluster: &str, key_arn: &str) {
        if let Some(arn) = self.cluster(cluster).map(|cluster| cluster.arn.clone()) {
            self.keys.insert(arn, key_arn.to_owned());
        }
    }

    /// What a request asks of keys, besides what it asks of RDS.
    pub(crate) fn asks_of_keys(&self, region: &str, request: &Request) -> Vec<Ask> {
        let copied = request.copied_snapshot();
        let Some(key) = copied.and_then(|snapshot| self.key_of_snapshot(region, snapshot)) else {
            return Vec::new();
        };
        let ask = |action: &str| Ask::new(action, key).with(Key::GrantIsForAwsResource, "true");
        COPY_ACTIONS.map(ask).into()
    }

    fn key_of_snapshot(&self, region: &str, named: &str) -> Option<&str> {
        let is_named = |arn: &str, identifier: &str| arn == named || identifier == named;
        let snapshot = self
            .snapshots
            .iter()
            .find(|snapshot| snapshot.region == region && is_named(&snapshot.arn, &snapshot.identifier))?;
        let cluster = self.arn(region, "cluster", &snapshot.cluster);
        self.keys.get(&cluster).map(String::as_str)
    }
}
