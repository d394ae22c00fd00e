//! Where the sequences of the side that takes over go on: past everything that the other side ever gave out.

use serde::{Deserialize, Serialize};

/// Where a sequence stands, as its row has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// The value given out last.
    Last(i64),
    /// Nothing was given out since it was made or set: this one is next.
    Next(i64),
}

/// One sequence on one side.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Sequence {
    pub schema: String,
    pub name: String,
    pub position: Position,
    /// The value it began with. With the increment it says which values are its own.
    pub start: i64,
    /// Never 0.
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cycle: bool,
    /// The highest value (the lowest, when it counts down) in the column that owns it; `None`: no such column, or no row.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owned: Option<i64>,
}

/// A value to set, as one that was given out: the next one follows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Set {
    pub schema: String,
    pub name: String,
    pub last: i64,
}

/// Why a sequence cannot go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(tag = "why", rename_all = "kebab-case")]
pub enum Why {
    Missing,
    /// One side counts up and the other down.
    OtherDirection,
    /// Less than the margin is left before its end.
    Exhausted {
        last: i64,
        end: i64,
    },
    /// It would give out a value again.
    NotPast {
        next: i64,
        beyond: i64,
    },
    /// It has nothing more to give.
    AtItsEnd {
        end: i64,
    },
}

/// A sequence that keeps writes from moving.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Obstacle {
    pub schema: String,
    pub name: String,
    pub why: Why,
}

impl std::fmt::Display for Obstacle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "sequence {}.{} ", self.schema, self.name)?;
        match self.why {
            Why::Missing => formatter.write_str("is missing"),
            Why::OtherDirection => formatter.write_str("counts up on one side and down on the other"),
            Why::Exhausted { last, end } => {
                write!(
                    formatter,
                    "is at {last} and ends at {end}, which is less than the margin away"
                )
            }
            Why::NotPast { next, beyond } => {
                write!(
                    formatter,
                    "would give out {next} next, which is not past {beyond}"
                )
            }
            Why::AtItsEnd { end } => write!(formatter, "is at its end ({end})"),
        }
    }
}

/// What is to be set, and what stands in the way.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Plan {
    pub set: Vec<Set>,
    pub obstacles: Vec<Obstacle>,
}

/// Where the sequences of `to` are to be set, so that none gives out what `from` gave. `margin`: how many values are left
/// out, for what was given out and is not seen. None is ever set back; one that only `to` has follows its own column.
#[must_use]
pub fn plan(from: &[Sequence], to: &[Sequence], margin: u32) -> Plan {
    let mut plan = Plan::default();
    for there in to {
        let here = from.iter().find(|here| here.is(there));
        let decided = set(here, there, margin);
        let why = match decided {
            Ok(Some(last)) => {
                plan.set.push(there.set(last));
                None
            }
            Ok(None) => wrong(here, there),
            Err(why) => Some(why),
        };
        plan.obstacles.extend(why.map(|why| there.obstacle(why)));
    }
    plan.obstacles.extend(missing(from, to));
    plan
}

/// What is wrong with the sequences of `to` as they were read afterwards; nothing: each goes on past everything of `from`,
/// and past its own column.
#[must_use]
pub fn unproven(from: &[Sequence], to: &[Sequence]) -> Vec<Obstacle> {
    let of = |there: &Sequence| {
        let here = from.iter().find(|here| here.is(there));
        wrong(here, there).map(|why| there.obstacle(why))
    };
    to.iter().filter_map(of).chain(missing(from, to)).collect()
}

fn missing<'a>(from: &'a [Sequence], to: &'a [Sequence]) -> impl Iterator<Item = Obstacle> + 'a {
    let absent = from.iter().filter(|here| !to.iter().any(|there| there.is(here)));
    absent.map(|here| here.obstacle(Why::Missing))
}

/// The value to set; `None` where it is far enough.
fn set(from: Option<&Sequence>, to: &Sequence, margin: u32) -> Result<Option<i64>, Why> {
    if from.is_some_and(|from| from.rises() != to.rises()) {
        return Err(Why::OtherDirection);
    }
    let Some(wanted) = wanted(from, to, margin) else {
        return Ok(None);
    };
    if to.rank(to.before_next()) >= to.rank(wanted) {
        return Ok(None);
    }
    // Before its first value, it has all of them left.
    if to.rank(wanted) < to.rank(to.first()) {
        return Ok(None);
    }
    let end = to.end();
    let fits = to.rank(wanted) + to.step() <= to.rank(i128::from(end));
    if fits {
        return Ok(i64::try_from(wanted).ok());
    }
    let last = from.unwrap_or(to).before_next();
    if to.cycle {
        return Ok(after_the_turn(to, last, wanted));
    }
    Err(Why::Exhausted {
        last: clamped(last),
        end,
    })
}

