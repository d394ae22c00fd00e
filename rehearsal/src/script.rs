//! The language of stories: one line per happening.

use std::time::Duration;

use twin::Fault;

use crate::change_line::{Change, change};
use crate::dr::change_line::{self as dr, DrChange};
use crate::fault_line::{crash, fault};

/// One happening.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// A line of prose for the transcript.
    Say(String),
    Invoke {
        function: String,
        payload: String,
    },
    /// Two operators at the same moment.
    Together {
        function: String,
        payloads: Vec<String>,
    },
    /// Somebody does the same over and over again, one payload after the other.
    Often(Often),
    Advance(Duration),
    /// Whether the schedule invokes the tick each minute.
    Ticks(bool),
    Change(Change),
    /// Something that concerns two regions.
    Dr(DrChange),
    /// How events travel from now on.
    Weather(Sky),
    /// Something reaches the bus or a function.
    Event(Sent),
    Fault(Fault),
    NoFaults,
    Expect(Vec<Expectation>),
}

/// So many invocations, one each time that so much has passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Often {
    pub times: usize,
    pub every: Duration,
    pub function: String,
    pub payloads: Vec<String>,
}

/// How events, alarm actions and notices to functions travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sky {
    Fair,
    AllLost,
    AllDoubled,
    Late(Duration),
    /// Held back, until they are let go in the order in which they came, or in reverse.
    Held,
    Released,
    Reversed,
}

/// An event that somebody sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// A file of `events/`, without `.json`.
    pub sample: String,
    /// Straight to this function, instead of over the bus.
    pub to: Option<String>,
}

/// `what=value`, checked against the last answer, the records, or the state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expectation {
    pub what: String,
    pub value: String,
}

/// A line that is not a happening.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {number}: {problem}: {line}")]
pub struct BadLine {
    pub number: usize,
    pub line: String,
    pub problem: String,
}

/// Longest time one line may advance, in seconds: a month.
const ADVANCE_SECONDS_MAX: u64 = 31 * 86_400;

/// Reads a whole story. Blank lines and lines that begin with `#` are left out.
pub fn parse(text: &str) -> Result<Vec<Happening>, BadLine> {
    let lines = text
        .lines()
        .enumerate()
        .map(|(index, line)| (index + 1, line.trim()));
    let told = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    told.map(|(number, line)| {
        parse_line(line).map_err(|problem| BadLine {
            number,
            line: line.to_owned(),
            problem,
        })
    })
    .collect()
}

fn parse_line(line: &str) -> Result<Happening, String> {
    let (word, rest) = line
        .split_once(' ')
        .map_or((line, ""), |(word, rest)| (word, rest.trim()));
    if let Some(change) = dr::change(word, rest) {
        return change.map(Happening::Dr);
    }
    match word {
        "say" => Ok(Happening::Say(rest.to_owned())),
        "invoke" => {
            let (function, payload) = function_and(rest)?;
            Ok(Happening::Invoke { function, payload })
        }
        "together" => {
            let (function, payloads) = function_and_several(rest)?;
            Ok(Happening::Together { function, payloads })
        }
        "often" => often(rest).map(Happening::Often),
        "advance" => Ok(Happening::Advance(duration(rest)?)),
        "ticks" => Ok(Happening::Ticks(on_or_off(rest)?)),
        "events" => weather(rest).map(Happening::Weather),
        "event" => Ok(Happening::Event(event(rest))),
        "fault" if rest == "clear" => Ok(Happening::NoFaults),
        "fault" => fault(rest).map(Happening::Fault),
        "crash" => crash(rest).map(Happening::Fault),
        "expect" => expectations(rest),
        other => match change(other, rest) {
            Some(change) => change.map(Happening::Change),
            None => Err(format!("{other:?} is no happening")),
        },
    }
}

/// `110 every 31m FUNCTION {…} | {…}`
fn often(rest: &str) -> Result<Often, String> {
    let wanted = "how often, every so much, a function, then payloads";
    let (times, rest) = rest.split_once(" every ").ok_or(wanted)?;
    let (every, rest) = rest.split_once(' ').ok_or(wanted)?;
    let (function, payloads) = function_and_several(rest)?;
    Ok(Often {
        times: number(times)?,
        every: duration(every)?,
        function,
        payloads,
    })
}

pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{text:?} is no number that fits here"))
}

pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    let split = text
        .find(|character: char| !character.is_ascii_digit())
        .unwrap_or(text.len());
    let (amount, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        other => return Err(format!("{other:?} is no unit: s, m, h or d")),
    };
    let total = number::<u64>(amount)?
        .checked_mul(seconds)
        .filter(|total| *total <= ADVANCE_SECONDS_MAX);
    total
        .map(Duration::from_secs)
        .ok_or_else(|| "longer than a month".to_owned())
}

fn on_or_off(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        other => Err(format!("{other:?} is neither on nor off")),
    }
}

fn weather(rest: &str) -> Result<Sky, String> {
    match rest.split_once(' ').unwrap_or((rest, "")) {
        ("fair", "") => Ok(Sky::Fair),
        ("lost", "") => Ok(Sky::AllLost),
        ("doubled", "") => Ok(Sky::AllDoubled),
        ("held", "") => Ok(Sky::Held),
        ("released", "") => Ok(Sky::Released),
        ("reversed", "") => Ok(Sky::Reversed),
        ("late", by) => duration(by).map(Sky::Late),
        _ => Err("events fair|lost|doubled|held|released|reversed|late DURATION".to_owned()),
    }
}

/// `SAMPLE`, or `SAMPLE to FUNCTION`.
pub(crate) fn event(rest: &str) -> Sent {
    let (sample, to) = rest
        .split_once(" to ")
        .map_or((rest, None), |(sample, to)| (sample, Some(to)));
    Sent {
        sample: sample.trim().to_owned(),
        to: to.map(|to| to.trim().to_owned()),
    }
}

fn function_and(rest: &str) -> Result<(String, String), String> {
    let (function, payload) = rest.split_once(' ').ok_or("a function, then a payload")?;
    Ok((function.to_owned(), payload.trim().to_owned()))
}

fn function_and_several(rest: &str) -> Result<(String, Vec<String>), String> {
    let (function, payloads) = function_and(rest)?;
    let payloads = payloads.split(" | ");
    Ok((
        function,
        payloads.map(|payload| payload.trim().to_owned()).collect(),
    ))
}

fn expectations(rest: &str) -> Result<Happening, String> {
    let expectation = |word: &str| {
        let (what, value) = word
            .split_once('=')
            .ok_or_else(|| format!("{word:?} is not what=value"))?;
        Ok(Expectation {
            what: what.to_owned(),
            value: value.to_owned(),
        })
    };
    let found: Vec<Expectation> = rest
        .split_whitespace()
        .map(expectation)
        .collect::<Result<_, String>>()?;
    if found.is_empty() {
        Err("expects nothing".to_owned())
    } else {
        Ok(Happening::Expect(found))
    }
}
