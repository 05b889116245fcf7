//! The literal request-answer pairs in `tests/contract`, put to the sandbox. They are the only thing
//! that the sandbox and the client have in common.

use std::path::Path;
use std::path::PathBuf;

use boxlift::sandbox::Options;
use serde::Deserialize;
use serde_json::Value;

use crate::suite::sandbox_client::post;
use crate::suite::sandbox_client::started;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    about: String,
    given: Vec<Request>,
    request: Request,
    answer: Answer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    path: String,
    body: String,
}

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Answer {
    status: u16,
    body: Value,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/contract")
}

#[tokio::test]
async fn every_pair_of_the_contract_is_answered_literally() {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_some_and(|it| it == "json"))
        .collect();
    paths.sort();
    assert!(paths.len() >= 20, "only {} pairs were found", paths.len());
    for path in paths {
        let pair: Pair = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let seed_file = Some(folder().join("world.seed"));
        let sandbox = started(Options { seed_file, ..Options::new(1) }).await;
        for given in &pair.given {
            let (status, body) = post(&sandbox, &given.path, &given.body).await;
            let code = body["responses"][0]["code"].as_str().unwrap();
            assert!(status == 200 && code.starts_with('2'), "{}: {body}", path.display());
        }
        let (status, body) = post(&sandbox, &pair.request.path, &pair.request.body).await;
        assert_eq!(Answer { status, body }, pair.answer, "{}: {}", path.display(), pair.about);
    }
}
