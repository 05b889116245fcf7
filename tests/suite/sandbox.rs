//! What the sandbox does with calls, beyond the pairs of the contract: how they may be written, who
//! may make them, what is stored, and what the ledger says of them.

use std::path::Path;

use boxlift::sandbox;
use boxlift::sandbox::Call;
use boxlift::sandbox::HttpStatus;
use boxlift::sandbox::Options;
use boxlift::sandbox::Sandbox;
use boxlift::sandbox::Setting;
use boxlift::sandbox::Version;

use crate::suite::sandbox_client::call;
use crate::suite::sandbox_client::client;
use crate::suite::sandbox_client::codes;
use crate::suite::sandbox_client::owned;
use crate::suite::sandbox_client::post;
use crate::suite::sandbox_client::sent;
use crate::suite::sandbox_client::started;

const WORLD: &str = r#"{
    "customers": [
        {"id": 1}, {"id": 2, "parent": 1}, {"id": 3, "parent": 2}, {"id": 4, "parent": 1},
        {"id": 5, "parent": 1, "deleted": true}, {"id": 6, "parent": 1, "mailboxes_max": 0}
    ],
    "people": [
        {"id": 21, "customer": 2, "role": "reseller", "username": "reseller", "password": "p"},
        {"id": 22, "customer": 2, "role": "administrator", "username": "admin", "password": "p"},
        {"id": 23, "customer": 2, "role": "create_only", "username": "maker", "password": "p"},
        {"id": 24, "customer": 2, "role": "residential", "username": "home", "password": "p"},
        {"id": 25, "customer": 2, "role": "user", "username": "user", "password": "p"},
        {"id": 26, "customer": 2, "role": "user"},
        {"id": 51, "customer": 5, "role": "administrator", "username": "gone", "password": "p"}
    ],
    "mailboxes": [
        {"customer": 2, "mailbox": "10", "pin": "1"},
        {"customer": 2, "mailbox": "11", "pin": "1", "owner": 25},
        {"customer": 3, "mailbox": "10", "pin": "1"},
        {"customer": 4, "mailbox": "10", "pin": "1"},
        {"customer": 6, "mailbox": "10", "pin": "1"}
    ]
}"#;

async fn world() -> Sandbox {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), WORLD).unwrap();
    started(Options { seed_file: Some(file.path().to_owned()), ..Options::new(1) }).await
}

async fn call_as(sandbox: &Sandbox, username: &str, function: &str, form: &str) -> String {
    let form = format!("auth_username={username}&auth_password=p&{form}");
    codes(&post(sandbox, &format!("/api/json/mailboxes/{function}"), &form).await.1)
}

#[tokio::test]
async fn a_call_may_be_written_in_every_documented_way() {
    let sandbox = started(Options::new(1)).await;
    let form = |mailbox: &str| owned(&sandbox, &format!("mailbox={mailbox}&pin=1&customer=2"));
    let get = async |path: String| {
        let url = format!("{}{path}", sandbox.url);
        let bytes = client(&sandbox).get(url).send().await.unwrap().bytes().await.unwrap();
        codes(&serde_json::from_slice(&bytes).unwrap())
    };
    let seen = [
        get(format!("mailboxes/create/?{}", form("1"))).await,
        get(format!("mailboxes/create?{}", form("2"))).await,
        get(format!("mailboxes/create/?{}", form("3").replace('&', ";"))).await,
        codes(&post(&sandbox, "/api/json/mailboxes/create", &form("4").replace('&', ";")).await.1),
        codes(&post(&sandbox, &format!("/api/json/mailboxes/create/?{}", form("5")), "").await.1),
    ];
    assert_eq!(seen, ["204"; 5]);
    let made: Vec<_> = sandbox.mailboxes().unwrap().into_iter().map(|it| it.mailbox).collect();
    assert_eq!(made, ["1", "2", "3", "4", "5"]);
}

#[tokio::test]
async fn what_was_given_is_stored_and_the_pin_is_never_told() {
    let sandbox = started(Options::new(1)).await;
    call(&sandbox, "create", "mailbox=007&pin=0815&customer=2&description=a+b%3Bc&owner=21").await;
    call(&sandbox, "create", "mailbox=8&pin=99&copy_pin=007&customer=2&saycid=0").await;
    call(&sandbox, "update", "mailbox=007&customer=2&pin=&panel=1&transcribe=1&copy_pin=8").await;
    let mailboxes = sandbox.mailboxes().unwrap();
    let [first, second] = mailboxes.as_slice() else { panic!("{mailboxes:?}") };
    assert_eq!((first.customer, first.mailbox.as_str()), (2, "007"));
    assert_eq!(first.text("description"), Some("a b;c"));
    assert_eq!(first.settings["owner"], Setting::Integer(21));
    assert_eq!((first.integer("panel"), first.integer("transcribe")), (Some(1), Some(0)));
    assert_eq!((second.integer("saycid"), second.integer("panel")), (Some(0), Some(0)));
    assert!(first.pin_is("0815") && second.pin_is("0815") && !second.pin_is("99"));
    let form = owned(&sandbox, "mailbox=007&customer=2");
    let (_, shown) = post(&sandbox, "/api/json/mailboxes/get", &form).await;
    assert!(!format!("{shown} {mailboxes:?} {sandbox:?} {:?}", sandbox.calls()).contains("0815"));
}

