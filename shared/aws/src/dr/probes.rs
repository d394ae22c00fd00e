//! Connections to the writer endpoints, and what their names lead to.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::sync::Arc;

use cutover_core::dr::observation::Probed;
use cutover_core::dr::ports::Probes;
use cutover_core::dr::side::Side;
use cutover_core::error::PortError;
use cutover_postgres::PORT;

use super::direct::DirectProbe;
use super::endpoints::Endpoints;
use super::network::NetworkProbes;

/// Who makes the connections.
#[derive(Debug, Clone)]
pub enum Probing {
    Network(NetworkProbes),
    Elsewhere(Arc<dyn DirectProbe>),
}

impl Probing {
    /// Whether both names lead to a common address; `None` where one of them leads nowhere.
    pub(super) async fn leads_to(&self, endpoint: &str, cluster_endpoint: &str) -> Option<bool> {
        match self {
            Self::Network(network) => {
                let both = async { tokio::join!(addresses(endpoint), addresses(cluster_endpoint)) };
                let (one, other) = tokio::time::timeout(network.timeout(), both).await.ok()?;
                Some(!one?.is_disjoint(&other?))
            }
            Self::Elsewhere(direct) => direct.leads_to(endpoint, cluster_endpoint).await,
        }
    }
}

async fn addresses(name: &str) -> Option<BTreeSet<IpAddr>> {
    let found = tokio::net::lookup_host((name, PORT)).await.ok()?;
    let addresses: BTreeSet<IpAddr> = found.map(|address| address.ip()).collect();
    Some(addresses).filter(|addresses| !addresses.is_empty())
}

/// The probes as the core asks for them: where the state knows no endpoint, the one that was seen last is tried.
#[derive(Debug, Clone)]
pub struct EndpointProbes {
    probing: Probing,
    endpoints: Endpoints,
}

impl EndpointProbes {
    #[must_use]
    pub fn new(probing: Probing, endpoints: Endpoints) -> Self {
        Self { probing, endpoints }
    }
}

impl Probes for EndpointProbes {
    async fn probe(&self, side: Side, endpoint: Option<&str>) -> Probed {
        let seen_last = self.endpoints.of(side);
        let endpoint = endpoint.or(seen_last.as_deref());
        match &self.probing {
            Probing::Network(network) => network.probe(side, endpoint).await,
            Probing::Elsewhere(direct) => direct.probe(side, endpoint).await,
        }
    }

    async fn write(&self, side: Side, endpoint: &str) -> Option<Result<(), PortError>> {
        match &self.probing {
            Probing::Network(network) => network.write(side, endpoint).await,
            Probing::Elsewhere(direct) => direct.write(side, endpoint).await,
        }
    }
}
