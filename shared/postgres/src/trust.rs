//! Whose certificates are believed: the system's, and those of a file, because those of RDS are in no system's store.
//! The name in the certificate must be the one that was connected to.

use std::path::Path;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use tokio_postgres_rustls::MakeRustlsConnect;

#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("the certificates in {file} cannot be read")]
    File {
        file: String,
        #[source]
        source: rustls_pki_types::pem::Error,
    },
    #[error("{file} has a certificate that is none")]
    Certificate {
        file: String,
        #[source]
        source: rustls::Error,
    },
    #[error("TLS cannot be set up")]
    Protocol(#[source] rustls::Error),
}

/// TLS with these roots. `rustls` checks the name.
pub(crate) fn connector(ca_file: Option<&Path>) -> Result<MakeRustlsConnect, TrustError> {
    let mut roots = RootCertStore::empty();
    // A system without certificates is believed nothing; then the file has to do.
    let system = rustls_native_certs::load_native_certs();
    let _ignored = roots.add_parsable_certificates(system.certs);
    if let Some(path) = ca_file {
        let file = path.display().to_string();
        let unreadable = |source| TrustError::File {
            file: file.clone(),
            source,
        };
        for certificate in CertificateDer::pem_file_iter(path).map_err(unreadable)? {
            let certificate = certificate.map_err(unreadable)?;
            roots.add(certificate).map_err(|source| TrustError::Certificate {
                file: file.clone(),
                source,
            })?;
        }
    }
    // Named, because a process may have another provider as its default, or none.
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(TrustError::Protocol)?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(MakeRustlsConnect::new(config))
}