#[tokio::test]
async fn every_role_reaches_its_customers_and_no_others() {
    let sandbox = world().await;
    let mut seen = Vec::new();
    for username in ["reseller", "admin", "maker", "home", "user"] {
        let mut codes = Vec::new();
        for customer in [1, 2, 3, 4, 5, 9] {
            let form = format!("mailbox=11&customer={customer}&pin=1&validation=1&panel=1");
            codes.push(call_as(&sandbox, username, "create", &form).await);
        }
        seen.push((username, codes.join(", ")));
    }
    let wrong = "400 customer";
    assert_eq!(
        seen,
        [
            ("reseller", format!("{wrong}, 400 mailbox, 201, {wrong}, {wrong}, {wrong}")),
            ("admin", format!("{wrong}, 400 mailbox, {wrong}, {wrong}, {wrong}, {wrong}")),
            ("maker", format!("{wrong}, 400 mailbox, {wrong}, {wrong}, {wrong}, {wrong}")),
            ("home", "402, 402, 402, 402, 402, 402".to_owned()),
            ("user", "402, 402, 402, 402, 402, 402".to_owned()),
        ]
    );
}

#[tokio::test]
async fn every_role_may_do_what_its_privileges_say() {
    let sandbox = world().await;
    let mut seen = Vec::new();
    for username in ["admin", "maker", "home", "user"] {
        let update = call_as(&sandbox, username, "update", "mailbox=10&panel=1").await;
        let own = call_as(&sandbox, username, "update", "mailbox=11&panel=1").await;
        let get = call_as(&sandbox, username, "get", "mailbox=10&customer=3").await;
        let list = call_as(&sandbox, username, "list", "").await;
        let others = call_as(&sandbox, username, "list", "customer=3").await;
        seen.push((username, [update, own, get, list, others].join(", ")));
    }
    assert_eq!(
        seen,
        [
            ("admin", "204, 204, 404, 200, 400 customer".to_owned()),
            ("maker", "204, 204, 404, 402, 402".to_owned()),
            ("home", "204, 204, 404, 200, 400 customer".to_owned()),
            ("user", "404, 204, 404, 200, 400 customer".to_owned()),
        ]
    );
    let form = "auth_username=user&auth_password=p";
    let (_, listed) = post(&sandbox, "/api/json/mailboxes/list", form).await;
    assert_eq!(listed["data"].as_array().unwrap().len(), 1);
    assert_eq!(listed["data"][0]["mailbox"], "11");
}

#[tokio::test]
async fn credentials_are_looked_at_before_anything_else() {
    let sandbox = world().await;
    let mut seen = Vec::new();
    for path in ["mailboxes/create", "mailboxes/list", "no/such/function"] {
        for form in ["", "auth_username=admin", "auth_username=admin&auth_password=P&customer=x"] {
            seen.push(post(&sandbox, &format!("/api/json/{path}"), form).await);
        }
    }
    let gone = "auth_username=gone&auth_password=p";
    seen.push(post(&sandbox, "/api/json/mailboxes/list", gone).await);
    assert!(seen.iter().all(|it| it == &seen[0]), "{seen:?}");
    assert_eq!((seen[0].0, codes(&seen[0].1)), (200, "401".to_owned()));
    let form = "auth_username=admin&auth_password=p";
    let (status, body) = post(&sandbox, "/api/json/no/such/function/", form).await;
    assert_eq!((status, codes(&body)), (200, "404".to_owned()));
}

#[tokio::test]
async fn a_plan_without_mailboxes_allows_neither_making_nor_changing_one() {
    let sandbox = world().await;
    let seen = [
        call(&sandbox, "create", "mailbox=1&pin=1&customer=6").await,
        call(&sandbox, "create", "mailbox=1&pin=1&customer=6&validation=1").await,
        call(&sandbox, "update", "mailbox=10&customer=6&panel=1").await,
        call(&sandbox, "get", "mailbox=10&customer=6").await,
        call(&sandbox, "delete", "mailbox=10&customer=6").await,
    ];
    assert_eq!(seen, ["403", "403", "403", "200", "204"]);
}

