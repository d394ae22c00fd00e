//! Probes over the network: a login where a secret is configured, a TCP connection where none is.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_ssm::Client;
use cutover_core::dr::observation::Probed;
use cutover_core::dr::side::Side;
use cutover_core::error::{Class, PortError, chain};
use cutover_postgres::login::Login;
use cutover_postgres::{Found, PORT, Postgres, WriteError};
use jiff::Timestamp;
use serde_json::Value;

use crate::call_error::port_error;
use crate::clients::DrClients;
use crate::config::dr::{Arn, DrConfig, ProbeRules};

/// Parameter Store reads secrets by this path, which saves a client of their own.
const SECRETS: &str = "/aws/reference/secretsmanager";
/// A secret's ARN has a dash and six characters more than its name.
const ARN_SUFFIX_CHARACTERS: usize = 7;
/// Where neither the environment nor the secret names one.
const DEFAULT_DATABASE: &str = "postgres";

#[derive(Debug, Clone)]
pub struct NetworkProbes {
    ssm: Client,
    rules: Arc<ProbeRules>,
    postgres: Arc<Postgres>,
    known: Arc<Mutex<Known>>,
}

/// What the secrets said, so that a probe does not wait for them.
#[derive(Debug, Default)]
struct Known {
    primary: Option<Secret>,
    dr: Option<Secret>,
}

#[derive(Debug, Clone)]
struct Secret {
    login: Login,
    port: u16,
}

impl NetworkProbes {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        let rules = config.probes.clone();
        let ca_file = rules.ca_file.as_ref().map(PathBuf::from);
        Self {
            ssm: clients.ssm.clone(),
            postgres: Arc::new(Postgres::new(rules.timeout, ca_file)),
            rules: Arc::new(rules),
            known: Arc::default(),
        }
    }

    pub(super) fn timeout(&self) -> Duration {
        self.rules.timeout
    }

    /// Reads the secrets, so that the first probe need not. Says whether every one that is configured could be read.
    pub async fn learn(&self) -> bool {
        let (primary, dr) = tokio::join!(self.secret(Side::Primary), self.secret(Side::Dr));
        [primary, dr].into_iter().flatten().all(|secret| secret.is_ok())
    }

    /// The secret and the connection have the probe's time together.
    pub(super) async fn probe(&self, side: Side, endpoint: Option<&str>) -> Probed {
        let Some(endpoint) = endpoint else {
            return Probed::NotAsked;
        };
        let asked = tokio::time::timeout(self.rules.timeout, Box::pin(self.ask(side, endpoint)));
        let found = asked.await.unwrap_or_else(|_| {
            let time = self.rules.timeout;
            Found::Silent(format!("{endpoint}: nothing within {time:?}"))
        });
        probed(side, found)
    }

    async fn ask(&self, side: Side, endpoint: &str) -> Found {
        match self.secret(side).await {
            Some(Ok(secret)) => {
                let found = self.postgres.role(endpoint, secret.port, &secret.login).await;
                if matches!(found, Found::Answers { .. }) {
                    // It may have been changed: the next probe reads it again.
                    self.forget(side);
                }
                found
            }
            Some(Err(error)) => {
                let found = self.postgres.knock(endpoint, PORT).await;
                found.without_role(chain(&error))
            }
            None => self.postgres.knock(endpoint, PORT).await,
        }
    }

    pub(super) async fn write(&self, side: Side, endpoint: &str) -> Option<Result<(), PortError>> {
        let secret = match self.secret(side).await? {
            Ok(secret) => secret,
            Err(error) => return Some(Err(error)),
        };
        let mark = Timestamp::now().as_microsecond();
        let written = self.postgres.write(endpoint, secret.port, &secret.login, mark);
        let written = Box::pin(written).await;
        Some(written.map_err(|error| {
            self.forget(side);
            PortError {
                operation: format!("writing a row at {endpoint}"),
                class: class(&error),
                source: Box::new(error),
            }
        }))
    }

    /// `None` where none is configured.
    async fn secret(&self, side: Side) -> Option<Result<Secret, PortError>> {
        let arn = self.rules.secret(side)?;
        if let Some(known) = self.known(side, |known| known.clone()) {
            return Some(Ok(known));
        }
        let secret = self.read(arn).await;
        if let Ok(secret) = &secret {
            self.known(side, |known| *known = Some(secret.clone()));
        }
        Some(secret)
    }

    async fn read(&self, arn: &Arn) -> Result<Secret, PortError> {
        let name = parameter_name(arn);
        let operation = format!("ssm:GetParameter {name}");
        let request = self.ssm.get_parameter().name(&name).with_decryption(true);
        let output = request.send().await;
        let output = output.map_err(|error| port_error(&operation, &error))?;
        let value = output.parameter.and_then(|parameter| parameter.value);
        let database = self.rules.database.as_deref();
        secret(&value.unwrap_or_default(), database).ok_or_else(|| PortError {
            operation,
            class: Class::Permanent,
            source: "it has no username and password, as secrets of RDS have".into(),
        })
    }

    fn forget(&self, side: Side) {
        self.known(side, |known| *known = None);
    }

    fn known<T>(&self, side: Side, use_it: impl FnOnce(&mut Option<Secret>) -> T) -> T {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match side {
            Side::Primary => use_it(&mut known.primary),
            Side::Dr => use_it(&mut known.dr),
        }
    }
}

