//! What DMS describes of a task, in our own words.

use aws_sdk_databasemigration::types::{
    MigrationTypeValue, ReplicationTask, ReplicationTaskStats, TableStatistics,
};
use cutover_core::replication::{MigrationType, Seen, Tables, Task, TaskStatus};

use crate::lag::Lag;

pub(super) fn read(described: &ReplicationTask, tables: Seen<Tables>, lag: Lag) -> Task {
    let statistics = described.replication_task_stats.as_ref();
    let errored = statistics
        .and_then(|statistics| u64::try_from(statistics.tables_errored).ok())
        .unwrap_or(0);
    let tables = match tables {
        Seen::Known(tables) => Seen::Known(Tables {
            errored: tables.errored.max(errored),
            ..tables
        }),
        Seen::Unknown(why) => Seen::Unknown(why),
    };
    let percent = statistics.and_then(|statistics| u8::try_from(statistics.full_load_progress_percent).ok());
    Task {
        status: TaskStatus::parse(described.status.as_deref().unwrap_or("without a status")),
        migration_type: match described.migration_type.as_ref().map(MigrationTypeValue::as_str) {
            Some("cdc") => Some(MigrationType::Cdc),
            Some("full-load") => Some(MigrationType::FullLoad),
            Some("full-load-and-cdc") => Some(MigrationType::FullLoadAndCdc),
            Some(_) | None => None,
        },
        stop_reason: described.stop_reason.clone().unwrap_or_default(),
        last_failure: described.last_failure_message.clone().unwrap_or_default(),
        full_load_percent: percent,
        tables_loaded: statistics.and_then(|statistics| u32::try_from(statistics.tables_loaded).ok()),
        tables_total: statistics.and_then(all_tables),
        tables,
        lag: lag.last,
        recent: lag.recent,
    }
}

fn all_tables(statistics: &ReplicationTaskStats) -> Option<u32> {
    let parts = [
        statistics.tables_loaded,
        statistics.tables_loading,
        statistics.tables_queued,
        statistics.tables_errored,
    ];
    u32::try_from(parts.iter().sum::<i32>()).ok()
}

pub(super) fn count(statistics: Vec<TableStatistics>, tables: &mut Tables) {
    for table in statistics {
        if table.table_state.as_deref() == Some("Table error") {
            tables.errored += 1;
        }
        if table.validation_state.as_deref() == Some("Mismatched records") {
            tables.mismatched += 1;
        }
    }
}
