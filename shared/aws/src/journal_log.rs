//! Journal and snapshot in Parameter Store.

use std::marker::PhantomData;

use aws_sdk_ssm::Client;
use aws_sdk_ssm::types::{Parameter, ParameterType};
use cutover_core::error::{Class, PortError};
use cutover_core::generation::Generation;
use cutover_core::journal::Entry;
use cutover_core::ports::{Claim, LogView, Probe, StateLog};
use cutover_core::schema::SchemaError;
use cutover_core::subject::{Migration, Snapshot, Subject};
use jiff::Timestamp;

use crate::call_error::{has_code, port_error};

/// Parameters of one `GetParameters` or `DeleteParameters` call, and of one page: what AWS allows.
const BATCH: u32 = 10;
/// Pages read at most when the snapshot is lost. Pruning keeps the journal far below this.
const PAGES_MAX: usize = 200;
/// Batches looked through at most for entries that the snapshot does not know.
const BATCHES_AHEAD_MAX: u32 = 20;

#[derive(Debug, Clone)]
pub struct ParameterLog<S: Subject = Migration> {
    client: Client,
    prefix: String,
    subject: PhantomData<S>,
}

impl<S: Subject> ParameterLog<S> {
    #[must_use]
    pub fn new(client: Client, prefix: &str) -> Self {
        Self {
            client,
            prefix: prefix.to_owned(),
            subject: PhantomData,
        }
    }

    fn state_name(&self) -> String {
        format!("{}/state", self.prefix)
    }

    fn entry_name(&self, generation: Generation) -> String {
        format!("{}/journal/{}", self.prefix, generation.name())
    }

    /// The snapshot of this name, which may have the number of an earlier one behind it.
    async fn state(&self, name: String) -> Result<Option<S::State>, PortError> {
        match self.client.get_parameter().name(&name).send().await {
            Ok(output) => {
                let Some(parameter) = output.parameter else {
                    return Ok(None);
                };
                let state = S::State::decode(&parameter.value.unwrap_or_default());
                let mut state = state.map_err(|error| unreadable(&name, error))?;
                state.set_version(u64::try_from(parameter.version).unwrap_or_default());
                Ok(Some(state))
            }
            Err(error) if has_code(&error, "ParameterNotFound") => Ok(None),
            Err(error) if has_code(&error, "ParameterVersionNotFound") => Ok(None),
            Err(error) => Err(port_error(format!("ssm:GetParameter {name}"), &error)),
        }
    }

    /// The entries that exist of `BATCH` generations from `first` on.
    async fn batch(&self, first: Generation) -> Result<Vec<Entry<S>>, PortError> {
        let names: Vec<String> = (0..BATCH)
            .map(|ahead| self.entry_name(first.plus(ahead)))
            .collect();
        let request = self.client.get_parameters().set_names(Some(names));
        let output = request
            .send()
            .await
            .map_err(|error| port_error(format!("ssm:GetParameters {}", self.entry_name(first)), &error))?;
        let mut entries = decoded(output.parameters.unwrap_or_default())?;
        entries.sort_by_key(|entry| entry.generation);
        Ok(entries)
    }

    /// Every entry from `first` to the head.
    async fn from(&self, first: Generation) -> Result<Vec<Entry<S>>, PortError> {
        let mut entries = Vec::new();
        for ahead in 0..BATCHES_AHEAD_MAX {
            let found = self.batch(first.plus(ahead * BATCH)).await?;
            let full = found.len() >= usize::try_from(BATCH).unwrap_or(usize::MAX);
            entries.extend(found);
            if !full {
                break;
            }
        }
        Ok(entries)
    }

    async fn page(&self, token: Option<String>) -> Result<(Vec<Entry<S>>, Option<String>), PortError> {
        let path = format!("{}/journal", self.prefix);
        let request = self
            .client
            .get_parameters_by_path()
            .path(&path)
            .set_next_token(token);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(format!("ssm:GetParametersByPath {path}"), &error))?;
        Ok((decoded(output.parameters.unwrap_or_default())?, output.next_token))
    }

    /// The whole journal, given its first page.
    async fn whole(&self, first: (Vec<Entry<S>>, Option<String>)) -> Result<Vec<Entry<S>>, PortError> {
        let (mut entries, mut token) = first;
        for _ in 0..PAGES_MAX {
            if token.is_none() {
                break;
            }
            let (more, next) = self.page(token).await?;
            entries.extend(more);
            token = next;
        }
        entries.sort_by_key(|entry| entry.generation);
        Ok(entries)
    }
}

