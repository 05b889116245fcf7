//! The API's answer: done is what every entry says was done, and no word of it repeats a secret.
//!
//! An input is a status on a line of its own and a body.

use boxlift::model::Meaning;
use boxlift::model::Misconfiguration;
use boxlift::model::Refusal;
use boxlift::model::Reply;
use boxlift::model::Secret;
use boxlift::switch;
use boxlift::switch::Body;
use boxlift::switch::HttpAnswer;
use serde::Deserialize;
use serde_json::Value;

/// A PIN, and a password that every encoding spells differently.
const SECRETS: [&str; 2] = ["471188", "ü+\"/ %"];

/// Longest text of a reply in characters.
const TEXT_CHARS_MAX: usize = 2_000;

/// Derived, and so another reader than the program's: it refuses duplicates by itself.
#[derive(Deserialize)]
struct Envelope {
    responses: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    code: Value,
}

/// Holds for a status and a body, for the same body broken off, and for one that is too long.
pub(crate) fn holds(bytes: &[u8]) {
    let end = bytes.iter().position(|it| *it == b'\n').unwrap_or(0);
    let status = std::str::from_utf8(&bytes[..end]).ok().and_then(|it| it.trim().parse().ok());
    let (status, body) = status.map_or((200, bytes), |it| (it, &bytes[end + 1..]));
    let reply = reply(status, Body::Whole(body));
    says_no_more_than_its_body(&reply, status, body);
    repeats_nothing(&reply);
    for broken in [Body::Truncated { received: body.len() }, Body::TooLarge] {
        let meaning = self::reply(status, broken).meaning;
        let is_success = matches!(meaning, Meaning::Done | Meaning::Passed);
        assert!(!is_success, "half an answer is success");
    }
}

fn reply(status: u16, body: Body<'_>) -> Reply {
    let secrets = SECRETS.map(Secret::new);
    let (retry_after, date, location_host) = (None, None, Some("471188.example.com".to_owned()));
    let media_type = Some("text/471188");
    let answer = HttpAnswer { status, retry_after, date, location_host, media_type, body };
    switch::reply_to(answer, &secrets)
}

fn says_no_more_than_its_body(reply: &Reply, status: u16, body: &[u8]) {
    assert_eq!(reply.http_status, Some(status), "the status is another");
    let codes = codes(body);
    let all = |code: &str| codes.as_ref().is_some_and(|it| it.iter().all(|it| it == code));
    let any = |code: &str| codes.as_ref().is_some_and(|it| it.iter().any(|it| it == code));
    let is_success = (200..=299).contains(&status);
    match &reply.meaning {
        Meaning::Done => {
            let is_blank = status == 204 && body.is_empty();
            assert!(is_blank || is_success && all("204"), "done without 204");
        }
        Meaning::Passed => assert!(is_success && all("201"), "passed without 201"),
        Meaning::Found(_) => panic!("found by a call that looks for nothing"),
        Meaning::Refused(refusal) => {
            assert!(is_success || (400..=499).contains(&status), "refused by HTTP {status}");
            assert!(!any("204") && !any("201"), "refused and done");
            match refusal {
                Refusal::Parameters { keys } => {
                    assert!(all("400"), "bad parameters without 400");
                    assert_eq!(codes.map(|it| it.len()), Some(keys.len()), "keys are lost");
                }
                Refusal::Credentials => assert!(status == 401 || any("401"), "no 401"),
                Refusal::Role => assert!(any("402"), "no 402"),
                Refusal::RatePlan => assert!(any("403"), "no 403"),
                Refusal::Absent => assert!(any("404"), "no 404"),
            }
        }
        Meaning::Busy { wait } => {
            assert_eq!((status, *wait), (429, None), "busy without saying so");
        }
        Meaning::Unavailable { wait: _ } => panic!("put off without `Retry-After`"),
        Meaning::NotApi | Meaning::Unclear => {}
        Meaning::Misconfigured(Misconfiguration::Redirect) => {
            assert!((300..=399).contains(&status), "a redirect by HTTP {status}");
        }
        Meaning::Misconfigured(Misconfiguration::Certificate)
        | Meaning::NotSent
        | Meaning::Lost => panic!("an answer came"),
    }
}

/// The codes of an envelope, as a reader that takes more for one would find them.
fn codes(body: &[u8]) -> Option<Vec<String>> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body);
    let Envelope { responses } = serde_json::from_slice(body).ok()?;
    let code = |it: Entry| match it.code {
        Value::String(text) => text,
        other => other.to_string(),
    };
    (!responses.is_empty()).then(|| responses.into_iter().map(code).collect())
}

fn repeats_nothing(reply: &Reply) {
    let keys = match &reply.meaning {
        Meaning::Refused(Refusal::Parameters { keys }) => &keys[..],
        _ => &[],
    };
    let answer = [&reply.answer.code, &reply.answer.key, &reply.answer.message];
    for text in answer.into_iter().chain(keys) {
        assert!(SECRETS.iter().all(|it| !text.contains(it)), "a secret is repeated");
        assert!(!text.contains(char::is_control), "a control character is passed on");
        assert!(text.chars().count() <= TEXT_CHARS_MAX, "a text is endless");
    }
}
