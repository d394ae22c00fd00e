//! The application's own configuration: parameters that name the side that serves, and instances that read them anew.

use aws_sdk_ssm::types::ParameterType;
use cutover_core::dr::ports::Application;
use cutover_core::dr::side::Side;
use cutover_core::error::PortError;
use futures_util::future::join_all;

use crate::call_error::{has_code, port_error};
use crate::clients::DrClients;
use crate::config::dr::{ApplicationNames, DrConfig};

#[derive(Debug, Clone)]
pub struct ApplicationParameters {
    clients: DrClients,
    names: Option<ApplicationNames>,
    groups: Vec<String>,
}

impl ApplicationParameters {
    #[must_use]
    pub fn new(clients: &DrClients, config: &DrConfig) -> Self {
        Self {
            clients: clients.clone(),
            names: config.application.clone(),
            groups: config.auto_scaling_groups.clone(),
        }
    }

    async fn put(&self, name: String, value: &str) -> Result<(), PortError> {
        let request = self.clients.ssm.put_parameter().name(&name).value(value);
        let request = request.r#type(ParameterType::String).overwrite(true);
        let answer = request.send().await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(format!("ssm:PutParameter {name}"), &error))
    }

    async fn replace(&self, group: &str) -> Result<String, PortError> {
        let request = self.clients.autoscaling.start_instance_refresh();
        match request.auto_scaling_group_name(group).send().await {
            Ok(output) => {
                let id = output.instance_refresh_id.unwrap_or_default();
                Ok(format!("{group}: started ({id})"))
            }
            Err(error) if has_code(&error, "InstanceRefreshInProgress") => {
                Ok(format!("{group}: under way already"))
            }
            Err(error) => {
                let operation = format!("autoscaling:StartInstanceRefresh {group}");
                Err(port_error(operation, &error))
            }
        }
    }
}

impl Application for ApplicationParameters {
    /// The endpoint and the secret are set together: one without the other opens no connection.
    async fn configure(&self, to: Side, endpoint: &str) -> Result<(), PortError> {
        let Some(names) = &self.names else {
            return Ok(());
        };
        let path = &names.parameter_path;
        let secret = async {
            match &names.secrets {
                Some(secrets) => self.put(format!("{path}/secret"), secrets.of(to)).await,
                None => Ok(()),
            }
        };
        let (endpoint, secret) = tokio::join!(self.put(format!("{path}/endpoint"), endpoint), secret);
        endpoint.and(secret)
    }

    /// Every group is asked, also after one that fails.
    async fn refresh(&self) -> Result<String, PortError> {
        let answers = join_all(self.groups.iter().map(|group| self.replace(group))).await;
        let said: Vec<String> = answers.into_iter().collect::<Result<_, _>>()?;
        Ok(said.join(", "))
    }
}
