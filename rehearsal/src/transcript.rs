//! What a story looked like, as operators see it: plain for the golden files, coloured for a terminal.

use anstyle::{AnsiColor, Style};
use cutover_core::dr;
use cutover_core::phase::Action;
use cutover_core::report::{Outcome, Report};
use jiff::{Timestamp, tz::TimeZone};
use twin::FunctionFailure;

use crate::dr::lines;
use crate::script::Expectation;

/// What an invocation came back with.
pub type Answer = Result<Box<Report>, FunctionFailure>;

/// What an invocation of `dr-failover` came back with.
pub type DrAnswer = Result<Box<dr::report::Report>, FunctionFailure>;

#[derive(Debug, Clone, PartialEq)]
pub enum Line {
    Title(String),
    Say(String),
    Happened(String),
    Invoke {
        function: String,
        payload: String,
    },
    /// A function and what made it act.
    Reacted(String),
    /// An answer, and the weights of reads and writes as `(source, target)` right after it.
    Answered {
        answer: Answer,
        traffic: [(u8, u8); 2],
    },
    DrAnswered(DrAnswer),
    Notice {
        severity: String,
        headline: String,
    },
    /// A notice with all that it says.
    Letter {
        severity: String,
        text: String,
    },
    /// What the application's clients see.
    Clients(String),
    Expect {
        expectation: Expectation,
        found: String,
    },
    Proof {
        holds: bool,
        sentence: String,
    },
}

#[derive(Debug, Clone, Default)]
pub struct Transcript {
    lines: Vec<(Timestamp, Line)>,
}

/// Characters of a bar: five percent each.
const BAR_CELLS: u16 = 20;
/// Where text begins beside the clock.
pub(crate) const INDENT: &str = "            ";
/// Characters of a message in one line; longer ones are folded at words.
const FOLD_AT: usize = 96;

impl Transcript {
    pub fn push(&mut self, at: Timestamp, line: Line) {
        self.lines.push((at, line));
    }

    #[must_use]
    pub fn render(&self, colours: bool) -> String {
        let paint = Paint { colours };
        let mut text = String::new();
        for (at, line) in &self.lines {
            text.push_str(&paint.line(*at, line));
        }
        text
    }

    /// The lines that came after the first `seen`, and how many there are now.
    #[must_use]
    pub fn since(&self, seen: usize, colours: bool) -> (String, usize) {
        let paint = Paint { colours };
        let text = self
            .lines
            .iter()
            .skip(seen)
            .map(|(at, line)| paint.line(*at, line))
            .collect();
        (text, self.lines.len())
    }
}

pub(crate) struct Paint {
    colours: bool,
}

