//! How long a switch asks to be left alone.
//!
//! Has no clock: a date is judged by the answer's own.

use std::time::Duration;

/// Longest time that a switch may hold everybody.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// Reads seconds, or a date beside the header `Date`; nothing where neither is there.
pub(super) fn wait(retry_after: Option<&str>, date: Option<&str>) -> Option<Duration> {
    let text = retry_after?.trim();
    if !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit()) {
        // Digits beyond any number are a very long time.
        return Some(text.parse().map_or(WAIT_MAX, Duration::from_secs).min(WAIT_MAX));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let now = httpdate::parse_http_date(date?.trim()).ok()?;
    Some(until.duration_since(now).unwrap_or_default().min(WAIT_MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_seconds_or_a_date_by_the_answers_own_clock() {
        let date = Some("Sun, 06 Nov 1994 08:49:37 GMT");
        for (retry_after, date, seconds) in [
            ("0", None, Some(0)),
            (" 7 ", None, Some(7)),
            ("3601", None, Some(3_600)),
            ("99999999999999999999999", None, Some(3_600)),
            ("-1", None, None),
            ("1.5", None, None),
            ("+7", None, None),
            ("", None, None),
            ("soon", date, None),
            ("Sun, 06 Nov 1994 08:50:00 GMT", date, Some(23)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", date, Some(0)),
            ("Sat, 06 Nov 2094 08:50:00 GMT", date, Some(3_600)),
            ("Sun, 06 Nov 1994 08:50:00 GMT", None, None),
            ("Sun, 06 Nov 1994 08:50:00 GMT", Some("today"), None),
        ] {
            assert_eq!(
                wait(Some(retry_after), date),
                seconds.map(Duration::from_secs),
                "{retry_after}"
            );
        }
        assert_eq!(wait(None, date), None);
    }
}
