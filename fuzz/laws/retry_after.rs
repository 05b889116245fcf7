//! How long a switch may ask to be left alone: an hour at most, and nothing where it said nothing plain.
//!
//! An input is the header `Retry-After` on one line and `Date`, if any, on the next.

use std::time::Duration;

use boxlift::model::Meaning;
use boxlift::switch;
use boxlift::switch::Body;
use boxlift::switch::HttpAnswer;

/// Longest time that anybody may ask for.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// Holds for any two headers.
pub(crate) fn holds(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let mut lines = text.lines();
    let (retry_after, date) = (lines.next(), lines.next());
    let Meaning::Busy { wait } = meaning(429, retry_after, date) else { panic!("429 is not busy") };
    assert!(wait.is_none_or(|it| it <= WAIT_MAX), "everybody is held for {wait:?}");
    let out_of_service = match retry_after {
        Some(_) => Meaning::Unavailable { wait },
        None => Meaning::Unclear,
    };
    assert_eq!(meaning(503, retry_after, date), out_of_service, "503 asks for something else");
    let plain = retry_after.map(str::trim).unwrap_or_default();
    if !plain.is_empty() && plain.bytes().all(|it| it.is_ascii_digit()) {
        let seconds = plain.parse().map_or(WAIT_MAX, Duration::from_secs);
        assert_eq!(wait, Some(seconds.min(WAIT_MAX)), "seconds are not seconds");
    } else if wait.is_some() {
        assert!(date.is_some(), "a date is judged by another clock than the answer's");
    }
    if let Some(date) = date.filter(|it| it.contains(':'))
        && let Meaning::Busy { wait: Some(wait) } = meaning(429, Some(date), Some(date))
    {
        assert!(wait.is_zero(), "now is not at once");
    }
}

/// What an answer means that says nothing but these headers, and that something was refused.
fn meaning(status: u16, retry_after: Option<&str>, date: Option<&str>) -> Meaning {
    let (location_host, media_type) = (None, None);
    let body = Body::Whole(b"{\"responses\":[{\"code\":400}]}");
    let answer = HttpAnswer { status, retry_after, date, location_host, media_type, body };
    switch::reply_to(answer, []).meaning
}
