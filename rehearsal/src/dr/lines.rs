//! How an answer and a notice of `dr-failover` look in a transcript.

use std::fmt::Write;

use anstyle::AnsiColor;
use cutover_core::dr::report::Report;
use cutover_core::dr::votes::{Says, Vote};
use cutover_core::report::Outcome;

use crate::transcript::{DrAnswer, INDENT, Paint, folded};

/// What a person sees of an answer: how it came out, who is what, what speaks against the writer, what may be lost.
pub(crate) fn answered(paint: &Paint, answer: &DrAnswer) -> String {
    match answer {
        Ok(report) => reported(paint, report),
        Err(failure) => {
            let kind = paint.colour(AnsiColor::Red, &failure.error_type);
            format!("{INDENT}{kind}\n{}", folded(&failure.error_message, INDENT))
        }
    }
}

fn reported(paint: &Paint, report: &Report) -> String {
    let colour = match report.outcome {
        Outcome::Done => Some(AnsiColor::Green),
        Outcome::Held | Outcome::Refused => Some(AnsiColor::Yellow),
        Outcome::NeedsHuman => Some(AnsiColor::Red),
        Outcome::Unchanged | Outcome::InProgress => None,
    };
    let outcome = report.outcome.name();
    let outcome = colour.map_or_else(|| outcome.to_owned(), |colour| paint.colour(colour, outcome));
    let mut text = format!(
        "{INDENT}{outcome}, generation {}, {}{}\n",
        report.generation,
        report.phase.name(),
        standing(report)
    );
    text.push_str(&folded(&report.message, INDENT));
    let said = |sentence: &str| report.message.contains(sentence);
    for blocker in report.blockers.iter().filter(|blocker| !said(&blocker.message)) {
        text.push_str(&folded(&format!("{}: {}", blocker.code, blocker.message), INDENT));
    }
    let bad = report.dr.votes.iter().filter(|vote| vote.says == Says::Bad);
    for vote in bad {
        text.push_str(&folded(&format!("bad: {}", spoken(vote)), INDENT));
    }
    let mut failed: Vec<_> = report
        .steps
        .iter()
        .filter(|step| step.result.starts_with("failed"))
        .collect();
    failed.dedup();
    for step in failed {
        text.push_str(&folded(&format!("{}: {}", step.step, step.result), INDENT));
    }
    for warning in &report.dr.warnings {
        text.push_str(&folded(&format!("to know: {warning}"), INDENT));
    }
    if !report.waiting_on.is_empty() {
        text.extend([INDENT, "waiting on ", report.waiting_on.join(", ").as_str(), "\n"]);
    }
    if report.dry_run {
        for step in &report.steps {
            text.extend([INDENT, "would ", step.step.as_str(), "\n"]);
        }
    }
    text
}

/// Who is the writer, how many speak against it, and what a promotion now may lose.
fn standing(report: &Report) -> String {
    let dr = &report.dr;
    let mut text = String::new();
    let roles: Vec<String> = dr
        .roles
        .iter()
        .map(|role| {
            let status = if role.status.contains(' ') {
                "no answer"
            } else {
                role.status.as_str()
            };
            format!("{} {} ({status})", role.side, role.role)
        })
        .collect();
    if !roles.is_empty() {
        text.push_str(": ");
        text.push_str(&roles.join(", "));
    }
    if !dr.votes.is_empty() {
        let bad = dr.votes.iter().filter(|vote| vote.says == Says::Bad).count();
        let all = dr.votes.len();
        let _written = write!(text, "; {bad} of {all} signals bad");
    }
    if let Some(loss) = dr.loss_estimate {
        let _written = write!(text, "; {} s at stake", loss.seconds);
    }
    text
}

fn spoken(vote: &Vote) -> String {
    let seconds = vote.bad_for_seconds.unwrap_or_default();
    format!("{} for {seconds} s: {}", vote.signal, vote.detail)
}

/// The whole notice, as people read it. What is in it for software alone is left out.
pub(crate) fn letter(severity: &str, text: &str) -> String {
    let mut lines = String::new();
    let mut machine = false;
    for (index, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            machine = !machine;
            continue;
        }
        let indent = format!("{INDENT}  ");
        match line {
            _ if machine => {}
            "" => {}
            headline if index == 0 => {
                lines.extend([INDENT, "✉ ", severity, ": ", headline, "\n"]);
            }
            row if row.starts_with('|') => lines.extend([indent.as_str(), row, "\n"]),
            paragraph => lines.push_str(&folded(paragraph, &indent)),
        }
    }
    lines
}
