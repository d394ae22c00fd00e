//! Parameter Store on the wire: awsJson 1.1.

use serde_json::json;
use winterbaume_core::MockResponse;
use winterbaume_ssm::model::{
    DeleteParameterRequest, DeleteParametersRequest, DeleteParametersResult, GetParameterHistoryRequest,
    GetParameterRequest, GetParameterResult, GetParametersByPathRequest, GetParametersRequest,
    PutParameterRequest, PutParameterResult,
};
use winterbaume_ssm::wire;

use super::Ssm;
use super::naming::{self, invalid};
use crate::error::AwsError;
use crate::meaning::Brief;

#[derive(Debug)]
pub(crate) enum Request {
    Put(PutParameterRequest),
    Get(GetParameterRequest),
    GetSeveral(GetParametersRequest),
    GetByPath(GetParametersByPathRequest),
    GetHistory(GetParameterHistoryRequest),
    Delete(DeleteParameterRequest),
    DeleteSeveral(DeleteParametersRequest),
}

impl Request {
    pub(crate) fn decode(operation: &str, body: &[u8]) -> Result<Option<Self>, AwsError> {
        let decoded = match operation {
            "PutParameter" => wire::deserialize_put_parameter_request(body).map(Self::Put),
            "GetParameter" => wire::deserialize_get_parameter_request(body).map(Self::Get),
            "GetParameters" => wire::deserialize_get_parameters_request(body).map(Self::GetSeveral),
            "GetParametersByPath" => {
                wire::deserialize_get_parameters_by_path_request(body).map(Self::GetByPath)
            }
            "GetParameterHistory" => {
                wire::deserialize_get_parameter_history_request(body).map(Self::GetHistory)
            }
            "DeleteParameter" => wire::deserialize_delete_parameter_request(body).map(Self::Delete),
            "DeleteParameters" => wire::deserialize_delete_parameters_request(body).map(Self::DeleteSeveral),
            _ => return Ok(None),
        };
        decoded.map(Some).map_err(AwsError::unreadable)
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::Put(request) => about(
                &request.name,
                json!({ "overwrite": request.overwrite == Some(true) }),
            ),
            Self::Get(request) => about(&request.name, json!({})),
            Self::GetSeveral(request) => about(&request.names.join(","), json!({ "names": request.names })),
            Self::GetByPath(request) => about(
                &request.path,
                json!({ "recursive": request.recursive == Some(true), "max_results": request.max_results }),
            ),
            Self::GetHistory(request) => about(&request.name, json!({})),
            Self::Delete(request) => about(&request.name, json!({})),
            Self::DeleteSeveral(request) => {
                about(&request.names.join(","), json!({ "names": request.names }))
            }
        }
    }
}

impl Request {
    /// The parameter that it reads alone, as a secret is read.
    pub(crate) fn read_alone(&self) -> Option<&str> {
        match self {
            Self::Get(request) => Some(&request.name),
            Self::Put(_)
            | Self::GetSeveral(_)
            | Self::GetByPath(_)
            | Self::GetHistory(_)
            | Self::Delete(_)
            | Self::DeleteSeveral(_) => None,
        }
    }
}

impl Ssm {
    pub(crate) fn answer(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        match request {
            Request::Put(request) => {
                let (tier, version) = self.put_parameter(request)?;
                let result = PutParameterResult {
                    tier: Some(tier),
                    version: Some(version),
                };
                Ok(wire::serialize_put_parameter_response(&result))
            }
            Request::Get(request) => {
                let secret = self.as_secret(&request.name, request.with_decryption == Some(true));
                let result = GetParameterResult {
                    parameter: Some(secret.unwrap_or_else(|| self.get_parameter(&request.name))?),
                };
                Ok(wire::serialize_get_parameter_response(&result))
            }
            Request::GetSeveral(request) => Ok(wire::serialize_get_parameters_response(
                &self.get_parameters(&request.names)?,
            )),
            Request::GetByPath(request) => Ok(wire::serialize_get_parameters_by_path_response(
                &self.get_by_path(request)?,
            )),
            Request::GetHistory(request) => Ok(wire::serialize_get_parameter_history_response(
                &self.get_history(request)?,
            )),
            Request::Delete(request) => {
                self.delete_parameter(&request.name)?;
                Ok(MockResponse::json(200, "{}"))
            }
            Request::DeleteSeveral(request) => self.delete_several(&request.names),
        }
    }

    fn delete_several(&mut self, names: &[String]) -> Result<MockResponse, AwsError> {
        if names.is_empty() || names.len() > super::reading::NAMES_MAX {
            return Err(invalid("DeleteParameters takes between 1 and 10 names."));
        }
        let (deleted, unknown): (Vec<String>, Vec<String>) = names
            .iter()
            .cloned()
            .partition(|name| self.delete_parameter(name).is_ok());
        let result = DeleteParametersResult {
            deleted_parameters: Some(deleted),
            invalid_parameters: Some(unknown),
        };
        Ok(wire::serialize_delete_parameters_response(&result))
    }
}

fn about(name: &str, detail: serde_json::Value) -> Brief {
    let subject = naming::plain(name).to_owned();
    Brief { subject, detail }
}
