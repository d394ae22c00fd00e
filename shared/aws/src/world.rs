//! The core's world, made of AWS.

use std::time::Duration;

use aws_smithy_async::time::SharedTimeSource;
use cutover_core::ports::{Clock, World};
use cutover_core::told::Memory;
use jiff::Timestamp;

use crate::alarms::MigrationAlarms;
use crate::announcer::BusAnnouncer;
use crate::clients::Clients;
use crate::config::Config;
use crate::journal_log::ParameterLog;
use crate::notifier::TopicNotifier;
use crate::replication::TaskMonitor;
use crate::replication::names::InstanceNames;
use crate::router::WeightedRouter;

/// Longest that a warm-up may take: Lambda gives an init 10 s.
const WARM_UP_MAX: Duration = Duration::from_secs(5);

/// Everything a migration function reaches, over one set of clients.
#[derive(Debug, Clone)]
pub struct AwsWorld {
    log: ParameterLog,
    router: WeightedRouter,
    monitor: TaskMonitor,
    alarms: MigrationAlarms,
    notifier: TopicNotifier,
    announcer: BusAnnouncer,
    clock: AwsClock,
    memory: Memory,
}

impl AwsWorld {
    /// `names` outlives the clients, so that what was learnt once stays known.
    #[must_use]
    pub fn new(clients: &Clients, names: InstanceNames, config: &Config) -> Self {
        let (dms, cloudwatch) = (clients.dms.clone(), clients.cloudwatch.clone());
        Self {
            log: ParameterLog::new(clients.ssm.clone(), &config.state_prefix),
            router: WeightedRouter::new(clients.route53.clone(), config),
            monitor: TaskMonitor::new(dms, cloudwatch.clone(), clients.time.clone(), names, config),
            alarms: MigrationAlarms::new(cloudwatch, &config.alarms, &config.limits, clients.time.clone()),
            notifier: TopicNotifier::new(clients.sns.clone(), &config.topic_arn),
            announcer: BusAnnouncer::new(clients.eventbridge.clone()),
            clock: AwsClock::new(clients.time.clone()),
            memory: Memory::default(),
        }
    }

    /// What was learnt of our tasks' names.
    #[must_use]
    pub fn task_names(&self) -> Vec<(String, String)> {
        self.monitor.task_names()
    }

    /// Learns, outside of any invocation, what the first one would have to ask for first. Failing, or taking too
    /// long for Lambda's init, is fine: it is asked again when it is needed.
    pub async fn warm_up(&self) {
        let _learnt = tokio::time::timeout(WARM_UP_MAX, Box::pin(self.monitor.learn())).await;
    }
}

impl World for AwsWorld {
    type Log = ParameterLog;
    type Router = WeightedRouter;
    type Monitor = TaskMonitor;
    type Alarms = MigrationAlarms;
    type Notifier = TopicNotifier;
    type Announcer = BusAnnouncer;
    type Clock = AwsClock;

    fn log(&self) -> &ParameterLog {
        &self.log
    }

    fn router(&self) -> &WeightedRouter {
        &self.router
    }

    fn monitor(&self) -> &TaskMonitor {
        &self.monitor
    }

    fn alarms(&self) -> &MigrationAlarms {
        &self.alarms
    }

    fn notifier(&self) -> &TopicNotifier {
        &self.notifier
    }

    fn announcer(&self) -> &BusAnnouncer {
        &self.announcer
    }

    fn clock(&self) -> &AwsClock {
        &self.clock
    }

    fn memory(&self) -> &Memory {
        &self.memory
    }
}

/// The clock the clients sign with, so that all of an invocation has one time.
#[derive(Debug, Clone)]
pub struct AwsClock(SharedTimeSource);

impl AwsClock {
    #[must_use]
    pub fn new(time: SharedTimeSource) -> Self {
        Self(time)
    }
}

impl Clock for AwsClock {
    fn now(&self) -> Timestamp {
        Timestamp::try_from(self.0.now()).unwrap_or(Timestamp::UNIX_EPOCH)
    }

    async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(duration).await;
    }
}
