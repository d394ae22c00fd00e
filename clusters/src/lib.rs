//! Throw-away PostgreSQL clusters, started from the binaries that are installed: over TLS with a certificate of their own
//! on a free port, and over a Unix socket for whoever sets the scene. A cluster ends with the process that started it.

mod cluster;
mod installed;
mod keeper;

pub use cluster::{Cluster, ClusterError, SUPERUSER, Settings};
pub use installed::{Installed, NotInstalled};
