//! Whom the client trusts: the system's certificates, or those of one file alone.
//!
//! Has no way to trust everybody, and speaks nothing older than TLS 1.2.

use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::TLS12;
use rustls::version::TLS13;

use crate::switch::SwitchError;

/// Most bytes of a certificate file; a whole system's list has a quarter of it.
const CA_FILE_BYTES_MAX: u64 = 1_048_576;

/// TLS as the client speaks it.
pub(super) fn client_config(roots: RootCertStore) -> Result<ClientConfig, SwitchError> {
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(|_| SwitchError::Setup)?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The certificates that this computer trusts; those that cannot be read are passed over, as browsers do.
pub(super) fn system_roots() -> Result<RootCertStore, SwitchError> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        return Err(SwitchError::NoSystemCertificates);
    }
    Ok(roots)
}

/// The certificates of a PEM file, every one of which must be whole.
pub(super) fn file_roots(path: &Path) -> Result<RootCertStore, SwitchError> {
    let owned = || path.to_owned();
    let mut roots = RootCertStore::empty();
    for (place, certificate) in CertificateDer::pem_slice_iter(&read(path)?).enumerate() {
        let broken = || SwitchError::CaFileBroken { path: owned(), number: place + 1 };
        roots.add(certificate.map_err(|_| broken())?).map_err(|_| broken())?;
    }
    if roots.is_empty() {
        return Err(SwitchError::CaFileWithoutCertificate { path: owned() });
    }
    Ok(roots)
}

fn read(path: &Path) -> Result<Vec<u8>, SwitchError> {
    let unreadable = |error: std::io::Error| SwitchError::CaFileUnreadable {
        path: path.to_owned(),
        reason: error.kind(),
    };
    let file = File::open(path).map_err(unreadable)?;
    let mut bytes = Vec::new();
    let length = file.take(CA_FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if length as u64 > CA_FILE_BYTES_MAX {
        let path = path.to_owned();
        return Err(SwitchError::CaFileTooLarge { path, bytes_max: CA_FILE_BYTES_MAX });
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn certificate() -> String {
        rcgen::generate_simple_self_signed(["pbx".to_owned()]).unwrap().cert.pem()
    }

    /// How many certificates a file gives, or why none, with the path left out.
    fn outcome(bytes: &[u8]) -> Result<usize, String> {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let path = file.path().display().to_string();
        file_roots(file.path()).map(|it| it.len()).map_err(|it| it.to_string().replace(&path, "F"))
    }

    #[test]
    fn every_certificate_of_a_file_is_trusted() {
        let two = format!("first\n{}\nsecond\n{}", certificate(), certificate());
        assert_eq!(outcome(two.as_bytes()), Ok(2));
        assert_eq!(outcome(certificate().replace('\n', "\r\n").as_bytes()), Ok(1));
    }

    #[test]
    fn a_file_without_whole_certificates_is_refused() {
        let key = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";
        let none = Err("the certificate file `F` holds no certificate in PEM form".to_owned());
        assert_eq!(outcome(b""), none);
        assert_eq!(outcome(b"\x30\x82\x01\x00"), none);
        assert_eq!(outcome(key.as_bytes()), none);
        let garbage = key.replace("PRIVATE KEY", "CERTIFICATE");
        let second = format!("{}{garbage}", certificate());
        assert_eq!(
            outcome(second.as_bytes()),
            Err("certificate 2 of the file `F` is broken".to_owned())
        );
        let cut = &certificate()[..200];
        assert_eq!(
            outcome(cut.as_bytes()),
            Err("certificate 1 of the file `F` is broken".to_owned())
        );
        let huge = vec![b'#'; 1_048_577];
        assert_eq!(
            outcome(&huge),
            Err("the certificate file `F` has more than 1048576 bytes".to_owned())
        );
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let text =
            |path: &str| file_roots(Path::new(path)).map(|it| it.len()).unwrap_err().to_string();
        assert_eq!(
            text("/no/such"),
            "the certificate file `/no/such` cannot be read: entity not found"
        );
        assert_eq!(text("/"), "the certificate file `/` cannot be read: is a directory");
    }
}
