//! Throttling at the documented rates, by token buckets on the twin's clock.

use jiff::Timestamp;

use crate::routing::Service;

/// Route 53 allows an account five requests a second, whatever they are.
pub const ROUTE53_PER_SECOND: u32 = 5;
/// Parameter Store's default for `PutParameter`.
pub const PUT_PARAMETER_PER_SECOND: u32 = 3;
/// Parameter Store's default for the `Get…` operations together.
const PARAMETER_READS_PER_SECOND: u32 = 40;
/// A bucket holds two seconds' worth. AWS documents no burst; the twin's is chosen so that one
/// ordinary invocation, a handful of calls to each service, is never throttled, and two or three
/// that collide are.
const BURST_SECONDS: f64 = 2.0;

/// The buckets of one account in one region.
#[derive(Debug)]
pub(crate) struct Rates {
    route53: Bucket,
    put_parameter: Bucket,
    parameter_reads: Bucket,
}

#[derive(Debug)]
struct Bucket {
    per_second: f64,
    tokens: f64,
    refilled: Timestamp,
}

impl Rates {
    pub(crate) fn full_at(now: Timestamp) -> Self {
        Self {
            route53: Bucket::full(ROUTE53_PER_SECOND, now),
            put_parameter: Bucket::full(PUT_PARAMETER_PER_SECOND, now),
            parameter_reads: Bucket::full(PARAMETER_READS_PER_SECOND, now),
        }
    }

    /// True if the call may pass.
    pub(crate) fn admit(&mut self, service: &Service, operation: &str, now: Timestamp) -> bool {
        let bucket = match service {
            Service::Route53 => &mut self.route53,
            Service::Ssm if operation == "PutParameter" => &mut self.put_parameter,
            Service::Ssm if operation.starts_with("GetParameter") => &mut self.parameter_reads,
            Service::Ssm
            | Service::Dms
            | Service::CloudWatch
            | Service::Sns
            | Service::Sts
            | Service::Lambda
            | Service::Events
            | Service::AutoScaling
            | Service::Rds
            | Service::Unknown(_) => return true,
        };
        bucket.take(now)
    }
}

impl Bucket {
    fn full(per_second: u32, now: Timestamp) -> Self {
        let per_second = f64::from(per_second);
        Self {
            per_second,
            tokens: per_second * BURST_SECONDS,
            refilled: now,
        }
    }

    fn take(&mut self, now: Timestamp) -> bool {
        let elapsed = now.duration_since(self.refilled).as_secs_f64().max(0.0);
        self.tokens = (self.tokens + elapsed * self.per_second).min(self.per_second * BURST_SECONDS);
        self.refilled = now;
        if self.tokens < 1.0 {
            return false;
        }
        self.tokens -= 1.0;
        true
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_again_at_its_rate() {
        let start = Timestamp::UNIX_EPOCH;
        let mut rates = Rates::full_at(start);
        let admitted = (0..20)
            .filter(|_| rates.admit(&Service::Route53, "GetChange", start))
            .count();
        assert_eq!(admitted, 10);
        let later = start + Duration::from_secs(1);
        let admitted = (0..20)
            .filter(|_| rates.admit(&Service::Route53, "GetChange", later))
            .count();
        assert_eq!(admitted, 5);
        assert!(rates.admit(&Service::Sns, "Publish", later));
    }
}
