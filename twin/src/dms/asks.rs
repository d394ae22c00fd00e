//! What DMS asks of IAM.

use super::Request;
use crate::iam::Ask;

impl Request {
    pub(crate) fn asks(&self) -> Vec<Ask> {
        vec![match self {
            Self::DescribeTasks(_) => Ask::anywhere("dms:DescribeReplicationTasks"),
            Self::DescribeInstances(_) => Ask::anywhere("dms:DescribeReplicationInstances"),
            Self::DescribeTables(request) => {
                Ask::new("dms:DescribeTableStatistics", &request.replication_task_arn)
            }
            Self::Start(request) => Ask::new("dms:StartReplicationTask", &request.replication_task_arn),
            Self::Stop(request) => Ask::new("dms:StopReplicationTask", &request.replication_task_arn),
        }]
    }
}
