//! The troubles a sandbox rehearses, each as a client meets it and with the effect it has or lacks.

use std::time::Duration;

use boxlift::sandbox::Limits;
use boxlift::sandbox::Options;
use boxlift::sandbox::Sandbox;
use reqwest::Response;

use crate::suite::sandbox_client::PATIENCE;
use crate::suite::sandbox_client::client;
use crate::suite::sandbox_client::codes;
use crate::suite::sandbox_client::owned;
use crate::suite::sandbox_client::sent;
use crate::suite::sandbox_client::started;

async fn with(faults: &[&str]) -> Sandbox {
    let faults = faults.iter().map(|it| it.parse().unwrap()).collect();
    started(Options { faults, ..Options::new(7) }).await
}

async fn create(sandbox: &Sandbox, mailbox: &str) -> reqwest::Result<Response> {
    let form = owned(sandbox, &format!("mailbox={mailbox}&pin=1&customer=2"));
    sent(sandbox, "/api/json/mailboxes/create/", &form).await
}

/// Whether mailboxes were made, and what the ledger says of the last call.
fn after(sandbox: &Sandbox) -> (usize, Option<u16>, Option<String>, bool) {
    let call = sandbox.calls().pop().unwrap();
    (sandbox.mailboxes().unwrap().len(), call.code, call.fault, call.answered.is_some())
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).map_or("", |it| it.to_str().unwrap())
}

#[tokio::test]
async fn a_status_comes_with_a_page_and_without_effect() {
    let sandbox = with(&["503:100%:retry-after=3"]).await;
    let response = create(&sandbox, "1").await.unwrap();
    assert_eq!(response.status(), 503);
    assert_eq!(header(&response, "retry-after"), "3");
    assert_eq!(header(&response, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&response, "x-sandbox"), "not a real switch");
    assert_eq!(after(&sandbox), (0, None, Some("503".to_owned()), true));
}

#[tokio::test]
async fn a_lost_call_was_carried_out_and_a_reset_one_was_not() {
    let lost = with(&["lost:100%"]).await;
    create(&lost, "1").await.unwrap_err();
    assert_eq!(after(&lost), (1, Some(204), Some("lost".to_owned()), false));
    let reset = with(&["reset:100%"]).await;
    create(&reset, "1").await.unwrap_err();
    assert_eq!(after(&reset), (0, None, Some("reset".to_owned()), false));
}

#[tokio::test]
async fn broken_json_follows_the_effect() {
    let sandbox = with(&["json:100%"]).await;
    let body = create(&sandbox, "1").await.unwrap().text().await.unwrap();
    assert_eq!(body, r#"{"responses":[{"code":"204""#);
    assert_eq!(after(&sandbox), (1, Some(204), Some("json".to_owned()), true));
}

#[tokio::test]
async fn a_page_with_status_200_has_no_effect() {
    let sandbox = with(&["html:100%"]).await;
    let response = create(&sandbox, "1").await.unwrap();
    assert_eq!(
        (response.status().as_u16(), header(&response, "content-type")),
        (200, "text/html; charset=utf-8")
    );
    assert_eq!(after(&sandbox), (0, None, Some("html".to_owned()), true));
}

#[tokio::test]
async fn code_500_in_a_good_answer_has_no_effect() {
    let sandbox = with(&["envelope-500:100%"]).await;
    let response = create(&sandbox, "1").await.unwrap();
    assert_eq!(response.status(), 200);
    assert_eq!(codes(&serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()), "500");
    assert_eq!(after(&sandbox), (0, Some(500), Some("envelope-500".to_owned()), true));
}

#[tokio::test]
async fn a_hanging_call_was_carried_out_and_never_answered() {
    let sandbox = with(&["hang:100%"]).await;
    let waiting = tokio::time::timeout(Duration::from_millis(100), create(&sandbox, "1"));
    assert!(waiting.await.is_err());
    assert_eq!(after(&sandbox), (1, Some(204), Some("hang".to_owned()), false));
}

#[tokio::test]
async fn a_hanging_call_does_not_outlive_the_sandbox() {
    let limits = Limits { stop_wait: Duration::from_millis(50), ..Limits::default() };
    let faults = vec!["hang:100%".parse().unwrap()];
    let sandbox = started(Options { faults, limits, ..Options::new(1) }).await;
    let form = owned(&sandbox, "");
    let call = client(&sandbox).get(format!("{}mailboxes/list?{form}", sandbox.url)).send();
    let call = tokio::spawn(call);
    while sandbox.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    tokio::time::timeout(PATIENCE, sandbox.stop()).await.unwrap();
    assert!(tokio::time::timeout(PATIENCE, call).await.unwrap().unwrap().is_err());
}

#[tokio::test]
async fn latency_delays_the_answer_and_not_the_effect() {
    let sandbox = with(&["latency:20ms..30ms"]).await;
    create(&sandbox, "1").await.unwrap();
    let call = sandbox.calls().pop().unwrap();
    assert!(call.answered.unwrap() >= call.at + Duration::from_millis(20));
    let slow = with(&["latency:3600s"]).await;
    let waiting = tokio::time::timeout(Duration::from_millis(100), create(&slow, "1"));
    assert!(waiting.await.is_err());
    assert_eq!(slow.mailboxes().unwrap().len(), 1);
}

#[tokio::test]
async fn the_same_seed_strikes_the_same_calls() {
    let mut struck = Vec::new();
    for _ in 0..2 {
        let sandbox = with(&["lost:20%", "503:20%", "html:20%"]).await;
        for mailbox in 1..=30 {
            drop(create(&sandbox, &mailbox.to_string()).await);
        }
        struck.push(sandbox.calls().into_iter().map(|it| it.fault).collect::<Vec<_>>());
    }
    assert_eq!(struck[0], struck[1]);
    let kinds = struck[0].iter().flatten().collect::<std::collections::BTreeSet<_>>();
    assert_eq!(kinds.len(), 3, "{:?}", struck[0]);
}
