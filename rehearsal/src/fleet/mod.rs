//! Many migrations at once in one account, at the request rates that AWS allows it: whether all of them end, and how
//! long that takes beside what the rates leave possible.

mod environment;
mod operator;

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use twin::{Call, CallOutcome, Twin, TwinOptions};

use crate::dr::playing::let_live;
use crate::player::PlayError;
use crate::virtual_time;
use environment::Environment;
use operator::Journey;

/// What the machine that plays them has to bear: three functions each, every minute.
pub const MIGRATIONS_MAX: u32 = 300;

/// What so many migrations took.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fleet {
    pub migrations: u32,
    /// From the first command to the end of the last.
    pub took: Duration,
    pub route53: Asked,
    pub put_parameter: Asked,
    /// Commands that their operators had to give again.
    pub asked_again: u32,
    /// Attempts of functions that nobody waited for, and that AWS made again.
    pub tried_again: usize,
    /// Events that no attempt could handle: of which function, and why.
    pub given_up: Vec<String>,
    /// Migrations that did not end, and why.
    pub stuck: Vec<String>,
}

/// How often something was asked for that AWS limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Asked {
    pub served: usize,
    pub throttled: usize,
}

/// A whole fleet beside one migration that has the account for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comparison {
    pub alone: Fleet,
    pub together: Fleet,
}

/// Plays so many migrations at once, all begun in the same second, and one alone.
pub fn compare(migrations: u32, seed: u64) -> Result<Comparison, PlayError> {
    if !(1..=MIGRATIONS_MAX).contains(&migrations) {
        return Err(PlayError::Line(format!(
            "migrations must be 1 to {MIGRATIONS_MAX}"
        )));
    }
    let played = |migrations| {
        virtual_time::run(|| play(migrations, seed)).map_err(|error| PlayError::Line(error.to_string()))?
    };
    Ok(Comparison {
        alone: played(1)?,
        together: played(migrations)?,
    })
}

async fn play(migrations: u32, seed: u64) -> Result<Fleet, PlayError> {
    // The jitter of the SDK's retries comes from here.
    fastrand::seed(seed);
    let twin = Twin::new(TwinOptions {
        seed,
        spread_schedules: true,
        ..TwinOptions::default()
    });
    // No account deploys all of its stacks in one second.
    let apart = Duration::from_mins(1) / migrations;
    let instance = environment::share(&twin);
    let environments: Vec<Environment> = (1..=migrations).map(Environment::numbered).collect();
    for environment in &environments {
        let built = Box::pin(environment.build(&twin, &instance)).await;
        built.map_err(PlayError::Stage)?;
        twin.clock().sleep(apart).await;
    }
    let before = twin.log().len();
    let begun = twin.clock().now();
    let living = let_live(twin.clone());
    let operators: Vec<_> = environments
        .into_iter()
        .map(|environment| tokio::spawn(operator::migrate(twin.clone(), environment)))
        .collect();
    let mut journeys = Vec::new();
    for operator in operators {
        let journey = operator.await;
        journeys.push(journey.map_err(|error| PlayError::Line(error.to_string()))?);
    }
    living.abort();
    let fleet = counted(&twin, &journeys, begun, before);
    twin.unhost_all();
    Ok(fleet)
}

fn counted(twin: &Twin, journeys: &[Journey], begun: Timestamp, before: usize) -> Fleet {
    let log = twin.log();
    let calls = log.iter().skip(before);
    let asked = |is_meant: &dyn Fn(&Call) -> bool| {
        let throttled = |call: &&Call| matches!(&call.outcome, CallOutcome::Error { code, .. } if code.contains("Throttl"));
        let meant: Vec<&Call> = calls.clone().filter(|call| is_meant(call)).collect();
        let throttled = meant.iter().copied().filter(throttled).count();
        Asked {
            served: meant.len().saturating_sub(throttled),
            throttled,
        }
    };
    let took = twin.clock().now().duration_since(begun);
    Fleet {
        migrations: u32::try_from(journeys.len()).unwrap_or(u32::MAX),
        took: Duration::try_from(took).unwrap_or_default(),
        route53: asked(&|call| call.service == "route53"),
        put_parameter: asked(&|call| call.operation == "PutParameter"),
        asked_again: journeys.iter().map(|journey| journey.asked_again).sum(),
        tried_again: twin
            .invoked()
            .iter()
            .filter(|invoked| invoked.attempt > 1)
            .count(),
        given_up: twin
            .dead_letters()
            .iter()
            .map(|letter| format!("{}: {}", letter.from, letter.error_message))
            .collect(),
        stuck: journeys
            .iter()
            .filter_map(|journey| journey.stuck.clone())
            .collect(),
    }
}

impl Comparison {
    /// No fleet can be faster: each of its migrations takes as long as one alone, and asks AWS as often.
    #[must_use]
    pub fn least(&self) -> Duration {
        let at = |asked: Asked, per_second: u32| {
            let asked = u32::try_from(asked.served).unwrap_or(u32::MAX);
            Duration::from_secs(1) * asked.saturating_mul(self.together.migrations) / per_second
        };
        self.alone
            .took
            .max(at(self.alone.route53, twin::ROUTE53_PER_SECOND))
            .max(at(self.alone.put_parameter, twin::PUT_PARAMETER_PER_SECOND))
    }

    /// Nobody was left behind, and nothing was given up.
    #[must_use]
    pub fn all_ended(&self) -> bool {
        [&self.alone, &self.together]
            .iter()
            .all(|fleet| fleet.stuck.is_empty() && fleet.given_up.is_empty())
    }
}

impl fmt::Display for Fleet {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            formatter,
            "{} at once: {} s; Route 53 served {} and throttled {}, PutParameter served {} and throttled {};",
            self.migrations,
            self.took.as_secs(),
            self.route53.served,
            self.route53.throttled,
            self.put_parameter.served,
            self.put_parameter.throttled
        )?;
        write!(
            formatter,
            "  {} commands given again, {} attempts made again, {} events given up, {} migrations stuck",
            self.asked_again,
            self.tried_again,
            self.given_up.len(),
            self.stuck.len()
        )?;
        for left in self.given_up.iter().chain(&self.stuck) {
            write!(formatter, "\n  {left}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let least = self.least();
        writeln!(formatter, "{}\n{}", self.alone, self.together)?;
        write!(
            formatter,
            "least that the rates allow: {} s; taken: {:.2} times that",
            least.as_secs(),
            self.together.took.as_secs_f64() / least.as_secs_f64()
        )
    }
}
