//! The migration of the same environment: where it stands, and how it is told to stand still.

use std::time::Duration;

use aws_smithy_types::Blob;
use cutover_core::dr::observation::{Far, MigrationSeen};
use cutover_core::dr::ports::MigrationWatch;
use cutover_core::error::PortError;
use cutover_core::phase::Phase;
use serde_json::{Value, json};

use super::far::{and_then, far};
use super::hooks::invoke;
use crate::call_error::has_code;
use crate::clients::DrClients;
use crate::config::dr::{DrConfig, MigrationNames};

/// A cold function has to start and to write its state; a region that is gone must not be waited for longer.
const FREEZE_TIMEOUT: Duration = Duration::from_secs(5);

#[derive(Debug, Clone)]
pub struct OtherMigration {
    configured: Option<Configured>,
}

#[derive(Debug, Clone)]
struct Configured {
    names: MigrationNames,
    ssm: aws_sdk_ssm::Client,
    lambda: aws_sdk_lambda::Client,
}

impl OtherMigration {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        let both = config.migration.clone().zip(clients.migration.clone());
        Self {
            configured: both.map(|(names, (ssm, lambda))| Configured { names, ssm, lambda }),
        }
    }
}

impl MigrationWatch for OtherMigration {
    async fn read(&self) -> Option<Far<MigrationSeen>> {
        let Configured { names, ssm, .. } = self.configured.as_ref()?;
        let name = &names.state_parameter;
        let answer = ssm.get_parameter().name(name).send().await;
        if let Err(error) = &answer
            && has_code(error, "ParameterNotFound")
        {
            // It has not begun.
            return Some(Far::Known(MigrationSeen {
                phase: Phase::Preparing.name().to_owned(),
            }));
        }
        Some(and_then(
            far(format!("ssm:GetParameter {name}"), answer),
            |output| {
                let value = output.parameter.and_then(|parameter| parameter.value);
                match phase(&value.unwrap_or_default()) {
                    Some(phase) => Far::Known(MigrationSeen { phase }),
                    None => Far::Unknown(format!("parameter {name} has no phase")),
                }
            },
        ))
    }

    async fn freeze(&self, reason: &str) -> Result<(), PortError> {
        let Some(Configured { names, lambda, .. }) = &self.configured else {
            return Ok(());
        };
        let command = json!({ "action": "pause", "reason": reason }).to_string();
        let payload = Blob::new(command.into_bytes());
        invoke(lambda, &names.function.arn, payload, FREEZE_TIMEOUT)
            .await
            .map(|_| ())
    }
}

/// The only thing in its state that concerns anybody else.
fn phase(state: &str) -> Option<String> {
    let state: Value = serde_json::from_str(state).ok()?;
    state.get("phase")?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::phase;

    #[test]
    fn the_phase_is_read_from_a_state_of_whatever_version() {
        assert_eq!(
            phase(r#"{"schema":9,"phase":"cutting-over","new":{}}"#).unwrap(),
            "cutting-over"
        );
        for spoilt in ["", "{", "[]", "{}", r#"{"phase":3}"#] {
            assert_eq!(phase(spoilt), None, "{spoilt}");
        }
    }
}
