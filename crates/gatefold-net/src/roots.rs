//! Whose certificates are believed.

use std::sync::Arc;

use rustls::{ClientConfig, RootCertStore, crypto::aws_lc_rs, pki_types::CertificateDer};

/// The authorities whose certificates are believed.
#[derive(Clone, Debug)]
pub enum Roots {
    /// Those of the operating system, which its updates keep current and to which an operator adds
    /// an authority of their own.
    System,
    /// These and no others, each as DER; nobody at all where there are none.
    These(Vec<Vec<u8>>),
}

/// There is nobody to believe.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RootsError {
    /// The operating system has no list of authorities.
    #[error(
        "no certificate authorities were found on this system: install them (the package \
         ca-certificates), or name a file of them in SSL_CERT_FILE"
    )]
    None,
    /// A certificate cannot be read.
    #[error("a certificate authority's certificate cannot be read")]
    Unreadable,
    /// TLS as configured is not possible with the library.
    #[error("TLS cannot be set up")]
    Setup,
}

impl Roots {
    /// TLS for a client that believes them.
    ///
    /// # Errors
    /// When there is nobody to believe.
    pub fn config(&self) -> Result<ClientConfig, RootsError> {
        let mut store = RootCertStore::empty();
        match self {
            Self::System => {
                // A system's list may hold what the library does not take; the rest counts.
                let found = rustls_native_certs::load_native_certs();
                store.add_parsable_certificates(found.certs);
                if store.is_empty() {
                    return Err(RootsError::None);
                }
            }
            Self::These(certificates) => {
                for der in certificates {
                    store
                        .add(CertificateDer::from(der.as_slice()).into_owned())
                        .map_err(|_| RootsError::Unreadable)?;
                }
            }
        }
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| RootsError::Setup)?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(config)
    }
}
