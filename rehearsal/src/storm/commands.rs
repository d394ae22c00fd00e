//! What operators type: plausible commands, and silly ones.

use super::dice::Dice;

const SHARES: [u8; 9] = [0, 1, 10, 20, 50, 50, 80, 100, 100];
const LADDERS: [&str; 4] = ["[20,50,80,100]", "[10,60]", "[50,100]", "[5,6,7]"];
const FORCIBLE: [&str; 8] = [
    "\"drift\"",
    "\"drift\"",
    "\"split-writes-unsafe\"",
    "\"lag-too-high\"",
    "\"alarm-active\"",
    "\"paused\"",
    "\"reverse-not-ready\"",
    "\"replication-not-running\"",
];
const SILLY: [&str; 14] = [
    r#"{"action":"gradual_cutover"}"#,
    r#"{"action":"gradual_cutover","aurora_weight":101}"#,
    r#"{"action":"gradual_cutover","aurora_weight":"50"}"#,
    r#"{"action":"gradual_cutover","aurora_weight":50,"target_weight":60}"#,
    r#"{"action":"gradual_cutover","ladder":[]}"#,
    r#"{"action":"gradual_cutover","ladder":[80,20]}"#,
    r#"{"action":"gradual_cutover","aurora_weight":50,"dryrun":true}"#,
    r#"{"action":"manual_cutover","writes_stopped":"yes"}"#,
    r#"{"action":"manual_cutover","writes_stopped":false}"#,
    r#"{"action":"rollback","force":["everything"]}"#,
    r#"{"action":"rollback","expected_generation":99}"#,
    r#"{"action":"explode"}"#,
    r#"{"action":"complete","force":["rollback-lossy"]}"#,
    "[1,2,3]",
];

/// Options that any command may carry, with the comma before them.
fn options(dice: &mut Dice) -> String {
    let mut options = String::new();
    if dice.chance(20) {
        options.push_str(",\"reason\":\"the storm says so\"");
    }
    if dice.chance(4) {
        options.push_str(",\"dry_run\":true");
    }
    if dice.chance(3) {
        let expected = dice.below(5).to_string();
        options.extend([",\"expected_generation\":", expected.as_str()]);
    }
    if dice.chance(12) {
        options.extend([",\"force\":[", dice.pick(&FORCIBLE), "]"]);
    }
    options
}

pub(super) fn shift(dice: &mut Dice) -> String {
    let share = dice.pick(&SHARES);
    let name = dice.pick(&["aurora_weight", "aurora_weight", "target_weight"]);
    format!(
        "{{\"action\":\"gradual_cutover\",\"{name}\":{share}{}}}",
        options(dice)
    )
}

pub(super) fn climb(dice: &mut Dice) -> String {
    let ladder = dice.pick(&LADDERS);
    let bake = dice.pick(&["0", "0", "1", "2"]);
    format!(
        "{{\"action\":\"gradual_cutover\",\"ladder\":{ladder},\"bake_minutes\":{bake}{}}}",
        options(dice)
    )
}

pub(super) fn cutover(dice: &mut Dice) -> String {
    let fence = if dice.chance(85) {
        ",\"writes_stopped\":true"
    } else {
        ""
    };
    let without_way_back = if dice.chance(25) {
        ",\"force\":[\"reverse-not-ready\"]"
    } else {
        ""
    };
    format!("{{\"action\":\"manual_cutover\"{fence}{without_way_back}}}")
}

pub(super) fn rollback(dice: &mut Dice) -> String {
    let loss = if dice.chance(15) {
        ",\"accept_data_loss\":true"
    } else {
        ""
    };
    format!("{{\"action\":\"rollback\"{loss}{}}}", options(dice))
}

pub(super) fn mark(dice: &mut Dice) -> String {
    let action = dice.pick(&["pause", "resume", "resume", "status", "tick"]);
    format!("{{\"action\":\"{action}\"{}}}", options(dice))
}

pub(super) fn complete(dice: &mut Dice) -> String {
    format!("{{\"action\":\"complete\"{}}}", options(dice))
}

pub(super) fn silly(dice: &mut Dice) -> String {
    dice.pick(&SILLY).to_owned()
}

/// Any of them.
pub(super) fn any(dice: &mut Dice) -> String {
    match dice.below(12) {
        0..=3 => shift(dice),
        4 => climb(dice),
        5 | 6 => cutover(dice),
        7 | 8 => rollback(dice),
        9 | 10 => mark(dice),
        _ => silly(dice),
    }
}
