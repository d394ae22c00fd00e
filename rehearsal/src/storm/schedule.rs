//! A schedule drawn from a seed alone: an environment, a migration that somebody attempts, and what gets in its way.

use std::time::Duration;

use super::commands;
use super::dice::Dice;
use super::line::{Line, Schedule};
use super::troubles;

/// Metric math over what the application reports of itself.
const LIMIT: &str =
    "HealthFailureExpression=MAX(SEARCH('{Shop,Service} MetricName=\"FailedChecks\"', 'Maximum', 60))";
/// Things that get in the way, at most, of one schedule.
const TROUBLES_MAX: u64 = 5;

/// Draws the schedule of a seed.
#[must_use]
pub fn drawn(seed: u64) -> Schedule {
    let mut draft = Draft {
        // Neighbouring seeds must not throw neighbouring dice.
        dice: Dice::seeded(seed.wrapping_mul(0xD134_2543_DE82_EF95)),
        setting: Vec::new(),
        lines: Vec::new(),
        troubles: 0,
    };
    draft.environment();
    draft.troubles = 1 + draft.dice.below(TROUBLES_MAX);
    draft.migration();
    draft.closing();
    Schedule {
        seed,
        setting: draft.setting,
        lines: draft.lines,
    }
}

struct Draft {
    dice: Dice,
    setting: Vec<String>,
    lines: Vec<Line>,
    /// How many are still to come.
    troubles: u64,
}

impl Draft {
    fn environment(&mut self) {
        if self.dice.chance(25) {
            self.set("shared");
        }
        if self.dice.chance(15) {
            self.set("without-reverse");
        }
        if self.dice.chance(25) {
            let minutes = self.dice.pick(&["2", "4"]);
            let policy = self.dice.pick(&["hold", "rollback", "notify"]);
            self.set(&format!("parameter WindowMinutes={minutes}"));
            self.set(&format!("parameter WindowPolicy={policy}"));
        }
        if self.dice.chance(10) {
            self.set("parameter DmsInstanceIdentifier=cutover-dev");
            self.set("parameter LagAlarmSeconds=60");
            let policy = self.dice.pick(&["hold", "rollback"]);
            self.set(&format!("parameter LagAlarmPolicy={policy}"));
        }
        if self.dice.chance(15) {
            self.set(&format!("parameter {LIMIT}"));
            let policy = self.dice.pick(&["hold", "rollback", "notify"]);
            self.set(&format!("parameter LimitPolicy={policy}"));
            self.lines.push(Line::Limit(Some(1)));
        }
        if self.dice.chance(60) {
            self.set(&format!("alarms {}", troubles::ALARMS));
            self.lines.push(Line::Alarms);
        }
        if self.dice.chance(10) {
            self.first_copy();
        }
    }

    fn set(&mut self, word: &str) {
        self.setting.push(word.to_owned());
    }

    /// The task is started only now.
    fn first_copy(&mut self) {
        self.set("untouched");
        self.lines.push(Line::story("task running"));
        self.lines.push(Line::story("full-load 40"));
        self.minutes();
        self.lines.push(Line::story("full-load 100"));
        self.lines.push(Line::story("tables well"));
        self.lines
            .push(Line::story(self.dice.pick(&["lag 300s", "lag 2s", "lag 2s"])));
        self.minutes();
        self.lines.push(Line::story("lag 0s"));
    }

    /// Mostly in a sensible order, sometimes not at all.
    fn migration(&mut self) {
        if self.dice.chance(15) {
            for _ in 0..=self.dice.below(3) {
                let any = commands::any(&mut self.dice);
                self.command(any);
            }
            return;
        }
        self.reads();
        if self.dice.chance(65) {
            self.cutover();
        }
        if self.dice.chance(55) {
            let rollback = commands::rollback(&mut self.dice);
            self.command(rollback);
        } else if self.dice.chance(40) {
            let complete = commands::complete(&mut self.dice);
            self.command(complete);
        }
        if self.dice.chance(15) {
            let any = commands::any(&mut self.dice);
            self.command(any);
        }
    }

