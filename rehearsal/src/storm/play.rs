//! One schedule, played to its end and then until nothing moves any more.

use std::time::Duration;

use cutover_core::blocker::Code;
use cutover_core::journal::Outcome;
use cutover_core::state::State;
use cutover_core::subject::Snapshot;
use tokio::task::JoinHandle;
use twin::cloudwatch::Feed;
use twin::{Cause, TwinOptions};

use super::line::{Line, Schedule};
use super::troubles::SET_BY_HAND;
use super::truth::Truth;
use crate::change_line::Change;
use crate::player::{self, PlayError, Player};
use crate::script::{self, Happening};
use crate::stage::{Direction, STATE, Stage};
use crate::story;
use crate::transcript::Answer;

/// Minutes that a storm is given to come to rest at most: a cutover's ten, its way back's ten, Lambda's retries,
/// and a window that ends meanwhile.
const REST_MINUTES_MAX: u32 = 45;
/// A minute in which nothing changes is rest.
const STILL_MINUTES: u32 = 1;
const MINUTE: Happening = Happening::Advance(Duration::from_mins(1));

/// A schedule that was played.
pub(super) struct Played {
    pub player: Player,
    pub truth: Truth,
    /// Samples that somebody sent, with the invocation's number if it went straight to a function.
    pub forged: Vec<Sent>,
    pub came_to_rest: bool,
}

/// A forged event that went straight to a function.
pub(super) struct Sent {
    pub sample: String,
    /// Number of the invocation.
    pub number: u64,
}

struct Storm {
    player: Player,
    truth: Truth,
    forged: Vec<Sent>,
    /// What the lag metrics say: forward and reverse.
    lags: (Option<u32>, Option<u32>),
    pending: Vec<JoinHandle<Result<Answer, PlayError>>>,
}

pub(super) async fn play(schedule: &Schedule) -> Result<Played, PlayError> {
    let words = schedule.setting.iter();
    let text: Vec<String> = words.map(|word| format!("#: {word}")).collect();
    let setting = story::setting(&text.join("\n")).map_err(PlayError::Line)?;
    let untouched = setting.untouched;
    let options = TwinOptions {
        seed: schedule.seed,
        ..TwinOptions::default()
    };
    let stage = Box::pin(Stage::build(options, setting))
        .await
        .map_err(PlayError::Stage)?;
    let mut storm = Storm {
        player: Player::new(stage),
        truth: Truth::default(),
        forged: Vec::new(),
        lags: ((!untouched).then_some(2), Some(0)),
        pending: Vec::new(),
    };
    storm.look();
    for line in &schedule.lines {
        storm.line(line).await?;
    }
    let came_to_rest = storm.rest().await?;
    Ok(Played {
        player: storm.player,
        truth: storm.truth,
        forged: storm.forged,
        came_to_rest,
    })
}

impl Storm {
    fn look(&mut self) {
        self.truth.look(&self.player.stage, self.lags);
    }

    async fn line(&mut self, line: &Line) -> Result<(), PlayError> {
        self.look();
        match line {
            Line::Story(text) => self.story(text).await?,
            Line::Weather(weather) => self.player.stage.twin.weather(*weather),
            Line::During(after, payload) => {
                let into = self.player.stage.twin.clock().now().as_second().rem_euclid(60);
                self.later(Duration::from_secs(60 - into.unsigned_abs()) + *after, payload);
            }
            Line::Later(after, payload) => self.later(*after, payload),
            Line::Limit(percent) => self.limit(*percent),
            Line::Alarms => self.alarms()?,
            Line::Restore => self.player.stage.put_missing_records(),
        }
        self.look();
        Ok(())
    }

    async fn story(&mut self, text: &str) -> Result<(), PlayError> {
        let happenings = script::parse(text).map_err(|bad| PlayError::Line(bad.to_string()))?;
        for happening in &happenings {
            self.play(happening).await?;
        }
        Ok(())
    }

