//! Where the API is: reads what an operator gives as the switch's address into one base URL.
//!
//! Refuses credentials in an address, plaintext to far hosts and schemes other than HTTP's. Never resolves a name.

mod error;

pub use error::AddressError;

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use url::Url;

use crate::model::Function;

/// Longest address in bytes.
const ADDRESS_BYTES_MAX: usize = 2_048;

/// Where every installation of the API lives below its host.
const API_PATH: &str = "/api/json";

/// Whether `http://` may lead to a host other than this computer.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Plaintext {
    /// Only to loopback.
    Refused,
    /// To any host: the operator said so.
    Allowed,
}

/// The base URL of the API; always ends with a slash and carries no credentials.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiUrl {
    url: Url,
}

impl ApiUrl {
    /// Reads a host, a host with a port, or a URL with or without the API's path.
    pub fn parse(text: &str, plaintext: Plaintext) -> Result<Self, AddressError> {
        let text = text.trim();
        refuse_early(text)?;
        let (scheme, rest) = text.split_once("://").unwrap_or(("https", text));
        let scheme = scheme.to_ascii_lowercase();
        if scheme != "https" && scheme != "http" {
            return Err(AddressError::Scheme { scheme });
        }
        let malformed = || AddressError::Malformed { text: text.to_owned() };
        check_port(rest.split('/').next().unwrap_or_default())?;
        if rest.is_empty() || rest.starts_with('/') {
            return Err(malformed());
        }
        let mut url = Url::parse(&format!("{scheme}://{rest}")).map_err(|_| malformed())?;
        let host = url.host_str().map(|it| it.strip_suffix('.').unwrap_or(it).to_owned());
        let host =
            host.filter(|it| it.split('.').all(|it| !it.is_empty())).ok_or_else(malformed)?;
        url.set_host(Some(&host)).map_err(|_| malformed())?;
        let path =
            api_path(url.path()).ok_or_else(|| AddressError::BelowApi { text: text.to_owned() })?;
        url.set_path(&path);
        let address = Self { url };
        if scheme == "http" && plaintext == Plaintext::Refused && !address.is_loopback() {
            return Err(AddressError::Plaintext { host });
        }
        Ok(address)
    }

    /// The host as people are shown it, with its port where that is not the scheme's own.
    pub fn host(&self) -> String {
        match self.url.port() {
            Some(port) => format!("{}:{port}", self.name()),
            None => self.name().to_owned(),
        }
    }

    /// The whole base URL.
    pub fn as_str(&self) -> &str {
        self.url.as_str()
    }

    /// Whether it leads to this very computer.
    pub fn is_loopback(&self) -> bool {
        let name = self.name();
        let v6 = name.trim_start_matches('[').trim_end_matches(']');
        name == "localhost"
            || name.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
            || v6.parse::<Ipv6Addr>().is_ok_and(|it| it.is_loopback())
    }

