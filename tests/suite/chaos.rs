//! Everything that can become of a call on its way to a switch and back, done to real connections.
//!
//! A fault knows how it is done and whether the call may have been carried out; what a client should make of it is the
//! business of the tests.

use std::io::ErrorKind;
use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::Duration;

use super::ledger::End;
use super::world::envelope;

/// Longest time that a call hangs, if the client never goes away.
const HANG_MAX: Duration = Duration::from_secs(60);

/// Between two pieces of an answer that comes slowly.
const DRIP: Duration = Duration::from_millis(1);

/// Between two pieces of an answer that never ends.
const TRICKLE: Duration = Duration::from_millis(5);

/// More than a client should be ready to take.
const LARGE_BYTES: usize = 3 << 19;

/// What happens to a call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Fault {
    /// Nothing: it is answered.
    None,
    /// Nobody listens when its connection is to be opened.
    Refused,
    /// Its connection is reset while its bytes lie there unread.
    ResetUnread,
    /// Its connection is reset when it was read.
    Reset,
    /// Its connection is closed when it was read.
    Closed,
    HeadCut,
    BodyCut,
    /// The answer comes byte by byte, in time.
    Slow,
    /// No answer comes in any time.
    Hang,
    EndlessBody,
    LargeBody,
    Page200,
    Page502,
    OtherJson,
    Empty200,
    Busy429(After),
    Busy503(After),
    /// 503 that does not say when.
    Unavailable503,
    Envelope500,
    Gateway504,
    /// Done and refused at once.
    Contradiction,
    UnknownCode,
    Redirect(&'static str),
}

/// What `Retry-After` says.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum After {
    Seconds,
    Date,
    Nothing,
}

/// What a fault means for its call.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Effect {
    /// It was carried out and answered.
    Answered,
    /// Not a byte of it left.
    Unsent,
    /// It may have been carried out.
    Unknown,
    /// It was put off.
    Busy,
    /// The URL leads elsewhere.
    Astray,
}

impl Fault {
    /// Every fault.
    pub(super) const ALL: [Self; 29] = [
        Self::Slow,
        Self::Refused,
        Self::ResetUnread,
        Self::Reset,
        Self::Closed,
        Self::HeadCut,
        Self::BodyCut,
        Self::Hang,
        Self::EndlessBody,
        Self::LargeBody,
        Self::Page200,
        Self::Page502,
        Self::OtherJson,
        Self::Empty200,
        Self::Busy429(After::Seconds),
        Self::Busy429(After::Date),
        Self::Busy429(After::Nothing),
        Self::Busy503(After::Seconds),
        Self::Busy503(After::Date),
        Self::Unavailable503,
        Self::Envelope500,
        Self::Gateway504,
        Self::Contradiction,
        Self::UnknownCode,
        Self::Redirect("301 Moved Permanently"),
        Self::Redirect("302 Found"),
        Self::Redirect("303 See Other"),
        Self::Redirect("307 Temporary Redirect"),
        Self::Redirect("308 Permanent Redirect"),
    ];

    pub(super) fn effect(self) -> Effect {
        match self {
            Self::None | Self::Slow => Effect::Answered,
            Self::Refused => Effect::Unsent,
            Self::Busy429(_) => Effect::Busy,
            Self::Redirect(_) => Effect::Astray,
            Self::ResetUnread
            | Self::Reset
            | Self::Closed
            | Self::HeadCut
            | Self::BodyCut
            | Self::Hang
            | Self::EndlessBody
            | Self::LargeBody
            | Self::Page200
            | Self::Page502
            | Self::OtherJson
            | Self::Empty200
            | Self::Busy503(_)
            | Self::Unavailable503
            | Self::Envelope500
            | Self::Gateway504
            | Self::Contradiction
            | Self::UnknownCode => Effect::Unknown,
        }
    }

