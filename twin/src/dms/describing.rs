//! Describing tasks, tables and instances: filters and pages.

use winterbaume_databasemigration::model::{
    DescribeReplicationInstancesMessage, DescribeReplicationInstancesResponse,
    DescribeReplicationTasksMessage, DescribeReplicationTasksResponse, DescribeTableStatisticsMessage,
    DescribeTableStatisticsResponse, Filter,
};

use super::life_cycle::no_such_task;
use super::wire;
use super::{Dms, Instance, Table, TaskState};
use crate::error::AwsError;

/// Pages hold between 20 and 100 tasks or instances.
const RECORDS_MIN: i32 = 20;
const RECORDS_MAX: i32 = 100;
/// Pages of table statistics hold up to 500 tables, 100 if not asked.
const TABLES_MAX: i32 = 500;
const TABLES_DEFAULT: i32 = 100;

impl Dms {
    pub(super) fn describe_tasks(
        &mut self,
        request: &DescribeReplicationTasksMessage,
    ) -> Result<DescribeReplicationTasksResponse, AwsError> {
        self.settle();
        let filters = request.filters.as_deref().unwrap_or_default();
        let limit = page_size(request.max_records, RECORDS_MAX, RECORDS_MAX)?;
        let found = self
            .tasks
            .values()
            .map(|state| task_passes(state, filters).map(|passes| passes.then_some(state)));
        let found: Vec<&TaskState> = found.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if found.is_empty() && !filters.is_empty() {
            return Err(AwsError::refused(
                "ResourceNotFoundFault",
                "No Tasks found matching given criteria.",
            ));
        }
        let (page, marker) = paged(found, request.marker.as_deref(), limit)?;
        let now = self.place.clock.now();
        let with_settings = request.without_settings != Some(true);
        let tasks = page
            .into_iter()
            .map(|state| wire::encoded_task(state, with_settings, now))
            .collect();
        Ok(DescribeReplicationTasksResponse {
            marker,
            replication_tasks: Some(tasks),
        })
    }

    pub(super) fn describe_tables(
        &mut self,
        request: &DescribeTableStatisticsMessage,
    ) -> Result<DescribeTableStatisticsResponse, AwsError> {
        let arn = &request.replication_task_arn;
        let state = self.tasks.get(arn).ok_or_else(|| no_such_task(arn))?;
        let filters = request.filters.as_deref().unwrap_or_default();
        let limit = page_size(request.max_records, TABLES_DEFAULT, TABLES_MAX)?;
        let found = state
            .tables
            .iter()
            .map(|table| table_passes(table, filters).map(|passes| passes.then_some(table)));
        let found: Vec<&Table> = found.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        let (page, marker) = paged(found, request.marker.as_deref(), limit)?;
        let now = self.place.clock.now();
        let statistics = page
            .into_iter()
            .map(|table| wire::encoded_table(table, now))
            .collect();
        Ok(DescribeTableStatisticsResponse {
            marker,
            replication_task_arn: Some(arn.clone()),
            table_statistics: Some(statistics),
        })
    }

    pub(super) fn describe_instances(
        &mut self,
        request: &DescribeReplicationInstancesMessage,
    ) -> Result<DescribeReplicationInstancesResponse, AwsError> {
        let filters = request.filters.as_deref().unwrap_or_default();
        let limit = page_size(request.max_records, RECORDS_MAX, RECORDS_MAX)?;
        let found = self
            .instances
            .values()
            .map(|one| instance_passes(one, filters).map(|passes| passes.then_some(one)));
        let found: Vec<&Instance> = found.filter_map(Result::transpose).collect::<Result<_, _>>()?;
        if found.is_empty() && !filters.is_empty() {
            return Err(AwsError::refused(
                "ResourceNotFoundFault",
                "No Instances found matching given criteria.",
            ));
        }
        let (page, marker) = paged(found, request.marker.as_deref(), limit)?;
        let instances = page.into_iter().map(wire::encoded_instance).collect();
        Ok(DescribeReplicationInstancesResponse {
            marker,
            replication_instances: Some(instances),
        })
    }
}

fn task_passes(state: &TaskState, filters: &[Filter]) -> Result<bool, AwsError> {
    let task = &state.task;
    all_pass(filters, |name| match name {
        "replication-task-arn" => Some(vec![&task.arn]),
        "replication-task-id" => Some(vec![&task.identifier]),
        "replication-instance-arn" => Some(vec![&task.instance_arn]),
        "migration-type" => Some(vec![&task.migration_type]),
        "endpoint-arn" => Some(vec![&task.source_endpoint_arn, &task.target_endpoint_arn]),
        _ => None,
    })
}

fn table_passes(table: &Table, filters: &[Filter]) -> Result<bool, AwsError> {
    all_pass(filters, |name| match name {
        "schema-name" => Some(vec![&table.schema]),
        "table-name" => Some(vec![&table.name]),
        "table-state" => Some(vec![&table.state]),
        _ => None,
    })
}

fn instance_passes(instance: &Instance, filters: &[Filter]) -> Result<bool, AwsError> {
    all_pass(filters, |name| match name {
        "replication-instance-arn" => Some(vec![&instance.arn]),
        "replication-instance-id" => Some(vec![&instance.identifier]),
        _ => None,
    })
}

/// A filter passes when any of its values is any of the field's; all filters must pass.
fn all_pass<'a>(
    filters: &[Filter],
    field: impl Fn(&str) -> Option<Vec<&'a String>>,
) -> Result<bool, AwsError> {
    let mut all = true;
    for filter in filters {
        let Some(actual) = field(&filter.name) else {
            let message = format!("Unrecognized filter name: {}", filter.name);
            return Err(AwsError::refused("InvalidParameterValueException", message));
        };
        all &= filter.values.iter().any(|wanted| actual.contains(&wanted));
    }
    Ok(all)
}

fn page_size(asked: Option<i32>, default: i32, most: i32) -> Result<usize, AwsError> {
    let asked = asked.unwrap_or(default);
    let fits = (RECORDS_MIN..=most).contains(&asked);
    usize::try_from(asked).ok().filter(|_| fits).ok_or_else(|| {
        let message = format!("MaxRecords must be between {RECORDS_MIN} and {most}, not {asked}");
        AwsError::refused("InvalidParameterValueException", message)
    })
}

/// A marker is the number of records already seen.
fn paged<'a, T>(
    found: Vec<&'a T>,
    marker: Option<&str>,
    limit: usize,
) -> Result<(Vec<&'a T>, Option<String>), AwsError> {
    let seen: usize = match marker {
        None | Some("") => 0,
        Some(marker) => marker.parse().map_err(|_| {
            AwsError::refused(
                "InvalidParameterValueException",
                format!("Invalid marker: {marker}"),
            )
        })?,
    };
    let end = seen.saturating_add(limit);
    let marker = (end < found.len()).then(|| end.to_string());
    Ok((found.into_iter().skip(seen).take(limit).collect(), marker))
}
