//! When something happened, and whether that is recent enough to be worth a look.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::unrecognised::{Refusal, Why};

/// What is older tells nothing that the next look does not: `EventBridge` goes on delivering for a day.
pub const EVENT_AGE_SECONDS_MAX: i64 = 3_600;
/// How far the clocks of AWS and of this machine may differ.
pub const EVENT_AHEAD_SECONDS_MAX: i64 = 300;

/// DMS and RDS write times to SNS without a zone; they are in UTC.
const NOTICE: &str = "%Y-%m-%d %H:%M:%S%.f";

/// Reads a time and holds it against the clock.
pub(crate) fn fresh(text: Option<&str>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let text = text.ok_or_else(|| Why::NoTime.because("does not say when it happened"))?;
    let at = read(text).ok_or_else(|| Why::Malformed.because(format!("{text} is not a time")))?;
    let age = now.duration_since(at);
    if age > SignedDuration::from_secs(EVENT_AGE_SECONDS_MAX) {
        return Err(Why::TooOld.because(format!("{at} is more than {EVENT_AGE_SECONDS_MAX} s ago")));
    }
    if age < SignedDuration::from_secs(-EVENT_AHEAD_SECONDS_MAX) {
        return Err(Why::InTheFuture.because(format!("{at} is more than {EVENT_AHEAD_SECONDS_MAX} s ahead")));
    }
    Ok(at)
}

/// RFC 3339, the same with `+0000` (CloudWatch), or without a zone (notices of DMS and RDS).
fn read(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse()
        .or_else(|_| DateTime::strptime(NOTICE, text).and_then(|moment| TimeZone::UTC.to_timestamp(moment)))
        .ok()
}