    /// Whether calls travel under TLS.
    pub(super) fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// The host without any port: what a certificate must carry.
    pub(super) fn name(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// The host with its port, whichever it is.
    pub(super) fn endpoint(&self) -> String {
        format!("{}:{}", self.name(), self.url.port_or_known_default().unwrap_or_default())
    }

    /// The path under which a function is called.
    pub(super) fn path_of(&self, function: Function) -> String {
        format!("{}{}", self.url.path(), function.path())
    }

    /// The host that a `Location` header leads to, and nothing else of it.
    pub(super) fn host_of(&self, location: &str) -> Option<String> {
        Some(self.url.join(location).ok()?.host_str()?.to_owned())
    }
}

/// Refuses what a URL parser would take in silence, and what no later message may repeat.
fn refuse_early(text: &str) -> Result<(), AddressError> {
    if text.is_empty() {
        return Err(AddressError::Empty);
    }
    if text.len() > ADDRESS_BYTES_MAX {
        return Err(AddressError::TooLong { length: text.len(), bytes_max: ADDRESS_BYTES_MAX });
    }
    if text.contains('@') || text.to_ascii_lowercase().contains("%40") {
        return Err(AddressError::Userinfo);
    }
    if text.contains(['?', '#']) {
        return Err(AddressError::Query);
    }
    if text.contains(|it: char| it.is_control() || it.is_whitespace() || it == '\\') {
        return Err(AddressError::Character);
    }
    Ok(())
}

/// Looks at what stands behind the last colon outside of brackets.
fn check_port(authority: &str) -> Result<(), AddressError> {
    let behind = authority.rsplit(']').next().unwrap_or_default();
    let Some((before, port)) = behind.split_once(':') else { return Ok(()) };
    if before.contains(':') || port.contains(':') {
        return Ok(());
    }
    let is_number = !port.is_empty() && port.bytes().all(|it| it.is_ascii_digit());
    match port.parse::<u16>() {
        Ok(1..) if is_number => Ok(()),
        Ok(_) | Err(_) => Err(AddressError::Port { port: port.to_owned() }),
    }
}

/// The path with `/api/json/` at its end, or nothing where more than that stands there.
fn api_path(path: &str) -> Option<String> {
    let path = path.trim_end_matches('/');
    if path.ends_with(API_PATH) {
        return Some(format!("{path}/"));
    }
    if path.contains("/api/json/") {
        return None;
    }
    Some(format!("{path}{API_PATH}/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, AddressError> {
        ApiUrl::parse(text, Plaintext::Refused).map(|it| it.as_str().to_owned())
    }

    #[test]
    fn hosts_and_urls_come_to_one_base() {
        for (text, base) in [
            ("pbx.example.com", "https://pbx.example.com/api/json/"),
            (" pbx.example.com\n", "https://pbx.example.com/api/json/"),
            ("PBX.Example.com.", "https://pbx.example.com/api/json/"),
            ("pbx.example.com:8443", "https://pbx.example.com:8443/api/json/"),
            ("https://pbx.example.com:443", "https://pbx.example.com/api/json/"),
            ("https://pbx.example.com/", "https://pbx.example.com/api/json/"),
            ("https://pbx.example.com/api/json", "https://pbx.example.com/api/json/"),
            ("pbx.example.com/api/json//", "https://pbx.example.com/api/json/"),
            ("HTTPS://pbx.example.com/x/api/json/", "https://pbx.example.com/x/api/json/"),
            ("https://pbx.example.com/x", "https://pbx.example.com/x/api/json/"),
            ("https://pbx.example.com/a/../b", "https://pbx.example.com/b/api/json/"),
            ("bücher.example", "https://xn--bcher-kva.example/api/json/"),
            ("[::1]:8080", "https://[::1]:8080/api/json/"),
            ("http://[::1]:8080", "http://[::1]:8080/api/json/"),
            ("http://127.9.9.9", "http://127.9.9.9/api/json/"),
            ("http://localhost.:81", "http://localhost:81/api/json/"),
        ] {
            assert_eq!(read(text), Ok(base.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let malformed = |text: &str| AddressError::Malformed { text: text.to_owned() };
        for (text, error) in [
            ("", AddressError::Empty),
            (" ", AddressError::Empty),
            ("pbx example", AddressError::Character),
            ("pbx.exa\u{0}mple", AddressError::Character),
            ("https:\\\\pbx", AddressError::Character),
            ("https://", malformed("https://")),
            ("https:///pbx", malformed("https:///pbx")),
            ("//pbx", malformed("//pbx")),
            ("a..b", malformed("a..b")),
            ("::1", malformed("::1")),
            ("[::1", malformed("[::1")),
            ("pbx:0", AddressError::Port { port: "0".into() }),
            ("pbx:70000", AddressError::Port { port: "70000".into() }),
            ("pbx:", AddressError::Port { port: String::new() }),
            ("[::1]:+80", AddressError::Port { port: "+80".into() }),
            ("https:/pbx", AddressError::Port { port: String::new() }),
            ("ftp://pbx", AddressError::Scheme { scheme: "ftp".into() }),
            ("file:///etc/passwd", AddressError::Scheme { scheme: "file".into() }),
            ("https://pbx/api/json/?auth_password=x", AddressError::Query),
            ("https://pbx/#x", AddressError::Query),
            (
                "pbx/api/json/mailboxes/create",
                AddressError::BelowApi { text: "pbx/api/json/mailboxes/create".into() },
            ),
        ] {
            assert_eq!(read(text), Err(error), "{text}");
        }
        let length = ADDRESS_BYTES_MAX + 1;
        assert_eq!(
            read(&"a".repeat(length)),
            Err(AddressError::TooLong { length, bytes_max: ADDRESS_BYTES_MAX })
        );
    }

    #[test]
    fn credentials_in_an_address_are_refused_without_being_repeated() {
        for text in
            ["https://u:canary@pbx", "u:canary@pbx", "https://u:ca/nary@pbx", "u:canary%40pbx"]
        {
            let error = read(text).unwrap_err();
            assert_eq!(error.to_string(), "the switch's address holds credentials", "{text}");
        }
    }

    #[test]
    fn plaintext_leads_to_loopback_alone_unless_it_is_allowed() {
        for host in ["pbx.example.com", "10.0.0.1", "0.0.0.0", "localhost.example.com", "[::2]"] {
            let text = format!("http://{host}");
            let refused = AddressError::Plaintext { host: host.to_owned() };
            assert_eq!(read(&text), Err(refused));
            let allowed = ApiUrl::parse(&text, Plaintext::Allowed).unwrap();
            assert_eq!(allowed.as_str(), format!("http://{host}/api/json/"));
        }
    }

    #[test]
    fn the_host_is_shown_with_a_port_of_its_own_only() {
        let shown = |text: &str| {
            let url = ApiUrl::parse(text, Plaintext::Refused).unwrap();
            (url.host(), url.endpoint(), url.is_loopback())
        };
        assert_eq!(shown("pbx"), ("pbx".into(), "pbx:443".into(), false));
        assert_eq!(shown("[::1]:82"), ("[::1]:82".into(), "[::1]:82".into(), true));
    }
}
