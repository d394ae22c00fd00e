//! What AWS has of its own in each region.

use std::sync::{Arc, Mutex};

use crate::autoscaling::AutoScaling;
use crate::clock::Clock;
use crate::cloudwatch::CloudWatch;
use crate::delivery::Delivery;
use crate::dms::Dms;
use crate::emission::Outbox;
use crate::events::Events;
use crate::identifiers::Identifiers;
use crate::lambda::Functions;
use crate::outages::Outages;
use crate::place::Place;
use crate::rates::Rates;
use crate::sns::Sns;
use crate::ssm::Ssm;
use crate::twin_options::TwinOptions;

/// Start and factor of the hash FNV-1a, which makes a seed out of a region's name.
const FNV_START: u64 = 0xCBF2_9CE4_8422_2325;
const FNV_FACTOR: u64 = 0x0000_0100_0000_01B3;

/// One region.
pub(crate) struct Region {
    pub(crate) place: Place,
    pub(crate) rates: Mutex<Rates>,
    pub(crate) ssm: Mutex<Ssm>,
    pub(crate) dms: Mutex<Dms>,
    pub(crate) cloudwatch: Mutex<CloudWatch>,
    pub(crate) sns: Mutex<Sns>,
    pub(crate) events: Mutex<Events>,
    pub(crate) autoscaling: Mutex<AutoScaling>,
    pub(crate) delivery: Delivery,
    pub(crate) functions: Functions,
}

impl Region {
    /// The region that the twin is named after. Its identifiers follow from the seed itself.
    pub(crate) fn home(options: &TwinOptions, clock: &Clock, outages: &Outages) -> Self {
        let name = options.region.clone();
        let delivery = Delivery::fair(options.seed);
        Self::empty(
            options,
            place(options, options.seed, name, clock, outages),
            delivery,
        )
    }

    /// Another region beside it, with identifiers of its own, so that those of the home region do not change with
    /// what happens elsewhere.
    pub(crate) fn beside(home: &Self, options: &TwinOptions, name: &str) -> Self {
        let seed = options.seed ^ hash(name);
        let Place { clock, outages, .. } = &home.place;
        let delivery = home.delivery.beside(seed);
        Self::empty(
            options,
            place(options, seed, name.to_owned(), clock, outages),
            delivery,
        )
    }

    fn empty(options: &TwinOptions, place: Place, delivery: Delivery) -> Self {
        // Events come and go with the weather; other identifiers do not change with them.
        let bus = Place {
            identifiers: Arc::new(Identifiers::seeded(!place.seed)),
            ..place.clone()
        };
        Self {
            rates: Mutex::new(Rates::full_at(place.clock.now())),
            ssm: Mutex::new(Ssm::empty(place.clone())),
            dms: Mutex::new(Dms::empty(place.clone())),
            cloudwatch: Mutex::new(CloudWatch::empty(place.clone())),
            sns: Mutex::new(Sns::empty(place.clone())),
            events: Mutex::new(Events::empty(bus, options.accept_aws_sources)),
            autoscaling: Mutex::new(AutoScaling::empty(place.clone())),
            delivery,
            functions: Functions::default(),
            place,
        }
    }
}

fn place(options: &TwinOptions, seed: u64, region: String, clock: &Clock, outages: &Outages) -> Place {
    Place {
        account: options.account.clone(),
        region,
        seed,
        clock: clock.clone(),
        identifiers: Arc::new(Identifiers::seeded(seed)),
        outbox: Outbox::default(),
        outages: outages.clone(),
    }
}

fn hash(name: &str) -> u64 {
    name.bytes().fold(FNV_START, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(FNV_FACTOR)
    })
}
