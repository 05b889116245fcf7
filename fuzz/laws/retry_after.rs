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
    let asked = wait(429, retry_after, date).expect("429 is busy");
    assert!(asked.is_none_or(|it| it <= WAIT_MAX), "everybody is held for {asked:?}");
    let out_of_service = wait(503, retry_after, date);
    assert_eq!(out_of_service, retry_after.map(|_| asked), "503 asks for another time");
    let plain = retry_after.map(str::trim).unwrap_or_default();
    if !plain.is_empty() && plain.bytes().all(|it| it.is_ascii_digit()) {
        let seconds = plain.parse().map_or(WAIT_MAX, Duration::from_secs);
        assert_eq!(asked, Some(seconds.min(WAIT_MAX)), "seconds are seconds");
    } else if asked.is_some() {
        assert!(date.is_some(), "a date is judged by another clock than the answer's");
    }
    if let Some(date) = date {
        let at_once = wait(429, Some(date), Some(date)).flatten();
        let is_date = date.contains(':');
        assert!(!is_date || at_once.is_none_or(|it| it.is_zero()), "now is not at once");
    }
}

/// The time that a busy switch asks for; none where it is not busy.
fn wait(status: u16, retry_after: Option<&str>, date: Option<&str>) -> Option<Option<Duration>> {
    let (location_host, media_type) = (None, None);
    let body = Body::Whole(b"{\"responses\":[{\"code\":204}]}");
    let answer = HttpAnswer { status, retry_after, date, location_host, media_type, body };
    match switch::reply_to(answer, []).meaning {
        Meaning::Busy { wait } => Some(wait),
        _ => None,
    }
}
