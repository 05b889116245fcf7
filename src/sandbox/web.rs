//! From an HTTP request to a call of the switch and back, with the faults in between. Refuses
//! hosts, methods and sizes that a switch on this machine has no business with.

mod hosts;
mod pages;
pub(super) mod server;
mod watched;

use std::future::pending;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use axum::body::Body;
use axum::body::Bytes;
use axum::body::to_bytes;
use hyper::Method;
use hyper::Request;
use hyper::Response;
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header;
use hyper::http::request::Parts;

use crate::sandbox::answer::Answer;
use crate::sandbox::faults::Dice;
use crate::sandbox::faults::Fate;
use crate::sandbox::faults::Trouble;
use crate::sandbox::form::Parameters;
use crate::sandbox::form::Taken;
use crate::sandbox::ledger::Entry;
use crate::sandbox::ledger::Ledger;
use crate::sandbox::options::HttpStatus;
use crate::sandbox::options::Limits;
use crate::sandbox::roles::Function;
use crate::sandbox::rules;
use crate::sandbox::switch::Switch;
use crate::sandbox::switch::asked_customer;
pub(super) use crate::sandbox::web::hosts::Hosts;
use crate::sandbox::web::pages::Refusal;

/// Where the API begins.
pub(super) const ROOT: &str = "/api/json/";

/// The switch as a web service.
pub(super) struct Web {
    pub(super) switch: Switch,
    pub(super) ledger: Arc<Ledger>,
    pub(super) dice: Mutex<Dice>,
    pub(super) hosts: Hosts,
    pub(super) limits: Limits,
    pub(super) http_status: HttpStatus,
}

/// The connection is dropped on purpose.
#[derive(Debug, thiserror::Error)]
#[error("the connection is dropped on purpose")]
struct Dropped;

impl Web {
    async fn answer(&self, request: Request<Incoming>) -> Result<Response<Body>, Dropped> {
        let mut entry = self.ledger.arrive();
        let (head, body) = request.into_parts();
        let path = match self.admit(&head) {
            Ok(path) => path,
            Err(refusal) => return Ok(finished(&mut entry, refusal.page())),
        };
        let function = Function::of(path);
        entry.call.function = function.map_or("?", Function::path);
        let fate = self.dice.lock().unwrap_or_else(PoisonError::into_inner).roll();
        entry.call.fault = fate.trouble.map(|it| it.to_string());
        if fate.trouble == Some(Trouble::Reset) {
            return Err(Dropped);
        }
        let parameters = match self.parameters(&head, body).await {
            Ok(parameters) => parameters,
            Err(refusal) => return Ok(finished(&mut entry, refusal.page())),
        };
        note(&mut entry, &parameters);
        let response = self.respond(&mut entry, fate, function, &parameters);
        entry.save();
        tokio::time::sleep(fate.latency).await;
        match fate.trouble {
            Some(Trouble::Lost) => Err(Dropped),
            Some(Trouble::Hang) => pending().await,
            Some(_) | None => Ok(finished(&mut entry, response)),
        }
    }

    /// The path below the API's root, if the request may go on.
    fn admit<'a>(&self, head: &'a Parts) -> Result<&'a str, Refusal> {
        if !self.hosts.allow(head) {
            return Err(refused(StatusCode::MISDIRECTED_REQUEST, "unknown host"));
        }
        let path = head.uri.path().strip_prefix(ROOT);
        let path = path.ok_or_else(|| refused(StatusCode::NOT_FOUND, "see /api/json/"))?;
        if head.method != Method::GET && head.method != Method::POST {
            return Err(refused(StatusCode::METHOD_NOT_ALLOWED, "use GET or POST"));
        }
        if head.method == Method::POST && !is_form(head) {
            let what = "a body must be application/x-www-form-urlencoded";
            return Err(refused(StatusCode::UNSUPPORTED_MEDIA_TYPE, what));
        }
        Ok(path)
    }

    async fn parameters(&self, head: &Parts, body: Incoming) -> Result<Parameters, Refusal> {
        let body = if head.method == Method::POST { self.body(body).await? } else { Bytes::new() };
        let query = head.uri.query().unwrap_or_default();
        Parameters::parse(query.as_bytes(), &body, self.limits.parameters_max)
            .map_err(|_| refused(StatusCode::BAD_REQUEST, "too many parameters"))
    }

    async fn body(&self, body: Incoming) -> Result<Bytes, Refusal> {
        let body = to_bytes(Body::new(body), self.limits.body_bytes_max);
        match tokio::time::timeout(self.limits.body_wait, body).await {
            Err(_) => Err(refused(StatusCode::REQUEST_TIMEOUT, "the body took too long")),
            Ok(Err(_)) => Err(refused(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large")),
            Ok(Ok(bytes)) => Ok(bytes),
        }
    }

    /// The answer to a call, once it was carried out unless a fault prevents that.
    fn respond(
        &self,
        entry: &mut Entry,
        fate: Fate,
        function: Option<Function>,
        parameters: &Parameters,
    ) -> Response<Body> {
        let answer = match fate.trouble {
            Some(Trouble::Status(status, retry_after)) => {
                return pages::trouble(status, retry_after);
            }
            Some(Trouble::Html) => return pages::login_page(),
            Some(Trouble::Envelope500) => Answer::Broken,
            Some(Trouble::Lost | Trouble::Json | Trouble::Hang | Trouble::Reset) | None => {
                let reply = self.switch.answer(function, parameters);
                entry.call.customer = reply.customer.or(entry.call.customer);
                reply.answer
            }
        };
        entry.call.code = Some(answer.code());
        let Ok(json) = answer.json(self.switch.version()) else {
            return pages::trouble(500, None);
        };
        if fate.trouble == Some(Trouble::Json) {
            return pages::json(StatusCode::OK, json[..json.len() / 2].to_vec());
        }
        let status = match self.http_status {
            HttpStatus::Always200 => StatusCode::OK,
            HttpStatus::LikeCode => StatusCode::from_u16(answer.code()).unwrap_or(StatusCode::OK),
        };
        let json = if status == StatusCode::NO_CONTENT { Vec::new() } else { json };
        pages::json(status, json)
    }
}

fn refused(status: StatusCode, what: &'static str) -> Refusal {
    Refusal { status, what }
}

fn finished(entry: &mut Entry, response: Response<Body>) -> Response<Body> {
    entry.answered();
    response
}

/// Notes what a call is about, as far as it may be known: never a value that could be a PIN.
fn note(entry: &mut Entry, parameters: &Parameters) {
    if let Taken::Text(mailbox) = parameters.take("mailbox")
        && rules::mailbox(mailbox).is_ok()
    {
        entry.call.mailbox = Some(mailbox.to_owned());
    }
    entry.call.customer = asked_customer(parameters);
    entry.call.validation = parameters.take("validation") == Taken::Text("1");
}

/// Whether a body is said to be a form, or not said to be anything.
fn is_form(head: &Parts) -> bool {
    let Some(kind) = head.headers.get(header::CONTENT_TYPE) else { return true };
    let kind = kind.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}
