//! What an invocation costs, counted from the twin's request log.

use jiff::Timestamp;
use twin::{Call, TwinOptions};

use crate::player::{PlayError, Player};
use crate::script;
use crate::stage::{Setting, Stage};
use crate::virtual_time;

/// One measured invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub what: &'static str,
    /// Calls that had to wait for each other: the longest chain in which each began after the one before ended.
    pub sequential: usize,
    pub calls: usize,
    /// How many sequential round trips it may take.
    pub budget: usize,
}

impl Cost {
    #[must_use]
    pub fn is_within_budget(&self) -> bool {
        self.sequential <= self.budget
    }
}

/// Sequential round trips that each invocation may take.
pub const GRADUAL_CUTOVER_BUDGET: usize = 4;
pub const ROLLBACK_BUDGET: usize = 4;
pub const STATUS_BUDGET: usize = 2;
pub const IDLE_TICK_BUDGET: usize = 2;
/// Traffic takes three of them; the last strikes out that the notice is owed.
pub const ALARM_ROLLBACK_BUDGET: usize = 5;
pub const IDLE_MONITOR_BUDGET: usize = 2;

/// What is measured: the first invocation of the function once `measured` begins. Both are lines of a story.
struct Row {
    what: &'static str,
    function: &'static str,
    /// As the line `#: alarms` of a story says it.
    alarms: &'static str,
    before: &'static str,
    measured: &'static str,
    budget: usize,
}

const ROWS: [Row; 7] = [
    Row {
        what: "gradual_cutover, fresh environment",
        function: route53_updater::NAME,
        alarms: "",
        before: "",
        measured: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
            expect outcome=done reader=20"#,
        budget: GRADUAL_CUTOVER_BUDGET,
    },
    Row {
        what: "gradual_cutover, second step",
        function: route53_updater::NAME,
        alarms: "",
        before: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}"#,
        measured: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
            expect outcome=done reader=50"#,
        budget: GRADUAL_CUTOVER_BUDGET,
    },
    Row {
        what: "rollback of reads",
        function: route53_updater::NAME,
        alarms: "",
        before: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}"#,
        measured: r#"invoke route53-updater {"action":"rollback"}
            expect outcome=done reader=0"#,
        budget: ROLLBACK_BUDGET,
    },
    Row {
        what: "status",
        function: route53_updater::NAME,
        alarms: "",
        before: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}"#,
        measured: r#"invoke route53-updater {"action":"status"}"#,
        budget: STATUS_BUDGET,
    },
    Row {
        what: "tick with nothing due",
        function: route53_updater::NAME,
        alarms: "",
        before: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
            advance 5m"#,
        measured: r#"invoke route53-updater {"action":"tick"}
            expect outcome=unchanged"#,
        budget: IDLE_TICK_BUDGET,
    },
    Row {
        what: "alarm-rollback at 50 % of reads",
        function: alarm_rollback::NAME,
        alarms: "orders-5xx=rollback",
        // Between two minutes: the schedules would use up what Route 53 allows in a second.
        before: r#"alarm orders-5xx OK
            invoke route53-updater {"action":"gradual_cutover","aurora_weight":50}
            advance 330s"#,
        measured: "alarm orders-5xx ALARM
            expect reader=0 state-phase=rolled-back",
        budget: ALARM_ROLLBACK_BUDGET,
    },
    Row {
        what: "dms-monitor with nothing to do",
        function: dms_monitor::NAME,
        alarms: "",
        before: r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}
            advance 5m"#,
        measured: r#"invoke dms-monitor {"action":"tick"}
            expect outcome=unchanged"#,
        budget: IDLE_MONITOR_BUDGET,
    },
];

/// Measures every row once, on an environment of its own.
pub fn measure() -> Result<Vec<Cost>, PlayError> {
    virtual_time::run(measure_all).map_err(|error| PlayError::Line(error.to_string()))?
}

async fn measure_all() -> Result<Vec<Cost>, PlayError> {
    let mut costs = Vec::new();
    for row in &ROWS {
        costs.push(Box::pin(measure_row(row)).await?);
    }
    costs.extend(Box::pin(crate::dr::bench::measure()).await?);
    Ok(costs)
}

async fn measure_row(row: &Row) -> Result<Cost, PlayError> {
    let setting = Setting {
        alarms: row.alarms.to_owned(),
        ..Setting::default()
    };
    let stage = Box::pin(Stage::build(TwinOptions::default(), setting))
        .await
        .map_err(PlayError::Stage)?;
    let mut player = Player::new(stage);
    play(&mut player, row.before).await?;
    let invoked_before = player.stage.twin.invoked().len();
    play(&mut player, row.measured).await?;
    if player.failed_expectations > 0 {
        let transcript = player.transcript.render(false);
        return Err(PlayError::Line(format!(
            "{}: did not end as expected\n{transcript}",
            row.what
        )));
    }
    let function = player.stage.function(row.function);
    let invoked = player.stage.twin.invoked();
    let measured = invoked
        .into_iter()
        .skip(invoked_before)
        .find(|invocation| invocation.function == function)
        .ok_or_else(|| PlayError::Line(format!("{}: {function} was not invoked", row.what)))?;
    let log = player.stage.twin.log().into_iter();
    let calls: Vec<Call> = log
        .filter(|call| call.invocation.as_ref() == Some(&measured.request_id))
        .collect();
    Ok(Cost {
        what: row.what,
        sequential: sequential(&calls),
        calls: calls.len(),
        budget: row.budget,
    })
}

pub(crate) async fn play(player: &mut Player, story: &str) -> Result<(), PlayError> {
    for happening in script::parse(story).map_err(|bad| PlayError::Line(bad.to_string()))? {
        player.play(&happening).await?;
    }
    Ok(())
}

/// The longest chain of calls in which each began after the one before had ended.
#[must_use]
pub fn sequential(calls: &[Call]) -> usize {
    let mut calls: Vec<&Call> = calls.iter().collect();
    calls.sort_by_key(|call| call.ended.unwrap_or(Timestamp::MAX));
    let mut chain = 0;
    let mut free_from = Timestamp::MIN;
    for call in calls {
        if call.at >= free_from {
            chain += 1;
            free_from = call.ended.unwrap_or(Timestamp::MAX);
        }
    }
    chain
}

/// The table that `make round-trips` prints.
#[must_use]
pub fn table(costs: &[Cost]) -> String {
    let mut text = format!(
        "{:<36} {:>22} {:>8} {:>8}\n",
        "invocation", "sequential round trips", "calls", "budget"
    );
    for cost in costs {
        let Cost {
            what,
            sequential,
            calls,
            budget,
        } = cost;
        let verdict = if cost.is_within_budget() { "" } else { "  EXCEEDED" };
        let line = format!("{what:<36} {sequential:>22} {calls:>8} {budget:>8}{verdict}\n");
        text.push_str(&line);
    }
    text
}
