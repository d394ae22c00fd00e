//! One thing that happens to an environment.

use std::fmt;
use std::time::Duration;

use twin::{Fault, Twin, Weather};

use super::samples::Sample;
use super::stage::{DR_CLUSTER, DR_REGION, FUNCTION, GLOBAL, PRIMARY_REGION, Stage};

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Happening {
    /// A whole region goes dark.
    Dark(&'static str),
    Light(&'static str),
    /// One service of a region answers with errors of its own.
    Fails {
        region: &'static str,
        service: &'static str,
    },
    Works {
        region: &'static str,
        service: &'static str,
    },
    /// The two regions cannot reach each other.
    Part,
    Join,
    /// Every answer of the region is so much later; zero ends it.
    Slow(&'static str, Duration),
    /// The secondary is so far behind from now on.
    Lag(Duration),
    /// Somebody sets an alarm's state by hand; `CloudWatch` corrects it with its next look.
    Alarm {
        name: &'static str,
        state: &'static str,
    },
    /// An event that is on the bus though nothing happened.
    Event {
        sample: Sample,
        times: u32,
    },
    /// How events travel from now on, by chance.
    Weather(Weather),
    Fault(Fault),
    /// Events travel well again, and calls do.
    Calm,
    /// An operator's command to the function.
    Invoke(&'static str),
    /// Somebody promotes in the console.
    Console,
}

impl Happening {
    /// Lets it happen.
    pub(super) fn happen(&self, stage: &Stage) {
        let (twin, there) = (&stage.twin, &stage.there);
        match self {
            Self::Dark(region) => twin.darken(region),
            Self::Light(region) => twin.lighten(region),
            Self::Fails { region, service } => twin.darken_service(region, service),
            Self::Works { region, service } => twin.lighten_service(region, service),
            Self::Part => twin.part(PRIMARY_REGION, DR_REGION),
            Self::Join => twin.join(PRIMARY_REGION, DR_REGION),
            Self::Slow(region, by) => twin.slow(region, *by),
            Self::Lag(lag) => twin.rds(|rds| rds.set_lag(*lag)),
            Self::Alarm { name, state } => {
                let reason = "somebody set it by hand";
                there.cloudwatch(|cloudwatch| cloudwatch.set_alarm_state(name, state, reason));
                there.deliver();
            }
            Self::Event { sample, times } => {
                for _ in 0..*times {
                    // Its fate is in the log of the bus.
                    let _identifier = there.inject(&sample.text());
                }
            }
            Self::Weather(weather) => set_weather(twin, there, *weather),
            Self::Fault(fault) => twin.faults().add(fault.clone()),
            Self::Calm => {
                twin.faults().clear();
                set_weather(twin, there, Weather::fair());
            }
            Self::Invoke(payload) => {
                let (there, payload) = (there.clone(), payload.as_bytes().to_vec());
                // The answer is in the log of invocations.
                tokio::spawn(async move { there.invoke(FUNCTION, payload).await });
            }
            Self::Console => {
                // Whoever clicks there may be refused, because one is under way or done.
                let _refused = twin.rds(|rds| rds.console_failover(GLOBAL, DR_CLUSTER));
                twin.deliver();
            }
        }
        let reached = twin.connected(PRIMARY_REGION, DR_REGION);
        stage.canary(reached);
    }
}

fn set_weather(twin: &Twin, there: &Twin, weather: Weather) {
    twin.weather(weather);
    there.weather(weather);
}

impl Happening {
    pub(super) fn is_an_alarm(&self) -> bool {
        matches!(self, Self::Alarm { .. })
    }

    pub(super) fn is_lag(&self) -> bool {
        matches!(self, Self::Lag(_))
    }

    /// Something else than the region that is lost, and than events and calls that go through.
    pub(super) fn is_a_disturbance(&self) -> bool {
        !matches!(self, Self::Dark(_) | Self::Light(_) | Self::Calm)
    }

    /// What kind of thing it is, to count it.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Dark(_) => "a region dark",
            Self::Light(_) => "a region back",
            Self::Fails { .. } => "a service fails",
            Self::Works { .. } => "a service works",
            Self::Part => "parted",
            Self::Join => "joined",
            Self::Slow(..) => "slow",
            Self::Lag(_) => "lag",
            Self::Alarm { .. } => "an alarm set by hand",
            Self::Event { .. } => "a lying event",
            Self::Weather(_) => "weather",
            Self::Fault(_) => "a fault",
            Self::Calm => "calm",
            Self::Invoke(_) => "a command",
            Self::Console => "the console",
        }
    }
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dark(region) => write!(f, "{region} goes dark"),
            Self::Light(region) => write!(f, "{region} is back"),
            Self::Fails { region, service } => write!(f, "{service} fails in {region}"),
            Self::Works { region, service } => write!(f, "{service} works in {region}"),
            Self::Part => f.write_str("the two regions do not reach each other"),
            Self::Join => f.write_str("the two regions reach each other"),
            Self::Slow(region, by) => write!(f, "{region} answers {} ms later", by.as_millis()),
            Self::Lag(lag) => write!(f, "the secondary is {} ms behind", lag.as_millis()),
            Self::Alarm { name, state } => write!(f, "somebody sets {name} to {state}"),
            Self::Event { sample, times } => write!(f, "{} is on the bus, times {times}", sample.name),
            Self::Weather(weather) => write!(
                f,
                "of 1000 events {} are lost, {} arrive twice, each up to {} s late{}",
                weather.lose_permille,
                weather.double_permille,
                weather.delay_max.as_secs(),
                if weather.reorder { ", in any order" } else { "" }
            ),
            Self::Fault(fault) => write!(f, "fault: {fault}"),
            Self::Calm => f.write_str("events and calls go through again"),
            Self::Invoke(payload) => write!(f, "invoke {FUNCTION} {payload}"),
            Self::Console => f.write_str("somebody promotes in the console"),
        }
    }
}
