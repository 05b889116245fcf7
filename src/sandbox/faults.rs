//! The troubles a sandbox can rehearse and what they are called. Acting on them is the web layer's
//! business.

mod dice;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

pub(super) use crate::sandbox::faults::dice::Dice;
pub(super) use crate::sandbox::faults::dice::Fate;

/// What may be written for a fault.
const ALLOWED: &str = "a status from 400 to 599 (`503:2%`, for 429 and 503 also \
    `503:2%:retry-after=3`), `lost:5%`, `reset:5%`, `json:1%`, `html:1%`, `envelope-500:1%`, \
    `hang:1%`, `latency:20ms` or `latency:20ms..80ms`";

/// The longest latency that may be asked for.
const LATENCY_MAX: Duration = Duration::from_secs(3600);

/// One kind of trouble and how often it strikes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Fault {
    /// Something goes wrong with one answer, now and then.
    Trouble(Trouble, Chance),
    /// Every answer takes this long, evenly spread between the two, after the call was carried out.
    Latency(Duration, Duration),
}

/// What can go wrong with one answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Trouble {
    /// An HTML page with this HTTP status, and perhaps `Retry-After` in seconds. No effect.
    Status(u16, Option<u32>),
    /// The call is carried out, then the connection closes without an answer.
    Lost,
    /// The connection closes before the body is read. No effect.
    Reset,
    /// The call is carried out, then the JSON breaks off in the middle.
    Json,
    /// HTTP 200 with an HTML page. No effect.
    Html,
    /// Code 500 in a well-formed answer. No effect.
    Envelope500,
    /// The call is carried out, then nothing comes until the connection closes.
    Hang,
}

/// How often, in parts of a million.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Chance(u32);

/// Why a text is not a fault.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is not a fault: {what}")]
pub struct FaultError {
    text: String,
    what: String,
}

impl FaultError {
    /// What may be written instead.
    pub fn help(&self) -> String {
        format!("write {ALLOWED}")
    }
}

impl Fault {
    fn parse(text: &str) -> Result<Self, String> {
        let (kind, rest) = text.split_once(':').ok_or("it lacks a `:` with how often or long")?;
        if kind == "latency" {
            return latency(rest);
        }
        let (chance, extra) = match rest.split_once(':') {
            Some((chance, extra)) => (chance, Some(extra)),
            None => (rest, None),
        };
        let chance = chance.parse()?;
        let trouble = match kind {
            "lost" => Trouble::Lost,
            "reset" => Trouble::Reset,
            "json" => Trouble::Json,
            "html" => Trouble::Html,
            "envelope-500" => Trouble::Envelope500,
            "hang" => Trouble::Hang,
            status => return status_fault(status, chance, extra),
        };
        match extra {
            None => Ok(Self::Trouble(trouble, chance)),
            Some(extra) => Err(format!("`{extra}` does not belong to `{kind}`")),
        }
    }
}

fn status_fault(status: &str, chance: Chance, extra: Option<&str>) -> Result<Fault, String> {
    let number = status
        .parse()
        .ok()
        .filter(|it| (400..=599).contains(it))
        .ok_or_else(|| format!("`{status}` is neither a name nor a status from 400 to 599"))?;
    let retry_after = extra.map(|it| retry_after(number, it)).transpose()?;
    Ok(Fault::Trouble(Trouble::Status(number, retry_after), chance))
}

fn retry_after(status: u16, extra: &str) -> Result<u32, String> {
    if !matches!(status, 429 | 503) {
        return Err(format!("`{extra}` belongs to 429 and 503 alone"));
    }
    extra
        .strip_prefix("retry-after=")
        .and_then(|it| it.parse().ok())
        .ok_or_else(|| format!("`{extra}` is not `retry-after=` with whole seconds"))
}

fn latency(text: &str) -> Result<Fault, String> {
    let (least, most) = text.split_once("..").unwrap_or((text, text));
    let (least, most) = (wait(least)?, wait(most)?);
    if least > most {
        return Err(format!("`{text}` ends before it begins"));
    }
    Ok(Fault::Latency(least, most))
}

fn wait(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1),
        None => (text.strip_suffix('s').unwrap_or(""), 1000),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|it| it.checked_mul(unit))
        .map(Duration::from_millis)
        .filter(|it| *it <= LATENCY_MAX)
        .ok_or_else(|| format!("`{text}` is not a time up to an hour such as `20ms` or `2s`"))
}

