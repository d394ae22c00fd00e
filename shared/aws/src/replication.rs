//! Replication tasks, their tables and their lag.

mod described;
pub mod names;

use std::time::Duration;

use aws_sdk_databasemigration::Client;
use aws_sdk_databasemigration::types::{
    Filter, ReplicationInstance, ReplicationTask, StartReplicationTaskTypeValue,
};
use aws_smithy_async::time::SharedTimeSource;
use cutover_core::error::{Class, PortError, chain};
use cutover_core::ports::ReplicationMonitor;
use cutover_core::replication::{Direction, Seen, Tables, Task};

use crate::call_error::{port_error, unbuildable};
use crate::config::{Config, TaskArn};
use crate::lag::{Lag, LagMetrics};
use described::{count, read};
use names::{InstanceNames, KnownTask};

/// Tables asked for at once.
const TABLES_PAGE: i32 = 500;
/// Longest that a look waits for the tables. Taking traffic back must not wait for statistics it does not need.
const TABLES_WAIT_MAX: Duration = Duration::from_secs(4);
/// Pages of tables read at most.
const TABLES_PAGES_MAX: usize = 20;

#[derive(Debug, Clone)]
pub struct TaskMonitor {
    client: Client,
    lag: LagMetrics,
    names: InstanceNames,
    forward: TaskArn,
    reverse: Option<TaskArn>,
}

impl TaskMonitor {
    #[must_use]
    pub fn new(
        client: Client,
        cloudwatch: aws_sdk_cloudwatch::Client,
        time: SharedTimeSource,
        names: InstanceNames,
        config: &Config,
    ) -> Self {
        Self {
            client,
            lag: LagMetrics::new(cloudwatch, time, config.settings.policy.ready_samples),
            names,
            forward: config.dms_task.clone(),
            reverse: config.reverse_dms_task.clone(),
        }
    }

    /// The identifiers that DMS told of our tasks, each with its ARN.
    #[must_use]
    pub fn task_names(&self) -> Vec<(String, String)> {
        self.names.identifiers()
    }

    /// Description, tables and lag at once. Where the instance's name is not known yet, or the task has moved to
    /// another instance, the lag takes two more round trips.
    async fn task(&self, task: &TaskArn) -> Seen<Task> {
        let known = self.names.of_task(&task.arn);
        let early = async {
            match &known {
                Some(known) => Some(self.lag.read(&known.instance_name, &task.resource_id).await),
                None => None,
            }
        };
        let tables = async {
            let read = tokio::time::timeout(TABLES_WAIT_MAX, self.tables(task)).await;
            read.unwrap_or_else(|_| {
                Seen::Unknown(format!("no answer within {} s", TABLES_WAIT_MAX.as_secs()))
            })
        };
        let (described, tables, early) = tokio::join!(self.describe(task), tables, early);
        let described = match described {
            Ok(described) => described,
            Err(error) => return Seen::Unknown(format!("{} ({})", chain(&error), task.variable)),
        };
        let instance = described.replication_instance_arn.as_deref().unwrap_or_default();
        let still_there = known.is_some_and(|known| known.instance_arn == instance);
        let lag = match early.filter(|_| still_there) {
            Some(lag) => lag,
            None => self.late_lag(task, &described).await,
        };
        Seen::Known(read(&described, tables, lag))
    }

    async fn late_lag(&self, task: &TaskArn, described: &ReplicationTask) -> Lag {
        match self.learn_of(task, described).await {
            Ok(instance_name) => self.lag.read(&instance_name, &task.resource_id).await,
            Err(error) => Lag::unknown(chain(&error)),
        }
    }

    /// Learns what the tasks and their instances are called, so that no invocation has to ask for that first.
    pub async fn learn(&self) {
        let learn = async |task: &TaskArn| {
            let described = self.describe(task).await?;
            self.learn_of(task, &described).await
        };
        let reverse = async {
            match &self.reverse {
                Some(reverse) => Some(learn(reverse).await),
                None => None,
            }
        };
        // What could not be learnt is asked for when it is needed.
        let _learnt = tokio::join!(learn(&self.forward), reverse);
    }

    /// The name of the task's instance, remembered.
    async fn learn_of(&self, task: &TaskArn, described: &ReplicationTask) -> Result<String, PortError> {
        let instance_arn = described.replication_instance_arn.clone().unwrap_or_default();
        let instance_name = self.instance_name(&instance_arn).await?;
        let learnt = KnownTask {
            instance_arn,
            instance_name: instance_name.clone(),
            identifier: described.replication_task_identifier.clone().unwrap_or_default(),
        };
        self.names.learn(&task.arn, learnt);
        Ok(instance_name)
    }