/// Past what was given out by the margin, past the column's values, and on the values that are its own: two sides that give
/// out odd and even ones go on doing so.
fn wanted(from: Option<&Sequence>, to: &Sequence, margin: u32) -> Option<i128> {
    let given = from.map(|from| match from.position {
        Position::Last(last) => i128::from(last) + i128::from(margin) * i128::from(to.increment),
        Position::Next(_) => from.before_next(),
    });
    let columns = from
        .into_iter()
        .chain([to])
        .filter_map(|side| side.owned)
        .map(i128::from);
    let bound = given
        .into_iter()
        .chain(columns)
        .max_by_key(|value| to.rank(*value))?;
    let off = (to.rank(bound) - to.rank(i128::from(to.start))).rem_euclid(to.step());
    let missing = if off == 0 { 0 } else { to.step() - off };
    Some(bound + missing * i128::from(to.increment.signum()))
}

/// A sequence that begins again at its end repeats itself by design: it goes on where as many calls would have taken it, or
/// stays where it is on the way from there to the other side's last value.
fn after_the_turn(to: &Sequence, last: i128, wanted: i128) -> Option<i64> {
    let first = to.rank(to.first());
    let values = (to.rank(i128::from(to.end())) - first) / to.step() + 1;
    let over = (to.rank(wanted) - first).div_euclid(to.step()).rem_euclid(values);
    let value = to.first() + over * i128::from(to.increment);
    let here = to.rank(to.before_next());
    let ahead = here >= to.rank(value) && here < to.rank(last);
    i64::try_from(value).ok().filter(|_| !ahead)
}

fn wrong(from: Option<&Sequence>, to: &Sequence) -> Option<Why> {
    if from.is_some_and(|from| from.rises() != to.rises()) {
        return Some(Why::OtherDirection);
    }
    if to.cycle {
        return None;
    }
    let next = to.before_next() + i128::from(to.increment);
    if to.rank(next) > to.rank(i128::from(to.end())) {
        return Some(Why::AtItsEnd { end: to.end() });
    }
    let given = from.map(Sequence::before_next);
    let columns = from
        .into_iter()
        .chain([to])
        .filter_map(|side| side.owned)
        .map(i128::from);
    let bound = given
        .into_iter()
        .chain(columns)
        .max_by_key(|value| to.rank(*value))?;
    (to.rank(next) <= to.rank(bound)).then(|| Why::NotPast {
        next: clamped(next),
        beyond: clamped(bound),
    })
}

impl Sequence {
    fn is(&self, other: &Self) -> bool {
        (&self.schema, &self.name) == (&other.schema, &other.name)
    }

    fn set(&self, last: i64) -> Set {
        Set {
            schema: self.schema.clone(),
            name: self.name.clone(),
            last,
        }
    }

    fn obstacle(&self, why: Why) -> Obstacle {
        Obstacle {
            schema: self.schema.clone(),
            name: self.name.clone(),
            why,
        }
    }

    fn rises(&self) -> bool {
        self.increment > 0
    }

    /// How far one value is from the next.
    fn step(&self) -> i128 {
        i128::from(self.increment.unsigned_abs()).max(1)
    }

    /// A value as one that grows in the direction in which the sequence counts.
    fn rank(&self, value: i128) -> i128 {
        if self.rises() { value } else { -value }
    }

    /// The value that the next one follows.
    fn before_next(&self) -> i128 {
        match self.position {
            Position::Last(last) => i128::from(last),
            Position::Next(next) => i128::from(next) - i128::from(self.increment),
        }
    }

    /// The bound that it begins at, and begins at again.
    fn first(&self) -> i128 {
        i128::from(if self.rises() { self.min } else { self.max })
    }

    fn end(&self) -> i64 {
        if self.rises() { self.max } else { self.min }
    }
}

/// For a sentence: what lies beyond 64 bits is beyond every sequence.
fn clamped(value: i128) -> i64 {
    let bound = if value < 0 { i64::MIN } else { i64::MAX };
    i64::try_from(value).unwrap_or(bound)
}
