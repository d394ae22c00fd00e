//! The environment of every story, as its configuration has it.

use super::{ALARM, DR, OTHER_ALARM, PRIMARY};
use cutover_core::dr::plan::Equipment;
use cutover_core::dr::policy::{Mode, Objectives, Policy};
use cutover_core::dr::settings::Settings;
use cutover_core::dr::side::ClusterArn;
use cutover_core::dr::trigger::Identity;

pub const QUORUM: usize = 2;
pub const BUDGET_SECONDS: u64 = 240;
pub const CONFIRM_SECONDS: u64 = 30;

pub fn settings() -> Settings {
    Settings {
        environment: "dev".to_owned(),
        function: "dr-failover".to_owned(),
        primary: ClusterArn::parse(PRIMARY).unwrap(),
        dr: ClusterArn::parse(DR).unwrap(),
        global_cluster: Some("orders".to_owned()),
        policy: Policy {
            mode: Mode::Auto,
            quorum: u32::try_from(QUORUM).unwrap(),
            confirm_seconds: CONFIRM_SECONDS,
            loss_budget_seconds: BUDGET_SECONDS,
            block_minutes: 60,
            switchover_lag_seconds: 5,
            objectives: Objectives::default(),
            drill_blocked: Vec::new(),
        },
        equipment: Equipment::default(),
    }
}

pub fn identity() -> Identity {
    let place = |region: &str| ("111122223333".to_owned(), region.to_owned());
    Identity {
        places: vec![place("eu-west-1"), place("eu-central-1")],
        clusters: vec![DR.to_owned(), PRIMARY.to_owned()],
        global_cluster: Some("orders".to_owned()),
        alarms: vec![ALARM.to_owned(), OTHER_ALARM.to_owned()],
        witness: None,
    }
}
