//! What DMS says happened, and to what.

use crate::text::Text;

/// Longest name of an event that is not known, in bytes of its JSON form.
const NAME_BYTES_MAX: usize = 60;

/// What it happened to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Task,
    Instance,
    /// A serverless replication configuration. Only its events tell that a serverless replication failed.
    Configuration,
    Endpoint,
    DataMigration,
}

impl Subject {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Task => "task",
            Self::Instance => "instance",
            Self::Configuration => "configuration",
            Self::Endpoint => "endpoint",
            Self::DataMigration => "data-migration",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    Created,
    Started,
    Stopped,
    Failed,
    Deleted,
    /// A delete that could not clean up.
    DeleteIncomplete,
    Modified,
    /// Somebody asked that a table be loaded again.
    ReloadAsked,
    ReadingPaused,
    ReadingResumed,
    FailoverStarted,
    FailoverCompleted,
    /// Not known by name. It is ours, so it is still worth a look.
    Other(Text<NAME_BYTES_MAX>),
}

impl Happening {
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Created => "created",
            Self::Started => "started",
            Self::Stopped => "stopped",
            Self::Failed => "failed",
            Self::Deleted => "deleted",
            Self::DeleteIncomplete => "delete-incomplete",
            Self::Modified => "modified",
            Self::ReloadAsked => "reload-asked",
            Self::ReadingPaused => "reading-paused",
            Self::ReadingResumed => "reading-resumed",
            Self::FailoverStarted => "failover-started",
            Self::FailoverCompleted => "failover-completed",
            Self::Other(name) => name.as_str(),
        }
    }

    /// Decides by the type, and by the number where the type is absent or says nothing to us. `None` when there
    /// is neither.
    pub(super) fn read(event_type: Option<&str>, number: Option<&str>) -> Option<Self> {
        event_type
            .and_then(Self::by_type)
            .or_else(|| number.and_then(Self::by_number))
            .or_else(|| Some(Self::Other(Text::new(event_type.or(number)?))))
    }

    /// `REPLICATION_TASK_STOPPED`, or the same of another subject.
    fn by_type(event_type: &str) -> Option<Self> {
        let event = event_type.trim();
        let event = [
            "REPLICATION_TASK_",
            "REPLICATION_INSTANCE_",
            "REPLICATION_ENDPOINT_",
        ]
        .into_iter()
        .chain(["REPLICATION_CONFIG_", "DATA_MIGRATION_", "REPLICATION_"])
        .find_map(|subject| event.strip_prefix(subject))
        .unwrap_or(event);
        match event {
            "CREATED" => Some(Self::Created),
            "STARTED" => Some(Self::Started),
            "STOPPED" => Some(Self::Stopped),
            "FAILED" => Some(Self::Failed),
            "DELETED" => Some(Self::Deleted),
            "MODIFIED" => Some(Self::Modified),
            "FAILOVER_STARTED" => Some(Self::FailoverStarted),
            "FAILOVER_COMPLETED" => Some(Self::FailoverCompleted),
            // Told with a reason behind it: READING_PAUSED_SWAP_FILES_LIMIT_REACHED.
            paused if paused.starts_with("READING_PAUSED") => Some(Self::ReadingPaused),
            resumed if resumed.starts_with("READING_RESUMED") => Some(Self::ReadingResumed),
            _ => None,
        }
    }

    /// The four digits of `DMS-EVENT-0079`.
    fn by_number(number: &str) -> Option<Self> {
        match number {
            "0005" | "0074" => Some(Self::Created),
            "0069" => Some(Self::Started),
            "0079" => Some(Self::Stopped),
            // Of instances: storage failed, the network does not fit, a key cannot be read.
            "0031" | "0036" | "0037" | "0078" => Some(Self::Failed),
            "0003" | "0073" => Some(Self::Deleted),
            "0082" => Some(Self::DeleteIncomplete),
            "0080" => Some(Self::Modified),
            "0081" => Some(Self::ReloadAsked),
            "0091" | "0092" => Some(Self::ReadingPaused),
            "0093" => Some(Self::ReadingResumed),
            "0013" => Some(Self::FailoverStarted),
            "0015" | "0049" => Some(Self::FailoverCompleted),
            _ => None,
        }
    }
}
