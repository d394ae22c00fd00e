//! Connections that are not made over a network: in one process there is no socket to connect to.

use cutover_core::dr::observation::Probed;
use cutover_core::dr::side::Side;
use cutover_core::error::PortError;
use futures_util::future::BoxFuture;

/// What a connection would find.
pub trait DirectProbe: std::fmt::Debug + Send + Sync {
    fn probe<'a>(&'a self, side: Side, endpoint: Option<&'a str>) -> BoxFuture<'a, Probed>;
    fn write<'a>(&'a self, side: Side, endpoint: &'a str) -> BoxFuture<'a, Option<Result<(), PortError>>>;
    fn leads_to<'a>(&'a self, endpoint: &'a str, cluster_endpoint: &'a str) -> BoxFuture<'a, Option<bool>>;
}
