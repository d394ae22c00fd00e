//! Where, when and how a twin begins.

use std::time::Duration;

use jiff::Timestamp;

const SEED: u64 = 1;
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
/// 2026-03-02T09:00:00Z, a Monday morning.
const START_EPOCH_SECONDS: i64 = 1_772_442_000;
const CALL_LATENCY: Duration = Duration::from_millis(8);

/// Where, when and how a twin's story begins.
#[derive(Debug, Clone)]
pub struct TwinOptions {
    /// All identifiers follow from it.
    pub seed: u64,
    pub account: String,
    /// The home region.
    pub region: String,
    pub start: Timestamp,
    /// How long every request takes, there and back.
    pub call_latency: Duration,
    /// Whether requests are throttled at the documented rates.
    pub rates: bool,
    /// Whether a schedule comes at the second of the minute at which its rule was made, as on AWS. Otherwise all come
    /// with the whole minute.
    pub spread_schedules: bool,
    /// Whether `PutEvents` takes events whose source begins with `aws.`. AWS itself refuses them; here
    /// they are how somebody outside plays a service.
    pub accept_aws_sources: bool,
}

impl Default for TwinOptions {
    fn default() -> Self {
        Self {
            seed: SEED,
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            start: Timestamp::from_second(START_EPOCH_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH),
            call_latency: CALL_LATENCY,
            rates: true,
            spread_schedules: false,
            accept_aws_sources: true,
        }
    }
}
