//! DMS on the wire: awsJson 1.1.

use jiff::Timestamp;
use serde_json::json;
use winterbaume_core::MockResponse;
use winterbaume_databasemigration::model::{
    DescribeReplicationInstancesMessage, DescribeReplicationTasksMessage, DescribeTableStatisticsMessage,
    Filter, ReplicationInstance, ReplicationTask, ReplicationTaskStats, StartReplicationTaskMessage,
    StartReplicationTaskResponse, StopReplicationTaskMessage, StopReplicationTaskResponse, TableStatistics,
};
use winterbaume_databasemigration::wire;

use super::{Dms, Instance, Table, TaskState};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::reply::epoch_seconds;

#[derive(Debug)]
pub(crate) enum Request {
    DescribeTasks(DescribeReplicationTasksMessage),
    DescribeTables(DescribeTableStatisticsMessage),
    DescribeInstances(DescribeReplicationInstancesMessage),
    Start(StartReplicationTaskMessage),
    Stop(StopReplicationTaskMessage),
}

impl Request {
    pub(crate) fn decode(operation: &str, body: &[u8]) -> Result<Option<Self>, AwsError> {
        let decoded = match operation {
            "DescribeReplicationTasks" => {
                wire::deserialize_describe_replication_tasks_request(body).map(Self::DescribeTasks)
            }
            "DescribeTableStatistics" => {
                wire::deserialize_describe_table_statistics_request(body).map(Self::DescribeTables)
            }
            "DescribeReplicationInstances" => {
                wire::deserialize_describe_replication_instances_request(body).map(Self::DescribeInstances)
            }
            "StartReplicationTask" => wire::deserialize_start_replication_task_request(body).map(Self::Start),
            "StopReplicationTask" => wire::deserialize_stop_replication_task_request(body).map(Self::Stop),
            _ => return Ok(None),
        };
        decoded.map(Some).map_err(AwsError::unreadable)
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::DescribeTasks(request) => filtered(request.filters.as_deref()),
            Self::DescribeInstances(request) => filtered(request.filters.as_deref()),
            Self::DescribeTables(request) => Brief::of_arn(&request.replication_task_arn, json!({})),
            Self::Start(request) => Brief::of_arn(
                &request.replication_task_arn,
                json!({ "type": request.start_replication_task_type }),
            ),
            Self::Stop(request) => Brief::of_arn(&request.replication_task_arn, json!({})),
        }
    }
}

impl Dms {
    pub(crate) fn answer(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        let now = self.place.clock.now();
        match request {
            Request::DescribeTasks(request) => Ok(wire::serialize_describe_replication_tasks_response(
                &self.describe_tasks(request)?,
            )),
            Request::DescribeTables(request) => Ok(wire::serialize_describe_table_statistics_response(
                &self.describe_tables(request)?,
            )),
            Request::DescribeInstances(request) => Ok(
                wire::serialize_describe_replication_instances_response(&self.describe_instances(request)?),
            ),
            Request::Start(request) => {
                let replication_task = Some(encoded_task(self.start(request)?, true, now));
                Ok(wire::serialize_start_replication_task_response(
                    &StartReplicationTaskResponse { replication_task },
                ))
            }
            Request::Stop(request) => {
                let replication_task = Some(encoded_task(self.stop_by_request(request)?, true, now));
                Ok(wire::serialize_stop_replication_task_response(
                    &StopReplicationTaskResponse { replication_task },
                ))
            }
        }
    }
}

pub(super) fn encoded_task(state: &TaskState, with_settings: bool, now: Timestamp) -> ReplicationTask {
    let task = &state.task;
    ReplicationTask {
        last_failure_message: state.last_failure.clone(),
        migration_type: Some(task.migration_type.clone()),
        replication_instance_arn: Some(task.instance_arn.clone()),
        replication_task_arn: Some(task.arn.clone()),
        replication_task_creation_date: Some(epoch_seconds(state.created)),
        replication_task_identifier: Some(task.identifier.clone()),
        replication_task_settings: (with_settings && !task.settings.is_empty())
            .then(|| task.settings.clone()),
        replication_task_start_date: state.started.map(epoch_seconds),
        replication_task_stats: state.started.map(|started| stats(state, started, now)),
        source_endpoint_arn: Some(task.source_endpoint_arn.clone()),
        status: Some(state.status.to_string()),
        stop_reason: state.stop_reason.clone(),
        target_endpoint_arn: Some(task.target_endpoint_arn.clone()),
        ..ReplicationTask::default()
    }
}

