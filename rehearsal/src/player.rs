//! Plays a story on a stage, line by line, and writes down what operators would see.

use std::time::Duration;

use cutover_core::error::Failure;
use cutover_core::report::Report;
use jiff::Timestamp;
use twin::FunctionFailure;

use crate::expect;
use crate::script::Happening;
use crate::stage::{READER, Stage, WRITER};
use crate::transcript::{Answer, Line, Transcript};

const MINUTE_SECONDS: i64 = 60;
const TICK: &str = r#"{"action":"tick"}"#;

/// Why a story cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum PlayError {
    #[error("the stage: {}", .0.chain())]
    Stage(Failure),
    #[error("{0}")]
    Line(String),
}

/// A story in progress.
pub struct Player {
    pub stage: Stage,
    pub transcript: Transcript,
    pub failed_expectations: u32,
    ticks: bool,
    jumps: bool,
    last: Option<Answer>,
    notices_told: usize,
    last_tick: Option<TickKey>,
}

/// What makes a tick worth a line: anything but the same as the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
struct TickKey {
    outcome: String,
    codes: Vec<&'static str>,
    waiting_on: Vec<String>,
}

impl Player {
    #[must_use]
    pub fn new(stage: Stage) -> Self {
        Self {
            stage,
            transcript: Transcript::default(),
            failed_expectations: 0,
            ticks: true,
            jumps: false,
            last: None,
            notices_told: 0,
            last_tick: None,
        }
    }

    /// On a real clock `advance` jumps instead of waiting.
    pub fn let_time_jump(&mut self) {
        self.jumps = true;
    }

    pub async fn play(&mut self, happening: &Happening) -> Result<(), PlayError> {
        match happening {
            Happening::Say(text) => self.tell(Line::Say(text.clone())),
            Happening::Invoke { function, payload } => self.invoke(function, payload).await?,
            Happening::Together { function, payloads } => self.together(function, payloads).await?,
            Happening::Advance(by) => self.advance(*by).await?,
            Happening::Ticks(on) => {
                self.ticks = *on;
                self.happened(format!("the schedule is {}", if *on { "on" } else { "off" }));
            }
            Happening::Expect(expectations) => {
                for expectation in expectations {
                    let found = expect::found(&self.stage, self.last.as_ref(), &expectation.what);
                    let as_expected = found == expectation.value;
                    self.failed_expectations += u32::from(!as_expected);
                    self.tell(Line::Expect {
                        expectation: expectation.clone(),
                        found,
                    });
                }
            }
            Happening::Change(change) => {
                let sentence = self.stage.change(change)?;
                self.happened(sentence);
            }
            Happening::Fault(fault) => {
                self.stage.twin.faults().add(fault.clone());
                self.happened(format!("fault: {fault}"));
            }
            Happening::NoFaults => {
                self.stage.twin.faults().clear();
                self.happened("the faults are over".to_owned());
            }
        }
        Ok(())
    }

    fn tell(&mut self, line: Line) {
        let at = self.stage.twin.clock().now();
        self.transcript.push(at, line);
    }

    fn happened(&mut self, what: String) {
        self.tell(Line::Happened(what));
    }

    async fn invoke(&mut self, function: &str, payload: &str) -> Result<(), PlayError> {
        self.tell(Line::Invoke {
            function: function.to_owned(),
            payload: payload.to_owned(),
        });
        let answer = call(&self.stage, function, payload).await?;
        self.answered(answer);
        Ok(())
    }

    async fn together(&mut self, function: &str, payloads: &[String]) -> Result<(), PlayError> {
        let mut calls = Vec::new();
        for payload in payloads {
            self.tell(Line::Invoke {
                function: function.to_owned(),
                payload: payload.clone(),
            });
            let (stage, function, payload) = (self.stage.clone(), function.to_owned(), payload.clone());
            calls.push(tokio::spawn(
                async move { call(&stage, &function, &payload).await },
            ));
        }
        for pending in calls {
            let answer = pending
                .await
                .map_err(|error| PlayError::Line(error.to_string()))??;
            self.answered(answer);
        }
        Ok(())
    }