impl<S: Subject> StateLog<S> for ParameterLog<S> {
    /// The journal's first page comes along in parallel, so that a fresh environment is known to be one
    /// without another round trip.
    async fn read(&self, probe: Probe) -> Result<LogView<S>, PortError> {
        let (state, page) = tokio::join!(self.state(self.state_name()), self.page(None));
        let Some(state) = state? else {
            // Of a journal without a snapshot only the last entry is not known to be done.
            return Ok(LogView {
                state: None,
                entries: self.whole(page?).await?,
            });
        };
        let first = if state.is_open() {
            state.generation()
        } else {
            state.generation().next()
        };
        let entries = match probe {
            Probe::Snapshot if !state.is_open() => Vec::new(),
            Probe::Snapshot | Probe::Head => self.from(first).await?,
        };
        Ok(LogView {
            state: Some(state),
            entries,
        })
    }

    async fn claim(&self, entry: &Entry<S>) -> Result<Claim, PortError> {
        let name = self.entry_name(entry.generation);
        let operation = format!("ssm:PutParameter {name}");
        let value = entry.encode().map_err(|error| unreadable(&name, error))?;
        let request = self.client.put_parameter().name(&name).value(value);
        match request
            .r#type(ParameterType::String)
            .overwrite(false)
            .send()
            .await
        {
            Ok(_) => Ok(Claim::Won),
            Err(error) if has_code(&error, "ParameterAlreadyExists") => {
                // A lost reply makes the SDK send it again: the entry may be our own.
                let found = self.entry(entry.generation).await?;
                let ours = found.is_some_and(|found| found == *entry);
                Ok(if ours { Claim::Won } else { Claim::Lost })
            }
            Err(error) => Err(port_error(operation, &error)),
        }
    }

    async fn entry(&self, generation: Generation) -> Result<Option<Entry<S>>, PortError> {
        let name = self.entry_name(generation);
        let output = self.client.get_parameters().names(&name).send().await;
        let output = output.map_err(|error| port_error(format!("ssm:GetParameters {name}"), &error))?;
        Ok(decoded(output.parameters.unwrap_or_default())?.into_iter().next())
    }

    async fn write_state(&self, state: &S::State) -> Result<u64, PortError> {
        let name = self.state_name();
        let value = state.encode().map_err(|error| unreadable(&name, error))?;
        let request = self.client.put_parameter().name(&name).value(value);
        request
            .r#type(ParameterType::String)
            .overwrite(true)
            .send()
            .await
            .map(|output| u64::try_from(output.version).unwrap_or_default())
            .map_err(|error| port_error(format!("ssm:PutParameter {name}"), &error))
    }

    async fn earlier_state(&self, version: u64) -> Result<Option<S::State>, PortError> {
        if version == 0 {
            return Ok(None);
        }
        self.state(format!("{}:{version}", self.state_name())).await
    }

    async fn prune(
        &self,
        first: Generation,
        end: Generation,
        before: Timestamp,
    ) -> Result<Generation, PortError> {
        let entries = self.batch(first).await?;
        let old = entries
            .iter()
            .filter(|entry| entry.generation < end && entry.at < before);
        let names: Vec<String> = old.map(|entry| self.entry_name(entry.generation)).collect();
        let kept = entries
            .iter()
            .find(|entry| entry.generation >= end || entry.at >= before);
        let left = kept.map_or(first.plus(BATCH).min(end), |entry| entry.generation);
        if names.is_empty() {
            return Ok(left);
        }
        let request = self.client.delete_parameters().set_names(Some(names));
        request.send().await.map_err(|error| {
            port_error(format!("ssm:DeleteParameters {}", self.entry_name(first)), &error)
        })?;
        Ok(left)
    }
}

fn decoded<S: Subject>(parameters: Vec<Parameter>) -> Result<Vec<Entry<S>>, PortError> {
    let entry = |parameter: Parameter| {
        let name = parameter.name.unwrap_or_default();
        Entry::decode(&parameter.value.unwrap_or_default()).map_err(|error| unreadable(&name, error))
    };
    parameters.into_iter().map(entry).collect()
}

/// What is stored cannot be understood, so nothing may be changed on top of it.
fn unreadable(name: &str, error: SchemaError) -> PortError {
    PortError {
        operation: format!("parameter {name}"),
        class: Class::Permanent,
        source: Box::new(error),
    }
}
