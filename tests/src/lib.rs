//! One run of commands over the wire, with at most one fault, played to its end by ticks.

use std::time::Duration;

use rehearsal::player::{PlayError, Player};
use rehearsal::proof;
use rehearsal::script::{self, Happening};
use rehearsal::stage::{READER, Setting, Stage, WRITER};
use rehearsal::virtual_time;
use twin::{Call, Fault, TwinOptions};

/// Minutes that a run is given to come to rest at most: the drain limit and then some.
const REST_MINUTES_MAX: u32 = 25;
const MINUTE: Duration = Duration::from_mins(1);

/// Where a run came to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    pub phase: String,
    /// The target's weights of reads and writes.
    pub weights: (u8, u8),
    /// What did not hold of what must always hold.
    pub broken: Vec<String>,
    /// Every change of weights on the way, as the zone saw them.
    pub passed: Vec<(u8, u8)>,
}

/// Plays `before`, then `story` with `fault`, then ticks until nothing moves any more.
pub fn run(before: &str, story: &str, fault: Option<Fault>) -> Result<(Rest, Vec<Call>), PlayError> {
    let played = virtual_time::run(|| async {
        let stage = Box::pin(Stage::build(TwinOptions::default(), Setting::default()))
            .await
            .map_err(PlayError::Stage)?;
        let mut player = Player::new(stage);
        play(&mut player, before).await?;
        let calls = player.stage.twin.log().len();
        let changes = player.stage.twin.route53(|route53| route53.history().len());
        if let Some(fault) = fault {
            player.stage.twin.faults().add(fault);
        }
        play(&mut player, story).await?;
        let log: Vec<Call> = player.stage.twin.log().into_iter().skip(calls).collect();
        player.stage.twin.faults().clear();
        for _ in 0..REST_MINUTES_MAX {
            player.play(&Happening::Advance(MINUTE)).await?;
            if is_at_rest(&player.stage) {
                break;
            }
        }
        Ok((rest(&player.stage, changes), log))
    });
    played.map_err(|error| PlayError::Line(error.to_string()))?
}

async fn play(player: &mut Player, story: &str) -> Result<(), PlayError> {
    let happenings = script::parse(story).map_err(|bad| PlayError::Line(bad.to_string()))?;
    for happening in &happenings {
        player.play(happening).await?;
    }
    Ok(())
}

/// Nothing is under way, nothing is awaited, and the snapshot is not behind.
fn is_at_rest(stage: &Stage) -> bool {
    let heads = stage.twin.ssm(|ssm| ssm.names("/migration/dev/journal/").len());
    let Some(state) = stage.state() else {
        return heads == 0;
    };
    state.pointer("/generation").and_then(serde_json::Value::as_u64) == u64::try_from(heads).ok()
        && state.pointer("/outcome").is_some_and(|outcome| outcome != "open")
        && state
            .pointer("/settled_at")
            .is_some_and(serde_json::Value::is_string)
}

fn rest(stage: &Stage, changes: usize) -> Rest {
    let broken = proof::of(stage)
        .into_iter()
        .filter(|proof| !proof.holds)
        .map(|proof| proof.sentence)
        .collect();
    let phase = stage
        .state()
        .and_then(|state| state.pointer("/phase")?.as_str().map(str::to_owned))
        .unwrap_or_default();
    let history = stage.twin.route53(|route53| route53.history());
    let target = |snapshot: &twin::route53::ZoneSnapshot, name: &str| {
        let set = snapshot.sets.iter().find(|set| set.name == name)?;
        set.weights
            .iter()
            .find(|(side, _)| side == "target")
            .map(|(_, weight)| *weight)
    };
    let passed = history.iter().skip(changes);
    let passed = passed
        .filter_map(|snapshot| Some((target(snapshot, READER)?, target(snapshot, WRITER)?)))
        .collect();
    let weights = (stage.weights(READER).1, stage.weights(WRITER).1);
    Rest {
        phase,
        weights,
        broken,
        passed,
    }
}
