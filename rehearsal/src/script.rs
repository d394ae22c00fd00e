//! The language of stories: one line per happening.

use std::time::Duration;

use twin::Fault;

use crate::fault_line::{crash, fault};
use crate::stage::Direction;

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
    Advance(Duration),
    /// Whether the schedule invokes the tick each minute.
    Ticks(bool),
    Change(Change),
    Fault(Fault),
    NoFaults,
    Expect(Vec<Expectation>),
}

/// Something in the world that is not of our doing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    Lag {
        direction: Direction,
        seconds: Option<u32>,
    },
    Task {
        direction: Direction,
        status: String,
    },
    FullLoad(u8),
    Tables {
        errored: u32,
        mismatched: u32,
    },
    Alarm {
        name: String,
        state: String,
    },
    /// Somebody changes a record by hand: source and target weight.
    Edit {
        record: Record,
        source: u8,
        target: u8,
    },
    /// Somebody deletes the snapshot, or writes something into it that is not ours.
    LoseState,
    SpoilState,
    /// Somebody deletes a record by hand.
    Delete {
        record: Record,
        side: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Record {
    Reader,
    Writer,
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
    match word {
        "say" => Ok(Happening::Say(rest.to_owned())),
        "lag" => Ok(Happening::Change(Change::Lag {
            direction: Direction::Forward,
            seconds: lag(rest)?,
        })),
        "reverse-lag" => Ok(Happening::Change(Change::Lag {
            direction: Direction::Reverse,
            seconds: lag(rest)?,
        })),
        "task" => Ok(Happening::Change(Change::Task {
            direction: Direction::Forward,
            status: rest.to_owned(),
        })),
        "reverse" => Ok(Happening::Change(Change::Task {
            direction: Direction::Reverse,
            status: rest.to_owned(),
        })),
        "full-load" => Ok(Happening::Change(Change::FullLoad(number(
            rest.trim_end_matches('%'),
        )?))),
        "tables" => tables(rest).map(Happening::Change),
        "alarm" => alarm(rest).map(Happening::Change),
        "edit" => edit(rest).map(Happening::Change),
        "delete" => delete(rest).map(Happening::Change),
        "lose" if rest == "state" => Ok(Happening::Change(Change::LoseState)),
        "spoil" if rest == "state" => Ok(Happening::Change(Change::SpoilState)),
        "invoke" => {
            let (function, payload) = function_and(rest)?;
            Ok(Happening::Invoke { function, payload })
        }
        "together" => {
            let (function, payloads) = function_and(rest)?;
            let payloads = payloads
                .split(" | ")
                .map(|payload| payload.trim().to_owned())
                .collect();
            Ok(Happening::Together { function, payloads })
        }
        "advance" => Ok(Happening::Advance(duration(rest)?)),
        "ticks" => Ok(Happening::Ticks(on_or_off(rest)?)),
        "fault" if rest == "clear" => Ok(Happening::NoFaults),
        "fault" => fault(rest).map(Happening::Fault),
        "crash" => crash(rest).map(Happening::Fault),
        "expect" => expectations(rest),
        other => Err(format!("{other:?} is no happening")),
    }
}

pub(crate) fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("{text:?} is no number that fits here"))
}

fn lag(text: &str) -> Result<Option<u32>, String> {
    match text {
        "none" => Ok(None),
        "idle" => Ok(Some(0)),
        seconds => number(seconds.trim_end_matches('s')).map(Some),
    }
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

fn tables(rest: &str) -> Result<Change, String> {
    match rest.split_once(' ') {
        Some(("errored", count)) => Ok(Change::Tables {
            errored: number(count)?,
            mismatched: 0,
        }),
        Some(("mismatched", count)) => Ok(Change::Tables {
            errored: 0,
            mismatched: number(count)?,
        }),
        Some(_) | None if rest == "well" => Ok(Change::Tables {
            errored: 0,
            mismatched: 0,
        }),
        Some(_) | None => Err("tables errored N, tables mismatched N, or tables well".to_owned()),
    }
}

fn alarm(rest: &str) -> Result<Change, String> {
    let (name, state) = rest
        .rsplit_once(' ')
        .ok_or("alarm NAME OK|ALARM|INSUFFICIENT_DATA")?;
    Ok(Change::Alarm {
        name: name.to_owned(),
        state: state.to_owned(),
    })
}

fn record(text: &str) -> Result<Record, String> {
    match text {
        "reader" => Ok(Record::Reader),
        "writer" => Ok(Record::Writer),
        other => Err(format!("{other:?} is neither reader nor writer")),
    }
}

fn edit(rest: &str) -> Result<Change, String> {
    const FORM: &str = "edit reader|writer SOURCE/TARGET";
    let (name, weights) = rest.split_once(' ').ok_or(FORM)?;
    let (source, target) = weights.split_once('/').ok_or(FORM)?;
    Ok(Change::Edit {
        record: record(name)?,
        source: number(source)?,
        target: number(target)?,
    })
}

fn delete(rest: &str) -> Result<Change, String> {
    let (name, side) = rest.split_once(' ').ok_or("delete reader|writer source|target")?;
    Ok(Change::Delete {
        record: record(name)?,
        side: side.to_owned(),
    })
}

fn function_and(rest: &str) -> Result<(String, String), String> {
    let (function, payload) = rest.split_once(' ').ok_or("a function, then a payload")?;
    Ok((function.to_owned(), payload.trim().to_owned()))
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
