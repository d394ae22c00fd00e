//! Auto Scaling on the wire: the query protocol.

use serde_json::json;
use winterbaume_autoscaling::model::{
    AutoScalingGroup, AutoScalingGroupsType, CancelInstanceRefreshAnswer, DescribeInstanceRefreshesAnswer,
    Instance, InstanceRefresh, StartInstanceRefreshAnswer,
};
use winterbaume_autoscaling::wire;
use winterbaume_core::{MockRequest, MockResponse};

use super::refresh::Refresh;
use super::{AutoScaling, Group};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::reply::iso_8601;
use crate::routing;

/// The only way there is: a few instances at a time.
const STRATEGY: &str = "Rolling";
/// The twin's groups have no launch template of their own.
const INSTANCE_TYPE: &str = "m7g.large";
const DEFAULT_COOLDOWN_SECONDS: i32 = 300;

#[derive(Debug)]
pub(crate) enum Request {
    /// All groups, if it names none.
    DescribeGroups {
        names: Vec<String>,
    },
    StartRefresh {
        group: String,
    },
    /// All refreshes of the group, if it names none.
    DescribeRefreshes {
        group: String,
        ids: Vec<String>,
    },
    CancelRefresh {
        group: String,
    },
}

impl Request {
    pub(crate) fn decode(operation: &str, request: &MockRequest) -> Result<Option<Self>, AwsError> {
        let form = routing::form(request);
        let decoded =
            match operation {
                "DescribeAutoScalingGroups" => wire::deserialize_describe_auto_scaling_groups_request(&form)
                    .map(|input| Self::DescribeGroups {
                        names: input
                            .auto_scaling_group_names
                            .map(|names| names.items)
                            .unwrap_or_default(),
                    }),
                "StartInstanceRefresh" => {
                    wire::deserialize_start_instance_refresh_request(&form).map(|input| Self::StartRefresh {
                        group: input.auto_scaling_group_name,
                    })
                }
                "DescribeInstanceRefreshes" => wire::deserialize_describe_instance_refreshes_request(&form)
                    .map(|input| Self::DescribeRefreshes {
                        group: input.auto_scaling_group_name,
                        ids: input
                            .instance_refresh_ids
                            .map(|ids| ids.items)
                            .unwrap_or_default(),
                    }),
                "CancelInstanceRefresh" => {
                    wire::deserialize_cancel_instance_refresh_request(&form).map(|input| {
                        Self::CancelRefresh {
                            group: input.auto_scaling_group_name,
                        }
                    })
                }
                _ => return Ok(None),
            };
        decoded
            .map(Some)
            .map_err(|reason| AwsError::refused("ValidationError", reason))
    }

    pub(crate) fn brief(&self) -> Brief {
        let subject = match self {
            Self::DescribeGroups { names } => names.join(","),
            Self::StartRefresh { group }
            | Self::DescribeRefreshes { group, .. }
            | Self::CancelRefresh { group } => group.clone(),
        };
        Brief {
            subject,
            detail: json!({}),
        }
    }
}

impl AutoScaling {
    pub(crate) fn answer(&mut self, request: &Request) -> Result<MockResponse, AwsError> {
        Ok(match request {
            Request::DescribeGroups { names } => self.describe_groups(names),
            Request::StartRefresh { group } => {
                wire::serialize_start_instance_refresh_response(&StartInstanceRefreshAnswer {
                    instance_refresh_id: Some(self.start(group)?),
                })
            }
            Request::DescribeRefreshes { group, ids } => self.describe_refreshes(group, ids)?,
            Request::CancelRefresh { group } => {
                wire::serialize_cancel_instance_refresh_response(&CancelInstanceRefreshAnswer {
                    instance_refresh_id: Some(self.cancel(group)?),
                })
            }
        })
    }

    fn describe_groups(&self, names: &[String]) -> MockResponse {
        let asked = |group: &&Group| names.is_empty() || names.contains(&group.name);
        let groups: Vec<AutoScalingGroup> = self
            .groups
            .values()
            .filter(asked)
            .map(|group| self.encoded(group))
            .collect();
        wire::serialize_describe_auto_scaling_groups_response(&AutoScalingGroupsType {
            auto_scaling_groups: Some(groups.into()),
            next_token: None,
        })
    }

    /// The latest first.
    fn describe_refreshes(&self, group: &str, ids: &[String]) -> Result<MockResponse, AwsError> {
        let group = self.group(group)?;
        let asked = |refresh: &&Refresh| ids.is_empty() || ids.contains(&refresh.id);
        let refreshes: Vec<InstanceRefresh> = group
            .refreshes
            .iter()
            .rev()
            .filter(asked)
            .map(|refresh| self.encoded_refresh(group, refresh))
            .collect();
        let answer = DescribeInstanceRefreshesAnswer {
            instance_refreshes: Some(refreshes.into()),
            next_token: None,
        };
        Ok(wire::serialize_describe_instance_refreshes_response(&answer))
    }

    fn encoded_refresh(&self, group: &Group, refresh: &Refresh) -> InstanceRefresh {
        let status = refresh.status(&self.place);
        let left = refresh.replacements.len() - refresh.replaced(&self.place);
        InstanceRefresh {
            auto_scaling_group_name: Some(group.name.clone()),
            instance_refresh_id: Some(refresh.id.clone()),
            instances_to_update: i32::try_from(left).ok(),
            percentage_complete: i32::try_from(refresh.percentage(&self.place)).ok(),
            start_time: Some(iso_8601(refresh.started)),
            end_time: refresh.ended(&self.place).map(iso_8601),
            status: Some(status.to_string()),
            strategy: Some(STRATEGY.to_owned()),
            ..InstanceRefresh::default()
        }
    }

    fn encoded(&self, group: &Group) -> AutoScalingGroup {
        let zone = format!("{}a", self.place.region);
        let instance = |id: String| Instance {
            availability_zone: Some(zone.clone()),
            health_status: Some("Healthy".to_owned()),
            instance_id: Some(id),
            instance_type: Some(INSTANCE_TYPE.to_owned()),
            lifecycle_state: Some("InService".to_owned()),
            protected_from_scale_in: Some(false),
            ..Instance::default()
        };
        let instances: Vec<Instance> = group
            .instances_now(&self.place)
            .into_iter()
            .map(instance)
            .collect();
        let size = i32::try_from(instances.len()).ok();
        AutoScalingGroup {
            auto_scaling_group_a_r_n: Some(group.arn.clone()),
            auto_scaling_group_name: Some(group.name.clone()),
            availability_zones: Some(vec![zone].into()),
            created_time: Some(group.created.clone()),
            default_cooldown: Some(DEFAULT_COOLDOWN_SECONDS),
            desired_capacity: size,
            health_check_type: Some("EC2".to_owned()),
            instances: Some(instances.into()),
            max_size: size,
            min_size: Some(0),
            ..AutoScalingGroup::default()
        }
    }
}
