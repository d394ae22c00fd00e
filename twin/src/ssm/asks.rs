//! What Parameter Store asks of IAM.

use super::Request;
use super::naming::parameter_arn;
use crate::iam::{Ask, Key};
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        // A version that is asked for is part of the name.
        let on = |operation: &str, name: &str| Ask::new(format!("ssm:{operation}"), arn(place, name));
        let on_each = |operation: &str, names: &[String]| -> Vec<Ask> {
            names.iter().map(|name| on(operation, name)).collect()
        };
        match self {
            Self::Put(request) => {
                let ask = on("PutParameter", &request.name);
                // Who does not say whether to overwrite sends no key along.
                vec![match request.overwrite {
                    Some(overwrite) => ask.with(Key::Overwrite, overwrite.to_string()),
                    None => ask,
                }]
            }
            Self::Get(request) => vec![on("GetParameter", &request.name)],
            Self::GetSeveral(request) => on_each("GetParameters", &request.names),
            Self::GetByPath(request) => vec![on("GetParametersByPath", &request.path)],
            Self::GetHistory(request) => vec![on("GetParameterHistory", &request.name)],
            Self::Delete(request) => vec![on("DeleteParameter", &request.name)],
            Self::DeleteSeveral(request) => on_each("DeleteParameters", &request.names),
        }
    }
}

fn arn(place: &Place, name: &str) -> String {
    if name.starts_with("arn:") {
        return name.to_owned();
    }
    parameter_arn(&place.account, &place.region, name)
}