impl FromStr for Fault {
    type Err = FaultError;

    fn from_str(text: &str) -> Result<Self, FaultError> {
        Self::parse(text).map_err(|what| FaultError { text: text.to_owned(), what })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Trouble(Trouble::Status(status, Some(seconds)), chance) => {
                write!(f, "{status}:{chance}:retry-after={seconds}")
            }
            Self::Trouble(trouble, chance) => write!(f, "{trouble}:{chance}"),
            Self::Latency(least, most) if least == most => {
                write!(f, "latency:{}ms", least.as_millis())
            }
            Self::Latency(least, most) => {
                write!(f, "latency:{}ms..{}ms", least.as_millis(), most.as_millis())
            }
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status(status, _) => write!(f, "{status}"),
            Self::Lost => f.write_str("lost"),
            Self::Reset => f.write_str("reset"),
            Self::Json => f.write_str("json"),
            Self::Html => f.write_str("html"),
            Self::Envelope500 => f.write_str("envelope-500"),
            Self::Hang => f.write_str("hang"),
        }
    }
}

impl FromStr for Chance {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("`{text}` is not a share from `0%` to `100%` such as `2%` or `0.5%`");
        let number = text.strip_suffix('%').ok_or_else(wrong)?;
        let (whole, part) = number.split_once('.').unwrap_or((number, "0"));
        let digits = |it: &str| !it.is_empty() && it.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(part) || whole.len() > 3 || part.len() > 4 {
            return Err(wrong());
        }
        let parts: u32 = format!("{whole}{part:0<4}").parse().map_err(|_| wrong())?;
        if parts > 1_000_000 { Err(wrong()) } else { Ok(Self(parts)) }
    }
}

impl fmt::Display for Chance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0 / 10_000, self.0 % 10_000);
        if part == 0 {
            return write!(f, "{whole}%");
        }
        write!(f, "{whole}.{}%", format!("{part:04}").trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_fault_reads_back_as_it_is_written() {
        let texts = [
            "503:2%",
            "503:2%:retry-after=3",
            "429:100%:retry-after=0",
            "lost:5%",
            "reset:0.5%",
            "json:0.0001%",
            "html:1%",
            "envelope-500:1%",
            "hang:12.25%",
            "latency:20ms",
            "latency:20ms..80ms",
        ];
        let read = texts.map(|it| it.parse::<Fault>().unwrap().to_string());
        assert_eq!(read, texts);
    }

    #[test]
    fn a_wrong_fault_says_what_is_wrong_and_what_is_allowed() {
        let wrong = |text: &str| text.parse::<Fault>().unwrap_err().to_string();
        assert_eq!(
            [wrong("lost"), wrong("200:1%"), wrong("lost:101%"), wrong("lost:5%:retry-after=1")],
            [
                "`lost` is not a fault: it lacks a `:` with how often or long",
                "`200:1%` is not a fault: `200` is neither a name nor a status from 400 to 599",
                "`lost:101%` is not a fault: `101%` is not a share from `0%` to `100%` such as \
                 `2%` or `0.5%`",
                "`lost:5%:retry-after=1` is not a fault: `retry-after=1` does not belong to `lost`",
            ]
        );
        assert_eq!(
            [
                wrong("500:1%:retry-after=1"),
                wrong("503:1%:later"),
                wrong("latency:5"),
                wrong("latency:9ms..1ms"),
            ],
            [
                "`500:1%:retry-after=1` is not a fault: `retry-after=1` belongs to 429 and 503 \
                 alone",
                "`503:1%:later` is not a fault: `later` is not `retry-after=` with whole seconds",
                "`latency:5` is not a fault: `5` is not a time up to an hour such as `20ms` or \
                 `2s`",
                "`latency:9ms..1ms` is not a fault: `9ms..1ms` ends before it begins",
            ]
        );
        assert_eq!(
            "x:1%".parse::<Fault>().unwrap_err().help(),
            "write a status from 400 to 599 (`503:2%`, for 429 and 503 also \
             `503:2%:retry-after=3`), `lost:5%`, `reset:5%`, `json:1%`, `html:1%`, \
             `envelope-500:1%`, `hang:1%`, `latency:20ms` or `latency:20ms..80ms`"
        );
    }
}
