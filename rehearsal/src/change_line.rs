//! Story lines that change the world: replication, metrics, alarms, and records edited by hand.

use crate::script::number;
use crate::stage::Direction;

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
    /// What a metric says from now on, each minute; `None` is a gap.
    Metric {
        namespace: String,
        name: String,
        dimensions: Vec<(String, String)>,
        value: Option<i32>,
    },
    /// Somebody defines a composite alarm, and perhaps what suppresses its actions.
    Composite {
        name: String,
        rule: String,
        suppressor: Option<String>,
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

/// Reads a line whose first word is `word`; `None` if it changes nothing.
pub(crate) fn change(word: &str, rest: &str) -> Option<Result<Change, String>> {
    Some(match word {
        "lag" => lag(Direction::Forward, rest),
        "reverse-lag" => lag(Direction::Reverse, rest),
        "task" => Ok(task(Direction::Forward, rest)),
        "reverse" => Ok(task(Direction::Reverse, rest)),
        "full-load" => number(rest.trim_end_matches('%')).map(Change::FullLoad),
        "tables" => tables(rest),
        "alarm" => alarm(rest),
        "metric" => metric(rest),
        "composite" => composite(rest),
        "edit" => edit(rest),
        "delete" => delete(rest),
        "lose" if rest == "state" => Ok(Change::LoseState),
        "spoil" if rest == "state" => Ok(Change::SpoilState),
        _ => return None,
    })
}

fn lag(direction: Direction, text: &str) -> Result<Change, String> {
    let seconds = match text {
        "none" => None,
        "idle" => Some(0),
        seconds => Some(number(seconds.trim_end_matches('s'))?),
    };
    Ok(Change::Lag { direction, seconds })
}

fn task(direction: Direction, status: &str) -> Change {
    Change::Task {
        direction,
        status: status.to_owned(),
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

/// `NAMESPACE NAME VALUE|none [DIMENSION=VALUE …]`
fn metric(rest: &str) -> Result<Change, String> {
    const FORM: &str = "metric NAMESPACE NAME VALUE|none [DIMENSION=VALUE …]";
    let mut words = rest.split_whitespace();
    let (Some(namespace), Some(name), Some(value)) = (words.next(), words.next(), words.next()) else {
        return Err(FORM.to_owned());
    };
    let dimension = |word: &str| {
        let (name, value) = word.split_once('=').ok_or(FORM)?;
        Ok((name.to_owned(), value.to_owned()))
    };
    Ok(Change::Metric {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions: words.map(dimension).collect::<Result<_, String>>()?,
        value: match value {
            "none" => None,
            value => Some(number(value)?),
        },
    })
}

/// `NAME when RULE`, or `NAME unless SUPPRESSOR when RULE`.
fn composite(rest: &str) -> Result<Change, String> {
    const FORM: &str = "composite NAME [unless SUPPRESSOR] when RULE";
    let (names, rule) = rest.split_once(" when ").ok_or(FORM)?;
    let (name, suppressor) = names
        .split_once(" unless ")
        .map_or((names, None), |(name, suppressor)| (name, Some(suppressor)));
    Ok(Change::Composite {
        name: name.trim().to_owned(),
        rule: rule.trim().to_owned(),
        suppressor: suppressor.map(|suppressor| suppressor.trim().to_owned()),
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
