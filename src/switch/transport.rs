//! Turns a call without an answer into an observation: could a byte of the request have left?
//!
//! None did where there was no connection. When in doubt, one may have. The libraries' own texts are never shown.

use std::error::Error;
use std::io;
use std::iter;
use std::time::Duration;

use crate::switch::address::ApiUrl;
use crate::switch::answer::Observation;
use crate::switch::certificate;
use crate::switch::connector::ConnectError;

/// Most causes looked through below one error.
const CAUSES_MAX: usize = 16;

/// What a call without a connection is observed as.
pub(super) fn unconnected(
    error: &ConnectError,
    url: &ApiUrl,
    limit: Duration,
) -> Observation<'static> {
    if let Some(tls) = causes(error).find_map(|it| it.downcast_ref::<rustls::Error>()) {
        return certificate::observe(tls, url);
    }
    let endpoint = url.endpoint();
    let is_name = |it: &(dyn Error + 'static)| {
        matches!(it.downcast_ref(), Some(ConnectError::NameNotFound(_)))
    };
    let text = if matches!(error, ConnectError::TimedOut) {
        format!("no connection to `{endpoint}` within {limit:?}")
    } else if causes(error).any(is_name) {
        format!("the name of `{endpoint}` was not found")
    } else {
        match io_kind(error) {
            Some(io::ErrorKind::TimedOut) => format!("`{endpoint}` did not answer in time"),
            Some(io::ErrorKind::ConnectionRefused) => {
                format!("`{endpoint}` refused the connection")
            }
            Some(io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable) => {
                format!("`{endpoint}` is unreachable")
            }
            Some(
                io::ErrorKind::UnexpectedEof
                | io::ErrorKind::ConnectionReset
                | io::ErrorKind::BrokenPipe,
            ) if url.is_https() => certificate::broken_off(url),
            _ => format!("no connection to `{endpoint}`"),
        }
    };
    Observation::NotSent { text }
}

/// What a call is observed as that was handed to a connection.
pub(super) fn lost(error: &hyper::Error, url: &ApiUrl) -> Observation<'static> {
    let endpoint = url.endpoint();
    let text = if error.is_parse() {
        format!("`{endpoint}` answered with something that is not HTTP")
    } else {
        format!("the connection to `{endpoint}` broke before an answer came")
    };
    Observation::Lost { text }
}

fn io_kind(error: &ConnectError) -> Option<io::ErrorKind> {
    causes(error).filter_map(|it| it.downcast_ref::<io::Error>()).map(io::Error::kind).last()
}

/// An error and what lies beneath it.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    iter::successors(Some(error), |it| below(*it)).take(CAUSES_MAX)
}

/// What an I/O error wraps stands behind a door of its own; its `source` passes it over.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switch::Plaintext;

    #[test]
    fn without_a_connection_nothing_was_sent_and_people_are_told_why() {
        use io::ErrorKind;
        let of_kind = |kind: ErrorKind| ConnectError::Failed(io::Error::from(kind).into());
        for (error, told) in [
            (ConnectError::TimedOut, "no connection to `pbx:8080` within 5s"),
            (
                ConnectError::Failed(ConnectError::NameNotFound(io::Error::other("x")).into()),
                "the name of `pbx:8080` was not found",
            ),
            (of_kind(ErrorKind::ConnectionRefused), "`pbx:8080` refused the connection"),
            (of_kind(ErrorKind::TimedOut), "`pbx:8080` did not answer in time"),
            (of_kind(ErrorKind::HostUnreachable), "`pbx:8080` is unreachable"),
            (of_kind(ErrorKind::ConnectionReset), "no connection to `pbx:8080`"),
        ] {
            let url = ApiUrl::parse("http://pbx:8080", Plaintext::Allowed).unwrap();
            let observed = unconnected(&error, &url, Duration::from_secs(5));
            let Observation::NotSent { text } = observed else { panic!("{told}") };
            assert_eq!(text, told);
        }
    }
}
