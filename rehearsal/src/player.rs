//! Plays a story on a stage, line by line, and writes down what operators would see.

use std::time::Duration;

use cutover_core::error::Failure;
use jiff::Timestamp;

use crate::expect;
use crate::reactions::{self, Reaction, Reactions};
use crate::script::Happening;
use crate::stage::{READER, Stage, WRITER};
use crate::transcript::{Answer, Line, Transcript};

const MINUTE_SECONDS: i64 = 60;

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
    jumps: bool,
    last: Option<Answer>,
    notices_told: usize,
    reactions: Reactions,
}

impl Player {
    #[must_use]
    pub fn new(stage: Stage) -> Self {
        Self {
            stage,
            transcript: Transcript::default(),
            failed_expectations: 0,
            jumps: false,
            last: None,
            notices_told: 0,
            reactions: Reactions::default(),
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
                self.stage.twin.schedules(*on);
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
        let answer = call(&self.stage, function, payload).await?;
        self.answered(answer);
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
        self.last = Some(answer);
        self.tell_notices(self.stage.twin.clock().now());
    }

    fn traffic(&self) -> [(u8, u8); 2] {
        let writer = if self.stage.setting.shared { READER } else { WRITER };
        [self.stage.weights(READER), self.stage.weights(writer)]
    }

    /// What was sent by that moment and is not told yet.
    fn tell_notices(&mut self, until: Timestamp) {
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
            self.minute().await;
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
                let traffic = self.traffic();
                self.transcript.push(at, Line::Reacted(told));
                self.transcript.push(at, Line::Answered { answer, traffic });
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
        if self.jumps {
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

fn spoken(by: Duration) -> String {
    match by.as_secs() {
        seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
        seconds if seconds % 3_600 == 0 => format!("{} h", seconds / 3_600),
        seconds if seconds % 60 == 0 => format!("{} min", seconds / 60),
        seconds => format!("{seconds} s"),
    }
}