    async fn play(&mut self, happening: &Happening) -> Result<(), PlayError> {
        let before = self.player.stage.twin.invoked_count();
        match self.player.play(happening).await {
            Ok(()) => {}
            // What is gone already cannot be lost again: the dice do not know.
            Err(PlayError::Line(_)) if matches!(happening, Happening::Change(_)) => {}
            Err(error) => return Err(error),
        }
        match happening {
            Happening::Change(Change::Lag { direction, seconds }) => match direction {
                Direction::Forward => self.lags.0 = *seconds,
                Direction::Reverse => self.lags.1 = *seconds,
            },
            Happening::Event(sent) if super::samples::forged().contains(&sent.sample) => {
                let invoked = self.player.stage.twin.invoked_from(before.saturating_add(1));
                let direct = invoked.iter().filter(|invoked| invoked.cause == Cause::Async);
                self.forged.extend(direct.map(|invoked| Sent {
                    sample: sent.sample.clone(),
                    number: invoked.number,
                }));
            }
            Happening::Advance(_) => self.collect().await?,
            Happening::Say(_) | Happening::Expect(_) | Happening::Ticks(_) | Happening::Weather(_) => {}
            Happening::Invoke { .. } | Happening::Together { .. } | Happening::Often(_) => {}
            Happening::Change(_) | Happening::Event(_) | Happening::Fault(_) | Happening::NoFaults => {}
            // No migration's storm has one.
            Happening::Dr(_) => {}
        }
        Ok(())
    }

    /// A command that comes while something else goes on.
    fn later(&mut self, wait: Duration, payload: &str) {
        let stage = self.player.stage.clone();
        let payload = payload.to_owned();
        self.pending.push(tokio::spawn(async move {
            stage.twin.clock().sleep(wait).await;
            player::call(&stage, "route53-updater", &payload).await
        }));
    }

    /// Waits for the commands that were under way.
    async fn collect(&mut self) -> Result<(), PlayError> {
        for pending in self.pending.extract_if(.., |pending| pending.is_finished()) {
            let answer = pending.await;
            let _seen_in_the_log = answer.map_err(|error| PlayError::Line(error.to_string()))??;
        }
        Ok(())
    }

    fn limit(&self, percent: Option<u8>) {
        let feed = percent.map_or(Feed::Silent, |percent| Feed::Constant(f64::from(percent)));
        self.player.stage.twin.cloudwatch(|cloudwatch| {
            cloudwatch.feed("Shop", "FailedChecks", &[("Service", "orders")], feed);
        });
    }

    fn alarms(&self) -> Result<(), PlayError> {
        let [watched, _, _, suppressor] = SET_BY_HAND;
        let rule = format!("ALARM(\"{watched}\")");
        self.player
            .stage
            .twin
            .cloudwatch(|cloudwatch| {
                for name in SET_BY_HAND {
                    cloudwatch.alarm_has_been(name, "OK");
                }
                cloudwatch.create_composite("migration-dev-health", &rule, Some((suppressor, 60, 60)))
            })
            .map_err(|error| PlayError::Line(format!("{error:?}")))
    }

    async fn rest(&mut self) -> Result<bool, PlayError> {
        let mut still = 0;
        let mut before = self.mark();
        for _ in 0..REST_MINUTES_MAX {
            self.look();
            self.play(&MINUTE).await?;
            self.look();
            let after = self.mark();
            still = if after == before && self.is_settled() {
                still + 1
            } else {
                0
            };
            if still >= STILL_MINUTES {
                return Ok(true);
            }
            before = after;
        }
        Ok(false)
    }

    /// What changes as long as anything is done.
    fn mark(&self) -> (usize, usize, usize) {
        let twin = &self.player.stage.twin;
        (
            twin.ssm(|ssm| ssm.names("/migration/dev/journal/").len()),
            twin.route53(|route53| route53.history().len()),
            twin.sns(|sns| sns.published().len()),
        )
    }

    /// The snapshot is of the head, and nothing in it is open, though resolvers may still follow; or it waits for a
    /// person who says what is to become of somebody's edit.
    fn is_settled(&self) -> bool {
        let twin = &self.player.stage.twin;
        let (names, value) = twin.ssm(|ssm| (ssm.names("/migration/dev/journal/"), ssm.value(STATE)));
        let Some(state) = value.and_then(|value| State::decode(&value).ok()) else {
            return names.is_empty();
        };
        let is_head = names
            .last()
            .is_some_and(|name| name.ends_with(&state.generation.name()));
        let told = state.untold.open().is_empty() && state.unannounced.open().is_empty();
        let done = state.outcome != Outcome::Open;
        is_head && told && (done || waits_for_hands(&state))
    }
}

/// Records that somebody edited or deleted are a person's to put right.
pub(super) fn waits_for_hands(state: &State) -> bool {
    let by_hand = [Code::Drift, Code::RecordMissing];
    let held = state.hold.as_ref();
    held.is_some_and(|hold| hold.codes.iter().any(|code| by_hand.contains(code)))
}
