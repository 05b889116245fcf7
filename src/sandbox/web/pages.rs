//! Answers that are not the switch's: refusals and the pages of things that stand in front of one.
//! Every answer made here says that this is no real switch.

use axum::body::Body;
use hyper::Response;
use hyper::StatusCode;
use hyper::header;
use hyper::header::HeaderName;
use hyper::header::HeaderValue;

const MARK: (HeaderName, HeaderValue) =
    (HeaderName::from_static("x-sandbox"), HeaderValue::from_static("not a real switch"));
const JSON: &str = "application/json; charset=utf-8";
const HTML: &str = "text/html; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";

/// An answer of the switch.
pub(super) fn json(status: StatusCode, json: Vec<u8>) -> Response<Body> {
    page(status, JSON, json)
}

/// Why the sandbox will not look at a request.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) what: &'static str,
}

impl Refusal {
    pub(super) fn page(self) -> Response<Body> {
        let Self { status, what } = self;
        let mut response = page(status, PLAIN, format!("{what}\n").into_bytes());
        let headers = response.headers_mut();
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET, POST"));
        }
        // The rest of the body may still be on its way and must not be taken for a request.
        if matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::PAYLOAD_TOO_LARGE) {
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response
    }
}

/// What a proxy shows when something behind it is wrong.
pub(super) fn trouble(status: u16, retry_after: Option<u32>) -> Response<Body> {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let html = format!("<html><body><h1>{status}</h1></body></html>\n");
    let mut response = page(status, HTML, html.into_bytes());
    if let Some(seconds) = retry_after {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// What a portal shows to whoever has not logged in to it.
pub(super) fn login_page() -> Response<Body> {
    let html = "<html><body><form><h1>Please log in</h1></form></body></html>\n";
    page(StatusCode::OK, HTML, html.into())
}

fn page(status: StatusCode, kind: &'static str, body: Vec<u8>) -> Response<Body> {
    // 204 has neither a body nor a kind of one.
    let kind = (status != StatusCode::NO_CONTENT).then(|| HeaderValue::from_static(kind));
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(MARK.0, MARK.1);
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Some(kind) = kind {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    response
}
