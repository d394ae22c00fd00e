//! One line of a schedule: a line of the story language, or what only the storm can say.

use std::fmt;
use std::time::Duration;

use twin::Weather;

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A line as stories have it.
    Story(String),
    /// How events travel from now on, by chance.
    Weather(Weather),
    /// An operator's command, this long after the next whole minute: while the clock's own invocations run.
    During(Duration, String),
    /// An operator's command so much later, whatever runs then.
    Later(Duration, String),
    /// The one limit that may be watched reads so many percent from now on; `None` is a gap.
    Limit(Option<u8>),
    /// Alarms that have been well, and a composite over one of them, whose actions another may suppress.
    Alarms,
    /// Records that somebody deleted are put back by hand as they were in the beginning.
    Restore,
}

impl Line {
    pub(super) fn story(line: impl Into<String>) -> Self {
        Self::Story(line.into())
    }

    pub(super) fn invoke(payload: &str) -> Self {
        Self::Story(format!("invoke route53-updater {payload}"))
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Story(line) => f.write_str(line),
            Self::Weather(weather) => write!(
                f,
                "~ of 1000 events {} are lost, {} arrive twice, each up to {} s late{}",
                weather.lose_permille,
                weather.double_permille,
                weather.delay_max.as_secs(),
                if weather.reorder { ", in any order" } else { "" }
            ),
            Self::During(after, payload) => {
                write!(f, "~ {} ms into the next minute: {payload}", after.as_millis())
            }
            Self::Later(after, payload) => write!(f, "~ {} ms later: {payload}", after.as_millis()),
            Self::Limit(Some(percent)) => write!(f, "~ {percent} % of health checks fail"),
            Self::Limit(None) => f.write_str("~ health checks are no longer reported"),
            Self::Alarms => f.write_str("~ alarms are well, and a composite watches one of them"),
            Self::Restore => f.write_str("~ somebody puts deleted records back"),
        }
    }
}

/// What an environment is like, and what happens to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    pub seed: u64,
    /// `#:` lines of a story.
    pub setting: Vec<String>,
    pub lines: Vec<Line>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# Seed {}", self.seed)?;
        for word in &self.setting {
            writeln!(f, "#: {word}")?;
        }
        for line in &self.lines {
            writeln!(f, "{line}")?;
        }
        Ok(())
    }
}
