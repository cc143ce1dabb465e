//! The cryptography behind https.

use std::sync::OnceLock;

/// Installs the cryptography for the whole process; more than once does no harm. reqwest panics where none is installed.
pub fn install_tls() {
    static INSTALLED: OnceLock<()> = OnceLock::new();
    INSTALLED.get_or_init(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("another tls provider was installed before");
        }
    });
}
