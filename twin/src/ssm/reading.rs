//! Reading parameters: one, several, below a path, through time.

use winterbaume_ssm::model::{
    GetParameterHistoryRequest, GetParameterHistoryResult, GetParametersByPathRequest,
    GetParametersByPathResult, GetParametersResult, Parameter, ParameterHistory,
};

use super::naming::{self, invalid};
use super::writing::not_found;
use super::{Ssm, Version};
use crate::error::AwsError;
use crate::reply::epoch_seconds;

pub(super) const NAMES_MAX: usize = 10;
const PATH_RESULTS_MAX: i32 = 10;
const HISTORY_RESULTS_MAX: i32 = 50;
/// Marks a token as one of ours; what follows is where the next page begins.
const TOKEN_PREFIX: &str = "next:";

impl Ssm {
    pub(super) fn get_parameter(&self, name: &str) -> Result<Parameter, AwsError> {
        let (plain, version) = naming::with_version(name);
        let kept = &self.parameters.get(plain).ok_or_else(not_found)?.kept;
        let found = match version {
            None => kept.back().ok_or_else(not_found)?,
            Some(wanted) => kept.iter().find(|version| version.version == wanted).ok_or_else(|| {
                let message = format!(
                    "Systems Manager could not find version {wanted} of {plain}. Verify the version and try again."
                );
                AwsError::refused("ParameterVersionNotFound", message)
            })?,
        };
        let mut parameter = self.parameter(plain, found);
        parameter.selector = version.map(|version| format!(":{version}"));
        Ok(parameter)
    }

    pub(super) fn get_parameters(&self, names: &[String]) -> Result<GetParametersResult, AwsError> {
        if names.is_empty() || names.len() > NAMES_MAX {
            return Err(invalid(&format!(
                "1 validation error detected: Value at 'names' failed to satisfy constraint: Member must have length \
                 less than or equal to {NAMES_MAX} and greater than or equal to 1."
            )));
        }
        let mut found = Vec::new();
        let mut missing = Vec::new();
        for name in names {
            match self.get_parameter(name) {
                Ok(parameter) => found.push(parameter),
                Err(_) => missing.push(name.clone()),
            }
        }
        Ok(GetParametersResult {
            parameters: Some(found),
            invalid_parameters: Some(missing),
        })
    }

    pub(super) fn get_by_path(
        &self,
        request: &GetParametersByPathRequest,
    ) -> Result<GetParametersByPathResult, AwsError> {
        let Some(path) = request.path.strip_prefix('/') else {
            return Err(invalid("The parameter path must begin with a slash '/'."));
        };
        let limit = page_size(request.max_results, PATH_RESULTS_MAX)?;
        let after = token(request.next_token.as_deref())?;
        let path = path.trim_end_matches('/');
        let prefix = if path.is_empty() {
            "/".to_owned()
        } else {
            format!("/{path}/")
        };
        let recursive = request.recursive == Some(true);
        let mut rest = self.parameters.iter().filter(|(name, _)| {
            let below = name.strip_prefix(prefix.as_str());
            below.is_some_and(|below| recursive || !below.contains('/'))
                && after.is_none_or(|after| name.as_str() > after)
        });
        let page: Vec<Parameter> = rest
            .by_ref()
            .take(limit)
            .filter_map(|(name, parameter)| Some(self.parameter(name, parameter.kept.back()?)))
            .collect();
        let last = page.last().and_then(|parameter| parameter.name.clone());
        let next_token = rest.next().and(last).map(|last| format!("{TOKEN_PREFIX}{last}"));
        Ok(GetParametersByPathResult {
            parameters: Some(page),
            next_token,
        })
    }

    pub(super) fn get_history(
        &self,
        request: &GetParameterHistoryRequest,
    ) -> Result<GetParameterHistoryResult, AwsError> {
        let name = naming::plain(&request.name);
        let kept = &self.parameters.get(name).ok_or_else(not_found)?.kept;
        let limit = page_size(request.max_results, HISTORY_RESULTS_MAX)?;
        let after: Option<i64> = token(request.next_token.as_deref())?.and_then(|token| token.parse().ok());
        let mut rest = kept
            .iter()
            .filter(|version| after.is_none_or(|after| version.version > after));
        let page: Vec<ParameterHistory> = rest
            .by_ref()
            .take(limit)
            .map(|version| self.past(name, version))
            .collect();
        let last = page.last().and_then(|version| version.version);
        let next_token = rest.next().and(last).map(|last| format!("{TOKEN_PREFIX}{last}"));
        Ok(GetParameterHistoryResult {
            parameters: Some(page),
            next_token,
        })
    }

    fn parameter(&self, name: &str, version: &Version) -> Parameter {
        Parameter {
            a_r_n: Some(naming::parameter_arn(
                &self.place.account,
                &self.place.region,
                name,
            )),
            data_type: Some("text".to_owned()),
            last_modified_date: Some(epoch_seconds(version.written)),
            name: Some(name.to_owned()),
            r#type: Some(version.kind.clone()),
            value: Some(version.value.clone()),
            version: Some(version.version),
            ..Parameter::default()
        }
    }

    fn past(&self, name: &str, version: &Version) -> ParameterHistory {
        ParameterHistory {
            data_type: Some("text".to_owned()),
            description: version.description.clone(),
            labels: Some(Vec::new()),
            last_modified_date: Some(epoch_seconds(version.written)),
            last_modified_user: Some(format!("arn:aws:iam::{}:root", self.place.account)),
            name: Some(name.to_owned()),
            tier: Some(version.tier.clone()),
            r#type: Some(version.kind.clone()),
            value: Some(version.value.clone()),
            version: Some(version.version),
            ..ParameterHistory::default()
        }
    }
}

fn page_size(asked: Option<i32>, most: i32) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(most);
    if asked > most {
        return Err(invalid(&format!(
            "1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must \
             have value less than or equal to {most}"
        )));
    }
    usize::try_from(asked).ok().filter(|asked| *asked > 0).ok_or_else(|| {
        invalid(&format!(
            "1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must \
             have value greater than or equal to 1"
        ))
    })
}

fn token(token: Option<&str>) -> Result<Option<&str>, AwsError> {
    let Some(token) = token else { return Ok(None) };
    match token.strip_prefix(TOKEN_PREFIX) {
        Some(position) => Ok(Some(position)),
        None => Err(AwsError::refused(
            "InvalidNextToken",
            "The specified token isn't valid.",
        )),
    }
}
