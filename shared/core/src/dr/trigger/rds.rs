//! What RDS says of a database, through `EventBridge` or through an event subscription's topic.

use std::borrow::Cow;

use jiff::Timestamp;
use serde_json::Value;

use super::{DatabaseEvent, Happening, Identity, Subject};
use crate::text::Text;
use crate::trigger::document::{id, text};
use crate::trigger::identity::{Arn, stands_in};
use crate::trigger::moment;
use crate::trigger::number::event_number;
use crate::trigger::ours::Notice;
use crate::trigger::unrecognised::{Refusal, Why};

const EVENT_ID: &str = "RDS-EVENT-";
/// Longest part of an ARN, in characters: the identifier of a snapshot.
const PART_CHARACTERS_MAX: usize = 255;
/// Kinds of resources, as ARNs have them.
const CLUSTER: &str = "cluster";
const GLOBAL_CLUSTER: &str = "global-cluster";
const INSTANCE: &str = "db";
const SNAPSHOT: &str = "cluster-snapshot";

pub(super) fn subject(source: &str, detail_type: &str) -> Option<Subject> {
    match (source, detail_type) {
        ("aws.rds", "RDS DB Cluster Event") => Some(Subject::Cluster),
        ("aws.rds", "RDS DB Instance Event") => Some(Subject::Instance),
        ("aws.rds", "RDS DB Cluster Snapshot Event") => Some(Subject::Snapshot),
        _ => None,
    }
}

/// What an event claims, wherever it stood in it.
struct Claim<'event> {
    id: Option<&'event str>,
    account: Option<&'event str>,
    region: Option<&'event str>,
    arn: Cow<'event, str>,
    number: Option<&'event str>,
    message: Option<&'event str>,
    at: Option<&'event str>,
}

/// An `EventBridge` envelope. One that another region's bus forwarded has that region, and its own account, still.
pub(super) fn from_envelope(
    event: &Value,
    subject: Subject,
    identity: &Identity,
    now: Timestamp,
) -> Result<DatabaseEvent, Refusal> {
    let arn = text(event, "/detail/SourceArn").or_else(|| text(event, "/resources/0"));
    Claim {
        id: text(event, "/id"),
        account: text(event, "/account"),
        region: text(event, "/region"),
        arn: Cow::Borrowed(arn.ok_or_else(no_resource)?),
        number: text(event, "/detail/EventID").and_then(|id| event_number(id, EVENT_ID)),
        message: text(event, "/detail/Message"),
        at: text(event, "/detail/Date").or_else(|| text(event, "/time")),
    }
    .judge(subject, identity, now)
}

/// A message of an event subscription, whose topic is where its databases are. The source's ARN is seen in some and
/// not in the documented ones.
pub(super) fn from_notice(
    notice: &Notice<'_>,
    identity: &Identity,
    now: Timestamp,
) -> Result<DatabaseEvent, Refusal> {
    let message = notice.message;
    let topic = &notice.topic;
    let (subject, kind) = match text(message, "/Event Source").unwrap_or_default() {
        "db-cluster" => (Subject::Cluster, CLUSTER),
        "db-instance" => (Subject::Instance, INSTANCE),
        "db-cluster-snapshot" => (Subject::Snapshot, SNAPSHOT),
        other => return Err(Why::UnknownDetailType.because(format!("event source {other}"))),
    };
    let arn = if let Some(arn) = text(message, "/Source ARN") {
        Cow::Borrowed(arn)
    } else {
        let name = text(message, "/Source ID").ok_or_else(no_resource)?;
        let (partition, region, account) = (topic.partition, topic.region, topic.account);
        Cow::Owned(format!("arn:{partition}:rds:{region}:{account}:{kind}:{name}"))
    };
    Claim {
        id: notice.id,
        account: Some(topic.account),
        region: Some(topic.region),
        arn,
        number: text(message, "/Event ID").and_then(|id| event_number(id, EVENT_ID)),
        message: text(message, "/Event Message"),
        at: text(message, "/Event Time").or(notice.sent),
    }
    .judge(subject, identity, now)
}

fn no_resource() -> Refusal {
    Why::ForeignResource.because("names no resource")
}

impl Claim<'_> {
    fn judge(self, subject: Subject, identity: &Identity, now: Timestamp) -> Result<DatabaseEvent, Refusal> {
        identity.is_at(self.account, self.region)?;
        let identifier = self.known(subject, identity)?.to_owned();
        let message = self.message.unwrap_or_default();
        Ok(DatabaseEvent {
            id: id(self.id),
            at: moment::fresh(self.at, now)?,
            region: self.region.unwrap_or_default().to_owned(),
            subject,
            identifier,
            event: self.number.map(str::to_owned),
            happening: Happening::read(self.number, message),
            message: Text::new(message),
            resource: self.arn.into_owned(),
        })
    }

    /// The identifier of a resource that is ours, or is at least where ours are, and that the event comes from.
    fn known(&self, subject: Subject, identity: &Identity) -> Result<&str, Refusal> {
        let arn = self.arn.as_ref();
        let foreign = || Why::ForeignResource.because(arn);
        let parts = Arn::parse(arn)
            .filter(|parts| parts.service == "rds")
            .ok_or_else(|| Why::Malformed.because(format!("not an ARN of RDS: {arn}")))?;
        let (kind, identifier) = parts.resource.split_once(':').ok_or_else(foreign)?;
        if kind == GLOBAL_CLUSTER {
            // It has no region of its own.
            stands_in(
                [(self.account.unwrap_or_default(), "")],
                Some(parts.account),
                Some(parts.region),
            )?;
        } else {
            let place = (self.account.unwrap_or_default(), self.region.unwrap_or_default());
            stands_in([place], Some(parts.account), Some(parts.region))?;
        }
        let ours = match (subject, kind) {
            (Subject::Cluster, CLUSTER) => identity.has_cluster(arn),
            (Subject::Cluster, GLOBAL_CLUSTER) => identity.is_global_cluster(identifier),
            (Subject::Instance, INSTANCE) | (Subject::Snapshot, SNAPSHOT) => {
                is_plain(parts.partition) && is_plain(identifier)
            }
            (Subject::Cluster | Subject::Instance | Subject::Snapshot, _) => false,
        };
        if ours { Ok(identifier) } else { Err(foreign()) }
    }
}

/// It goes into sentences that people read, and a stranger may have written it.
fn is_plain(text: &str) -> bool {
    let characters = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b':';
    (1..=PART_CHARACTERS_MAX).contains(&text.len()) && text.bytes().all(characters)
}