impl Paint {
    fn style(&self, style: Style, text: &str) -> String {
        if self.colours {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn colour(&self, colour: AnsiColor, text: &str) -> String {
        self.style(colour.on_default(), text)
    }

    fn dim(&self, text: &str) -> String {
        self.style(Style::new().dimmed(), text)
    }

    fn line(&self, at: Timestamp, line: &Line) -> String {
        let clock = self.dim(&at.to_zoned(TimeZone::UTC).strftime("%d %H:%M:%S").to_string());
        match line {
            Line::Title(title) => {
                let rule = "─".repeat(title.chars().count());
                format!("{}\n{rule}\n", self.style(Style::new().bold(), title))
            }
            Line::Say(text) => format!("\n{}", folded(text, "")),
            Line::Happened(what) => format!("{clock} · {what}\n"),
            Line::Invoke { function, payload } => {
                let call = self.style(Style::new().bold(), &format!("{function} {payload}"));
                format!("{clock} ▶ {call}\n")
            }
            Line::Reacted(who) => format!("{clock} ◷ {who}\n"),
            Line::Answered {
                answer: Ok(report),
                traffic,
            } => self.report(report, *traffic),
            Line::Answered {
                answer: Err(failure), ..
            } => {
                let kind = self.colour(AnsiColor::Red, &failure.error_type);
                format!("{INDENT}{kind}\n{}", folded(&failure.error_message, INDENT))
            }
            Line::DrAnswered(answer) => lines::answered(self, answer),
            Line::Letter { severity, text } => lines::letter(severity, text),
            Line::Clients(change) => format!("{clock} ⇄ {change}\n"),
            Line::Notice { severity, headline } if severity.is_empty() => {
                format!("{INDENT}✉ {headline}\n")
            }
            Line::Notice { severity, headline } => format!("{INDENT}✉ {severity}: {headline}\n"),
            Line::Expect { expectation, found } if *found == expectation.value => {
                let mark = self.colour(AnsiColor::Green, "✓");
                format!("{INDENT}{mark} {} is {}\n", expectation.what, found)
            }
            Line::Expect { expectation, found } => {
                let mark = self.colour(AnsiColor::Red, "✗");
                format!(
                    "{INDENT}{mark} {} is {found}, expected {}\n",
                    expectation.what, expectation.value
                )
            }
            Line::Proof {
                holds: true,
                sentence,
            } => {
                format!("  {} {sentence}\n", self.colour(AnsiColor::Green, "✓"))
            }
            Line::Proof {
                holds: false,
                sentence,
            } => {
                format!("  {} NOT SO: {sentence}\n", self.colour(AnsiColor::Red, "✗"))
            }
        }
    }

    fn report(&self, report: &Report, traffic: [(u8, u8); 2]) -> String {
        let outcome = match report.outcome {
            Outcome::Done => self.colour(AnsiColor::Green, "done"),
            Outcome::Held => self.colour(AnsiColor::Yellow, "held"),
            Outcome::Refused => self.colour(AnsiColor::Yellow, "refused"),
            Outcome::NeedsHuman => self.colour(AnsiColor::Red, "needs_human"),
            Outcome::Unchanged | Outcome::InProgress => report.outcome.name().to_owned(),
        };
        let place = format!(
            "{outcome}, generation {}, {}",
            report.generation,
            report.phase.name()
        );
        let mut text = format!("{INDENT}{place}\n");
        text.push_str(&folded(&report.message, INDENT));
        for blocker in report
            .blockers
            .iter()
            .filter(|blocker| !report.message.contains(&blocker.message))
        {
            text.push_str(&folded(&format!("{}: {}", blocker.code, blocker.message), INDENT));
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
        for sentence in &report.missed_events {
            text.push_str(&folded(&format!("missed: {sentence}"), INDENT));
        }
        if !report.waiting_on.is_empty() {
            text.extend([INDENT, "waiting on ", report.waiting_on.join(", ").as_str(), "\n"]);
        }
        if report.dry_run {
            for step in &report.steps {
                text.extend([INDENT, "would ", step.step.as_str(), "\n"]);
            }
        }
        let may_move = report.action != Action::Monitor
            && matches!(
                report.outcome,
                Outcome::Done | Outcome::InProgress | Outcome::NeedsHuman
            );
        if may_move {
            for (name, (source, target)) in ["reads ", "writes"].iter().zip(traffic) {
                text.extend([INDENT, name, " ", self.bar(source, target).as_str(), "\n"]);
            }
        }
        text
    }

    fn bar(&self, source: u8, target: u8) -> String {
        let all = u16::from(source) + u16::from(target);
        let Some(cells) = (u16::from(target) * BAR_CELLS).checked_div(all) else {
            return "nobody: both weights are 0".to_owned();
        };
        let percent = (u16::from(target) * 100).checked_div(all).unwrap_or_default();
        let filled = self.colour(AnsiColor::Cyan, &"█".repeat(usize::from(cells)));
        let rest = self.dim(&"░".repeat(usize::from(BAR_CELLS - cells)));
        format!("{filled}{rest} {percent:>3} % on the target")
    }
}

pub(crate) fn folded(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > FOLD_AT {
            lines.extend([indent, line.as_str(), "\n"]);
            line.clear();
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.extend([indent, line.as_str(), "\n"]);
    }
    lines
}