    async fn describe(&self, task: &TaskArn) -> Result<ReplicationTask, PortError> {
        let operation = format!("dms:DescribeReplicationTasks {}", task.arn);
        let filter =
            filter("replication-task-arn", &task.arn).map_err(|error| unbuildable(&operation, error))?;
        let request = self
            .client
            .describe_replication_tasks()
            .filters(filter)
            .without_settings(true);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(&operation, &error))?;
        let mut tasks = output.replication_tasks.unwrap_or_default().into_iter();
        tasks
            .find(|found| found.replication_task_arn.as_deref() == Some(task.arn.as_str()))
            .ok_or_else(|| PortError {
                operation,
                class: Class::Permanent,
                source: "there is no such task".into(),
            })
    }

    async fn instance_name(&self, arn: &str) -> Result<String, PortError> {
        let found = self.described_instance(arn).await?;
        found
            .replication_instance_identifier
            .ok_or_else(|| no_such_instance(format!("dms:DescribeReplicationInstances {arn}")))
    }

    async fn described_instance(&self, arn: &str) -> Result<ReplicationInstance, PortError> {
        let operation = format!("dms:DescribeReplicationInstances {arn}");
        let filter =
            filter("replication-instance-arn", arn).map_err(|error| unbuildable(&operation, error))?;
        let request = self.client.describe_replication_instances().filters(filter);
        let output = request
            .send()
            .await
            .map_err(|error| port_error(&operation, &error))?;
        let mut instances = output.replication_instances.unwrap_or_default().into_iter();
        let found = instances.find(|found| found.replication_instance_arn.as_deref() == Some(arn));
        found.ok_or_else(|| no_such_instance(operation))
    }

    async fn tables(&self, task: &TaskArn) -> Seen<Tables> {
        let mut tables = Tables::default();
        let mut marker = None;
        for _ in 0..TABLES_PAGES_MAX {
            let request = self
                .client
                .describe_table_statistics()
                .replication_task_arn(&task.arn);
            let output = match request.max_records(TABLES_PAGE).set_marker(marker).send().await {
                Ok(output) => output,
                Err(error) => {
                    let error = port_error(format!("dms:DescribeTableStatistics {}", task.arn), &error);
                    return Seen::Unknown(chain(&error));
                }
            };
            count(output.table_statistics.unwrap_or_default(), &mut tables);
            marker = output.marker.filter(|marker| !marker.is_empty());
            if marker.is_none() {
                return Seen::Known(tables);
            }
        }
        Seen::Unknown(format!("more than {TABLES_PAGES_MAX} pages of tables"))
    }

    async fn start(&self, task: &TaskArn, how: StartReplicationTaskTypeValue) -> Result<(), PortError> {
        let request = self
            .client
            .start_replication_task()
            .replication_task_arn(&task.arn);
        let answer = request.start_replication_task_type(how).send().await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(format!("dms:StartReplicationTask {}", task.arn), &error))
    }

    fn reverse_task(&self) -> Result<&TaskArn, PortError> {
        self.reverse.as_ref().ok_or_else(|| PortError {
            operation: "the reverse task".to_owned(),
            class: Class::Permanent,
            source: "REVERSE_DMS_TASK_ARN is not set".into(),
        })
    }
}

impl ReplicationMonitor for TaskMonitor {
    async fn forward(&self) -> Seen<Task> {
        self.task(&self.forward).await
    }

    async fn reverse(&self) -> Option<Seen<Task>> {
        match &self.reverse {
            Some(task) => Some(self.task(task).await),
            None => None,
        }
    }

    /// The first start of a task is a start; any later one resumes where it stopped.
    async fn start_reverse(&self) -> Result<(), PortError> {
        let task = self.reverse_task()?;
        let described = self.describe(task).await?;
        let first = described.status.as_deref() == Some("ready");
        let start = if first {
            StartReplicationTaskTypeValue::StartReplication
        } else {
            StartReplicationTaskTypeValue::ResumeProcessing
        };
        self.start(task, start).await
    }

    async fn resume(&self, direction: Direction) -> Result<(), PortError> {
        let task = match direction {
            Direction::Forward => &self.forward,
            Direction::Reverse => self.reverse_task()?,
        };
        self.start(task, StartReplicationTaskTypeValue::ResumeProcessing)
            .await
    }

    /// The name tells nothing of the state, so this is asked each time; the ARN is known once a task was described.
    async fn instance(&self) -> Seen<String> {
        let Some(known) = self.names.of_task(&self.forward.arn) else {
            return Seen::Unknown("the replication instance is not known yet".to_owned());
        };
        match self.described_instance(&known.instance_arn).await {
            Ok(found) => match found.replication_instance_status {
                Some(status) => Seen::Known(status),
                None => Seen::Unknown("the replication instance has no status".to_owned()),
            },
            Err(error) => Seen::Unknown(chain(&error)),
        }
    }

    async fn stop_reverse(&self) -> Result<(), PortError> {
        let task = self.reverse_task()?;
        let answer = self
            .client
            .stop_replication_task()
            .replication_task_arn(&task.arn)
            .send()
            .await;
        answer
            .map(|_| ())
            .map_err(|error| port_error(format!("dms:StopReplicationTask {}", task.arn), &error))
    }
}

fn no_such_instance(operation: String) -> PortError {
    PortError {
        operation,
        class: Class::Permanent,
        source: "there is no such instance".into(),
    }
}

fn filter(name: &str, value: &str) -> Result<Filter, aws_smithy_types::error::operation::BuildError> {
    Filter::builder().name(name).values(value).build()
}
