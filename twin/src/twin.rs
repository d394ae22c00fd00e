//! The twin itself: the world behind locks, and the ways in.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use winterbaume_core::{MockRequest, MockResponse};

use crate::autoscaling::AutoScaling;
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
use crate::iam::Iam;
use crate::identifiers::Identifiers;
use crate::lambda::{Functions, Invocations};
use crate::outages::Outages;
use crate::place::Place;
use crate::rds::Rds;
use crate::region::Region;
use crate::route53::Route53;
use crate::routing::Service;
use crate::sns::Sns;
use crate::ssm::Ssm;
use crate::twin_options::TwinOptions;

/// A simulated AWS, seen from one of its regions. Clones are handles to the same world.
#[derive(Clone)]
pub struct Twin {
    inner: Arc<Inner>,
    here: Arc<Region>,
}

struct Inner {
    options: TwinOptions,
    clock: Clock,
    log: CallLog,
    faults: Faults,
    outages: Outages,
    route53: Mutex<Route53>,
    home: Arc<Region>,
    /// The regions beside the home region that anybody asked for, by name.
    others: Mutex<BTreeMap<String, Arc<Region>>>,
    rds: Mutex<Rds>,
    invocations: Invocations,
    iam: Iam,
    side_doors: Mutex<HashMap<String, Arc<dyn SideDoor>>>,
}

impl fmt::Debug for Twin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Twin")
            .field("options", &self.inner.options)
            .field("region", &self.here.place.region)
            .finish_non_exhaustive()
    }
}

impl Twin {
    /// An empty AWS, seen from its home region. Call it inside the runtime it is to live in: its clock starts here.
    #[must_use]
    pub fn new(options: TwinOptions) -> Self {
        let clock = Clock::starting_at(options.start);
        let outages = Outages::none(clock.clone());
        let home = Arc::new(Region::home(&options, &clock, &outages));
        let inner = Inner {
            clock,
            log: CallLog::default(),
            faults: Faults::default(),
            outages,
            route53: Mutex::new(Route53::empty(home.place.clone())),
            home: Arc::clone(&home),
            others: Mutex::default(),
            rds: Mutex::new(Rds::empty(home.place.clone())),
            invocations: Invocations::default(),
            iam: Iam::default(),
            side_doors: Mutex::default(),
            options,
        };
        Self {
            inner: Arc::new(inner),
            here: home,
        }
    }

    /// The same AWS, seen from another region, which is empty at first.
    #[must_use]
    pub fn at(&self, region: &str) -> Self {
        let Inner { options, home, .. } = self.inner.as_ref();
        if region == home.place.region {
            return self.seen_from(home);
        }
        let mut others = locked(&self.inner.others);
        let found = others
            .entry(region.to_owned())
            .or_insert_with(|| Arc::new(Region::beside(home, options, region)));
        self.seen_from(found)
    }

    /// The same AWS from every region that there is so far: the home region, then the others by name.
    #[must_use]
    pub fn everywhere(&self) -> Vec<Self> {
        let others = locked(&self.inner.others);
        let regions = std::iter::once(&self.inner.home).chain(others.values());
        regions.map(|region| self.seen_from(region)).collect()
    }

    /// The same AWS from every region that is not dark.
    pub(crate) fn lit(&self) -> Vec<Self> {
        let mut all = self.everywhere();
        all.retain(|region| self.inner.outages.is_lit(region.region()));
        all
    }

    fn seen_from(&self, region: &Arc<Region>) -> Self {
        Self {
            inner: Arc::clone(&self.inner),
            here: Arc::clone(region),
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
        &self.here.place.region
    }

    /// Answers one request. A lost reply, which a real door shows by breaking the connection, is
    /// answered here with status 502; the call of a dead invocation is never answered, nor one that reaches nobody.
    pub async fn answer(&self, request: MockRequest, invocation: Option<&str>) -> MockResponse {
        match self.exchange(request, invocation).await {
            Exchange::Reply(response) => response,
            Exchange::Lost => MockResponse::error(502, "ReplyLost", "the reply was lost on its way"),
            Exchange::Silence | Exchange::Never => std::future::pending().await,
        }
    }

    /// Every request so far, to whichever region, in order of arrival.
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
        self.observe_health();
        self.route53_unseen(f)
    }