    fn answered(&mut self, answer: Answer) {
        self.tell(Line::Answered {
            answer: answer.clone(),
            traffic: self.traffic(),
        });
        self.last = Some(answer);
        self.tell_notices();
    }

    fn traffic(&self) -> [(u8, u8); 2] {
        let writer = if self.stage.setting.shared { READER } else { WRITER };
        [self.stage.weights(READER), self.stage.weights(writer)]
    }

    fn tell_notices(&mut self) {
        let published = self.stage.twin.sns(|sns| sns.published().clone());
        for notice in published.iter().skip(self.notices_told) {
            let severity = notice.attributes.get("severity").cloned().unwrap_or_default();
            let headline = notice.message.lines().next().unwrap_or_default().to_owned();
            self.tell(Line::Notice { severity, headline });
        }
        self.notices_told = published.len();
    }

    /// Time passes; the schedule invokes the tick on every whole minute.
    async fn advance(&mut self, by: Duration) -> Result<(), PlayError> {
        self.happened(format!("{} pass", spoken(by)));
        let end = self
            .stage
            .twin
            .clock()
            .now()
            .checked_add(by)
            .unwrap_or(Timestamp::MAX);
        loop {
            let now = self.stage.twin.clock().now();
            let into = now.as_second().rem_euclid(MINUTE_SECONDS);
            let minute = Timestamp::from_second(now.as_second() - into + MINUTE_SECONDS).unwrap_or(end);
            self.wait_until(minute.min(end)).await;
            if minute > end {
                return Ok(());
            }
            if self.ticks {
                self.tick().await?;
            }
            if self.stage.twin.clock().now() >= end {
                return Ok(());
            }
        }
    }

    async fn wait_until(&self, moment: Timestamp) {
        let clock = self.stage.twin.clock();
        let Ok(left) = Duration::try_from(moment.duration_since(clock.now())) else {
            return;
        };
        if self.jumps {
            clock.advance(left);
        } else {
            clock.sleep(left).await;
        }
    }

    async fn tick(&mut self) -> Result<(), PlayError> {
        let answer = call(&self.stage, route53_updater::NAME, TICK).await?;
        let key = tick_key(&answer);
        let news = match &self.last_tick {
            Some(last) => *last != key,
            None => key.outcome != "unchanged" || !key.waiting_on.is_empty(),
        };
        self.last_tick = Some(key);
        let done = matches!(&answer, Ok(report) if report.outcome == cutover_core::report::Outcome::Done);
        if news || done || answer.is_err() {
            self.tell(Line::Tick);
            self.tell(Line::Answered {
                answer: answer.clone(),
                traffic: self.traffic(),
            });
        }
        self.last = Some(answer);
        self.tell_notices();
        Ok(())
    }
}

fn tick_key(answer: &Answer) -> TickKey {
    match answer {
        Ok(report) => {
            let codes = report
                .blockers
                .iter()
                .map(|blocker| blocker.code.name())
                .collect();
            let outcome = report.outcome.name().to_owned();
            TickKey {
                outcome,
                codes,
                waiting_on: report.waiting_on.clone(),
            }
        }
        Err(failure) => TickKey {
            outcome: failure.error_type.clone(),
            codes: Vec::new(),
            waiting_on: Vec::new(),
        },
    }
}

/// Invokes a function as Lambda would and reads its answer.
pub async fn call(stage: &Stage, function: &str, payload: &str) -> Result<Answer, PlayError> {
    let name = stage.function(function);
    let invocation = stage.twin.invoke(&name, payload.as_bytes().to_vec()).await;
    let invocation = invocation.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
    match invocation.result {
        Ok(answer) => {
            let report: Report =
                serde_json::from_slice(&answer).map_err(|error| PlayError::Line(error.to_string()))?;
            Ok(Ok(Box::new(report)))
        }
        Err(FunctionFailure {
            error_type,
            error_message,
        }) => Ok(Err(FunctionFailure {
            error_type,
            error_message,
        })),
    }
}

fn spoken(by: Duration) -> String {
    match by.as_secs() {
        seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
