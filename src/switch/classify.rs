//! The one place that says what an observation means.
//!
//! Pure: no clock, no network. Never guesses; what is neither plainly done nor plainly refused may have been done.

use crate::model::Answer;
use crate::model::Meaning;
use crate::model::Misconfiguration;
use crate::model::Refusal;
use crate::model::Reply;
use crate::model::Secret;
use crate::switch::answer::Body;
use crate::switch::answer::HttpAnswer;
use crate::switch::answer::Observation;
use crate::switch::answer::describe;
use crate::switch::envelope::Entry;
use crate::switch::envelope::Envelope;
use crate::switch::redact::Redaction;
use crate::switch::retry_after;
use crate::switch::verdict::claims_success;
use crate::switch::verdict::verdict;
use crate::switch::verdict::words_of;

/// What boxlift takes an answer for, as [`Client::send`](crate::switch::Client::send) does, from its plain parts.
///
/// The reply repeats none of the secrets.
pub fn reply_to<'a>(
    answer: HttpAnswer<'_>,
    secrets: impl IntoIterator<Item = &'a Secret>,
) -> Reply {
    classify(Observation::Http(answer), &Redaction::of(secrets))
}

/// Reduces an observation to what boxlift acts on; the answer's words come out without secrets.
pub(super) fn classify(what: Observation<'_>, redaction: &Redaction<'_>) -> Reply {
    let ours = |meaning, message| {
        let answer = Answer { message, ..Answer::default() };
        Reply { http_status: None, meaning, answer }
    };
    match what {
        Observation::NotSent { text } => ours(Meaning::NotSent, text),
        Observation::Lost { text } => ours(Meaning::Lost, text),
        Observation::Certificate { text } => {
            ours(Meaning::Misconfigured(Misconfiguration::Certificate), text)
        }
        Observation::Http(answer) => judge(&answer, redaction),
    }
}

fn judge(http: &HttpAnswer<'_>, redaction: &Redaction<'_>) -> Reply {
    let envelope = match http.body {
        Body::Whole(bytes) => Envelope::parse(bytes),
        Body::Truncated { received: _ } | Body::TooLarge => None,
    };
    let entries = envelope.map(|it| it.entries).unwrap_or_default();
    let meaning = meaning(http, &entries, redaction);
    let is_redirect = meaning == Meaning::Misconfigured(Misconfiguration::Redirect);
    let answer = if entries.is_empty() || is_redirect {
        Answer { message: describe(http, redaction), ..Answer::default() }
    } else {
        words_of(&entries, redaction)
    };
    Reply { http_status: Some(http.status), meaning, answer }
}

