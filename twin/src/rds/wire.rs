//! RDS on the wire: the query protocol.

mod asks;
mod changes;
mod looks;

use winterbaume_core::{MockRequest, MockResponse};

use super::{Rds, refusals};
use crate::error::AwsError;
use crate::meaning::Brief;
use crate::routing;
use changes::Change;
use looks::Look;

#[derive(Debug)]
pub(crate) enum Request {
    Look(Look),
    Change(Change),
}

impl Request {
    pub(crate) fn decode(operation: &str, request: &MockRequest) -> Result<Option<Self>, AwsError> {
        let form = &routing::form(request);
        let look = Look::decode(operation, form).map(|look| look.map(Self::Look));
        let decoded = look.or_else(|| Change::decode(operation, form).map(|change| change.map(Self::Change)));
        decoded.transpose().map_err(refusals::invalid_value)
    }

    pub(crate) fn brief(&self) -> Brief {
        match self {
            Self::Look(look) => look.brief(),
            Self::Change(change) => change.brief(),
        }
    }
}

impl Rds {
    /// Answers a request that came to a region.
    pub(crate) fn answer(&mut self, region: &str, request: &Request) -> Result<MockResponse, AwsError> {
        self.settle();
        match request {
            Request::Look(look) => self.show(region, look),
            Request::Change(change) => self.change(region, change),
        }
    }
}

/// About a thing of RDS by its identifier or ARN.
fn about(name: Option<&str>) -> Brief {
    Brief {
        subject: name.unwrap_or_default().to_owned(),
        ..Brief::default()
    }
}
