//! Plays a story on a stage, line by line, and writes down what operators would see.

use std::time::Duration;

use cutover_core::error::Failure;
use jiff::Timestamp;

use crate::dr::playing::{self, Told};
use crate::dr::stage::FUNCTION as DR_FUNCTION;
use crate::expect;
use crate::reactions::{self, Reaction, Reactions, Said};
use crate::script::Happening;
use crate::stage::{READER, Stage, WRITER};
use crate::transcript::{Answer, Line, Transcript};

pub(crate) const MINUTE_SECONDS: i64 = 60;

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
    clock: Pace,
    pub(crate) last: Option<Said>,
    pub(crate) notices_told: usize,
    pub(crate) reactions: Reactions,
    pub(crate) beside: Told,
}

/// What makes time pass, and the minutes come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pace {
    /// `advance` waits, and lets AWS do at each minute what it does.
    Waits,
    /// The same on a real clock, which it makes jump.
    Jumps,
    /// AWS lives by itself, because functions work for minutes.
    Lives,
}

impl Player {
    #[must_use]
    pub fn new(stage: Stage) -> Self {
        Self {
            stage,
            transcript: Transcript::default(),
            failed_expectations: 0,
            clock: Pace::Waits,
            last: None,
            notices_told: 0,
            reactions: Reactions::default(),
            beside: Told::default(),
        }
    }

    /// On a real clock `advance` jumps instead of waiting.
    pub fn let_time_jump(&mut self) {
        self.clock = Pace::Jumps;
    }

    pub(crate) fn is_on_a_real_clock(&self) -> bool {
        self.clock == Pace::Jumps
    }

    /// In a story about two regions AWS goes on while a function works for minutes.
    pub fn let_aws_live(&mut self) {
        if self.stage.dr.is_some() {
            self.clock = Pace::Lives;
            // For as long as the story's runtime lives.
            let _living = playing::let_live(self.stage.twin.clone());
        }
    }

    pub async fn play(&mut self, happening: &Happening) -> Result<(), PlayError> {
        match happening {
            Happening::Say(text) => self.tell(Line::Say(text.clone())),
            Happening::Invoke { function, payload } => self.invoke(function, payload).await?,
            Happening::Together { function, payloads } => self.together(function, payloads).await?,
            Happening::Often(often) => self.often(often).await?,
            Happening::Advance(by) => self.advance(*by).await?,
            Happening::Ticks(on) => {
                for region in self.stage.twin.everywhere() {
                    region.schedules(*on);
                }
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
                self.react().await;
            }
            Happening::Dr(change) => {
                let sentence = Box::pin(self.stage.dr_change(change)).await?;
                self.happened(sentence);
                self.react().await;
            }
            Happening::Weather(weather) => {
                let sentence = self.stage.weather(*weather);
                self.happened(sentence);
                self.react().await;
            }
            Happening::Event(event) => {
                let sentence = self.stage.event(event)?;
                self.happened(sentence);
                self.react().await;
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
        if function == DR_FUNCTION {
            self.invoke_dr(payload).await?;
        } else {
            let answer = call(&self.stage, function, payload).await?;
            self.answered(answer);
        }
        self.react().await;
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
        self.last = Some(Said::Migration(answer));
        self.tell_notices(self.stage.twin.clock().now());
    }

    pub(crate) fn traffic(&self) -> [(u8, u8); 2] {
        let writer = if self.stage.setting.shared { READER } else { WRITER };
        [self.stage.weights(READER), self.stage.weights(writer)]
    }

    /// What was sent by that moment and is not told yet.
    pub(crate) fn tell_notices(&mut self, until: Timestamp) {
        let published = self.stage.twin.sns(|sns| sns.published());
        let news = published.iter().skip(self.notices_told);
        for notice in news.take_while(|notice| notice.at <= until) {
            self.notices_told += 1;
            let severity = notice.attributes.get("severity").cloned().unwrap_or_default();
            // What an alarm itself sends to the topic has no severity, and a message for machines.
            let headline = match &notice.subject {
                Some(subject) if severity.is_empty() => subject.as_str(),
                Some(_) | None => notice.message.lines().next().unwrap_or_default(),
            };
            let headline = headline.to_owned();
            self.transcript
                .push(notice.at, Line::Notice { severity, headline });
        }
    }

    /// Time passes; at every whole minute AWS does what it does by itself, the schedules among it.
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
            self.react().await;
            if minute > end {
                return Ok(());
            }
            if self.clock != Pace::Lives {
                self.minute().await;
            }
            if self.stage.twin.clock().now() >= end {
                return Ok(());
            }
        }
    }

    /// One whole minute, and what became of it.
    pub async fn minute(&mut self) {
        self.stage.twin.minute().await;
        self.react().await;
    }

    /// Waits until whoever was told has done what it does, and tells what that was.
    async fn react(&mut self) {
        if let Some(dr) = self.stage.dr.clone() {
            return self.react_dr(&dr).await;
        }
        self.stage.twin.quiet().await;
        for reaction in self.reactions.news(&self.stage.twin) {
            let Reaction {
                at,
                told,
                answer,
                leads,
            } = reaction;
            if leads {
                self.last = Some(answer.clone());
            }
            if !told.is_empty() {
                let line = self.line(answer);
                self.transcript.push(at, Line::Reacted(told));
                self.transcript.push(at, line);
            }
            self.tell_notices(at);
        }
        self.tell_notices(Timestamp::MAX);
    }

    async fn wait_until(&self, moment: Timestamp) {
        let clock = self.stage.twin.clock();
        let Ok(left) = Duration::try_from(moment.duration_since(clock.now())) else {
            return;
        };
        if self.clock == Pace::Jumps {
            clock.advance(left);
        } else {
            clock.sleep(left).await;
        }
    }
}

/// Invokes a function as Lambda would and reads its answer.
pub async fn call(stage: &Stage, function: &str, payload: &str) -> Result<Answer, PlayError> {
    let name = stage.function(function);
    let invocation = stage.twin.invoke(&name, payload.as_bytes().to_vec()).await;
    let invocation = invocation.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
    Ok(reactions::answer(invocation.result))
}

pub(crate) fn spoken(by: Duration) -> String {
    match by.as_secs() {
        seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
