//! Says in plain words why a TLS handshake failed.
//!
//! Tells certificates that were refused from everything else, and never repeats what the far side presented.

use rustls::AlertDescription;
use rustls::CertificateError;
use rustls::Error;

use crate::switch::address::ApiUrl;
use crate::switch::answer::Observation;

/// What a failed handshake is observed as. No byte of a request leaves before the handshake is over.
pub(super) fn observe(error: &Error, url: &ApiUrl) -> Observation<'static> {
    let reason = match error {
        Error::InvalidCertificate(error) => reason(error),
        Error::NoCertificatesPresented => "is missing: the switch's web server must present one",
        other => return Observation::NotSent { text: handshake(other, url) },
    };
    Observation::Certificate { text: format!("the certificate of `{}` {reason}", url.name()) }
}

/// A handshake that ended without a word of TLS.
pub(super) fn broken_off(url: &ApiUrl) -> String {
    let endpoint = url.endpoint();
    format!("`{endpoint}` broke off the TLS handshake: perhaps it speaks plain `http://`")
}

fn reason(error: &CertificateError) -> &'static str {
    match error {
        CertificateError::UnknownIssuer => {
            "comes from an issuer that is not trusted here: give the issuer's with `--ca-file`"
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "is for another name: give `--url` a name that it carries"
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            "has expired: renew it on the switch, or set this computer's clock"
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "is not valid yet: set this computer's clock, or the switch's"
        }
        CertificateError::Revoked => "was revoked: renew it on the switch",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            "is not made for a server: install another on the switch"
        }
        // OpenSSL's self-signed certificates call themselves an authority's unless told otherwise.
        CertificateError::Other(_) => {
            "is not a server's, perhaps an authority's own: \
             have the switch present one that its authority signed"
        }
        _ => {
            "is not acceptable: install another on the switch, or give its issuer's with `--ca-file`"
        }
    }
}

fn handshake(error: &Error, url: &ApiUrl) -> String {
    let endpoint = url.endpoint();
    match error {
        Error::InvalidMessage(_) => {
            format!("`{endpoint}` does not answer in TLS: perhaps it speaks plain `http://`")
        }
        Error::PeerIncompatible(_)
        | Error::AlertReceived(
            AlertDescription::ProtocolVersion | AlertDescription::HandshakeFailure,
        ) => {
            format!(
                "`{endpoint}` and boxlift have no kind of TLS in common; 1.2 or newer is needed"
            )
        }
        Error::AlertReceived(AlertDescription::UnrecognisedName) => {
            format!("`{endpoint}` does not serve the name `{}`", url.name())
        }
        _ => format!("the TLS handshake with `{endpoint}` failed"),
    }
}

#[cfg(test)]
mod tests {
    use rustls::InvalidMessage;

    use super::*;
    use crate::switch::Plaintext;

    fn text(error: &Error) -> (&'static str, String) {
        let url = ApiUrl::parse("pbx:8443", Plaintext::Refused).unwrap();
        match observe(error, &url) {
            Observation::Certificate { text } => ("certificate", text),
            Observation::NotSent { text } => ("not sent", text),
            Observation::Lost { text } => ("lost", text),
            Observation::Http(_) => ("http", String::new()),
        }
    }

    #[test]
    fn refused_certificates_are_told_from_other_failures() {
        for (error, kind, words) in [
            (
                Error::InvalidCertificate(CertificateError::NotValidYet),
                "certificate",
                "the certificate of `pbx` is not valid yet: set this computer's clock, or the switch's",
            ),
            (
                Error::InvalidCertificate(CertificateError::BadEncoding),
                "certificate",
                "the certificate of `pbx` is not acceptable: install another on the switch, \
                 or give its issuer's with `--ca-file`",
            ),
            (
                Error::NoCertificatesPresented,
                "certificate",
                "the certificate of `pbx` is missing: the switch's web server must present one",
            ),
            (
                Error::InvalidMessage(InvalidMessage::InvalidContentType),
                "not sent",
                "`pbx:8443` does not answer in TLS: perhaps it speaks plain `http://`",
            ),
            (
                Error::AlertReceived(AlertDescription::ProtocolVersion),
                "not sent",
                "`pbx:8443` and boxlift have no kind of TLS in common; 1.2 or newer is needed",
            ),
            (
                Error::AlertReceived(AlertDescription::UnrecognisedName),
                "not sent",
                "`pbx:8443` does not serve the name `pbx`",
            ),
            (Error::DecryptError, "not sent", "the TLS handshake with `pbx:8443` failed"),
        ] {
            assert_eq!(text(&error), (kind, words.to_owned()));
        }
    }
}
