//! Which names a request may use for the sandbox. Others are refused, so that a web page whose
//! name was pointed at this machine cannot talk to it.

use std::net::IpAddr;

use hyper::header;
use hyper::http::request::Parts;

/// The names of the sandbox.
pub(crate) struct Hosts {
    bound: IpAddr,
    names: Vec<String>,
}

impl Hosts {
    /// Loopback addresses, `localhost`, the bound address and the names of the certificate.
    pub(crate) fn new(bound: IpAddr, names: Vec<String>) -> Self {
        Self { bound, names }
    }

    pub(super) fn allow(&self, head: &Parts) -> bool {
        let mut hosts = head.headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
        let named = head.uri.authority().is_none_or(|it| self.knows(it.as_str()));
        named && host.to_str().is_ok_and(|it| self.knows(it))
    }

    fn knows(&self, host: &str) -> bool {
        let name = without_port(host);
        if let Ok(address) = name.parse::<IpAddr>() {
            // Bound to every address, it can be reached by any; only a name can be pointed here.
            return address.is_loopback() || address == self.bound || self.bound.is_unspecified();
        }
        name.eq_ignore_ascii_case("localhost")
            || self.names.iter().any(|it| it.eq_ignore_ascii_case(name))
    }
}

fn without_port(host: &str) -> &str {
    if let Some((address, _)) = host.strip_prefix('[').and_then(|it| it.split_once(']')) {
        return address;
    }
    host.split_once(':').map_or(host, |it| it.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_known() {
        let hosts = Hosts::new(IpAddr::from([192, 0, 2, 7]), vec!["switch.example".to_owned()]);
        let known = ["localhost", "LocalHost:80", "127.0.0.1:1", "127.9.9.9", "[::1]:5", "[::1]"];
        assert!(known.iter().all(|it| hosts.knows(it)));
        assert!(hosts.knows("192.0.2.7:80") && hosts.knows("Switch.Example:443"));
        let strange = [
            "evil.example",
            "192.0.2.8",
            "localhost.evil.example",
            "",
            ":80",
            "[::2]",
            "127.0.0.1.x",
        ];
        assert!(!strange.iter().any(|it| hosts.knows(it)));
    }

    #[test]
    fn bound_to_every_address_any_address_will_do_but_no_name() {
        let hosts = Hosts::new(IpAddr::from([0, 0, 0, 0]), Vec::new());
        assert!(hosts.knows("192.0.2.8:80"));
        assert!(!hosts.knows("evil.example"));
    }
}
