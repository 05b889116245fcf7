//! What came of a call before anybody judges it, and plain words for what is not the API's.
//!
//! The words name what came and how much of it; they never repeat a body.

use serde::de::IgnoredAny;

use crate::switch::redact::Redaction;

/// Most bytes of an answer's body that are read.
pub(super) const BODY_BYTES_MAX: usize = 1_048_576;

/// Longest media type that is shown.
const MEDIA_TYPE_BYTES_MAX: usize = 60;

/// All that the wire said of one call.
pub(super) enum Observation<'a> {
    /// No byte of the request left.
    NotSent {
        /// Why, in our words.
        text: String,
    },
    /// Bytes may have left; no answer began.
    Lost {
        /// Why, in our words.
        text: String,
    },
    /// The certificate was refused; no byte of the request left.
    Certificate {
        /// Why and what to do, in our words.
        text: String,
    },
    /// An answer began.
    Http(HttpAnswer<'a>),
}

/// The parts of an HTTP answer that are looked at.
#[derive(Clone)]
pub struct HttpAnswer<'a> {
    /// The status line's number.
    pub status: u16,
    /// The header `Retry-After`.
    pub retry_after: Option<&'a str>,
    /// The header `Date`.
    pub date: Option<&'a str>,
    /// The host that the header `Location` leads to.
    pub location_host: Option<String>,
    /// The header `Content-Type`.
    pub media_type: Option<&'a str>,
    /// What followed.
    pub body: Body<'a>,
}

/// A body as far as it was read.
#[derive(Clone, Copy)]
pub enum Body<'a> {
    /// All of it.
    Whole(&'a [u8]),
    /// The connection or the time ended before the body did.
    Truncated {
        /// Bytes that came.
        received: usize,
    },
    /// More than is read.
    TooLarge,
}

/// Says what came in the place of an answer of the API.
pub(super) fn describe(answer: &HttpAnswer<'_>, redaction: &Redaction<'_>) -> String {
    let status = answer.status;
    match (status, answer.body) {
        (300..=399, _) => match &answer.location_host {
            Some(host) => {
                let host = redaction.apply(host);
                format!("HTTP {status} leads to `{host}`; redirects are not followed")
            }
            None => format!("HTTP {status} leads elsewhere; redirects are not followed"),
        },
        (429, _) => format!("HTTP {status}: too many calls"),
        (503, _) if answer.retry_after.is_some() => {
            format!("HTTP {status}: out of service for a while")
        }
        (204, Body::Whole([])) => format!("HTTP {status}"),
        (401, _) => {
            let what = describe_body(answer, redaction);
            format!(
                "HTTP {status} with {what}: perhaps a proxy in front of the switch asks for credentials"
            )
        }
        (404, _) => {
            let what = describe_body(answer, redaction);
            format!("HTTP {status} with {what}: perhaps the URL is not the API's")
        }
        _ => format!("HTTP {status} with {}", describe_body(answer, redaction)),
    }
}

fn describe_body(answer: &HttpAnswer<'_>, redaction: &Redaction<'_>) -> String {
    let bytes = match answer.body {
        Body::Whole([]) => return "an empty body".to_owned(),
        Body::Whole(bytes) => bytes,
        Body::Truncated { received } => {
            return format!("a body that broke off after {}", count(received));
        }
        Body::TooLarge => return format!("a body of more than {BODY_BYTES_MAX} bytes"),
    };
    let kind = kind_of(bytes);
    let length = count(bytes.len());
    match answer.media_type.and_then(essence) {
        Some(it) => format!("{kind} (`{}`, {length})", redaction.apply(&it)),
        None => format!("{kind} ({length})"),
    }
}

fn count(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

fn kind_of(bytes: &[u8]) -> &'static str {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
    let opens = |tag: &[u8]| bytes.get(..tag.len()).is_some_and(|it| it.eq_ignore_ascii_case(tag));
    if opens(b"<!doctype html") || opens(b"<html") {
        "HTML"
    } else if opens(b"<") {
        "markup"
    } else if serde_json::from_slice::<IgnoredAny>(bytes).is_ok() {
        "JSON that is not the API's"
    } else if opens(b"{") || opens(b"[") {
        "broken JSON"
    } else {
        "something that is not JSON"
    }
}

/// `text/html` of `text/html; charset=utf-8`, where it is one.
fn essence(header: &str) -> Option<String> {
    let essence = header.split(';').next()?.trim().to_ascii_lowercase();
    let is_token = |it: u8| it.is_ascii_alphanumeric() || b"/+-._".contains(&it);
    let is_one = essence.split('/').filter(|it| !it.is_empty()).count() == 2
        && essence.len() <= MEDIA_TYPE_BYTES_MAX
        && essence.bytes().all(is_token);
    is_one.then_some(essence)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    fn described(status: u16, media_type: Option<&str>, body: Body<'_>) -> String {
        let (retry_after, date) = (None, None);
        let location_host = Some("471188.example.com".to_owned());
        let answer = HttpAnswer { status, retry_after, date, location_host, media_type, body };
        describe(&answer, &Redaction::of(&[Secret::new("471188")]))
    }

    #[test]
    fn what_came_is_named_and_never_repeated() {
        for (status, media_type, body, text) in [
            (
                200,
                Some("text/html; charset=x"),
                &b"<HTML>471188"[..],
                "HTTP 200 with HTML (`text/html`, 12 bytes)",
            ),
            (
                502,
                None,
                b" \xef<!doctype HTML>",
                "HTTP 502 with something that is not JSON (17 bytes)",
            ),
            (502, Some("\u{1b}[1m"), b"\n<!doctype HTML>", "HTTP 502 with HTML (16 bytes)"),
            (200, Some("a/b/c"), b"<?xml?>", "HTTP 200 with markup (7 bytes)"),
            (
                200,
                Some("text/471188"),
                b"{}",
                "HTTP 200 with JSON that is not the API's (`text/***`, 2 bytes)",
            ),
            (
                200,
                Some("application/json"),
                b"{\"a\":",
                "HTTP 200 with broken JSON (`application/json`, 5 bytes)",
            ),
            (200, None, b"", "HTTP 200 with an empty body"),
            (301, None, b"", "HTTP 301 leads to `***.example.com`; redirects are not followed"),
            (204, None, b"", "HTTP 204"),
        ] {
            assert_eq!(described(status, media_type, Body::Whole(body)), text);
        }
        assert_eq!(
            described(200, None, Body::Truncated { received: 17 }),
            "HTTP 200 with a body that broke off after 17 bytes"
        );
        assert_eq!(
            described(200, None, Body::TooLarge),
            "HTTP 200 with a body of more than 1048576 bytes"
        );
    }
}