#[tokio::test]
async fn a_deleted_customer_is_gone_even_for_the_system_owner() {
    let sandbox = world().await;
    let seen = [
        call(&sandbox, "create", "mailbox=1&pin=1&customer=5").await,
        call(&sandbox, "update", "mailbox=1&customer=5").await,
        call(&sandbox, "list", "customer=5").await,
    ];
    assert_eq!(seen, ["400 customer", "404", "400 customer"]);
}

#[tokio::test]
async fn the_http_status_can_follow_the_code() {
    let http_status = HttpStatus::LikeCode;
    let sandbox = started(Options { http_status, ..Options::new(1) }).await;
    let mut seen = Vec::new();
    for form in ["mailbox=1&pin=1&customer=2&validation=1", "mailbox=1&pin=1&customer=2", "pin=1"] {
        let form = owned(&sandbox, form);
        let response = sent(&sandbox, "/api/json/mailboxes/create/", &form).await.unwrap();
        let status = response.status().as_u16();
        seen.push((status, response.bytes().await.unwrap().is_empty()));
    }
    assert_eq!(seen, [(201, false), (204, true), (400, false)]);
}

#[tokio::test]
async fn release_4_4_notifies_for_all_unless_told() {
    let sandbox = started(Options { version: Version::V4_4, ..Options::new(1) }).await;
    call(&sandbox, "create", "mailbox=1&pin=1&customer=2").await;
    call(&sandbox, "create", "mailbox=2&pin=1&customer=2&notify_for=text").await;
    let mailboxes = sandbox.mailboxes().unwrap();
    let seen: Vec<_> = mailboxes.iter().map(|it| it.text("notify_for").unwrap()).collect();
    assert_eq!(seen, ["all", "text"]);
}

#[tokio::test]
async fn the_ledger_and_the_log_tell_of_every_call_alike() {
    let (log, mut lines) = tokio::sync::mpsc::channel(10);
    let sandbox = started(Options { log: Some(log), ..Options::new(1) }).await;
    call(&sandbox, "create", "mailbox=12&pin=34&customer=2&validation=1").await;
    call(&sandbox, "list", "mailbox=secret").await;
    post(&sandbox, "/api/json/no/such/function", "customer=7").await;
    let calls = sandbox.calls();
    let logged = [lines.recv().await, lines.recv().await, lines.recv().await];
    assert_eq!(logged.into_iter().flatten().collect::<Vec<_>>(), calls);
    let told = |it: &Call| {
        assert!(it.answered.unwrap() >= it.at);
        let Call { number, at: _, answered: _, function, mailbox, .. } = it.clone();
        (number, function, mailbox, it.customer, it.validation, it.code)
    };
    assert_eq!(
        calls.iter().map(told).collect::<Vec<_>>(),
        [
            (1, "mailboxes/create", Some("12".to_owned()), Some(2), true, Some(201)),
            (2, "mailboxes/list", None, Some(1), false, Some(200)),
            (3, "?", None, Some(7), false, Some(401)),
        ]
    );
}

#[tokio::test]
async fn a_data_file_goes_on_where_it_stopped_under_a_new_password() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options { data: Some(folder.path().join("switch.db")), ..Options::new(1) };
    let first = started(options.clone()).await;
    let first_password = first.password.clone();
    assert_eq!(call(&first, "create", "mailbox=1&pin=1234&customer=2").await, "204");
    let second = sandbox::start(options.clone()).await.unwrap_err().to_string();
    assert!(second.ends_with("switch.db`: another program uses it"), "{second}");
    first.stop().await;
    let again = started(options).await;
    assert_ne!(again.password, first_password);
    assert_eq!(call(&again, "create", "mailbox=1&pin=1&customer=2").await, "400 mailbox");
    assert!(again.mailboxes().unwrap()[0].pin_is("1234"));
}

#[test]
fn a_sandbox_on_its_own_thread_ends_with_its_handle() {
    let sandbox = sandbox::start_on_thread(Options::new(1)).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(call(&sandbox, "list", "customer=2")), "200");
    let address = sandbox.url.split('/').nth(2).unwrap().to_owned();
    drop(sandbox);
    let error = std::net::TcpStream::connect(address).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused);
}

#[tokio::test]
async fn a_seed_file_that_is_not_there_is_named() {
    let seed_file = Some(Path::new("/no/such/seed").to_owned());
    let error = sandbox::start(Options { seed_file, ..Options::new(1) }).await.unwrap_err();
    let expected = "seed file `/no/such/seed`: ";
    assert!(error.to_string().starts_with(expected), "{error}");
}
