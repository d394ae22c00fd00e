//! `PutEvents`: each entry is accepted or refused by itself.

use jiff::Timestamp;
use serde_json::{Value, json};
use winterbaume_eventbridge::model::{
    PutEventsRequest, PutEventsRequestEntry, PutEventsResponse, PutEventsResultEntry,
};

use super::Events;
use super::envelope::to_the_second;
use crate::emission::Emission;
use crate::error::AwsError;
use crate::reply::from_epoch_seconds;

/// A request has at most this many entries.
const ENTRIES_MAX: usize = 10;
/// The entries of a request together have at most 1 MiB. It was 256 KiB before 2026.
const ENTRIES_BYTES_MAX: usize = 1024 * 1024;
/// A time counts as this many bytes, however it is written.
const TIME_BYTES: usize = 14;

/// Why an entry is refused: a code and a message.
type Refusal = (&'static str, String);

impl Events {
    pub(super) fn put(&mut self, request: &PutEventsRequest) -> Result<PutEventsResponse, AwsError> {
        let entries = &request.entries;
        if entries.is_empty() || entries.len() > ENTRIES_MAX {
            let bound = if entries.is_empty() {
                "greater than or equal to 1"
            } else {
                "less than or equal to 10"
            };
            return Err(validation(format!(
                "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have \
                 length {bound}"
            )));
        }
        if entries.iter().map(bytes).sum::<usize>() > ENTRIES_BYTES_MAX {
            return Err(validation(
                "Total size of the entries in the request is over the limit.",
            ));
        }
        let results: Vec<PutEventsResultEntry> = entries.iter().map(|entry| self.put_one(entry)).collect();
        let failed = results
            .iter()
            .filter(|result| result.error_code.is_some())
            .count();
        Ok(PutEventsResponse {
            failed_entry_count: i32::try_from(failed).ok(),
            entries: Some(results),
        })
    }

    fn put_one(&mut self, entry: &PutEventsRequestEntry) -> PutEventsResultEntry {
        match self.event_of(entry) {
            Ok((id, event)) => {
                // AWS takes events for a bus that does not exist, too, and nobody ever sees them.
                if entry.event_bus_name.as_deref().is_none_or(is_default) {
                    self.place.outbox.put(Emission::Whole(event));
                }
                PutEventsResultEntry {
                    event_id: Some(id),
                    ..PutEventsResultEntry::default()
                }
            }
            Err((code, message)) => PutEventsResultEntry {
                error_code: Some(code.to_owned()),
                error_message: Some(message),
                ..PutEventsResultEntry::default()
            },
        }
    }

    fn event_of(&self, entry: &PutEventsRequestEntry) -> Result<(String, Value), Refusal> {
        let source = required(entry.source.as_deref(), "Source")?;
        let detail_type = required(entry.detail_type.as_deref(), "DetailType")?;
        let detail = required(entry.detail.as_deref(), "Detail")?;
        if source.starts_with("aws.") && !self.accept_aws_sources {
            let code = "NotAuthorizedForSourceException";
            return Err((code, "Not authorized for the source.".to_owned()));
        }
        let malformed = || ("MalformedDetail", "Detail is malformed.".to_owned());
        let detail: Value = serde_json::from_str(detail).map_err(|_| malformed())?;
        if !detail.is_object() {
            return Err(malformed());
        }
        let time = match entry.time {
            None => self.place.clock.now(),
            Some(seconds) => from_epoch_seconds(seconds).unwrap_or(Timestamp::UNIX_EPOCH),
        };
        let id = self.place.identifiers.request();
        let event = json!({
            "version": "0",
            "id": id,
            "detail-type": detail_type,
            "source": source,
            "account": self.place.account,
            "time": to_the_second(time),
            "region": self.place.region,
            "resources": entry.resources.clone().unwrap_or_default(),
            "detail": detail,
        });
        Ok((id, event))
    }
}

fn required<'a>(value: Option<&'a str>, name: &str) -> Result<&'a str, Refusal> {
    value.filter(|value| !value.is_empty()).ok_or_else(|| {
        let reason = format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        ("InvalidArgument", reason)
    })
}

fn is_default(bus: &str) -> bool {
    bus == "default" || bus.ends_with(":event-bus/default")
}

fn bytes(entry: &PutEventsRequestEntry) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let resources = entry.resources.as_deref().unwrap_or_default();
    entry.time.map_or(0, |_| TIME_BYTES)
        + length(&entry.source)
        + length(&entry.detail_type)
        + length(&entry.detail)
        + resources.iter().map(String::len).sum::<usize>()
}

fn validation(message: impl Into<String>) -> AwsError {
    AwsError::refused("ValidationException", message)
}
