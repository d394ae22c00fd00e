//! What happens to the world in a story, and the sentence that tells it.

use twin::cloudwatch::Feed;
use twin::dms::{Table, TaskStatus};

use crate::change_line::{Change, Record};
use crate::player::PlayError;
use crate::stage::{Direction, READER, STATE, Stage, TABLES, WRITER, ZONE};

/// How long a suppressor is waited for, and how long its end extends, in seconds.
const SUPPRESSION_SECONDS: i32 = 60;

impl Stage {
    /// Makes it happen, and says what happened.
    pub fn change(&self, change: &Change) -> Result<String, PlayError> {
        match change {
            Change::Lag { direction, seconds } => {
                self.lag(*direction, *seconds);
                let lag = seconds.map_or("is no longer reported".to_owned(), |seconds| {
                    format!("is {seconds} s")
                });
                Ok(format!("{} lag {lag}", spoken(*direction)))
            }
            Change::Task { direction, status } => {
                self.set_task(*direction, status)?;
                Ok(format!("the {} task is {status}", spoken(*direction)))
            }
            Change::FullLoad(percent) => {
                let task = self.task(Direction::Forward);
                self.twin.dms(|dms| dms.set_full_load_percent(task, *percent));
                Ok(format!("the full load is at {percent} %"))
            }
            Change::Tables { errored, mismatched } => {
                self.set_tables(*errored, *mismatched);
                Ok(format!(
                    "{errored} tables in error, {mismatched} with mismatched records"
                ))
            }
            Change::Alarm { name, state } => {
                self.twin.cloudwatch(|cloudwatch| {
                    cloudwatch.create_alarm(name);
                    cloudwatch.set_alarm_state(name, state, "the story says so");
                });
                Ok(format!("alarm {name} is {state}"))
            }
            Change::Metric {
                namespace,
                name,
                dimensions,
                value,
            } => Ok(self.metric(namespace, name, dimensions, *value)),
            Change::Composite {
                name,
                rule,
                suppressor,
            } => self.composite(name, rule, suppressor.as_deref()),
            Change::Edit {
                record,
                source,
                target,
            } => self.edit(*record, *source, *target),
            Change::LoseState => {
                let done = self.twin.ssm(|ssm| ssm.delete(STATE));
                told(done, "somebody deletes the state parameter".to_owned())
            }
            Change::SpoilState => {
                self.twin.ssm(|ssm| ssm.put(STATE, r#"{"schema":99}"#));
                Ok("another version writes a state of its own schema".to_owned())
            }
            Change::Delete { record, side } => {
                let name = name(*record);
                let done = self
                    .twin
                    .route53(|route53| route53.remove_record(ZONE, name, Some(side)));
                told(
                    done,
                    format!("somebody deletes the {side} record of {name} by hand"),
                )
            }
        }
    }

    fn metric(
        &self,
        namespace: &str,
        name: &str,
        dimensions: &[(String, String)],
        value: Option<i32>,
    ) -> String {
        let feed = value.map_or(Feed::Silent, |value| Feed::Constant(f64::from(value)));
        let dimensions: Vec<(&str, &str)> = dimensions
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.twin
            .cloudwatch(|cloudwatch| cloudwatch.feed(namespace, name, &dimensions, feed));
        match value {
            Some(value) => format!("metric {namespace} {name} is {value}"),
            None => format!("metric {namespace} {name} is no longer reported"),
        }
    }

    fn edit(&self, record: Record, source: u8, target: u8) -> Result<String, PlayError> {
        let name = name(record);
        let done = self.twin.route53(|route53| {
            route53.set_weight(ZONE, name, "source", source)
                && route53.set_weight(ZONE, name, "target", target)
        });
        told(done, format!("somebody sets {name} to {source}/{target} by hand"))
    }

    fn composite(&self, name: &str, rule: &str, suppressor: Option<&str>) -> Result<String, PlayError> {
        let suppressed = suppressor.map(|name| (name, SUPPRESSION_SECONDS, SUPPRESSION_SECONDS));
        self.twin
            .cloudwatch(|cloudwatch| cloudwatch.create_composite(name, rule, suppressed))
            .map_err(|refused| PlayError::Line(refused.to_string()))?;
        let unless = suppressor.map_or(String::new(), |suppressor| {
            format!(", its actions suppressed by {suppressor}")
        });
        Ok(format!("composite alarm {name} goes off when {rule}{unless}"))
    }

    /// `STATUS`, or `failed REASON`, `stopped REASON`, `deleted`.
    fn set_task(&self, direction: Direction, status: &str) -> Result<(), PlayError> {
        let task = self.task(direction);
        let (status, reason) = status
            .split_once(' ')
            .map_or((status, None), |(status, reason)| (status, Some(reason)));
        self.twin.dms(|dms| match (status, reason) {
            ("failed", reason) => {
                dms.fail(task, reason.unwrap_or("FATAL_ERROR"), "the story says so");
                Ok(())
            }
            ("stopped", Some(reason)) => {
                dms.stop(task, reason);
                Ok(())
            }
            ("deleted", None) => {
                dms.delete_task(task);
                Ok(())
            }
            (status, _) => {
                let status = status.parse::<TaskStatus>();
                let status = status.map_err(|unknown| PlayError::Line(unknown.to_string()))?;
                dms.set_status(task, status);
                Ok(())
            }
        })
    }

    fn set_tables(&self, errored: u32, mismatched: u32) {
        let task = self.task(Direction::Forward);
        self.twin.dms(|dms| {
            for (index, name) in (0..).zip(TABLES) {
                let well = Table::completed("public", name);
                let table = if index < errored {
                    Table {
                        state: "Table error".to_owned(),
                        ..well
                    }
                } else if index < mismatched {
                    Table {
                        validation_state: "Mismatched records".to_owned(),
                        ..well
                    }
                } else {
                    well
                };
                dms.set_table(task, table);
            }
        });
    }
}

fn spoken(direction: Direction) -> &'static str {
    match direction {
        Direction::Forward => "replication",
        Direction::Reverse => "reverse replication",
    }
}

fn name(record: Record) -> &'static str {
    match record {
        Record::Reader => READER,
        Record::Writer => WRITER,
    }
}

fn told(done: bool, sentence: String) -> Result<String, PlayError> {
    if done {
        Ok(sentence)
    } else {
        Err(PlayError::Line("there is no such record".to_owned()))
    }
}
