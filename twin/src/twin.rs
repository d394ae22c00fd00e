//! The twin itself: the world behind locks, and the ways in.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use winterbaume_core::{MockRequest, MockResponse};

use crate::call_log::{Call, CallLog};
use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::delivery::Delivery;
use crate::dms::Dms;
use crate::door::SideDoor;
use crate::emission::Outbox;
use crate::events::Events;
use crate::exchange::Exchange;
use crate::fault_rules::Faults;
use crate::identifiers::Identifiers;
use crate::lambda::{Functions, Invocations};
use crate::place::Place;
use crate::rates::Rates;
use crate::route53::Route53;
use crate::routing::Service;
use crate::sns::Sns;
use crate::ssm::Ssm;

const SEED: u64 = 1;
const ACCOUNT: &str = "111122223333";
const REGION: &str = "eu-central-1";
/// 2026-03-02T09:00:00Z, a Monday morning.
const START_EPOCH_SECONDS: i64 = 1_772_442_000;
const CALL_LATENCY: Duration = Duration::from_millis(8);

/// Where, when and how a twin's story begins.
#[derive(Debug, Clone)]
pub struct TwinOptions {
    /// All identifiers follow from it.
    pub seed: u64,
    pub account: String,
    pub region: String,
    pub start: Timestamp,
    /// How long every request takes, there and back.
    pub call_latency: Duration,
    /// Whether requests are throttled at the documented rates.
    pub rates: bool,
    /// Whether `PutEvents` takes events whose source begins with `aws.`. AWS itself refuses them; here
    /// they are how somebody outside plays a service.
    pub accept_aws_sources: bool,
}

/// A simulated AWS. Clones are handles to the same world.
#[derive(Clone)]
pub struct Twin {
    inner: Arc<Inner>,
}

struct Inner {
    options: TwinOptions,
    clock: Clock,
    identifiers: Arc<Identifiers>,
    log: CallLog,
    faults: Faults,
    rates: Mutex<Rates>,
    route53: Mutex<Route53>,
    ssm: Mutex<Ssm>,
    dms: Mutex<Dms>,
    cloudwatch: Mutex<CloudWatch>,
    sns: Mutex<Sns>,
    events: Mutex<Events>,
    outbox: Outbox,
    delivery: Delivery,
    functions: Functions,
    invocations: Invocations,
    side_doors: Mutex<HashMap<String, Arc<dyn SideDoor>>>,
}

impl fmt::Debug for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twin")
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Default for TwinOptions {
    fn default() -> Self {
        Self {
            seed: SEED,
            account: ACCOUNT.to_owned(),
            region: REGION.to_owned(),
            start: Timestamp::from_second(START_EPOCH_SECONDS).unwrap_or(Timestamp::UNIX_EPOCH),
            call_latency: CALL_LATENCY,
            rates: true,
            accept_aws_sources: true,
        }
    }
}

impl Twin {
    /// An empty AWS. Call it inside the runtime it is to live in: its clock starts here.
    #[must_use]
    pub fn new(options: TwinOptions) -> Self {
        let clock = Clock::starting_at(options.start);
        let identifiers = Arc::new(Identifiers::seeded(options.seed));
        let place = Place {
            account: options.account.clone(),
            region: options.region.clone(),
            seed: options.seed,
            clock: clock.clone(),
            identifiers: Arc::clone(&identifiers),
            outbox: Outbox::default(),
        };
        // Events come and go with the weather; other identifiers do not change with them.
        let bus = Place {
            identifiers: Arc::new(Identifiers::seeded(!options.seed)),
            ..place.clone()
        };
        let inner = Inner {
            clock,
            identifiers,
            log: CallLog::default(),
            faults: Faults::default(),
            rates: Mutex::new(Rates::full_at(options.start)),
            route53: Mutex::new(Route53::empty(place.clone())),
            ssm: Mutex::new(Ssm::empty(place.clone())),
            dms: Mutex::new(Dms::empty(place.clone())),
            cloudwatch: Mutex::new(CloudWatch::empty(place.clone())),
            outbox: place.outbox.clone(),
            sns: Mutex::new(Sns::empty(place)),
            events: Mutex::new(Events::empty(bus, options.accept_aws_sources)),
            delivery: Delivery::fair(options.seed),
            functions: Functions::default(),
            invocations: Invocations::default(),
            side_doors: Mutex::default(),
            options,
        };
        Self {
            inner: Arc::new(inner),
        }
    }

    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// An HTTP client for the SDK. A call belongs to the hosted invocation in whose task it is made, and dies with
    /// it; made anywhere else, it belongs to none.
    #[must_use]
    pub fn http_client(&self) -> SharedHttpClient {
        crate::http_client::client(self, None)
    }

