//! The client under TLS: whose certificates it takes, and what it says of the others.

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use boxlift::model::Answer;
use boxlift::model::Call;
use boxlift::model::Function;
use boxlift::model::Meaning;
use boxlift::model::Misconfiguration;
use boxlift::model::Reply;
use boxlift::model::Secret;
use boxlift::switch::ApiUrl;
use boxlift::switch::Client;
use boxlift::switch::ClientSettings;
use boxlift::switch::Plaintext;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::CertifiedIssuer;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyPair;
use rustls::ServerConfig;
use rustls::SupportedProtocolVersion;
use rustls::crypto::ring;
use rustls::version::TLS12;
use rustls::version::TLS13;
use tempfile::NamedTempFile;
use tokio::sync::Notify;
use tokio_rustls::TlsAcceptor;

use super::client_server::Server;
use super::client_server::Step;
use super::client_server::answer;
use super::client_server::http;

const OK: &str = r#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#;
const LONG: Duration = Duration::from_secs(60);

type Issuer = CertifiedIssuer<'static, KeyPair>;

fn issuer(name: &str) -> Issuer {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for this name, valid in these years.
fn acceptor(issuer: &Issuer, name: &str, years: [i32; 2]) -> TlsAcceptor {
    acceptor_of(issuer, name, years, &[&TLS13, &TLS12])
}

fn acceptor_of(
    issuer: &Issuer,
    name: &str,
    [from, to]: [i32; 2],
    versions: &[&'static SupportedProtocolVersion],
) -> TlsAcceptor {
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    params.not_before = rcgen::date_time_ymd(from, 1, 1);
    params.not_after = rcgen::date_time_ymd(to, 1, 1);
    let key = KeyPair::generate().unwrap();
    let chain = vec![params.signed_by(&key, issuer).unwrap().der().clone()];
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_protocol_versions(versions)
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key.into())
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

/// A client of the server, with these certificates trusted.
fn client(server: &Server, trusted: &str, timeout: Duration) -> Client {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(trusted.as_bytes()).unwrap();
    let port = server.address.port();
    let url = ApiUrl::parse(&format!("127.0.0.1:{port}"), Plaintext::Refused).unwrap();
    let settings = ClientSettings {
        url,
        username: "u".to_owned(),
        password: Secret::new("p"),
        ca_file: Some(file.path().to_owned()),
        timeout,
        connections: 1,
    };
    Client::new(settings).unwrap()
}

fn call() -> Call {
    let body = b"mailbox=1".to_vec();
    Call { function: Function::Update, body, secrets: vec![], expected: vec![] }
}

/// One call to the server; `PORT` stands for its own in the reply's message.
async fn outcome(server: &Server, trusted: &str, timeout: Duration) -> Reply {
    let port = server.address.port();
    let mut reply = client(server, trusted, timeout).send(&call(), Box::new(|| {})).await;
    reply.answer.message = reply.answer.message.replace(&format!(":{port}"), ":PORT");
    reply
}

fn done() -> Reply {
    let [code, key, message] = ["204", "", "OK"].map(str::to_owned);
    Reply { http_status: Some(200), meaning: Meaning::Done, answer: Answer { code, key, message } }
}

fn reply(meaning: Meaning, message: &str) -> Reply {
    let answer = Answer { message: message.to_owned(), ..Answer::default() };
    Reply { http_status: None, meaning, answer }
}

/// The call must fail for the certificate, and nothing may have been read of it.
async fn refused(acceptor: TlsAcceptor, trusted: &str, message: &str) {
    let server = Server::start_tls(vec![answer(http("200", OK))], acceptor).await;
    let meaning = Meaning::Misconfigured(Misconfiguration::Certificate);
    assert_eq!(outcome(&server, trusted, LONG).await, reply(meaning, message));
    assert_eq!((server.connections(), server.requests()), (1, vec![]));
}

#[tokio::test]
async fn a_certificate_of_a_given_issuer_is_taken() {
    let (first, second) = (issuer("first"), issuer("second"));
    let trusted = format!("{}{}", first.pem(), second.pem());
    for versions in [&[&TLS13][..], &[&TLS12]] {
        let acceptor = acceptor_of(&second, "127.0.0.1", [2020, 2100], versions);
        let server = Server::start_tls(vec![answer(http("200", OK))], acceptor).await;
        assert_eq!(outcome(&server, &trusted, LONG).await, done());
    }
}

#[tokio::test]
async fn a_connection_under_tls_is_used_again_until_the_server_says_goodbye() {
    let close = Arc::new(Notify::new());
    let twice = [answer(http("200", OK)), answer(http("200", OK))].concat();
    let first = [twice, vec![Step::Wait(Arc::clone(&close))]].concat();
    let issuer = issuer("known");
    let acceptor = acceptor(&issuer, "127.0.0.1", [2020, 2100]);
    let server = Server::start_tls(vec![first, answer(http("200", OK))], acceptor).await;
    let (client, call) = (client(&server, &issuer.pem(), LONG), call());
    assert_eq!(client.send(&call, Box::new(|| {})).await, done());
    assert_eq!(client.send(&call, Box::new(|| {})).await, done());
    assert_eq!(server.connections(), 1);
    close.notify_one();
    server.closed(1).await;
    // One turn of the runtime, in which the end is met.
    tokio::task::yield_now().await;
    assert_eq!(client.send(&call, Box::new(|| {})).await, done());
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
}

#[tokio::test]
async fn a_certificate_of_another_issuer_is_refused() {
    let acceptor = acceptor(&issuer("unknown"), "127.0.0.1", [2020, 2100]);
    let text = "the certificate of `127.0.0.1` comes from an issuer that is not trusted here: \
                give the issuer's with `--ca-file`";
    refused(acceptor, &issuer("known").pem(), text).await;
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let issuer = issuer("known");
    let text = "the certificate of `127.0.0.1` is for another name: \
                give `--url` a name that it carries";
    refused(acceptor(&issuer, "pbx.example.com", [2020, 2100]), &issuer.pem(), text).await;
}

#[tokio::test]
async fn a_certificate_of_another_time_is_refused() {
    let issuer = issuer("known");
    let text = "the certificate of `127.0.0.1` has expired: \
                renew it on the switch, or set this computer's clock";
    refused(acceptor(&issuer, "127.0.0.1", [2020, 2021]), &issuer.pem(), text).await;
    let text = "the certificate of `127.0.0.1` is not valid yet: \
                set this computer's clock, or the switch's";
    refused(acceptor(&issuer, "127.0.0.1", [2099, 2100]), &issuer.pem(), text).await;
}

/// The server presents the very certificate that is trusted, as small installations do.
async fn self_signed(is_ca: IsCa) -> Reply {
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let key = KeyPair::generate().unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let server = Server::start_tls(vec![answer(http("200", OK))], acceptor).await;
    outcome(&server, &certificate.pem(), LONG).await
}

#[tokio::test]
async fn a_self_signed_certificate_is_taken_unless_it_is_an_authoritys() {
    assert_eq!(self_signed(IsCa::NoCa).await, done());
    assert_eq!(self_signed(IsCa::ExplicitNoCa).await, done());
    let text = "the certificate of `127.0.0.1` is not a server's, perhaps an authority's own: \
                have the switch present one that its authority signed";
    let meaning = Meaning::Misconfigured(Misconfiguration::Certificate);
    let authority = IsCa::Ca(BasicConstraints::Unconstrained);
    assert_eq!(self_signed(authority).await, reply(meaning, text));
}

#[tokio::test]
async fn a_server_without_tls_gets_no_request() {
    for (script, text) in [
        (
            vec![Step::Say(b"HTTP/1.1 400 Bad Request\r\n\r\n".to_vec()), Step::Stall],
            "`127.0.0.1:PORT` does not answer in TLS: perhaps it speaks plain `http://`",
        ),
        (vec![], "`127.0.0.1:PORT` broke off the TLS handshake: perhaps it speaks plain `http://`"),
    ] {
        let server = Server::start(vec![script]).await;
        let reply = outcome(&server, &issuer("known").pem(), LONG).await;
        assert_eq!(reply, self::reply(Meaning::NotSent, text));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_handshake_that_stalls_is_a_call_that_was_not_sent() {
    let server = Server::start(vec![vec![Step::Stall]]).await;
    let reply = outcome(&server, &issuer("known").pem(), Duration::from_millis(200)).await;
    let text = "no connection to `127.0.0.1:PORT` within 100ms";
    assert_eq!(reply, self::reply(Meaning::NotSent, text));
}