    /// Whether a switch that does this may have carried the call out before.
    pub(super) fn can_follow_the_deed(self) -> bool {
        self.effect() == Effect::Unknown && self != Self::ResetUnread
    }

    /// Whether only the client's own patience ends it.
    pub(super) fn takes_all_time(self) -> bool {
        self == Self::Hang || self == Self::EndlessBody
    }

    /// Whether the connection is to be closed with bytes that nobody has read, which resets it.
    pub(super) fn leaves_bytes_unread(self) -> bool {
        self == Self::ResetUnread || self == Self::Reset
    }

    /// The fault in the name of a case.
    pub(super) fn name(self) -> String {
        let after = |after| match after {
            After::Seconds => "seconds",
            After::Date => "a date",
            After::Nothing => "no time",
        };
        let name = match self {
            Self::None => "answered",
            Self::Refused => "refused",
            Self::ResetUnread => "reset unread",
            Self::Reset => "reset",
            Self::Closed => "closed",
            Self::HeadCut => "head cut off",
            Self::BodyCut => "body cut off",
            Self::Slow => "slow",
            Self::Hang => "hang",
            Self::EndlessBody => "endless body",
            Self::LargeBody => "large body",
            Self::Page200 => "HTML 200",
            Self::Page502 => "HTML 502",
            Self::OtherJson => "other JSON",
            Self::Empty200 => "empty 200",
            Self::Busy429(it) => return format!("429 with {}", after(it)),
            Self::Busy503(it) => return format!("503 with {}", after(it)),
            Self::Unavailable503 => "503",
            Self::Envelope500 => "500 with an envelope",
            Self::Gateway504 => "504",
            Self::Contradiction => "contradiction",
            Self::UnknownCode => "unknown code",
            Self::Redirect(status) => return format!("redirect {}", &status[..3]),
        };
        name.to_owned()
    }

