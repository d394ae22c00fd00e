//! What an invocation of `dr-failover` costs, counted from the twin's request log.

use twin::{Call, CallOutcome, TwinOptions};

use super::setting::DrSetting;
use super::stage::FUNCTION;
use crate::bench::{Cost, play, sequential};
use crate::player::{PlayError, Player};
use crate::stage::{Setting, Stage, deployed_name};

/// Sequential round trips that each may take. A look asks everything at once; what a dark region leaves unanswered is
/// bounded by the probe's time, and is no round trip.
pub const BEFORE_THE_PROMOTION_BUDGET: usize = 2;
/// A look, another past the head that the snapshot knows, and the metric of who serves.
pub const IDLE_TICK_BUDGET: usize = 3;
pub const STATUS_BUDGET: usize = 2;

/// The first invocation once `measured` begins that makes the call, or the first at all.
struct Row {
    what: &'static str,
    before: &'static str,
    measured: &'static str,
    /// Only what precedes this call counts.
    until: Option<&'static str>,
    budget: usize,
}

const ROWS: [Row; 3] = [
    Row {
        what: "dr-failover, alarm to promote call",
        before: "advance 150s
            dark eu-central-1
            advance 45s
            ticks off
            events held
            advance 75s",
        measured: "events released
            advance 3m
            expect promotions=1 writer=dr",
        until: Some("FailoverGlobalCluster"),
        budget: BEFORE_THE_PROMOTION_BUDGET,
    },
    Row {
        what: "dr-failover, tick with nothing due",
        before: "advance 150s
            ticks off",
        measured: r#"invoke dr-failover {"action":"tick"}
            expect outcome=unchanged"#,
        until: None,
        budget: IDLE_TICK_BUDGET,
    },
    Row {
        what: "dr-failover, status",
        before: "advance 150s
            ticks off",
        measured: r#"invoke dr-failover {"action":"status"}
            expect outcome=unchanged"#,
        until: None,
        budget: STATUS_BUDGET,
    },
];

/// Measures every row once, on an environment of its own.
pub(crate) async fn measure() -> Result<Vec<Cost>, PlayError> {
    let mut costs = Vec::new();
    for row in &ROWS {
        costs.push(Box::pin(measure_row(row)).await?);
    }
    Ok(costs)
}

async fn measure_row(row: &Row) -> Result<Cost, PlayError> {
    let setting = Setting {
        dr: Some(DrSetting::default()),
        ..Setting::default()
    };
    let stage = Box::pin(Stage::build(TwinOptions::default(), setting));
    let mut player = Player::new(stage.await.map_err(PlayError::Stage)?);
    player.let_aws_live();
    play(&mut player, row.before).await?;
    let begun = player.stage.twin.log().len();
    let invoked_before = player.stage.twin.invoked().len();
    play(&mut player, row.measured).await?;
    if player.failed_expectations > 0 {
        let transcript = player.transcript.render(false);
        return Err(PlayError::Line(format!(
            "{}: did not end as expected\n{transcript}",
            row.what
        )));
    }
    let log: Vec<Call> = player.stage.twin.log().into_iter().skip(begun).collect();
    let named = |call: &&Call| row.until.is_none_or(|name| call.operation == name);
    let name = deployed_name(FUNCTION);
    let invoked = player.stage.twin.invoked();
    let ours = invoked
        .iter()
        .skip(invoked_before)
        .filter(|invoked| invoked.function == name);
    let mut ids = ours.map(|invoked| invoked.request_id.as_str());
    let of = |call: &Call, id: &str| call.invocation.as_deref() == Some(id);
    let measured = ids.find(|id| log.iter().filter(named).any(|call| of(call, id)));
    let measured = measured.ok_or_else(|| PlayError::Line(format!("{}: nothing was measured", row.what)))?;
    let answered = |call: &&Call| call.outcome != CallOutcome::Unreachable;
    let calls: Vec<Call> = log
        .iter()
        .filter(|call| of(call, measured))
        .take_while(|call| row.until.is_none_or(|name| call.operation != name))
        .filter(answered)
        .cloned()
        .collect();
    Ok(Cost {
        what: row.what,
        sequential: sequential(&calls),
        calls: calls.len(),
        budget: row.budget,
    })
}
