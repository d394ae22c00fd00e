//! What `template.yaml` deploys for an environment of the rehearsal: the same file that SAM deploys.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use twin::Twin;
use twin::deployment::{Deployment, DeploymentError, Template};

use crate::stage::{ENVIRONMENT, READER, Setting, WRITER, ZONE};

/// Read once, however many stages there are.
static TEMPLATE: LazyLock<Result<Template, DeploymentError>> =
    LazyLock::new(|| Template::parse(include_str!("../../template.yaml")));

/// The template's parameters, as somebody would give them who deploys it for this environment.
pub(crate) fn deployment(
    twin: &Twin,
    setting: &Setting,
    forward: &str,
    reverse: &str,
) -> Result<Deployment, DeploymentError> {
    let writer = if setting.shared { READER } else { WRITER };
    let reverse = if setting.without_reverse { "" } else { reverse };
    let name = |name: &str| name.trim_end_matches('.').to_owned();
    let with_policy = |policy: &str| {
        let rules = setting
            .alarms
            .split(',')
            .filter_map(|rule| rule.trim().split_once('='));
        let names: Vec<&str> = rules
            .filter(|(_, found)| *found == policy)
            .map(|(name, _)| name)
            .collect();
        names.join(",")
    };
    let zone = setting.zone.as_deref().unwrap_or(ZONE);
    let mut parameters = BTreeMap::from([
        ("Environment".to_owned(), ENVIRONMENT.to_owned()),
        ("HostedZoneId".to_owned(), zone.to_owned()),
        ("ReaderRecordName".to_owned(), name(READER)),
        ("WriterRecordName".to_owned(), name(writer)),
        ("DmsTaskArn".to_owned(), forward.to_owned()),
        ("ReverseDmsTaskArn".to_owned(), reverse.to_owned()),
        ("RollbackAlarms".to_owned(), with_policy("rollback")),
        ("HoldAlarms".to_owned(), with_policy("hold")),
        ("NotifyAlarms".to_owned(), with_policy("notify")),
    ]);
    parameters.extend(setting.parameters.clone());
    of(&parameters, twin.account(), twin.region())
}

/// What the template deploys with these parameters.
pub(crate) fn of(
    parameters: &BTreeMap<String, String>,
    account: &str,
    region: &str,
) -> Result<Deployment, DeploymentError> {
    let template = TEMPLATE.as_ref().map_err(Clone::clone)?;
    template.deployment(parameters, account, region)
}
