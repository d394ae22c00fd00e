//! Somebody who takes one migration from its first reader to its end, with three commands.

use std::time::Duration;

use cutover_core::journal;
use cutover_core::phase::Phase;
use cutover_core::report::Outcome;
use twin::Twin;

use super::environment::Environment;
use crate::conduct::TRIED_AGAIN;
use crate::reactions;

/// How long somebody waits who was told to try again, or looks again whether it is done.
const AGAIN: Duration = Duration::from_secs(15);
/// How often: four hours in all.
const LOOKS_MAX: u32 = 960;
/// How often nothing may be under way until it is given again: five minutes in all.
const IDLE_LOOKS_MAX: u32 = 20;
/// How often one command is given.
const ROUNDS_MAX: u32 = 10;

const LADDER: &str = r#"{"action":"gradual_cutover","ladder":[20,50,80,100],"bake_minutes":0}"#;
const WRITER: &str = r#"{"action":"manual_cutover","writes_stopped":true}"#;
const COMPLETE: &str = r#"{"action":"complete"}"#;

/// How one migration went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Journey {
    /// Commands that had to be given again.
    pub asked_again: u32,
    /// What stood in the way for good, if it never ended.
    pub stuck: Option<String>,
}

pub(super) async fn migrate(twin: Twin, environment: Environment) -> Journey {
    let mut operator = Operator {
        twin,
        environment,
        asked_again: 0,
    };
    let stuck = operator.whole().await.err();
    Journey {
        asked_again: operator.asked_again,
        stuck,
    }
}

struct Operator {
    twin: Twin,
    environment: Environment,
    asked_again: u32,
}

impl Operator {
    async fn whole(&mut self) -> Result<(), String> {
        self.bring(LADDER, |on_target, _| on_target.0 == 100).await?;
        self.bring(WRITER, |on_target, phase| {
            on_target == (100, 100) && phase == Phase::CutOver
        })
        .await?;
        self.bring(COMPLETE, |_, phase| phase == Phase::Completed).await
    }

    /// Gives a command, and gives it again where it came to nothing, until it is so.
    async fn bring(&mut self, payload: &str, is_so: impl Fn((u8, u8), Phase) -> bool) -> Result<(), String> {
        for round in 0..ROUNDS_MAX {
            self.asked_again = self.asked_again.saturating_add(round.min(1));
            self.ask(payload).await?;
            if self.wait_for(&is_so).await {
                return Ok(());
            }
        }
        let state = self.environment.state(&self.twin);
        let found = state.map(|state| (state.record.phase, state.hold));
        Err(format!("{payload}: {found:?}"))
    }

    /// Gives a command until it is taken.
    async fn ask(&mut self, payload: &str) -> Result<(), String> {
        let name = self.environment.function(route53_updater::NAME);
        let mut last = String::new();
        for _ in 0..LOOKS_MAX {
            let invoked = self.twin.invoke(&name, payload.as_bytes().to_vec()).await;
            let invoked = invoked.map_err(|unknown| unknown.to_string())?;
            match reactions::answer(invoked.result) {
                Ok(report) => match report.outcome {
                    Outcome::Done | Outcome::InProgress | Outcome::Unchanged => return Ok(()),
                    Outcome::Held => last = format!("{payload}: {:?}", report.blockers),
                    Outcome::Refused | Outcome::NeedsHuman => {
                        return Err(format!("{payload}: {}", report.message));
                    }
                },
                Err(failure) if TRIED_AGAIN.contains(&failure.error_type.as_str()) => {
                    last = failure.error_message;
                }
                Err(failure) => return Err(failure.error_message),
            }
            self.asked_again = self.asked_again.saturating_add(1);
            self.twin.clock().sleep(AGAIN).await;
        }
        Err(last)
    }

    /// Looks, without asking AWS, until it is so, or nothing has been under way for a while.
    async fn wait_for(&self, is_so: impl Fn((u8, u8), Phase) -> bool) -> bool {
        let mut idle = 0;
        for _ in 0..LOOKS_MAX {
            let state = self.environment.state(&self.twin);
            let phase = state.as_ref().map(|state| state.record.phase);
            if phase.is_some_and(|phase| is_so(self.environment.on_target(&self.twin), phase)) {
                return true;
            }
            // Of a generation that was claimed there may be no state yet: the tick writes it.
            let busy = state.is_some_and(|state| {
                state.record.ladder.is_some() || state.outcome == journal::Outcome::Open
            });
            idle = if busy { 0 } else { idle + 1 };
            if idle > IDLE_LOOKS_MAX {
                return false;
            }
            self.twin.clock().sleep(AGAIN).await;
        }
        false
    }
}
