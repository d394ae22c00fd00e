//! A story about two regions: time goes on by itself while functions work for minutes, and what happens is told in the
//! order in which it happened.

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinHandle;
use twin::Twin;

use super::stage::DrStage;
use crate::player::{MINUTE_SECONDS, PlayError, Player};
use crate::reactions::{Reaction, Said, dr_answer};
use crate::stage::deployed_name;
use crate::transcript::{DrAnswer, Line};

/// What is told at once to functions is answered within so long, unless it takes minutes.
const MOMENT: Duration = Duration::from_secs(2);
/// On a real clock the machine may be busy with something else.
const REAL_MOMENT: Duration = Duration::from_secs(10);

/// What was told of what happened beside the invocations.
#[derive(Debug, Default)]
pub(crate) struct Told {
    notices: usize,
    changes: usize,
}

/// AWS does what it does each minute, whether or not anybody looks.
pub(crate) fn let_live(twin: Twin) -> JoinHandle<()> {
    tokio::spawn(async move {
        loop {
            let now = twin.clock().now();
            let next = now.as_second() - now.as_second().rem_euclid(MINUTE_SECONDS) + MINUTE_SECONDS;
            let next = Timestamp::from_second(next).unwrap_or(Timestamp::MAX);
            let wait = Duration::try_from(next.duration_since(now)).unwrap_or_default();
            twin.clock().sleep(wait).await;
            twin.minute().await;
        }
    })
}

impl Player {
    /// Waits for the answer, which may take minutes.
    pub(crate) async fn invoke_dr(&mut self, payload: &str) -> Result<(), PlayError> {
        let dr = self.stage.dr()?.clone();
        let name = deployed_name(super::stage::FUNCTION);
        let asked = dr.twin.invoke(&name, payload.as_bytes().to_vec()).await;
        let asked = asked.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
        let answer = dr_answer(asked.result);
        let at = self.stage.twin.clock().now();
        self.tell_beside(&dr, vec![(at, Line::DrAnswered(answer.clone()))]);
        self.last = Some(Said::Dr(answer));
        Ok(())
    }

    /// Waits a moment for whoever was told, and tells what has ended and happened.
    pub(crate) async fn react_dr(&mut self, dr: &DrStage) {
        // Who works for minutes is told when it has ended.
        let moment = if self.is_on_a_real_clock() {
            REAL_MOMENT
        } else {
            MOMENT
        };
        let _at_work = tokio::time::timeout(moment, self.stage.twin.quiet()).await;
        self.tell_beside(dr, Vec::new());
    }

    fn tell_beside(&mut self, dr: &DrStage, mut news: Vec<(Timestamp, Line)>) {
        for reaction in self.reactions.news(&self.stage.twin) {
            let Reaction {
                at,
                told,
                answer,
                leads,
            } = reaction;
            if !told.is_empty() {
                news.push((at, Line::Reacted(told)));
                news.push((at, self.line(answer.clone())));
            }
            if leads {
                self.last = Some(answer);
            }
        }
        news.extend(self.beside.news(dr));
        // What happened at the same moment stays in order: first the answer, then what it told people.
        news.sort_by_key(|(at, _)| *at);
        for (at, line) in news {
            self.transcript.push(at, line);
        }
        self.tell_notices(Timestamp::MAX);
    }

    pub(crate) fn line(&self, said: Said) -> Line {
        match said {
            Said::Migration(answer) => Line::Answered {
                answer,
                traffic: self.traffic(),
            },
            Said::Dr(answer) => Line::DrAnswered(answer),
        }
    }
}

impl Told {
    /// Nobody is told of what was sent so far.
    pub(crate) fn pass_over(&mut self, dr: &DrStage) {
        let _untold = self.news(dr);
    }

    fn news(&mut self, dr: &DrStage) -> Vec<(Timestamp, Line)> {
        let published = dr.twin.sns(|sns| sns.published());
        let mut news = Vec::new();
        for notice in published.iter().skip(self.notices) {
            let severity = notice.attributes.get("severity").cloned().unwrap_or_default();
            let line = match &notice.subject {
                // What an alarm itself sends to the topic has no severity, and a message for machines.
                Some(subject) if severity.is_empty() => Line::Notice {
                    severity,
                    headline: subject.clone(),
                },
                Some(_) | None => Line::Letter {
                    severity,
                    text: notice.message.clone(),
                },
            };
            news.push((notice.at, line));
        }
        self.notices = published.len();
        let changes = dr.clients.tally().changes;
        for (at, change) in changes.iter().skip(self.changes) {
            news.push((*at, Line::Clients(change.clone())));
        }
        self.changes = changes.len();
        news
    }
}

/// Whether an answer is of a kind that a tick gives when nothing is to do.
pub(crate) fn is_quiet(answer: &DrAnswer) -> bool {
    matches!(answer, Ok(report) if report.outcome == cutover_core::report::Outcome::Unchanged)
}
