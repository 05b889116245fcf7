//! Sends calls to one switch over HTTP/1.1, each exactly once.
//!
//! Takes no proxy, no redirect, no cookie, no compression. Credentials travel in the body alone.

use std::collections::HashSet;
use std::fmt;
use std::iter;
use std::path::PathBuf;
use std::pin::pin;
use std::time::Duration;

use futures_util::TryFutureExt;
use hyper::HeaderMap;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::Uri;
use hyper::body::Incoming;
use hyper::header;
use hyper::header::HeaderValue;
use rustls::RootCertStore;
use tokio::time::Instant;

use crate::model::Call;
use crate::model::Function;
use crate::model::Likeness;
use crate::model::Mailbox;
use crate::model::Meaning;
use crate::model::Reply;
use crate::model::Secret;
use crate::model::WhenLeft;
use crate::switch::ApiUrl;
use crate::switch::SwitchError;
use crate::switch::answer::BODY_BYTES_MAX;
use crate::switch::answer::Observation;
use crate::switch::classify::classify;
use crate::switch::connection::Connection;
use crate::switch::connection::Unanswered;
use crate::switch::connector::Connector;
use crate::switch::data;
use crate::switch::departure::Departure;
use crate::switch::idle::Idle;
use crate::switch::receiving;
use crate::switch::receiving::End;
use crate::switch::redact::Redaction;
use crate::switch::tls;
use crate::switch::transport;

/// Longest wait for a connection, the TLS handshake included.
const CONNECT_TIME_MAX: Duration = Duration::from_secs(5);

/// Longest time for a whole call that is believed; more is a slip of the pen.
const TOTAL_TIME_MAX: Duration = Duration::from_secs(3_600);

/// Most bytes of a list of mailboxes, which comes all at once.
const LIST_BYTES_MAX: usize = 64 << 20;

/// What a client is made of.
#[derive(Clone, Debug)]
pub struct ClientSettings {
    /// Where the API is.
    pub url: ApiUrl,
    /// `auth_username`.
    pub username: String,
    /// `auth_password`.
    pub password: Secret,
    /// PEM certificates to trust in place of the system's.
    pub ca_file: Option<PathBuf>,
    /// From the beginning of a call, connecting included, to the last byte of its answer.
    pub timeout: Duration,
    /// Calls that may be under way at a time.
    pub connections: usize,
}

impl ClientSettings {
    /// What a call may take where nobody says otherwise.
    pub const TIMEOUT_DEFAULT: Duration = Duration::from_secs(30);
}

/// The switch, ready to be called.
pub struct Client {
    connector: Connector,
    idle: Idle<Box<Connection>>,
    url: ApiUrl,
    /// The path of each function, in the order of [`Function::ALL`].
    paths: Vec<Uri>,
    headers: HeaderMap,
    /// `auth_username=…&auth_password=…&`, encoded.
    credentials: Secret,
    password: Secret,
    limits: Limits,
}

/// How long the parts of a call may take.
#[derive(Clone, Copy, Debug)]
struct Limits {
    connect: Duration,
    head: Duration,
    total: Duration,
}

impl Limits {
    /// The head of an answer may take two thirds of the whole, connecting included. Connecting ends well before that, so
    /// that a call that could not connect is known for one that was not sent. Cut to milliseconds, which are shown.
    fn of(total: Duration) -> Self {
        let total = total.min(TOTAL_TIME_MAX);
        let connect = CONNECT_TIME_MAX.min(total / 2);
        let head =
            Duration::from_millis(u64::try_from(total.as_millis() * 2 / 3).unwrap_or(u64::MAX));
        Self { connect, head, total }
    }
}

