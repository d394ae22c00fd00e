//! What may be seen, piece by piece.

use cutover_core::dr::observation::{
    AlarmSeen, ClusterSeen, FailoverSeen, Far, GlobalSeen, InstanceSeen, MemberSeen,
};
use cutover_core::dr::plan::Equipment;
use cutover_core::dr::policy::{Mode, Objectives, Policy};
use cutover_core::dr::settings::Settings;
use cutover_core::dr::side::{ClusterArn, Side};
use cutover_core::observation::AlarmState;
use jiff::{SignedDuration, Timestamp};

pub const PRIMARY: &str = "arn:aws:rds:eu-central-1:111122223333:cluster:orders-primary";
pub const DR: &str = "arn:aws:rds:eu-west-1:111122223333:cluster:orders-dr";
pub const ALARM: &str = "dr-dev-replication-silent";
/// Seconds of trouble that each alarm needs.
pub const WINDOW_SECONDS: u64 = 60;

pub fn now() -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap()
}

pub fn ago(seconds: i64) -> Timestamp {
    now() - SignedDuration::from_secs(seconds)
}

pub fn settings() -> Settings {
    Settings {
        environment: "dev".to_owned(),
        function: "dr-failover".to_owned(),
        primary: ClusterArn::parse(PRIMARY).unwrap(),
        dr: ClusterArn::parse(DR).unwrap(),
        global_cluster: Some("orders".to_owned()),
        policy: Policy {
            mode: Mode::Auto,
            quorum: 2,
            confirm_seconds: 60,
            loss_budget_seconds: 60,
            block_minutes: 60,
            switchover_lag_seconds: 5,
            objectives: Objectives::default(),
            drill_blocked: Vec::new(),
        },
        equipment: Equipment::default(),
    }
}

pub fn cluster(side: Side) -> ClusterSeen {
    let settings = settings();
    let name = settings.cluster(side).identifier();
    ClusterSeen {
        arn: settings.cluster(side).as_str().to_owned(),
        status: "available".to_owned(),
        engine_version: "16.4".to_owned(),
        instances: [1, 2]
            .map(|number| InstanceSeen {
                identifier: format!("{name}-{number}"),
                is_writer: number == 1,
                status: "available".to_owned(),
            })
            .to_vec(),
        endpoint: Some(format!("{name}.example.com")),
        parameter_group: Some("orders".to_owned()),
        replicates_from: (side == Side::Dr).then(|| PRIMARY.to_owned()),
    }
}

pub fn global(writer: Side) -> GlobalSeen {
    let member = |side: Side, arn: &str| MemberSeen {
        arn: arn.to_owned(),
        is_writer: side == writer,
    };
    GlobalSeen {
        status: "available".to_owned(),
        members: vec![member(Side::Primary, PRIMARY), member(Side::Dr, DR)],
        failover: None,
        endpoint: Some("orders.global.example.com".to_owned()),
    }
}

pub fn alarm(name: &str, state: AlarmState) -> AlarmSeen {
    AlarmSeen {
        name: name.to_owned(),
        is_witness: false,
        state: Far::Known(state),
        suppressed: false,
        since: Some(ago(5)),
        window_seconds: WINDOW_SECONDS,
    }
}

pub fn moving(to: Side, status: &str) -> FailoverSeen {
    FailoverSeen {
        status: status.to_owned(),
        to_arn: Some(settings().cluster(to).as_str().to_owned()),
        data_loss_allowed: true,
    }
}
