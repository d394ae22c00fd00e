//! The condition keys that the twin gives values to.

use std::fmt;

/// A condition key. Any other in a policy is an error, because here it would always be absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    PrincipalAccount,
    PrincipalArn,
    SecureTransport,
    SourceAccount,
    SourceArn,
    Namespace,
    DetailType,
    EventSource,
    GrantIsForAwsResource,
    ViaService,
    SourceFunctionArn,
    RecordActions,
    RecordNames,
    RecordTypes,
    Overwrite,
}

impl Key {
    const ALL: [Self; 15] = [
        Self::PrincipalAccount,
        Self::PrincipalArn,
        Self::SecureTransport,
        Self::SourceAccount,
        Self::SourceArn,
        Self::Namespace,
        Self::DetailType,
        Self::EventSource,
        Self::GrantIsForAwsResource,
        Self::ViaService,
        Self::SourceFunctionArn,
        Self::RecordActions,
        Self::RecordNames,
        Self::RecordTypes,
        Self::Overwrite,
    ];

    /// As AWS documents it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::PrincipalAccount => "aws:PrincipalAccount",
            Self::PrincipalArn => "aws:PrincipalArn",
            Self::SecureTransport => "aws:SecureTransport",
            Self::SourceAccount => "aws:SourceAccount",
            Self::SourceArn => "aws:SourceArn",
            Self::Namespace => "cloudwatch:namespace",
            Self::DetailType => "events:detail-type",
            Self::EventSource => "events:source",
            Self::GrantIsForAwsResource => "kms:GrantIsForAWSResource",
            Self::ViaService => "kms:ViaService",
            Self::SourceFunctionArn => "lambda:SourceFunctionArn",
            Self::RecordActions => "route53:ChangeResourceRecordSetsActions",
            Self::RecordNames => "route53:ChangeResourceRecordSetsNormalizedRecordNames",
            Self::RecordTypes => "route53:ChangeResourceRecordSetsRecordTypes",
            Self::Overwrite => "ssm:Overwrite",
        }
    }

    /// The key of a name, whose case does not count.
    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|key| key.name().eq_ignore_ascii_case(name))
    }

    /// Whether a request may have several values of it.
    pub(super) fn is_multivalued(self) -> bool {
        matches!(self, Self::RecordActions | Self::RecordNames | Self::RecordTypes)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
