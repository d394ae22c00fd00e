//! Writing and deleting parameters.

use winterbaume_ssm::model::PutParameterRequest;

use super::naming::{self, invalid};
use super::{Parameter, Ssm, Version};
use crate::error::AwsError;

const STANDARD_BYTES_MAX: usize = 4096;
const ADVANCED_BYTES_MAX: usize = 8192;
/// The oldest version makes room for the 101st.
const VERSIONS_KEPT: usize = 100;

impl Ssm {
    /// Returns the tier and version written.
    pub(super) fn put_parameter(&mut self, request: &PutParameterRequest) -> Result<(String, i64), AwsError> {
        let name = naming::plain(&request.name);
        naming::check(name)?;
        check_value(&request.value)?;
        let latest = self.latest(name);
        if latest.is_some() && request.overwrite != Some(true) {
            return Err(AwsError::refused(
                "ParameterAlreadyExists",
                "The parameter already exists. To overwrite this value, set the overwrite option in the request \
                 to true.",
            ));
        }
        let kind = match (request.r#type.as_deref(), latest) {
            (Some(kind), _) => checked_kind(kind)?,
            (None, Some(latest)) => latest.kind.clone(),
            (None, None) => {
                return Err(invalid(
                    "A parameter type is required when you create a parameter.",
                ));
            }
        };
        let tier = tier(request, latest)?;
        check_size(&request.value, &tier)?;
        let version = self.push(name, &request.value, &kind, &tier, request.description.as_deref());
        Ok((tier, version))
    }

    pub(super) fn delete_parameter(&mut self, name: &str) -> Result<(), AwsError> {
        match self.parameters.remove(naming::plain(name)) {
            Some(_) => Ok(()),
            None => Err(not_found()),
        }
    }

    pub(super) fn push(
        &mut self,
        name: &str,
        value: &str,
        kind: &str,
        tier: &str,
        description: Option<&str>,
    ) -> i64 {
        let written = self.place.clock.now();
        let parameter = self
            .parameters
            .entry(name.to_owned())
            .or_insert_with(|| Parameter {
                kept: std::collections::VecDeque::new(),
            });
        let version = parameter.kept.back().map_or(1, |latest| latest.version + 1);
        parameter.kept.push_back(Version {
            version,
            value: value.to_owned(),
            kind: kind.to_owned(),
            tier: tier.to_owned(),
            description: description.map(str::to_owned),
            written,
        });
        if parameter.kept.len() > VERSIONS_KEPT {
            parameter.kept.pop_front();
        }
        version
    }
}

/// Parameter Store names the error and says no more.
pub(super) fn not_found() -> AwsError {
    AwsError::refused("ParameterNotFound", "")
}

fn check_value(value: &str) -> Result<(), AwsError> {
    if value.is_empty() {
        return Err(invalid(
            "1 validation error detected: Value '' at 'value' failed to satisfy constraint: Member must have \
             length greater than or equal to 1.",
        ));
    }
    let nested = value
        .split_once("{{")
        .is_some_and(|(_, rest)| rest.contains("}}"));
    if nested {
        return Err(invalid(
            "Parameter value can't nest another parameter. Do not use \"{{}}\" in the value.",
        ));
    }
    Ok(())
}

fn checked_kind(kind: &str) -> Result<String, AwsError> {
    if matches!(kind, "String" | "StringList" | "SecureString") {
        return Ok(kind.to_owned());
    }
    Err(invalid(&format!(
        "1 validation error detected: Value '{kind}' at 'type' failed to satisfy constraint: Member must satisfy \
         enum value set: [SecureString, StringList, String]"
    )))
}

fn tier(request: &PutParameterRequest, latest: Option<&Version>) -> Result<String, AwsError> {
    let was_advanced = latest.is_some_and(|latest| latest.tier == "Advanced");
    let tier = match request.tier.as_deref() {
        None if was_advanced => "Advanced",
        Some("Standard") if was_advanced => {
            return Err(invalid(
                "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the \
                 advanced-parameter tier to the standard-parameter tier.",
            ));
        }
        Some("Advanced") => "Advanced",
        Some("Intelligent-Tiering") if was_advanced || request.value.len() > STANDARD_BYTES_MAX => "Advanced",
        None | Some("Standard" | "Intelligent-Tiering") => "Standard",
        Some(other) => {
            return Err(invalid(&format!(
                "1 validation error detected: Value '{other}' at 'tier' failed to satisfy constraint: Member must \
                 satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]"
            )));
        }
    };
    Ok(tier.to_owned())
}

fn check_size(value: &str, tier: &str) -> Result<(), AwsError> {
    if tier == "Standard" && value.len() > STANDARD_BYTES_MAX {
        return Err(invalid(&format!(
            "Standard tier parameters support a maximum parameter value of {STANDARD_BYTES_MAX} characters. To \
             create a larger parameter value, upgrade the parameter to use the advanced-parameter tier. For more \
             information, see https://docs.aws.amazon.com/systems-manager/latest/userguide/\
             parameter-store-advanced-parameters.html"
        )));
    }
    if value.len() > ADVANCED_BYTES_MAX {
        return Err(invalid(&format!(
            "Advanced tier parameters support a maximum parameter value of {ADVANCED_BYTES_MAX} characters."
        )));
    }
    Ok(())
}