    fn reads(&mut self) {
        if self.dice.chance(40) {
            let climb = commands::climb(&mut self.dice);
            self.command(climb);
            if self.dice.chance(40) {
                self.minutes();
            }
        } else {
            let shift = commands::shift(&mut self.dice);
            self.command(shift);
        }
        if self.dice.chance(20) {
            let mark = commands::mark(&mut self.dice);
            self.command(mark);
        }
    }

    fn cutover(&mut self) {
        // Whoever means it stops the writes, and the lag goes; or all but a second of it.
        if self.dice.chance(85) {
            let lag = self.dice.pick(&["lag 0s", "lag 0s", "lag 0s", "lag 1s"]);
            self.lines.push(Line::story(lag));
            self.lines.push(Line::story("advance 1m"));
        }
        if self.dice.chance(30) {
            self.overtaken();
        }
        let cutover = commands::cutover(&mut self.dice);
        self.command(cutover);
        if self.dice.chance(40) {
            self.minutes();
        }
    }

    /// Somebody thinks better of a cutover while that is being carried out, which takes some calls of 8 ms each and
    /// then up to 20 s.
    fn overtaken(&mut self) {
        let after = if self.dice.chance(60) {
            Duration::from_millis(self.dice.below(100))
        } else {
            Duration::from_millis(self.dice.below(20_000))
        };
        let rollback = commands::rollback(&mut self.dice);
        self.lines.push(Line::Later(after, rollback));
    }

    /// A command in its surroundings: trouble before it, another one beside it, time after it.
    fn command(&mut self, payload: String) {
        self.trouble();
        match self.dice.below(10) {
            0 => {
                let other = commands::any(&mut self.dice);
                self.lines.push(Line::story(format!(
                    "together route53-updater {payload} | {other}"
                )));
            }
            1 | 2 => {
                // A call takes 8 ms, an invocation a handful of them.
                let after = Duration::from_millis(self.dice.below(60));
                self.lines.push(Line::During(after, payload));
            }
            _ => self.lines.push(Line::invoke(&payload)),
        }
        self.trouble();
        self.minutes();
    }

    fn trouble(&mut self) {
        while self.troubles > 0 && self.dice.chance(55) {
            self.troubles -= 1;
            let trouble = troubles::any(&mut self.dice);
            self.lines.push(trouble);
        }
    }

    fn minutes(&mut self) {
        for _ in 0..self.dice.pick(&[0, 0, 0, 0, 0, 0, 1, 2]) {
            self.lines.push(Line::story("advance 1m"));
            self.trouble();
        }
        if self.dice.chance(10) {
            let seconds = 1 + self.dice.below(40);
            self.lines.push(Line::story(format!("advance {seconds}s")));
        }
    }

    /// The faults are over, events travel as they should, and what no function can mend is mended.
    fn closing(&mut self) {
        let spoilt = self
            .lines
            .iter()
            .any(|line| matches!(line, Line::Story(text) if text == "spoil state"));
        self.lines.push(Line::story("fault clear"));
        self.lines.push(Line::story("events fair"));
        self.lines.push(Line::story("events released"));
        self.lines.push(Line::Restore);
        for which in ["task", "reverse"] {
            self.stands_still(which);
        }
        // Mostly the lag goes in the end. Ten minutes of a cutover that never drains are long.
        if self.dice.chance(85) {
            self.lines.push(Line::story("lag 0s"));
            self.lines.push(Line::story("reverse-lag 0s"));
        }
        if spoilt {
            self.lines.push(Line::story("lose state"));
        }
    }

    /// What AWS does with a task comes to an end: nobody can go on before it does.
    fn stands_still(&mut self, which: &str) {
        let said = |line: &Line| match line {
            Line::Story(text) => text.strip_prefix(&format!("{which} ")).map(str::to_owned),
            Line::Weather(_) | Line::During(..) | Line::Later(..) => None,
            Line::Limit(_) | Line::Alarms | Line::Restore => None,
        };
        let last = self.lines.iter().rev().find_map(said);
        if last.is_some_and(|status| status == "moving" || status == "modifying") {
            self.lines.push(Line::story(format!("{which} stopped NORMAL")));
        }
    }
}