/// One arm a rule; `entries` are those of a valid envelope, or none.
fn meaning(http: &HttpAnswer<'_>, entries: &[Entry], redaction: &Redaction<'_>) -> Meaning {
    let wait = || retry_after::wait(http.retry_after, http.date);
    match (http.status, entries) {
        (300..=399, _) => Meaning::Misconfigured(Misconfiguration::Redirect),
        (429, entries) if !claims_success(entries) => Meaning::Busy { wait: wait() },
        (503, _) if http.retry_after.is_some() => Meaning::Unavailable { wait: wait() },
        (500..=599, [_, ..]) => Meaning::Unclear,
        (401, entries) if !claims_success(entries) => Meaning::Refused(Refusal::Credentials),
        (400..=499, [_, ..]) if claims_success(entries) => Meaning::Unclear,
        (200..=299 | 400..=499, [_, ..]) => verdict(entries, redaction),
        (204, []) if matches!(http.body, Body::Whole([])) => Meaning::Done,
        _ => Meaning::NotApi,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every kind of body that the rules tell apart, by the codes in it.
    const BODIES: [(&str, &str); 17] = [
        ("204", r#"{"responses":[{"code":"204"}]}"#),
        ("201", r#"{"responses":[{"code":201}]}"#),
        ("400", r#"{"responses":[{"code":"400","key":"pin"}]}"#),
        ("401", r#"{"responses":[{"code":"401"}]}"#),
        ("402", r#"{"responses":[{"code":"402"}]}"#),
        ("403", r#"{"responses":[{"code":"403"}]}"#),
        ("404", r#"{"responses":[{"code":"404"}]}"#),
        ("200", r#"{"responses":[{"code":"200"}]}"#),
        ("500", r#"{"responses":[{"code":"500"}]}"#),
        ("204,204", r#"{"responses":[{"code":"204"},{"code":"204"}]}"#),
        ("204,201", r#"{"responses":[{"code":"204"},{"code":"201"}]}"#),
        ("204,400", r#"{"responses":[{"code":"204"},{"code":"400"}]}"#),
        ("400,500", r#"{"responses":[{"code":"400"},{"code":"500"}]}"#),
        ("400,404", r#"{"responses":[{"code":"400"},{"code":"404"}]}"#),
        ("none", r#"{"responses":[]}"#),
        ("html", "<html>"),
        ("empty", ""),
    ];

    /// One status for every class that the rules tell apart, and the neighbours of the borders.
    const STATUSES: [u16; 25] = [
        100, 199, 200, 201, 204, 205, 299, 300, 304, 307, 399, 400, 401, 402, 403, 404, 409, 429,
        499, 500, 502, 503, 599, 600, 999,
    ];

    fn http(status: u16, body: Body<'_>) -> HttpAnswer<'_> {
        let (retry_after, date, location_host, media_type) = (None, None, None, None);
        HttpAnswer { status, retry_after, date, location_host, media_type, body }
    }

    fn of(answer: HttpAnswer<'_>) -> Reply {
        classify(Observation::Http(answer), &Redaction::default())
    }

    fn word(meaning: &Meaning) -> &'static str {
        match meaning {
            Meaning::Done => "Done",
            Meaning::Passed => "Passed",
            Meaning::Found(_) => "Found",
            Meaning::Refused(Refusal::Parameters { keys: _ }) => "Parameters",
            Meaning::Refused(Refusal::Credentials) => "Credentials",
            Meaning::Refused(Refusal::Role) => "Role",
            Meaning::Refused(Refusal::RatePlan) => "Plan",
            Meaning::Refused(Refusal::Absent) => "Absent",
            Meaning::Busy { wait: _ } => "Busy",
            Meaning::Unavailable { wait: _ } => "Unavailable",
            Meaning::NotSent => "NotSent",
            Meaning::Lost => "Lost",
            Meaning::NotApi => "NotApi",
            Meaning::Unclear => "Unclear",
            Meaning::Misconfigured(Misconfiguration::Redirect) => "Redirect",
            Meaning::Misconfigured(Misconfiguration::Certificate) => "Certificate",
        }
    }

    /// The kinds of body that a status is met with, by what they come to: one line a meaning.
    fn lines(status: u16, retry_after: Option<&str>) -> String {
        let whole = BODIES.iter().map(|(name, text)| (*name, Body::Whole(text.as_bytes())));
        let rest = [("cut", Body::Truncated { received: 9 }), ("large", Body::TooLarge)];
        let mut groups: Vec<(&str, Vec<&str>)> = Vec::new();
        for (name, body) in whole.chain(rest) {
            let reply = of(HttpAnswer { retry_after, ..http(status, body) });
            assert_eq!(reply.http_status, Some(status));
            let word = word(&reply.meaning);
            match groups.iter_mut().find(|it| it.0 == word) {
                Some((_, names)) => names.push(name),
                None => groups.push((word, vec![name])),
            }
        }
        let text = |(word, names): &(&str, Vec<&str>)| format!("  {word}: {}\n", names.join(" "));
        groups.iter().map(text).collect()
    }

    #[test]
    fn every_status_with_every_kind_of_body_has_its_meaning() {
        let mut groups: Vec<(String, String)> = Vec::new();
        let plain = STATUSES.iter().map(|it| (it.to_string(), lines(*it, None)));
        let later = STATUSES.iter().map(|it| (format!("{it}+"), lines(*it, Some("7"))));
        for (status, lines) in plain.chain(later) {
            match groups.iter_mut().find(|it| it.1 == lines) {
                Some((statuses, _)) => *statuses = format!("{statuses} {status}"),
                None => groups.push((status, lines)),
            }
        }
        let table: Vec<_> =
            groups.into_iter().map(|(it, lines)| format!("{it}\n{lines}")).collect();
        expect_test::expect![[r#"
            100 199 600 999 100+ 199+ 600+ 999+
              NotApi: 204 201 400 401 402 403 404 200 500 204,204 204,201 204,400 400,500 400,404 none html empty cut large
            200 201 205 299 200+ 201+ 205+ 299+
              Done: 204 204,204
              Passed: 201
              Parameters: 400
              Credentials: 401
              Role: 402
              Plan: 403
              Absent: 404 400,404
              Unclear: 200 500 204,201 204,400 400,500
              NotApi: none html empty cut large
            204 204+
              Done: 204 204,204 empty
              Passed: 201
              Parameters: 400
              Credentials: 401
              Role: 402
              Plan: 403
              Absent: 404 400,404
              Unclear: 200 500 204,201 204,400 400,500
              NotApi: none html cut large
            300 304 307 399 300+ 304+ 307+ 399+
              Redirect: 204 201 400 401 402 403 404 200 500 204,204 204,201 204,400 400,500 400,404 none html empty cut large
            400 402 403 404 409 499 400+ 402+ 403+ 404+ 409+ 499+
              Unclear: 204 201 200 500 204,204 204,201 204,400 400,500
              Parameters: 400
              Credentials: 401
              Role: 402
              Plan: 403
              Absent: 404 400,404
              NotApi: none html empty cut large
            401 401+
              Unclear: 204 201 204,204 204,201 204,400
              Credentials: 400 401 402 403 404 200 500 400,500 400,404 none html empty cut large
            429 429+
              Unclear: 204 201 204,204 204,201 204,400
              Busy: 400 401 402 403 404 200 500 400,500 400,404 none html empty cut large
            500 502 503 599 500+ 502+ 599+
              Unclear: 204 201 400 401 402 403 404 200 500 204,204 204,201 204,400 400,500 400,404
              NotApi: none html empty cut large
            503+
              Unavailable: 204 201 400 401 402 403 404 200 500 204,204 204,201 204,400 400,500 400,404 none html empty cut large
        "#]].assert_eq(&table.concat());
    }

    #[test]
    fn what_the_wire_says_of_itself_is_passed_on() {
        let text = || "why".to_owned();
        for (what, meaning) in [
            (Observation::NotSent { text: text() }, Meaning::NotSent),
            (Observation::Lost { text: text() }, Meaning::Lost),
            (
                Observation::Certificate { text: text() },
                Meaning::Misconfigured(Misconfiguration::Certificate),
            ),
        ] {
            let answer = Answer { message: text(), ..Answer::default() };
            let reply = Reply { http_status: None, meaning, answer };
            assert_eq!(classify(what, &Redaction::default()), reply);
        }
    }

    #[test]
    fn ours_are_the_words_where_the_api_has_none() {
        for (status, message) in [
            (
                401,
                "HTTP 401 with HTML (6 bytes): perhaps a proxy in front of the switch asks for credentials",
            ),
            (404, "HTTP 404 with HTML (6 bytes): perhaps the URL is not the API's"),
            (302, "HTTP 302 leads to `other.example.com`; redirects are not followed"),
            (429, "HTTP 429: too many calls"),
        ] {
            let location_host = Some("other.example.com".to_owned());
            let reply = of(HttpAnswer { location_host, ..http(status, Body::Whole(b"<html>")) });
            let message = message.to_owned();
            assert_eq!(reply.answer, Answer { message, ..Answer::default() });
        }
    }
}
