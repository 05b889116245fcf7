//! Where the sandbox says no: strange hosts, sizes, stalled requests, addresses and certificates.

use std::time::Duration;

use boxlift::sandbox;
use boxlift::sandbox::Limits;
use boxlift::sandbox::Options;
use boxlift::sandbox::Sandbox;
use boxlift::sandbox::Tls;
use boxlift::sandbox::Validity;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::Instant;

use crate::suite::sandbox_client::PATIENCE;
use crate::suite::sandbox_client::call;
use crate::suite::sandbox_client::client;
use crate::suite::sandbox_client::owned;
use crate::suite::sandbox_client::raw;
use crate::suite::sandbox_client::sent;
use crate::suite::sandbox_client::started;

const SHORT: Duration = Duration::from_millis(100);
/// Shorter than any limit that is not set to `SHORT`.
const LONG: Duration = Duration::from_secs(4);

async fn limited(limits: Limits) -> Sandbox {
    started(Options { limits, ..Options::new(1) }).await
}

/// The first line of what the sandbox says to a request with these header lines.
async fn first_line(sandbox: &Sandbox, request: &str, lines: &str) -> String {
    let request = format!("{request} HTTP/1.1\r\n{lines}Connection: close\r\n\r\n");
    raw(sandbox, request.as_bytes()).await.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_host_that_is_not_this_machine_is_turned_away() {
    let sandbox = started(Options::new(1)).await;
    let path = "GET /api/json/mailboxes/list";
    let mut seen = Vec::new();
    for lines in [
        "Host: localhost\r\n",
        "Host: 127.0.0.1:9\r\n",
        "Host: evil.example\r\n",
        "",
        "Host: localhost\r\nHost: evil.example\r\n",
    ] {
        seen.push(first_line(&sandbox, path, lines).await);
    }
    let absolute = "GET http://evil.example/api/json/mailboxes/list";
    seen.push(first_line(&sandbox, absolute, "Host: localhost\r\n").await);
    let (good, wrong) = ("HTTP/1.1 200 OK", "HTTP/1.1 421 Misdirected Request");
    assert_eq!(seen, [good, good, wrong, wrong, wrong, wrong]);
}

#[tokio::test]
async fn methods_paths_and_bodies_of_other_kinds_are_turned_away() {
    let sandbox = started(Options::new(1)).await;
    let host = "Host: localhost\r\n";
    let json = "Host: localhost\r\nContent-Type: application/json\r\n";
    let seen = [
        first_line(&sandbox, "PUT /api/json/mailboxes/list", host).await,
        first_line(&sandbox, "GET /", host).await,
        first_line(&sandbox, "POST /api/json/mailboxes/list", json).await,
    ];
    assert_eq!(
        seen,
        [
            "HTTP/1.1 405 Method Not Allowed",
            "HTTP/1.1 404 Not Found",
            "HTTP/1.1 415 Unsupported Media Type",
        ]
    );
}

#[tokio::test]
async fn a_head_with_too_much_in_it_is_turned_away() {
    let sandbox = started(Options::new(1)).await;
    let path = "GET /api/json/mailboxes/list";
    let many = format!("Host: localhost\r\n{}", "A: b\r\n".repeat(70));
    let long = format!("Host: localhost\r\nA: {}\r\n", "b".repeat(17_000));
    let seen = [first_line(&sandbox, path, &many).await, first_line(&sandbox, path, &long).await];
    assert_eq!(seen, ["HTTP/1.1 431 Request Header Fields Too Large"; 2]);
}

#[tokio::test]
async fn a_body_with_too_much_in_it_is_turned_away() {
    let sandbox = started(Options::new(1)).await;
    let status = async |form: String| {
        let response = sent(&sandbox, "/api/json/mailboxes/list", &form).await.unwrap();
        response.status().as_u16()
    };
    let filled = |bytes: usize| format!("a={}", "b".repeat(bytes - 2));
    let listed = |count: usize| "a=b&".repeat(count);
    let seen = [
        status(filled(64 * 1024)).await,
        status(filled(64 * 1024 + 1)).await,
        status(listed(200)).await,
        status(listed(201)).await,
    ];
    assert_eq!(seen, [200, 413, 200, 400]);
}

#[tokio::test]
async fn a_stalled_head_is_cut_off() {
    let sandbox = limited(Limits { head_wait: SHORT, ..Limits::default() }).await;
    let before = Instant::now();
    for start in [&b""[..], b"GET /api/json/mailboxes/list HTTP/1.1\r\nHost: loc"] {
        assert_eq!(raw(&sandbox, start).await, "");
    }
    assert!((SHORT * 2..LONG).contains(&before.elapsed()), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_stalled_handshake_is_cut_off() {
    let limits = Limits { head_wait: SHORT, ..Limits::default() };
    let options = Options { limits, tls: Some(Tls::default()), ..Options::new(1) };
    assert_eq!(raw(&started(options).await, b"").await, "");
}

#[tokio::test]
async fn a_stalled_second_head_is_cut_off_sooner_than_a_resting_connection() {
    let sandbox = limited(Limits { head_wait: SHORT, ..Limits::default() }).await;
    let request = "GET /api/json/mailboxes/list HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let address = sandbox.url.split('/').nth(2).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let mut buffer = [0; 4096];
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    // It may rest for longer than a head may take.
    tokio::time::sleep(SHORT * 2).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    assert!(stream.read(&mut buffer).await.unwrap() > 0);
    stream.write_all(&request.as_bytes()[..9]).await.unwrap();
    let before = Instant::now();
    let reading = tokio::time::timeout(PATIENCE, stream.read(&mut buffer));
    assert_eq!(reading.await.unwrap().unwrap(), 0);
    assert!(before.elapsed() < LONG, "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_resting_connection_is_closed_in_the_end() {
    let limits = Limits { head_wait: SHORT, idle_wait: SHORT, ..Limits::default() };
    let sandbox = limited(limits).await;
    let request = b"GET /api/json/mailboxes/list HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let before = Instant::now();
    assert!(raw(&sandbox, request).await.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!((SHORT..LONG).contains(&before.elapsed()), "{:?}", before.elapsed());
}

#[tokio::test]
async fn a_stalled_body_is_cut_off() {
    let sandbox = limited(Limits { body_wait: SHORT, ..Limits::default() }).await;
    let request = b"POST /api/json/mailboxes/list HTTP/1.1\r\nHost: localhost\r\n\
        Content-Length: 10\r\n\r\nabc";
    let said = raw(&sandbox, request).await;
    assert_eq!(said.lines().next(), Some("HTTP/1.1 408 Request Timeout"));
}

#[tokio::test]
async fn a_connection_too_many_waits_for_its_turn() {
    let sandbox = limited(Limits { connections_max: 1, ..Limits::default() }).await;
    let address = sandbox.url.split('/').nth(2).unwrap();
    let first = TcpStream::connect(address).await.unwrap();
    let second = call(&sandbox, "list", "customer=2");
    tokio::pin!(second);
    assert!(tokio::time::timeout(SHORT, second.as_mut()).await.is_err());
    drop(first);
    assert_eq!(second.await, "200");
}

#[tokio::test]
async fn other_machines_are_let_in_only_by_leave() {
    let listen = "0.0.0.0:0".parse().unwrap();
    let error = sandbox::start(Options { listen, ..Options::new(1) }).await.unwrap_err();
    assert_eq!(error.to_string(), "`0.0.0.0:0` can be reached from other machines");
    let sandbox = started(Options { listen, allow_remote: true, ..Options::new(1) }).await;
    assert_eq!(call(&sandbox, "list", "customer=2").await, "200");
}

#[tokio::test]
async fn a_taken_port_is_named() {
    let first = started(Options::new(1)).await;
    let listen = first.url.split('/').nth(2).unwrap().parse().unwrap();
    let error = sandbox::start(Options { listen, ..Options::new(1) }).await.unwrap_err();
    assert!(error.to_string().starts_with(&format!("cannot listen on `{listen}`: ")), "{error}");
}

#[tokio::test]
async fn https_works_for_who_trusts_the_authority_and_for_nobody_else() {
    let sandbox = started(Options { tls: Some(Tls::default()), ..Options::new(1) }).await;
    assert!(sandbox.url.starts_with("https://127.0.0.1:"));
    assert_eq!(call(&sandbox, "list", "customer=2").await, "200");
    let named = sandbox.url.replace("127.0.0.1", "localhost");
    let form = owned(&sandbox, "");
    let response = client(&sandbox).get(format!("{named}mailboxes/list?{form}")).send().await;
    assert_eq!(response.unwrap().status(), 200);
    let other = started(Options { tls: Some(Tls::default()), ..Options::new(1) }).await;
    client(&other).get(&sandbox.url).send().await.unwrap_err();
}

#[tokio::test]
async fn a_certificate_can_be_out_of_date_or_for_another_name() {
    let expired = Tls { validity: Validity::Expired, ..Tls::default() };
    let elsewhere = Tls { names: vec!["switch.example".to_owned()], validity: Validity::Now };
    let mut seen = Vec::new();
    for tls in [expired, elsewhere] {
        let sandbox = started(Options { tls: Some(tls), ..Options::new(1) }).await;
        let error = client(&sandbox).get(&sandbox.url).send().await.unwrap_err();
        let text = format!("{error:?}");
        seen.push(["Expired", "NotValidForName"].map(|it| text.contains(it)));
    }
    assert_eq!(seen, [[true, false], [false, true]]);
}
