//! What Auto Scaling asks of IAM.

use super::Request;
use crate::iam::Ask;
use crate::place::Place;

impl Request {
    pub(crate) fn asks(&self, place: &Place) -> Vec<Ask> {
        // The identifier in the middle of a group's ARN is not in the request, and no policy can know it.
        let on_group = |operation: &str, name: &str| {
            Ask::new(
                format!("autoscaling:{operation}"),
                place.arn(
                    "autoscaling",
                    &format!("autoScalingGroup:*:autoScalingGroupName/{name}"),
                ),
            )
        };
        vec![match self {
            Self::DescribeGroups { .. } => Ask::anywhere("autoscaling:DescribeAutoScalingGroups"),
            Self::DescribeRefreshes { .. } => Ask::anywhere("autoscaling:DescribeInstanceRefreshes"),
            Self::StartRefresh { group } => on_group("StartInstanceRefresh", group),
            Self::CancelRefresh { group } => on_group("CancelInstanceRefresh", group),
        }]
    }
}