impl Client {
    /// Reads the certificates; connects to nobody yet.
    pub fn new(settings: ClientSettings) -> Result<Self, SwitchError> {
        let ClientSettings { url, username, password, ca_file, timeout, connections } = settings;
        if username.is_empty() {
            return Err(SwitchError::NoUsername);
        }
        if password.expose().is_empty() {
            return Err(SwitchError::NoPassword);
        }
        if timeout.is_zero() {
            return Err(SwitchError::NoTime);
        }
        let limits = Limits::of(timeout);
        let roots = match ca_file {
            Some(path) => tls::file_roots(&path)?,
            None if url.is_https() => tls::system_roots()?,
            None => RootCertStore::empty(),
        };
        let setup = |_| SwitchError::Setup;
        let place = url.as_str().parse().map_err(setup)?;
        let paths = Function::ALL.into_iter().map(|it| url.path_of(it).parse());
        let paths = paths.collect::<Result<_, _>>().map_err(setup)?;
        Ok(Self {
            connector: Connector::new(tls::client_config(roots)?, place, limits.connect),
            idle: Idle::new(connections),
            paths,
            headers: headers(&url)?,
            credentials: Secret::new(format!("{}&", encoded(&username, &password))),
            url,
            password,
            limits,
        })
    }

    /// Sends a call once and says what came of it. Dropping the future abandons the call, which may be under way.
    ///
    /// `left` is never called if no connection could be opened.
    pub async fn send(&self, call: &Call, left: WhenLeft) -> Reply {
        let (mut reply, body) = self.exchange(call, left).await;
        if call.function == Function::Get
            && shows_data(&reply)
            && let Some(likeness) = data::likeness(&body, &call.expected)
        {
            reply.meaning = Meaning::Found(likeness);
        }
        reply
    }

    /// Sends a call that lists mailboxes; the mailboxes come beside a reply that found them.
    pub async fn list(&self, call: &Call, left: WhenLeft) -> (Reply, HashSet<Mailbox>) {
        let (mut reply, body) = self.exchange(call, left).await;
        let listed = data::listed(&body).filter(|_| shows_data(&reply));
        if listed.is_some() {
            reply.meaning = Meaning::Found(Likeness::Same);
        }
        (reply, listed.unwrap_or_default())
    }

    /// What came back, and the bytes of the answer as far as they are needed.
    async fn exchange(&self, call: &Call, left: WhenLeft) -> (Reply, Vec<u8>) {
        let bytes_max = match call.function {
            Function::List => LIST_BYTES_MAX,
            Function::Create | Function::Update | Function::Get => BODY_BYTES_MAX,
        };
        let redaction = Redaction::of(iter::once(&self.password).chain(&call.secrets));
        let start = Instant::now();
        let (mut connection, mut response) = match self.ask_in_time(call, left, start).await {
            Ok(answered) => answered,
            Err(unanswered) => return (classify(unanswered, &redaction), Vec::new()),
        };
        let (mut bytes, deadline) = (Vec::new(), start + self.limits.total);
        let body = (response.body_mut(), &mut bytes);
        let end = receiving::read_body(&mut connection, body, (deadline, bytes_max)).await;
        if end == End::Whole && connection.finish().await {
            self.idle.put(connection);
        }
        let answer = receiving::answer(&response, end, &bytes, &self.url);
        (classify(Observation::Http(answer), &redaction), bytes)
    }

