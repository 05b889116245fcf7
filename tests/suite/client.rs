//! The client against a real socket: what it sends, and what it makes of whatever comes back.

use std::cell::Cell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use boxlift::model::Answer;
use boxlift::model::Call;
use boxlift::model::Function;
use boxlift::model::Meaning;
use boxlift::model::Misconfiguration;
use boxlift::model::Refusal;
use boxlift::model::Reply;
use boxlift::model::Secret;
use boxlift::switch::ApiUrl;
use boxlift::switch::Client;
use boxlift::switch::ClientSettings;
use boxlift::switch::Plaintext;
use futures_util::future::join_all;
use tokio::net::TcpSocket;
use tokio::sync::Notify;

use super::client_server::Script;
use super::client_server::Server;
use super::client_server::Step;
use super::client_server::answer;
use super::client_server::http;

const OK: &str = r#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#;

/// Enough for any machine where an answer comes; too little to wait for one that does not.
const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(200);

fn settings(url: &str, timeout: Duration) -> ClientSettings {
    ClientSettings {
        url: ApiUrl::parse(url, Plaintext::Allowed).unwrap(),
        username: "api user".to_owned(),
        password: Secret::new("p;&=+%ä"),
        ca_file: None,
        timeout,
        connections: 4,
    }
}

fn client(address: SocketAddr, timeout: Duration) -> Client {
    Client::new(settings(&format!("http://{address}"), timeout)).unwrap()
}

fn call() -> Call {
    let body = b"mailbox=0042&pin=471188".to_vec();
    let secrets = vec![Secret::new("471188")];
    Call { function: Function::Create, body, secrets, expected: vec![] }
}

fn reply(http_status: Option<u16>, meaning: Meaning, message: &str) -> Reply {
    let answer = Answer { message: message.to_owned(), ..Answer::default() };
    Reply { http_status, meaning, answer }
}

fn done() -> Reply {
    let [code, key, message] = ["204", "", "OK"].map(str::to_owned);
    Reply { http_status: Some(200), meaning: Meaning::Done, answer: Answer { code, key, message } }
}

/// One call to a server with this script; `ADDRESS` stands for the server's in the reply's message.
async fn outcome(script: Script, timeout: Duration) -> (Reply, Server) {
    let server = Server::start(vec![script]).await;
    let mut reply = client(server.address, timeout).send(&call(), Box::new(|| {})).await;
    reply.answer.message = reply.answer.message.replace(&server.address.to_string(), "ADDRESS");
    (reply, server)
}

#[tokio::test]
async fn a_call_is_one_post_with_everything_in_the_body() {
    let (reply, server) = outcome(answer(http("200", OK)), LONG).await;
    assert_eq!(reply, done());
    let body =
        "auth_username=api+user&auth_password=p%3B%26%3D%2B%25%C3%A4&mailbox=0042&pin=471188";
    let head = format!(
        "POST /api/json/mailboxes/create/ HTTP/1.1\r\n\
         accept: application/json\r\n\
         user-agent: boxlift/{}\r\n\
         content-type: application/x-www-form-urlencoded\r\n\
         host: {}\r\n\
         content-length: {}\r\n\r\n",
        env!("CARGO_PKG_VERSION"),
        server.address,
        body.len()
    );
    assert_eq!(server.requests(), [head + body]);
}

#[tokio::test]
async fn refusals_keep_the_apis_words_but_not_the_secrets() {
    let body = r#"{"responses":[{"code":400,"key":"pin","message":"471188 \u001b[1mis weak for p;&=+%\u00e4"}]}"#;
    let (reply, _) = outcome(answer(http("200", body)), LONG).await;
    let [code, key, message] = ["400", "pin", "*** is weak for ***"].map(str::to_owned);
    let expected = Reply {
        http_status: Some(200),
        meaning: Meaning::Refused(Refusal::Parameters { keys: vec!["pin".to_owned()] }),
        answer: Answer { code, key, message },
    };
    assert_eq!(reply, expected);
}

#[tokio::test]
async fn bodies_may_come_in_chunks_and_after_provisional_answers() {
    let (first, rest) = OK.split_at(7);
    let chunked = format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n\
         HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\n{first}\r\n{:x}\r\n{rest}\r\n0\r\n\r\n",
        rest.len()
    );
    let until_close = format!("HTTP/1.0 200 OK\r\n\r\n{OK}");
    for bytes in [chunked, until_close] {
        assert_eq!(outcome(answer(bytes), LONG).await.0, done());
    }
}

#[tokio::test]
async fn an_answer_may_have_a_hundred_headers() {
    let head = format!("200 X\r\n{}A", "A: b\r\n".repeat(98));
    let bytes = http(&head, OK).replacen("A X", "A: b", 1);
    assert_eq!(outcome(answer(bytes), LONG).await.0, done());
}

