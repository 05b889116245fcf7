//! What the sandbox's tests have in common: starting one, and talking to it without any help of
//! the client under test.

use std::sync::Arc;
use std::time::Duration;

use boxlift::sandbox;
use boxlift::sandbox::Options;
use boxlift::sandbox::Sandbox;
use reqwest::Client;
use reqwest::Response;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

/// How long to wait for what ought to happen soon, on the slowest of machines.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

pub(crate) async fn started(options: Options) -> Sandbox {
    sandbox::start(options).await.unwrap()
}

/// A client that trusts the sandbox's authority, if it has one, and nobody else.
pub(crate) fn client(sandbox: &Sandbox) -> Client {
    let mut roots = RootCertStore::empty();
    if let Some(pem) = &sandbox.ca_pem {
        roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()).unwrap();
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    Client::builder().no_proxy().tls_backend_preconfigured(config).build().unwrap()
}

/// `scheme://host:port` of a sandbox.
pub(crate) fn origin(sandbox: &Sandbox) -> &str {
    sandbox.url.strip_suffix("/api/json/").unwrap()
}

/// The sandbox's answer to a form, wherever it is put.
pub(crate) async fn sent(sandbox: &Sandbox, path: &str, form: &str) -> reqwest::Result<Response> {
    client(sandbox)
        .post(format!("{}{path}", origin(sandbox)))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form.to_owned())
        .send()
        .await
}

/// The HTTP status and the JSON that a form gets.
pub(crate) async fn post(sandbox: &Sandbox, path: &str, form: &str) -> (u16, Value) {
    let response = sent(sandbox, path, form).await.unwrap();
    let status = response.status().as_u16();
    (status, serde_json::from_slice(&response.bytes().await.unwrap()).unwrap())
}

/// The code and the key that the system owner's call of a function gets.
pub(crate) async fn call(sandbox: &Sandbox, function: &str, form: &str) -> String {
    let form = owned(sandbox, form);
    let (_, body) = post(sandbox, &format!("/api/json/mailboxes/{function}/"), &form).await;
    codes(&body)
}

/// A form with the system owner's credentials.
pub(crate) fn owned(sandbox: &Sandbox, form: &str) -> String {
    format!("auth_username={}&auth_password={}&{form}", sandbox.username, sandbox.password)
}

/// Every code with its key, e.g. `400 pin, 400 owner`.
pub(crate) fn codes(body: &Value) -> String {
    let entry = |it: &Value| {
        let text = |name: &str| it[name].as_str().unwrap().to_owned();
        format!("{} {}", text("code"), text("key")).trim_end().to_owned()
    };
    let entries: Vec<String> = body["responses"].as_array().unwrap().iter().map(entry).collect();
    entries.join(", ")
}

/// Everything the sandbox says to these bytes until it closes the connection.
pub(crate) async fn raw(sandbox: &Sandbox, bytes: &[u8]) -> String {
    let address = sandbox.url.split('/').nth(2).unwrap();
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    let mut said = Vec::new();
    // A connection that is reset has said all it will say.
    let reading = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut said));
    drop(reading.await.unwrap());
    String::from_utf8(said).unwrap()
}
