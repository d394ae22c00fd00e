//! What an invocation costs, counted from the twin's request log.

use cutover_core::error::Failure;
use jiff::Timestamp;
use twin::{Call, TwinOptions};

use crate::player::{PlayError, Player, call};
use crate::script;
use crate::stage::{Setting, Stage};
use crate::virtual_time;

/// One measured invocation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cost {
    pub what: String,
    /// Calls that had to wait for each other: the longest chain in which each began after the one before ended.
    pub sequential: usize,
    pub calls: usize,
    pub budget: Option<usize>,
}

/// Sequential round trips that `gradual_cutover` may take.
pub const GRADUAL_CUTOVER_BUDGET: usize = 4;

/// Measures every command once, on a fresh environment each, and on one that has moved before.
pub fn measure() -> Result<Vec<Cost>, PlayError> {
    virtual_time::run(measure_all).map_err(|error| PlayError::Line(error.to_string()))?
}

async fn measure_all() -> Result<Vec<Cost>, PlayError> {
    let mut costs = Vec::new();
    for (what, before, payload, budget) in [
        (
            "gradual_cutover, fresh environment",
            "",
            SHIFT_20,
            Some(GRADUAL_CUTOVER_BUDGET),
        ),
        (
            "gradual_cutover, second step",
            FIRST,
            SHIFT_50,
            Some(GRADUAL_CUTOVER_BUDGET),
        ),
        ("rollback of reads", FIRST, ROLLBACK, Some(GRADUAL_CUTOVER_BUDGET)),
        ("status", FIRST, r#"{"action":"status"}"#, None),
        (
            "tick with nothing due",
            FIRST_SETTLED,
            r#"{"action":"tick"}"#,
            None,
        ),
    ] {
        let stage = Box::pin(Stage::build(TwinOptions::default(), Setting::default()))
            .await
            .map_err(stage_error)?;
        let mut player = Player::new(stage);
        for happening in script::parse(before).map_err(|bad| PlayError::Line(bad.to_string()))? {
            player.play(&happening).await?;
        }
        let seen = player.stage.twin.log().len();
        let _answer = call(&player.stage, route53_updater::NAME, payload).await?;
        let calls: Vec<Call> = player.stage.twin.log().into_iter().skip(seen).collect();
        let calls: Vec<Call> = calls
            .into_iter()
            .filter(|call| call.service != "lambda")
            .collect();
        costs.push(Cost {
            what: what.to_owned(),
            sequential: sequential(&calls),
            calls: calls.len(),
            budget,
        });
    }
    Ok(costs)
}

const SHIFT_20: &str = r#"{"action":"gradual_cutover","aurora_weight":20}"#;
const SHIFT_50: &str = r#"{"action":"gradual_cutover","aurora_weight":50}"#;
const ROLLBACK: &str = r#"{"action":"rollback"}"#;
const FIRST: &str = r#"invoke route53-updater {"action":"gradual_cutover","aurora_weight":20}"#;
const FIRST_SETTLED: &str =
    "invoke route53-updater {\"action\":\"gradual_cutover\",\"aurora_weight\":20}\nadvance 5m";

fn stage_error(failure: Failure) -> PlayError {
    PlayError::Stage(failure)
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

/// The table that `make bench` prints.
#[must_use]
pub fn table(costs: &[Cost]) -> String {
    let mut text = format!(
        "{:<36} {:>22} {:>8} {:>8}\n",
        "invocation", "sequential round trips", "calls", "budget"
    );
    for cost in costs {
        let budget = cost.budget.map_or("-".to_owned(), |budget| budget.to_string());
        let line = format!(
            "{:<36} {:>22} {:>8} {budget:>8}\n",
            cost.what, cost.sequential, cost.calls
        );
        text.push_str(&line);
    }
    text
}