    /// Sends a request once and waits for the head of its answer, as long as that may take.
    async fn ask_in_time(
        &self,
        call: &Call,
        left: WhenLeft,
        start: Instant,
    ) -> Result<Head, Observation<'static>> {
        let limit = self.limits.head;
        receiving::within(start + limit, pin!(self.ask(call, left))).await.unwrap_or_else(|| {
            let text = format!("no answer from `{}` within {limit:?}", self.url.endpoint());
            Err(Observation::Lost { text })
        })
    }

    /// Sends a request once, on a connection that lies idle or on a new one, and waits for the head of its answer.
    ///
    /// One that was not taken up, since its connection had been closed while it lay idle, goes to the next; the last of
    /// these is a new one. There the call is lost in any case: whether it was taken up would hang on who is first.
    async fn ask(&self, call: &Call, left: WhenLeft) -> Result<Head, Observation<'static>> {
        let mut request = self.request(call, left);
        loop {
            let idle = self.idle.take();
            let was_idle = idle.is_some();
            let mut connection = match idle {
                Some(connection) => connection,
                // Boxed, since all that connecting needs would be moved about with every call.
                None => Box::pin(self.connect()).await?,
            };
            match connection.send(*request).await {
                Ok(response) => return Ok((connection, response)),
                Err(Unanswered { untouched: Some(it), error: _ }) if was_idle => request = it,
                Err(Unanswered { error, untouched: _ }) => {
                    if was_idle {
                        // What broke it may have broken the others.
                        self.idle.close();
                    }
                    return Err(transport::lost(&error, &self.url));
                }
            }
        }
    }

    async fn connect(&self) -> Result<Box<Connection>, Observation<'static>> {
        let connected = self.connector.connect().and_then(Connection::over).await;
        connected.map_err(|it| transport::unconnected(&it, &self.url, self.limits.connect))
    }

    /// In a box, since it is moved about with every call.
    fn request(&self, call: &Call, left: WhenLeft) -> Box<Request<Departure>> {
        let mut request = Request::new(Departure::new(self.body(call), left));
        *request.method_mut() = Method::POST;
        *request.uri_mut() = self.paths[call.function as usize].clone();
        *request.headers_mut() = self.headers.clone();
        Box::new(request)
    }

    fn body(&self, call: &Call) -> Vec<u8> {
        let credentials = self.credentials.expose().as_bytes();
        let mut body = Vec::with_capacity(credentials.len() + call.body.len());
        body.extend_from_slice(credentials);
        body.extend_from_slice(&call.body);
        body
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

/// The head of an answer, and the connection on which the rest comes.
type Head = (Box<Connection>, Response<Incoming>);

/// Whether an answer is one with data: code 200, which means nothing to a call that changes something.
fn shows_data(reply: &Reply) -> bool {
    reply.meaning == Meaning::Unclear
        && reply.http_status.is_some_and(|it| (200..300).contains(&it))
        && reply.answer.code == "200"
}

/// The credentials as parameters.
fn encoded(username: &str, password: &Secret) -> String {
    form_urlencoded::Serializer::new(String::new())
        .append_pair("auth_username", username)
        .append_pair("auth_password", password.expose())
        .finish()
}

/// What every request says of itself.
fn headers(url: &ApiUrl) -> Result<HeaderMap, SwitchError> {
    let host = HeaderValue::try_from(url.host()).map_err(|_| SwitchError::Setup)?;
    let form = HeaderValue::from_static("application/x-www-form-urlencoded");
    let agent = HeaderValue::from_static(concat!("boxlift/", env!("CARGO_PKG_VERSION")));
    Ok(HeaderMap::from_iter([
        (header::ACCEPT, HeaderValue::from_static("application/json")),
        (header::USER_AGENT, agent),
        (header::CONTENT_TYPE, form),
        (header::HOST, host),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::switch::Plaintext;

    fn settings(username: &str, password: &str) -> ClientSettings {
        ClientSettings {
            url: ApiUrl::parse("http://127.0.0.1:9", Plaintext::Refused).unwrap(),
            username: username.to_owned(),
            password: Secret::new(password),
            ca_file: None,
            timeout: ClientSettings::TIMEOUT_DEFAULT,
            connections: 4,
        }
    }

    #[test]
    fn credentials_are_encoded_whatever_they_hold() {
        let client = Client::new(settings("ä b", ";&=+%ü\"")).unwrap();
        assert_eq!(
            client.credentials.expose(),
            "auth_username=%C3%A4+b&auth_password=%3B%26%3D%2B%25%C3%BC%22&"
        );
    }

    #[test]
    fn debug_output_shows_no_password() {
        let settings = settings("u", "canary");
        assert!(!format!("{settings:?}").contains("canary"));
        let client = Client::new(settings).unwrap();
        assert_eq!(format!("{client:?}"), "Client { url: \"http://127.0.0.1:9/api/json/\", .. }");
    }

    #[test]
    fn settings_that_cannot_work_are_refused() {
        let text = |settings| Client::new(settings).unwrap_err().to_string();
        assert_eq!(text(settings("", "p")), "the user name is empty");
        assert_eq!(text(settings("u", "")), "the password is empty");
        let timeout = Duration::ZERO;
        assert_eq!(text(ClientSettings { timeout, ..settings("u", "p") }), "the timeout is zero");
    }
}