    /// An HTTP client whose calls are logged as this invocation's, and die with it, whatever task makes them.
    #[must_use]
    pub fn http_client_for(&self, invocation: &str) -> SharedHttpClient {
        crate::http_client::client(self, Some(invocation))
    }

    #[must_use]
    pub fn account(&self) -> &str {
        &self.inner.options.account
    }

    #[must_use]
    pub fn region(&self) -> &str {
        &self.inner.options.region
    }

    /// Answers one request. A lost reply, which a real door shows by breaking the connection, is
    /// answered here with status 502; the call of a dead invocation is never answered.
    pub async fn answer(&self, request: MockRequest, invocation: Option<&str>) -> MockResponse {
        match self.exchange(request, invocation).await {
            Exchange::Reply(response) => response,
            Exchange::Lost => MockResponse::error(502, "ReplyLost", "the reply was lost on its way"),
            Exchange::Never => std::future::pending().await,
        }
    }

    /// Every request so far, in order of arrival.
    #[must_use]
    pub fn log(&self) -> Vec<Call> {
        self.inner.log.all()
    }

    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// Reads or seeds Route 53.
    pub fn route53<R>(&self, f: impl FnOnce(&mut Route53) -> R) -> R {
        f(&mut locked(&self.inner.route53))
    }

    /// Reads or seeds Parameter Store.
    pub fn ssm<R>(&self, f: impl FnOnce(&mut Ssm) -> R) -> R {
        f(&mut locked(&self.inner.ssm))
    }

    /// Reads or seeds DMS.
    pub fn dms<R>(&self, f: impl FnOnce(&mut Dms) -> R) -> R {
        f(&mut locked(&self.inner.dms))
    }

    /// Reads or seeds `CloudWatch`.
    pub fn cloudwatch<R>(&self, f: impl FnOnce(&mut CloudWatch) -> R) -> R {
        f(&mut locked(&self.inner.cloudwatch))
    }

    /// Evaluates every alarm, as AWS does once a minute. Only minutes that are over count.
    pub fn evaluate_alarms(&self) {
        self.cloudwatch(CloudWatch::evaluate_alarms);
    }

    /// Reads or seeds SNS.
    pub fn sns<R>(&self, f: impl FnOnce(&mut Sns) -> R) -> R {
        f(&mut locked(&self.inner.sns))
    }

    /// Reads or seeds `EventBridge`.
    pub fn events<R>(&self, f: impl FnOnce(&mut Events) -> R) -> R {
        f(&mut locked(&self.inner.events))
    }

    /// Serves `POST <path>` beside AWS's own paths, for whoever drives the twin over TCP.
    pub fn side_door(&self, path: &str, door: Arc<dyn SideDoor>) {
        locked(&self.inner.side_doors).insert(path.to_owned(), door);
    }

    pub(crate) fn side_door_at(&self, path: &str) -> Option<Arc<dyn SideDoor>> {
        locked(&self.inner.side_doors).get(path).cloned()
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.inner.outbox
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.inner.delivery
    }

    pub(crate) fn call_latency(&self) -> Duration {
        self.inner.options.call_latency
    }

    pub(crate) fn call_log(&self) -> &CallLog {
        &self.inner.log
    }

    pub(crate) fn identifiers(&self) -> &Identifiers {
        &self.inner.identifiers
    }

    pub(crate) fn functions(&self) -> &Functions {
        &self.inner.functions
    }

    pub(crate) fn invocations(&self) -> &Invocations {
        &self.inner.invocations
    }

    pub(crate) fn admitted(&self, service: &Service, operation: &str) -> bool {
        let now = self.clock().now();
        !self.inner.options.rates || locked(&self.inner.rates).admit(service, operation, now)
    }
}

/// A panic elsewhere must not take the twin down with it: its state is changed in single steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
