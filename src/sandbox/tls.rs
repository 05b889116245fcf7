//! Certificates that last as long as the sandbox: an authority and a server certificate under it.
//! Writes nothing to disk, and the keys never leave this process.

use std::sync::Arc;

use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::KeyUsagePurpose;
use rcgen::date_time_ymd;
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use tokio_rustls::TlsAcceptor;

use crate::sandbox::error::SandboxError;
use crate::sandbox::options::Tls;
use crate::sandbox::options::Validity;

/// What a server needs for HTTPS, and what a client needs to trust it.
pub(super) struct Certificates {
    pub(super) acceptor: TlsAcceptor,
    pub(super) ca_pem: String,
}

/// Makes an authority and a certificate for the names.
pub(super) fn certificates(tls: &Tls) -> Result<Certificates, SandboxError> {
    let wrong = |what: String| SandboxError::Tls { names: tls.names.join(", "), what };
    let (authority, leaf, key) = signed(tls).map_err(|it| wrong(it.to_string()))?;
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|it| it.with_no_client_auth().with_single_cert(vec![leaf.der().clone()], key))
        .map_err(|it| wrong(it.to_string()))?;
    Ok(Certificates { acceptor: TlsAcceptor::from(Arc::new(config)), ca_pem: authority })
}

fn signed(tls: &Tls) -> Result<(String, rcgen::Certificate, KeyPair), rcgen::Error> {
    let mut authority = CertificateParams::new(Vec::new())?;
    authority.distinguished_name.push(DnType::CommonName, "sandbox authority, not for real use");
    authority.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    limit(&mut authority, Validity::Now);
    let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate()?)?;

    let mut leaf = CertificateParams::new(tls.names.clone())?;
    leaf.distinguished_name.push(DnType::CommonName, "sandbox");
    leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    leaf.use_authority_key_identifier_extension = true;
    limit(&mut leaf, tls.validity);
    let key = KeyPair::generate()?;
    let leaf = leaf.signed_by(&key, &authority)?;
    Ok((authority.pem(), leaf, key))
}

/// Wide limits, so that no clock need be read here.
fn limit(parameters: &mut CertificateParams, validity: Validity) {
    let (first, last) = match validity {
        Validity::Now => (2020, 2099),
        Validity::Expired => (2000, 2001),
    };
    parameters.not_before = date_time_ymd(first, 1, 1);
    parameters.not_after = date_time_ymd(last, 1, 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_stand_in_a_certificate_is_refused() {
        let tls = Tls { names: vec!["schön.example".to_owned()], validity: Validity::Now };
        let error = certificates(&tls).err().map(|it| it.to_string());
        let expected = "certificate for `schön.example`: ";
        assert!(error.as_ref().is_some_and(|it| it.starts_with(expected)), "{error:?}");
    }
}