fn parameter_name(arn: &Arn) -> String {
    let length = arn.name.chars().count().saturating_sub(ARN_SUFFIX_CHARACTERS);
    let name: String = arn.name.chars().take(length).collect();
    format!("{SECRETS}/{name}")
}

/// A secret as RDS writes it. Its host is left aside: the endpoint is what RDS says it is now.
fn secret(value: &str, database: Option<&str>) -> Option<Secret> {
    let secret: Value = serde_json::from_str(value).ok()?;
    let text = |name: &str| secret.get(name).and_then(Value::as_str);
    let database = database.or_else(|| text("dbname")).unwrap_or(DEFAULT_DATABASE);
    let number = secret.get("port").and_then(Value::as_u64);
    let port = number.and_then(|port| u16::try_from(port).ok());
    let port = port.or_else(|| text("port").and_then(|port| port.parse().ok()));
    Some(Secret {
        login: Login::new(text("username")?, text("password")?, database),
        port: port.unwrap_or(PORT),
    })
}

fn probed(side: Side, found: Found) -> Probed {
    match found {
        Found::Role { writes } => Probed::Answers { writes: Some(writes) },
        Found::Answers { no_role } => {
            if let Some(why) = no_role {
                tracing::warn!(
                    side = side.name(),
                    "the role of the {side} cluster is not known: {why}"
                );
            }
            Probed::Answers { writes: None }
        }
        Found::Refused(why) => Probed::Refused(why),
        Found::Silent(why) => Probed::Silent(why),
    }
}

/// A new writer may refuse for a while; what has to be changed by somebody is told at once.
fn class(error: &WriteError) -> Class {
    match error {
        WriteError::Timeout(_) | WriteError::Different(_) | WriteError::Postgres(_) => Class::Retryable,
        WriteError::Trust(_) => Class::Permanent,
    }
}

#[cfg(test)]
mod tests {
    use super::{PORT, parameter_name, secret};
    use crate::config::dr::Arn;

    #[test]
    fn a_secret_is_read_by_its_name_and_not_by_its_arn() {
        let arn = Arn {
            arn: String::new(),
            region: String::new(),
            account: String::new(),
            name: "app/orders-2-AbCdEf".to_owned(),
        };
        assert_eq!(parameter_name(&arn), "/aws/reference/secretsmanager/app/orders-2");
    }

    #[test]
    fn a_secret_has_a_user_and_a_password_and_the_rest_has_defaults() {
        let full = r#"{"username":"u","password":"hunter2","dbname":"orders","port":5433,"host":"gone"}"#;
        let read = secret(full, None).unwrap();
        assert_eq!((read.login.database.as_str(), read.port), ("orders", 5433));
        assert!(!format!("{read:?}").contains("hunter2"), "{read:?}");
        assert_eq!(secret(full, Some("other")).unwrap().login.database, "other");
        let least = secret(r#"{"username":"u","password":"p","port":"x"}"#, None).unwrap();
        assert_eq!((least.login.database.as_str(), least.port), ("postgres", PORT));
        for spoilt in ["", "{}", r#"{"username":"u"}"#, r#"["u","p"]"#] {
            assert!(secret(spoilt, None).is_none(), "{spoilt}");
        }
    }
}