#[tokio::test]
async fn a_204_needs_no_body() {
    let (reply, _) = outcome(answer("HTTP/1.1 204 No Content\r\n\r\n"), LONG).await;
    assert_eq!(reply, self::reply(Some(204), Meaning::Done, "HTTP 204"));
}

#[tokio::test]
async fn a_busy_switch_says_for_how_long() {
    let head = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nRetry-After: Sun, 06 Nov 1994 08:50:00 GMT";
    let bytes = format!("HTTP/1.1 503 X\r\n{head}\r\nContent-Length: 0\r\n\r\n");
    let (reply, _) = outcome(answer(bytes), LONG).await;
    let wait = Some(Duration::from_secs(23));
    let text = "HTTP 503: out of service for a while";
    assert_eq!(reply, self::reply(Some(503), Meaning::Unavailable { wait }, text));
}

#[tokio::test]
async fn an_answer_that_is_not_the_apis_is_known_for_it() {
    let large = "x".repeat(1_048_577);
    for (bytes, message) in [
        (http("200", ""), "HTTP 200 with an empty body"),
        (http("502", "<html>"), "HTTP 502 with HTML (6 bytes)"),
        (http("200", &large), "HTTP 200 with a body of more than 1048576 bytes"),
        (
            "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"resp".to_owned(),
            "HTTP 200 with a body that broke off after 6 bytes",
        ),
        (
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n{\"resp\r\n".to_owned(),
            "HTTP 200 with a body that broke off after 6 bytes",
        ),
    ] {
        let status = bytes[9..12].parse().ok();
        let (reply, _) = outcome(answer(bytes), LONG).await;
        assert_eq!(reply, self::reply(status, Meaning::NotApi, message));
    }
}

#[tokio::test]
async fn the_largest_body_is_read() {
    let body = format!("{OK}{}", " ".repeat(1_048_576 - OK.len()));
    assert_eq!(outcome(answer(http("200", &body)), LONG).await.0, done());
}

#[tokio::test]
async fn a_redirect_reaches_nobody() {
    for status in ["301", "302", "303", "307", "308"] {
        let target = Server::start(vec![]).await;
        let location = format!("http://{}/api/json/mailboxes/create/", target.address);
        let bytes =
            format!("HTTP/1.1 {status} X\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
        let (reply, server) = outcome(answer(bytes), LONG).await;
        let text = format!("HTTP {status} leads to `127.0.0.1`; redirects are not followed");
        let meaning = Meaning::Misconfigured(Misconfiguration::Redirect);
        assert_eq!(reply, self::reply(status.parse().ok(), meaning, &text));
        assert_eq!((server.connections(), target.connections()), (1, 0));
    }
}

#[tokio::test]
async fn a_connection_that_ends_without_an_answer_loses_the_call_and_nothing_is_sent_again() {
    let broke = "the connection to `ADDRESS` broke before an answer came";
    let half = "HTTP/1.1 200 OK\r\nContent-Le".to_owned();
    for script in [vec![], vec![Step::Read], answer(half)] {
        let (reply, server) = outcome(script, LONG).await;
        assert_eq!(reply, self::reply(None, Meaning::Lost, broke));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn what_is_not_http_loses_the_call() {
    let flood = format!("HTTP/1.1 200 OK\r\n{}\r\n", "A: b\r\n".repeat(101));
    let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(65_536));
    let [ssh, wrong] = ["SSH-2.0-OpenSSH_9.9\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"].map(str::to_owned);
    for bytes in [ssh, wrong, flood, long] {
        let (reply, server) = outcome(answer(bytes), LONG).await;
        let text = "`ADDRESS` answered with something that is not HTTP";
        assert_eq!(reply, self::reply(None, Meaning::Lost, text));
        assert_eq!(server.connections(), 1);
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_not_waited_for() {
    let soon = Step::Say("HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000).into_bytes());
    for script in [vec![Step::Read, Step::Stall], vec![Step::Read, soon, Step::Stall]] {
        let (reply, _) = outcome(script, SHORT).await;
        let text = "no answer from `ADDRESS` within 133ms";
        assert_eq!(reply, self::reply(None, Meaning::Lost, text));
    }

    let begun = Step::Say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{".to_vec());
    let (reply, _) = outcome(vec![Step::Read, begun, Step::Stall], SHORT).await;
    let text = "HTTP 200 with a body that broke off after 1 byte";
    assert_eq!(reply, self::reply(Some(200), Meaning::NotApi, text));
}

#[tokio::test]
async fn a_connection_is_used_again() {
    let twice = [answer(http("200", OK)), answer(http("200", OK))].concat();
    let server = Server::start(vec![twice]).await;
    let client = client(server.address, LONG);
    assert_eq!(client.send(&call(), Box::new(|| {})).await, done());
    assert_eq!(client.send(&call(), Box::new(|| {})).await, done());
    assert_eq!((server.connections(), server.requests().len()), (1, 2));
}

#[tokio::test]
async fn connections_that_the_server_closed_while_idle_are_replaced_and_a_call_leaves_once() {
    let close = Arc::new(Notify::new());
    let script = [answer(http("200", OK)), vec![Step::Wait(Arc::clone(&close))]].concat();
    let server = Server::start(vec![script.clone(), script, answer(http("200", OK))]).await;
    let client = client(server.address, LONG);
    let call = call();
    let both = [client.send(&call, Box::new(|| {})), client.send(&call, Box::new(|| {}))];
    assert_eq!(join_all(both).await, [done(), done()]);
    close.notify_waiters();
    server.closed(2).await;
    // One turn of the runtime, in which their ends are met.
    tokio::task::yield_now().await;
    let left = Rc::new(Cell::new(0));
    let told = Rc::clone(&left);
    assert_eq!(client.send(&call, Box::new(move || told.set(told.get() + 1))).await, done());
    assert_eq!((server.connections(), server.requests().len(), left.get()), (3, 3, 1));
}

#[tokio::test]
async fn a_connection_on_which_anything_is_unclear_is_not_used_again() {
    let refusal = r#"{"responses":[{"code":"400","key":"pin","message":"no"}]}"#;
    let too_large = "x".repeat((1 << 20) + 1);
    let headless = format!("HTTP/1.1 200 OK\r\n\r\n{OK}");
    for first in [
        answer(http("200", OK).replacen("X\r", "X\r\nConnection: close\r", 1)),
        answer(http("200", OK).replacen("1.1", "1.0", 1)),
        answer(format!("{}{}", http("200", OK), http("200", refusal))),
        answer(format!("{}\0", http("200", OK))),
        answer(http("200", &too_large)),
        answer("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n"),
        answer(headless),
        vec![Step::Say(http("200", OK).into_bytes())],
    ] {
        // Open until the client closes it, and ready for another request.
        let first = [first, answer(http("200", refusal))].concat();
        let server = Server::start(vec![first, answer(http("200", OK))]).await;
        let client = client(server.address, LONG);
        let call = call();
        let sent = client.send(&call, Box::new(|| {}));
        let first = tokio::time::timeout(SHORT, sent).await;
        assert_eq!(client.send(&call, Box::new(|| {})).await, done(), "after {first:?}");
        assert_eq!(server.connections(), 2, "after {first:?}");
    }
}

#[tokio::test]
async fn a_used_connection_that_breaks_under_a_call_loses_it_and_the_next_goes_on_a_new_one() {
    let script = [answer(http("200", OK)), vec![Step::Read]].concat();
    let server = Server::start(vec![script.clone(), script, answer(http("200", OK))]).await;
    let client = client(server.address, LONG);
    let call = call();
    let both = [client.send(&call, Box::new(|| {})), client.send(&call, Box::new(|| {}))];
    assert_eq!(join_all(both).await, [done(), done()]);
    assert_eq!(client.send(&call, Box::new(|| {})).await.meaning, Meaning::Lost);
    assert_eq!((server.connections(), server.requests().len()), (2, 3));
    assert_eq!(client.send(&call, Box::new(|| {})).await, done());
    assert_eq!(server.connections(), 3);
}

#[tokio::test]
async fn a_dropped_call_closes_its_connection() {
    let server = Server::start(vec![vec![Step::Read, Step::Read]]).await;
    let client = client(server.address, LONG);
    tokio::time::timeout(SHORT, client.send(&call(), Box::new(|| {}))).await.unwrap_err();
    server.closed(1).await;
}

#[tokio::test]
async fn a_refused_connection_is_a_call_that_was_not_sent() {
    // Bound, so that nobody else gets the port, and never listening.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let address = socket.local_addr().unwrap();
    let reply = client(address, LONG).send(&call(), Box::new(|| panic!("it left"))).await;
    let text = format!("`{address}` refused the connection");
    assert_eq!(reply, self::reply(None, Meaning::NotSent, &text));
}

#[tokio::test]
async fn a_name_that_cannot_exist_is_a_call_that_was_not_sent() {
    // Longer than any label may be, so that no name server is asked.
    let name = "a".repeat(64);
    let client = Client::new(settings(&format!("http://{name}"), LONG)).unwrap();
    let text = format!("the name of `{name}:80` was not found");
    assert_eq!(client.send(&call(), Box::new(|| {})).await, reply(None, Meaning::NotSent, &text));
}