    /// The same, without a look at the alarms that health checks follow.
    pub(crate) fn route53_unseen<R>(&self, f: impl FnOnce(&mut Route53) -> R) -> R {
        f(&mut locked(&self.inner.route53))
    }

    /// Reads or seeds Parameter Store.
    pub fn ssm<R>(&self, f: impl FnOnce(&mut Ssm) -> R) -> R {
        f(&mut locked(&self.here.ssm))
    }

    /// Reads or seeds DMS.
    pub fn dms<R>(&self, f: impl FnOnce(&mut Dms) -> R) -> R {
        f(&mut locked(&self.here.dms))
    }

    /// Reads or seeds `CloudWatch`.
    pub fn cloudwatch<R>(&self, f: impl FnOnce(&mut CloudWatch) -> R) -> R {
        f(&mut locked(&self.here.cloudwatch))
    }

    /// Evaluates every alarm of every region that is lit, as AWS does once a minute. Only minutes that are over count.
    pub fn evaluate_alarms(&self) {
        for region in self.lit() {
            region.cloudwatch(CloudWatch::evaluate_alarms);
        }
    }

    /// Reads or seeds SNS.
    pub fn sns<R>(&self, f: impl FnOnce(&mut Sns) -> R) -> R {
        f(&mut locked(&self.here.sns))
    }

    /// Reads or seeds `EventBridge`.
    pub fn events<R>(&self, f: impl FnOnce(&mut Events) -> R) -> R {
        f(&mut locked(&self.here.events))
    }

    /// Reads or seeds Auto Scaling.
    pub fn autoscaling<R>(&self, f: impl FnOnce(&mut AutoScaling) -> R) -> R {
        f(&mut locked(&self.here.autoscaling))
    }

    pub(crate) fn with_rds<R>(&self, f: impl FnOnce(&mut Rds) -> R) -> R {
        f(&mut locked(&self.inner.rds))
    }

    /// Serves `POST <path>` beside AWS's own paths, for whoever drives the twin over TCP.
    pub fn side_door(&self, path: &str, door: Arc<dyn SideDoor>) {
        locked(&self.inner.side_doors).insert(path.to_owned(), door);
    }

    pub(crate) fn side_door_at(&self, path: &str) -> Option<Arc<dyn SideDoor>> {
        locked(&self.inner.side_doors).get(path).cloned()
    }

    /// What is dark, failing, cut off or slow.
    #[must_use]
    pub fn outages(&self) -> &Outages {
        &self.inner.outages
    }

    pub(crate) fn iam(&self) -> &Iam {
        &self.inner.iam
    }

    pub(crate) fn place(&self) -> &Place {
        &self.here.place
    }

    pub(crate) fn outbox(&self) -> &Outbox {
        &self.here.place.outbox
    }

    pub(crate) fn delivery(&self) -> &Delivery {
        &self.here.delivery
    }

    pub(crate) fn spreads_schedules(&self) -> bool {
        self.inner.options.spread_schedules
    }

    pub(crate) fn call_latency(&self) -> Duration {
        self.inner.options.call_latency
    }

    pub(crate) fn call_log(&self) -> &CallLog {
        &self.inner.log
    }

    pub(crate) fn identifiers(&self) -> &Identifiers {
        &self.here.place.identifiers
    }

    pub(crate) fn functions(&self) -> &Functions {
        &self.here.functions
    }

    pub(crate) fn invocations(&self) -> &Invocations {
        &self.inner.invocations
    }

    pub(crate) fn admitted(&self, service: &Service, operation: &str) -> bool {
        let now = self.clock().now();
        // Route 53 allows an account so many requests, wherever they come from.
        let everywhere = *service == Service::Route53;
        let region = if everywhere { &self.inner.home } else { &self.here };
        !self.inner.options.rates || locked(&region.rates).admit(service, operation, now)
    }
}

/// A panic elsewhere must not take the twin down with it: its state is changed in single steps.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
