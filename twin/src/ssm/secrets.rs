//! Secrets of Secrets Manager, which Parameter Store hands through by name.

use winterbaume_ssm::model::Parameter;

use super::Ssm;
use super::naming::{invalid, plain};
use super::writing::not_found;
use crate::error::AwsError;
use crate::iam::{Ask, Key};

/// Below this path a parameter's name is a secret's.
const SECRETS: &str = "/aws/reference/secretsmanager/";

/// A secret, as far as it is handed through.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    arn: String,
    value: String,
    /// The ARN of a key of the account; without one it is a key of AWS's own.
    key: Option<String>,
}

impl Ssm {
    /// Puts a secret there, by its ARN, which ends in the name and six characters more.
    pub fn put_secret(&mut self, arn: &str, value: &str, key_arn: Option<&str>) {
        let name = arn.rsplit(':').next().unwrap_or(arn);
        let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
        let secret = Secret {
            arn: arn.to_owned(),
            value: value.to_owned(),
            key: key_arn.map(str::to_owned),
        };
        self.secrets.insert(name.to_owned(), secret);
    }

    /// What Secrets Manager, and the secret's key, ask of whoever reads a parameter that is a secret.
    pub(crate) fn asks_of_secrets(&self, parameter: &str) -> Vec<Ask> {
        let Some(secret) = self.secret(parameter) else {
            return Vec::new();
        };
        let read = Ask::new("secretsmanager:GetSecretValue", secret.arn.clone());
        let via = format!("secretsmanager.{}.amazonaws.com", self.place.region);
        let key = secret.key.iter();
        let decrypt = key.map(|key| Ask::new("kms:Decrypt", key.clone()).with(Key::ViaService, via.clone()));
        std::iter::once(read).chain(decrypt).collect()
    }

    /// The secret that a parameter is. None if it is none.
    pub(super) fn as_secret(&self, parameter: &str, decrypted: bool) -> Option<Result<Parameter, AwsError>> {
        let name = plain(parameter).strip_prefix(SECRETS)?;
        if !decrypted {
            let message = "WithDecryption flag must be True for retrieving a Secret Manager secret.";
            return Some(Err(invalid(message)));
        }
        let found = self.secrets.get(name).ok_or_else(not_found);
        Some(found.map(|secret| Parameter {
            a_r_n: Some(secret.arn.clone()),
            name: Some(plain(parameter).to_owned()),
            r#type: Some("SecureString".to_owned()),
            value: Some(secret.value.clone()),
            version: Some(0),
            ..Parameter::default()
        }))
    }

    fn secret(&self, parameter: &str) -> Option<&Secret> {
        self.secrets.get(plain(parameter).strip_prefix(SECRETS)?)
    }
}