fn stats(state: &TaskState, started: Timestamp, now: Timestamp) -> ReplicationTaskStats {
    let until = state.stopped.unwrap_or(now);
    let loads = Loads::of(state);
    let count = |tables: usize| i32::try_from(tables).ok();
    ReplicationTaskStats {
        elapsed_time_millis: Some(until.as_millisecond().saturating_sub(started.as_millisecond())),
        fresh_start_date: Some(epoch_seconds(started)),
        full_load_finish_date: (state.full_load_percent == 100).then(|| epoch_seconds(started)),
        full_load_progress_percent: Some(i32::from(state.full_load_percent)),
        full_load_start_date: Some(epoch_seconds(started)),
        start_date: Some(epoch_seconds(started)),
        stop_date: state.stopped.map(epoch_seconds),
        tables_errored: count(loads.errored),
        tables_loaded: count(loads.loaded),
        tables_loading: count(loads.loading),
        tables_queued: count(loads.queued),
    }
}

/// How many tables are how far in the full load.
struct Loads {
    errored: usize,
    loaded: usize,
    loading: usize,
    queued: usize,
}

impl Loads {
    fn of(state: &TaskState) -> Self {
        let count = |wanted: &str| state.tables.iter().filter(|table| table.state == wanted).count();
        let mut loads = Self {
            errored: count("Table error"),
            loaded: count("Table completed"),
            loading: count("Full load"),
            queued: count("Before load"),
        };
        // While the load is under way and the tables do not say how far they are, they follow its progress.
        if state.full_load_percent < 100 && loads.loading + loads.queued == 0 {
            let tables = loads.loaded;
            loads.loaded = tables * usize::from(state.full_load_percent) / 100;
            loads.loading = usize::from(loads.loaded < tables);
            loads.queued = tables - loads.loaded - loads.loading;
        }
        loads
    }
}

pub(super) fn encoded_table(table: &Table, now: Timestamp) -> TableStatistics {
    TableStatistics {
        ddls: Some(table.ddls),
        deletes: Some(table.deletes),
        full_load_error_rows: Some(table.full_load_error_rows),
        full_load_rows: Some(table.full_load_rows),
        inserts: Some(table.inserts),
        last_update_time: Some(epoch_seconds(now)),
        schema_name: Some(table.schema.clone()),
        table_name: Some(table.name.clone()),
        table_state: Some(table.state.clone()),
        updates: Some(table.updates),
        validation_failed_records: Some(table.validation_failed_records),
        validation_pending_records: Some(table.validation_pending_records),
        validation_state: Some(table.validation_state.clone()),
        validation_suspended_records: Some(table.validation_suspended_records),
        ..TableStatistics::default()
    }
}

pub(super) fn encoded_instance(instance: &Instance) -> ReplicationInstance {
    ReplicationInstance {
        instance_create_time: Some(epoch_seconds(instance.created)),
        replication_instance_arn: Some(instance.arn.clone()),
        replication_instance_class: Some("dms.r6i.large".to_owned()),
        replication_instance_identifier: Some(instance.identifier.clone()),
        replication_instance_status: Some(instance.status.clone()),
        ..ReplicationInstance::default()
    }
}

fn filtered(filters: Option<&[Filter]>) -> Brief {
    let filters = filters.unwrap_or_default();
    let values: Vec<&str> = filters
        .iter()
        .flat_map(|filter| filter.values.iter().map(String::as_str))
        .collect();
    let names: Vec<&str> = filters.iter().map(|filter| filter.name.as_str()).collect();
    Brief {
        subject: values.join(","),
        detail: json!({ "filters": names }),
    }
}
