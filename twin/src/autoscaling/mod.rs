//! Auto Scaling: groups of instances, and the refreshes that replace them one after the other.

mod asks;
mod refresh;
mod wire;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::error::AwsError;
use crate::place::Place;
use refresh::Refresh;

pub use refresh::RefreshStatus;
pub(crate) use wire::Request;

/// How long a refresh is `Pending` unless told otherwise. AWS documents no figure.
const PENDING: Duration = Duration::from_secs(10);
/// How long it is `InProgress` then.
const REFRESHING: Duration = Duration::from_mins(5);

/// The groups of one account in one region.
#[derive(Debug)]
pub struct AutoScaling {
    place: Place,
    /// By name.
    groups: BTreeMap<String, Group>,
    /// How long a refresh that starts from now on is `Pending`.
    pub pending: Duration,
    /// How long a refresh that starts from now on is `InProgress`.
    pub refreshing: Duration,
}

#[derive(Debug)]
struct Group {
    name: String,
    arn: String,
    created: String,
    /// The identifiers of its instances.
    instances: Vec<String>,
    /// Oldest first.
    refreshes: Vec<Refresh>,
}

impl AutoScaling {
    pub(crate) fn empty(place: Place) -> Self {
        Self {
            place,
            groups: BTreeMap::new(),
            pending: PENDING,
            refreshing: REFRESHING,
        }
    }

    /// Creates a group with so many instances, replacing the one that had its name. Returns its ARN.
    pub fn create_group(&mut self, name: &str, instances: usize) -> String {
        let Place {
            account,
            region,
            identifiers,
            clock,
            ..
        } = &self.place;
        let arn = format!(
            "arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{}:autoScalingGroupName/{name}",
            identifiers.request()
        );
        let group = Group {
            name: name.to_owned(),
            arn: arn.clone(),
            created: crate::reply::iso_8601(clock.now()),
            instances: (0..instances).map(|_| identifiers.instance()).collect(),
            refreshes: Vec::new(),
        };
        self.groups.insert(name.to_owned(), group);
        arn
    }

    /// The identifiers of a group's instances as they are now.
    #[must_use]
    pub fn instances(&self, group: &str) -> Vec<String> {
        let group = self.groups.get(group);
        group.map_or_else(Vec::new, |group| group.instances_now(&self.place))
    }

    /// The statuses of a group's refreshes, oldest first.
    #[must_use]
    pub fn refreshes(&self, group: &str) -> Vec<RefreshStatus> {
        let refreshes = self.groups.get(group).map(|group| &group.refreshes);
        refreshes
            .into_iter()
            .flatten()
            .map(|refresh| refresh.status(&self.place))
            .collect()
    }

    /// Starts a refresh and returns its id.
    fn start(&mut self, name: &str) -> Result<String, AwsError> {
        let place = &self.place;
        let group = self.groups.get_mut(name).ok_or_else(|| no_such_group(name))?;
        if group.open_refresh(place).is_some() {
            return Err(AwsError::refused(
                "InstanceRefreshInProgress",
                "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
            ));
        }
        group.instances = group.instances_now(place);
        let replacements = group.instances.iter().map(|_| place.identifiers.instance());
        let refresh = Refresh {
            id: place.identifiers.request(),
            replacements: replacements.collect(),
            started: place.clock.now(),
            pending: self.pending,
            refreshing: self.refreshing,
            cancelled: None,
        };
        let id = refresh.id.clone();
        group.refreshes.push(refresh);
        Ok(id)
    }

    /// Cancels the refresh that is under way and returns its id. What it has replaced stays replaced.
    fn cancel(&mut self, name: &str) -> Result<String, AwsError> {
        let place = &self.place;
        let group = self.groups.get_mut(name).ok_or_else(|| no_such_group(name))?;
        let open = group.open_refresh(place).map(|refresh| refresh.id.clone());
        let refresh = group
            .refreshes
            .last_mut()
            .filter(|refresh| Some(&refresh.id) == open.as_ref());
        match refresh {
            Some(refresh) if refresh.cancelled.is_none() => {
                refresh.cancelled = Some(place.clock.now());
                Ok(refresh.id.clone())
            }
            Some(_) | None => Err(AwsError::refused(
                "ActiveInstanceRefreshNotFound",
                format!("No in progress or pending Instance Refresh found for Auto Scaling group {name}"),
            )),
        }
    }

    fn group(&self, name: &str) -> Result<&Group, AwsError> {
        self.groups.get(name).ok_or_else(|| no_such_group(name))
    }
}

impl Group {
    /// The refresh that has not ended. Only the latest can be.
    fn open_refresh(&self, place: &Place) -> Option<&Refresh> {
        self.refreshes
            .last()
            .filter(|refresh| !refresh.status(place).has_ended())
    }

    fn instances_now(&self, place: &Place) -> Vec<String> {
        let Some(refresh) = self.refreshes.last() else {
            return self.instances.clone();
        };
        let replaced = refresh.replaced(place);
        let new = refresh.replacements.iter().take(replaced);
        new.chain(self.instances.iter().skip(replaced)).cloned().collect()
    }
}

fn no_such_group(name: &str) -> AwsError {
    let message = format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found");
    AwsError::refused("ValidationError", message)
}
