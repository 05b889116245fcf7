//! Turns a failure of the HTTP library into an observation: could a byte of the request have left?
//!
//! Only a failure to connect means that none did. When in doubt, one may have. The library's own texts are never shown.

use std::error::Error;
use std::io;
use std::iter;
use std::time::Duration;

use crate::switch::address::ApiUrl;
use crate::switch::answer::Observation;
use crate::switch::certificate;

/// Most causes looked through below one error.
const CAUSES_MAX: usize = 16;

/// What a request that brought no answer is observed as.
pub(super) fn observe(
    error: &reqwest::Error,
    url: &ApiUrl,
    connect_limit: Duration,
) -> Observation<'static> {
    if error.is_builder() {
        return Observation::NotSent { text: "no request can be made of the address".to_owned() };
    }
    if !error.is_connect() {
        return Observation::Lost { text: lost(error, url) };
    }
    if let Some(tls) = causes(error).find_map(|it| it.downcast_ref::<rustls::Error>()) {
        return certificate::observe(tls, url);
    }
    Observation::NotSent { text: not_sent(error, url, connect_limit) }
}

fn not_sent(error: &reqwest::Error, url: &ApiUrl, connect_limit: Duration) -> String {
    let endpoint = url.endpoint();
    if error.is_dns() {
        return format!("the name of `{endpoint}` was not found");
    }
    if error.is_timeout() {
        return format!("no connection to `{endpoint}` within {connect_limit:?}");
    }
    match io_kind(error) {
        Some(io::ErrorKind::ConnectionRefused) => format!("`{endpoint}` refused the connection"),
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
}

fn lost(error: &reqwest::Error, url: &ApiUrl) -> String {
    let endpoint = url.endpoint();
    let http = causes(error).find_map(|it| it.downcast_ref::<hyper::Error>());
    if http.is_some_and(hyper::Error::is_parse) {
        format!("`{endpoint}` answered with something that is not HTTP")
    } else {
        format!("the connection to `{endpoint}` broke before an answer came")
    }
}

fn io_kind(error: &reqwest::Error) -> Option<io::ErrorKind> {
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
