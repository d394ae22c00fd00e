//! The steps of the reverse task, and the waits for replication: done only when a reading proves it.

use jiff::Timestamp;

use super::execute::Execution;
use crate::blocker::{Blocker, Code};
use crate::ports::{ReplicationMonitor, World};
use crate::replication::{Direction, Seen, Task, TaskStatus};
use crate::stepping::{Verdict, broken, failed, waiting};
use crate::viability::carries_back;

impl<W: World> Execution<'_, W> {
    pub(super) async fn await_drained(&mut self, since: Timestamp) -> Verdict {
        loop {
            let seen = self.run.world.monitor().forward().await;
            let why = match &seen {
                Seen::Known(task) if !task.is_running() => {
                    let message = format!("the replication task is {}, nothing drains", task.status.name());
                    return failed(Blocker::new(Code::ReplicationNotRunning, message));
                }
                Seen::Known(task) => match &task.lag {
                    Seen::Known(lag) if lag.is_drained_since(since) => return Verdict::Verified("verified"),
                    Seen::Known(lag) if lag.at < since => {
                        format!("no lag reading since the writes stopped at {since}")
                    }
                    Seen::Known(lag) => format!(
                        "lag is {} s, {} changes wait",
                        lag.total_seconds(),
                        lag.incoming_changes
                            .map_or("an unknown number of".to_owned(), |count| count.to_string())
                    ),
                    Seen::Unknown(why) => format!("replication lag is unknown: {why}"),
                },
                Seen::Unknown(why) => format!("the replication task is unknown: {why}"),
            };
            if self.is_over() {
                return failed(Blocker::new(
                    Code::NotDrained,
                    format!("the target did not drain in time: {why}"),
                ));
            }
            if !self.pause().await {
                return waiting("drained");
            }
        }
    }

    pub(super) async fn start_reverse(&mut self) -> Verdict {
        match self.reverse().await {
            Ok(task) => match task.status {
                TaskStatus::Running | TaskStatus::Starting => Verdict::Verified("verified"),
                TaskStatus::Ready | TaskStatus::Stopped => {
                    match self.run.world.monitor().start_reverse().await {
                        Ok(()) => Verdict::Verified("accepted"),
                        Err(error) => Verdict::End(broken(error)),
                    }
                }
                TaskStatus::Stopping => {
                    self.until_over(Code::ReverseNotReady, not_ready(&task).message, "reverse-stopped")
                }
                TaskStatus::Failed | TaskStatus::Other(_) => failed(not_ready(&task)),
            },
            Err(why) => self.until_over(Code::ReverseNotReady, why, "reverse-running"),
        }
    }

    /// Done when the task is on its way again.
    pub(super) async fn resume_task(&mut self, direction: Direction) -> Verdict {
        let seen = match direction {
            Direction::Forward => match self.run.world.monitor().forward().await {
                Seen::Known(task) => Ok(task),
                Seen::Unknown(why) => Err(format!("the replication task is unknown: {why}")),
            },
            Direction::Reverse => self.reverse().await,
        };
        match seen {
            Ok(task) => match task.status {
                TaskStatus::Running | TaskStatus::Starting => Verdict::Verified("verified"),
                TaskStatus::Stopped | TaskStatus::Failed => {
                    match self.run.world.monitor().resume(direction).await {
                        Ok(()) => Verdict::Verified("accepted"),
                        Err(error) => Verdict::End(broken(error)),
                    }
                }
                TaskStatus::Ready | TaskStatus::Stopping | TaskStatus::Other(_) => failed(Blocker::new(
                    Code::ReplicationNotRunning,
                    format!("the task is {} by now", task.status.name()),
                )),
            },
            Err(why) => failed(Blocker::new(Code::ReplicationNotRunning, why)),
        }
    }

    pub(super) async fn await_reverse(&mut self) -> Verdict {
        loop {
            let why = match self.reverse().await {
                Ok(task) => match task.status {
                    TaskStatus::Running => return Verdict::Verified("verified"),
                    TaskStatus::Starting => "the reverse task is starting".to_owned(),
                    TaskStatus::Ready | TaskStatus::Stopping | TaskStatus::Stopped => {
                        return failed(not_ready(&task));
                    }
                    TaskStatus::Failed | TaskStatus::Other(_) => return failed(not_ready(&task)),
                },
                Err(why) => why,
            };
            if self.is_over() {
                return failed(Blocker::new(Code::ReverseNotReady, why));
            }
            if !self.pause().await {
                return waiting("reverse-running");
            }
        }
    }

    /// Done when the task says that it stops. A status that we do not know is waited out.
    pub(super) async fn stop_reverse(&mut self) -> Verdict {
        let why = match self.reverse().await {
            Ok(task) => match task.status {
                TaskStatus::Ready | TaskStatus::Stopping | TaskStatus::Stopped | TaskStatus::Failed => {
                    return Verdict::Verified("verified");
                }
                TaskStatus::Running => return self.ask_to_stop().await,
                TaskStatus::Starting | TaskStatus::Other(_) => not_ready(&task).message,
            },
            Err(why) => why,
        };
        self.until_over(Code::ReverseNotReady, why, "reverse-stopped")
    }

    async fn ask_to_stop(&self) -> Verdict {
        if let Err(error) = self.run.world.monitor().stop_reverse().await {
            return Verdict::End(broken(error));
        }
        match self.reverse().await {
            Ok(task) if !task.is_running() => Verdict::Verified("verified"),
            Ok(task) => self.until_over(Code::ReverseNotReady, not_ready(&task).message, "reverse-stopped"),
            Err(why) => self.until_over(Code::ReverseNotReady, why, "reverse-stopped"),
        }
    }

    pub(super) async fn await_carried_back(&mut self) -> Verdict {
        let policy = &self.run.settings.policy;
        loop {
            let why = match self.reverse().await {
                Ok(task) if carries_back(&task, policy, self.run.now()) => match &task.lag {
                    Seen::Known(lag) if lag.total_seconds() <= policy.cutover_lag_seconds => {
                        return Verdict::Verified("verified");
                    }
                    Seen::Known(lag) => format!("reverse lag is {} s", lag.total_seconds()),
                    Seen::Unknown(why) => why.clone(),
                },
                Ok(task) if task.is_running() => "the reverse lag is unknown or too old".to_owned(),
                Ok(task) => return failed(Blocker::new(Code::RollbackLossy, not_ready(&task).message)),
                Err(why) => why,
            };
            if self.is_over() {
                return failed(Blocker::new(
                    Code::RollbackLossy,
                    format!("nothing carried the writes back in time: {why}"),
                ));
            }
            if !self.pause().await {
                return waiting("carried-back");
            }
        }
    }

    async fn reverse(&self) -> Result<Task, String> {
        match self.run.world.monitor().reverse().await {
            Some(Seen::Known(task)) => Ok(task),
            Some(Seen::Unknown(why)) => Err(format!("the reverse task is unknown: {why}")),
            None => Err("no reverse task is configured (REVERSE_DMS_TASK_ARN)".to_owned()),
        }
    }

    fn until_over(&self, code: Code, why: String, awaited: &str) -> Verdict {
        if self.is_over() {
            failed(Blocker::new(code, why))
        } else {
            waiting(awaited)
        }
    }
}

fn not_ready(task: &Task) -> Blocker {
    Blocker::new(
        Code::ReverseNotReady,
        format!("the reverse task is {}", task.status.name()),
    )
}
