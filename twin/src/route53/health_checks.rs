//! Health checks that follow alarms, or other health checks. Nothing is ever probed.

use std::fmt;

use jiff::Timestamp;

use super::Route53;
use crate::error::AwsError;
use crate::twin::Twin;

/// Calculated checks of calculated checks are followed at most this deep.
const DEPTH_MAX: usize = 8;

/// A health check as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HealthCheckSpec {
    pub watched: Health,
    /// What is healthy counts as unhealthy, and the other way round.
    pub inverted: bool,
    /// A disabled check is healthy, whatever it watches.
    pub disabled: bool,
}

/// What a health check watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    /// `CLOUDWATCH_METRIC`.
    OfAlarm {
        region: String,
        alarm: String,
        insufficient_data: InsufficientData,
    },
    /// `CALCULATED`: healthy while at least so many of these are.
    OfOthers { children: Vec<String>, threshold: usize },
}

/// What the alarm's `INSUFFICIENT_DATA` means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum InsufficientData {
    Healthy,
    Unhealthy,
    #[default]
    LastKnownStatus,
}

#[derive(Debug, Clone)]
pub(super) struct HealthCheck {
    pub id: String,
    pub caller_reference: String,
    pub spec: HealthCheckSpec,
    /// What is known of the alarm, not inverted. It begins healthy.
    good: bool,
    /// When that was last looked at.
    pub observed: Timestamp,
}

impl HealthCheckSpec {
    /// Follows an alarm; without data it stays as it was.
    #[must_use]
    pub fn of_alarm(region: &str, alarm: &str) -> Self {
        Self {
            watched: Health::OfAlarm {
                region: region.to_owned(),
                alarm: alarm.to_owned(),
                insufficient_data: InsufficientData::default(),
            },
            inverted: false,
            disabled: false,
        }
    }
}

impl InsufficientData {
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Healthy, Self::Unhealthy, Self::LastKnownStatus]
            .into_iter()
            .find(|meaning| meaning.to_string() == name)
    }
}

impl fmt::Display for InsufficientData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "Healthy",
            Self::Unhealthy => "Unhealthy",
            Self::LastKnownStatus => "LastKnownStatus",
        })
    }
}

impl Route53 {
    /// Seeds a health check and returns its id. It is new, and therefore healthy.
    pub fn create_health_check(&mut self, spec: HealthCheckSpec) -> String {
        let id = self.place.identifiers.request();
        self.add_health_check(&id, spec)
    }

    /// Whether a health check is healthy right now. None if there is no such check.
    #[must_use]
    pub fn is_healthy(&self, id: &str) -> Option<bool> {
        self.healthy_within(id, DEPTH_MAX)
    }

    pub(super) fn create_checked_health(
        &mut self,
        caller_reference: &str,
        spec: HealthCheckSpec,
    ) -> Result<String, AwsError> {
        let known = self
            .health_checks
            .values()
            .find(|check| check.caller_reference == caller_reference);
        match known {
            Some(known) if known.spec == spec => Ok(known.id.clone()),
            Some(_) => Err(AwsError::new(
                409,
                "HealthCheckAlreadyExists",
                format!(
                    "A health check with the caller reference {caller_reference} exists with other settings."
                ),
            )),
            None => {
                let id = self.place.identifiers.request();
                self.add_health_check(&id, spec);
                if let Some(check) = self.health_checks.get_mut(&id) {
                    caller_reference.clone_into(&mut check.caller_reference);
                }
                Ok(id)
            }
        }
    }

    fn add_health_check(&mut self, id: &str, spec: HealthCheckSpec) -> String {
        let check = HealthCheck {
            id: id.to_owned(),
            caller_reference: id.to_owned(),
            spec,
            good: true,
            observed: self.place.clock.now(),
        };
        self.health_checks.insert(id.to_owned(), check);
        id.to_owned()
    }

    pub(super) fn health_check(&self, id: &str) -> Result<&HealthCheck, AwsError> {
        self.health_checks.get(id).ok_or_else(|| no_such_check(id))
    }

    /// Records may go on naming it: AWS does not mind.
    pub(super) fn delete_health_check(&mut self, id: &str) -> Result<(), AwsError> {
        let removed = self.health_checks.remove(id);
        removed.map(drop).ok_or_else(|| no_such_check(id))
    }

    /// The alarms that are followed: region and name.
    fn followed(&self) -> Vec<(String, String)> {
        let alarm = |check: &HealthCheck| match &check.spec.watched {
            Health::OfAlarm { region, alarm, .. } => Some((region.clone(), alarm.clone())),
            Health::OfOthers { .. } => None,
        };
        self.health_checks.values().filter_map(alarm).collect()
    }

    /// Takes note of the state of an alarm; None if there is no such alarm.
    fn observe(&mut self, seen_in: &str, name: &str, state: Option<&str>) {
        let now = self.place.clock.now();
        for check in self.health_checks.values_mut() {
            let Health::OfAlarm {
                region,
                alarm,
                insufficient_data,
            } = &check.spec.watched
            else {
                continue;
            };
            if region != seen_in || alarm != name {
                continue;
            }
            check.observed = now;
            check.good = match (state, insufficient_data) {
                (Some("OK"), _) => true,
                (Some("ALARM"), _) => false,
                (_, InsufficientData::Healthy) => true,
                (_, InsufficientData::Unhealthy) => false,
                (_, InsufficientData::LastKnownStatus) => check.good,
            };
        }
    }

    fn healthy_within(&self, id: &str, depth: usize) -> Option<bool> {
        let check = self.health_checks.get(id)?;
        let good = check.spec.disabled
            || match &check.spec.watched {
                Health::OfAlarm { .. } => check.good,
                Health::OfOthers { children, threshold } => {
                    let Some(deeper) = depth.checked_sub(1) else {
                        return Some(true);
                    };
                    let healthy = children
                        .iter()
                        .filter(|child| self.healthy_within(child, deeper) == Some(true));
                    healthy.count() >= *threshold
                }
            };
        Some(good != check.spec.inverted)
    }
}

impl Twin {
    /// Lets health checks see the alarms that they follow. Those of a dark region are not seen: their checks stay as
    /// they were. AWS documents no delay, only that it reads the alarm's data itself and may be ahead of its state.
    pub(crate) fn observe_health(&self) {
        for (region, alarm) in self.route53_unseen(|route53| route53.followed()) {
            if !self.is_lit(&region) {
                continue;
            }
            let state = self.at(&region).cloudwatch(|known| known.alarm_state(&alarm));
            let state = state.map(|(value, _)| value);
            self.route53_unseen(|route53| route53.observe(&region, &alarm, state.as_deref()));
        }
    }
}

fn no_such_check(id: &str) -> AwsError {
    let message = format!("A health check with id {id} does not exist.");
    AwsError::new(404, "NoSuchHealthCheck", message)
}