    /// Status line, further head lines and body, where the fault is a whole answer.
    fn answer(self, body: &str) -> (&'static str, String, String) {
        const PAGE: &str = "<html><body>Down for maintenance</body></html>";
        const BUSY: &str = "429 Too Many Requests";
        const UNAVAILABLE: &str = "503 Service Unavailable";
        let html = || "content-type: text/html\r\n".to_owned();
        let none = String::new;
        match self {
            Self::Page200 => ("200 OK", html(), PAGE.to_owned()),
            Self::Page502 => ("502 Bad Gateway", html(), PAGE.to_owned()),
            Self::OtherJson => ("200 OK", none(), r#"{"status":"ok","responses":{}}"#.to_owned()),
            Self::Empty200 => ("200 OK", none(), none()),
            Self::Busy429(after) => (BUSY, after.head(), none()),
            Self::Busy503(after) => (UNAVAILABLE, after.head(), none()),
            Self::Unavailable503 => (UNAVAILABLE, html(), PAGE.to_owned()),
            Self::Envelope500 => {
                ("500 Internal Server Error", none(), envelope("500", "", "internal error"))
            }
            Self::Gateway504 => ("504 Gateway Timeout", html(), PAGE.to_owned()),
            Self::Contradiction => {
                let entries = [("204", "", "OK"), ("400", "pin", "is too easy")];
                let entries = entries.map(|(code, key, message)| {
                    format!(r#"{{"code":"{code}","key":"{key}","message":"{message}"}}"#)
                });
                ("200 OK", none(), format!(r#"{{"responses":[{}]}}"#, entries.join(",")))
            }
            Self::UnknownCode => ("200 OK", none(), envelope("299", "", "perhaps")),
            Self::Redirect(status) => {
                (status, "location: /elsewhere/mailboxes/create/\r\n".to_owned(), none())
            }
            Self::LargeBody => {
                let filling = "x".repeat(LARGE_BYTES);
                let entry = envelope("204", "", "OK");
                let entry = entry.trim_end_matches('}');
                ("200 OK", none(), format!(r#"{entry},"data":"{filling}"}}"#))
            }
            Self::None
            | Self::Slow
            | Self::HeadCut
            | Self::BodyCut
            | Self::Refused
            | Self::ResetUnread
            | Self::Reset
            | Self::Closed
            | Self::Hang
            | Self::EndlessBody => {
                ("200 OK", "content-type: application/json\r\n".to_owned(), body.to_owned())
            }
        }
    }
}

impl After {
    /// A time that is over at once, or nothing.
    fn head(self) -> String {
        const DATE: &str = "Sun, 06 Nov 1994 08:49:37 GMT";
        match self {
            Self::Seconds => "retry-after: 0\r\n".to_owned(),
            Self::Date => format!("date: {DATE}\r\nretry-after: {DATE}\r\n"),
            Self::Nothing => String::new(),
        }
    }
}

/// What becomes of the connection of a call that was answered.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Afterwards {
    Kept,
    Closed,
}

/// Answers a call, which was read, as the fault has it. `ended` is told how the call ends, before it does.
pub(super) fn answer(
    stream: &mut TcpStream,
    fault: Fault,
    body: &str,
    afterwards: Afterwards,
    ended: impl Fn(End),
) -> Afterwards {
    let (status, head, body) = fault.answer(body);
    let close = if afterwards == Afterwards::Closed { "connection: close\r\n" } else { "" };
    let length = body.len();
    let text = format!("HTTP/1.1 {status}\r\n{head}{close}content-length: {length}\r\n\r\n{body}");
    let written = match fault {
        Fault::Closed | Fault::Reset | Fault::ResetUnread | Fault::Refused => {
            ended(End::Cut);
            return Afterwards::Closed;
        }
        Fault::HeadCut | Fault::BodyCut => {
            let most = if fault == Fault::HeadCut { 24 } else { text.len() - length / 2 };
            ended(End::Cut);
            let _ = stream.write_all(&text.as_bytes()[..most]);
            return Afterwards::Closed;
        }
        Fault::Hang => {
            wait_for_hang_up(stream);
            ended(End::Abandoned);
            return Afterwards::Closed;
        }
        Fault::EndlessBody => {
            let head = format!("HTTP/1.1 {status}\r\n{head}transfer-encoding: chunked\r\n\r\n");
            trickle(stream, &head);
            ended(End::Abandoned);
            return Afterwards::Closed;
        }
        Fault::Slow => {
            let (last, first) = text.as_bytes().split_last().unwrap();
            let drip = |bytes: &[u8]| {
                thread::park_timeout(DRIP);
                stream.write_all(bytes)
            };
            let written = first.chunks(4).try_for_each(drip);
            ended(End::Answered);
            written.and_then(|()| stream.write_all(&[*last]))
        }
        Fault::None
        | Fault::LargeBody
        | Fault::Page200
        | Fault::Page502
        | Fault::OtherJson
        | Fault::Empty200
        | Fault::Busy429(_)
        | Fault::Busy503(_)
        | Fault::Unavailable503
        | Fault::Envelope500
        | Fault::Gateway504
        | Fault::Contradiction
        | Fault::UnknownCode
        | Fault::Redirect(_) => {
            ended(End::Answered);
            stream.write_all(text.as_bytes())
        }
    };
    if written.is_err() {
        ended(End::Abandoned);
        return Afterwards::Closed;
    }
    afterwards
}

/// Begins a body and goes on with it until the client has gone away.
fn trickle(stream: &mut TcpStream, head: &str) {
    const CHUNK: &[u8] = b"10\r\n{\"responses\":[  \r\n";
    let mut written = stream.write_all(head.as_bytes());
    while written.is_ok() {
        thread::park_timeout(TRICKLE);
        written = stream.write_all(CHUNK);
    }
}

/// Waits until the client has closed its side.
fn wait_for_hang_up(stream: &TcpStream) {
    stream.set_read_timeout(Some(HANG_MAX)).unwrap();
    loop {
        match stream.peek(&mut [0]) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return,
        }
    }
}
