//! The client's side of the contract: from the row that a pair's request describes the program makes that request to
//! the letter, and the pair's answer becomes the row's result.

use std::fs;

use serde_json::Map;
use serde_json::Value;

use super::server::Answer;
use super::server::Server;
use super::support::Workdir;
use super::support::project;

/// Requests that boxlift never makes: its own rules refuse the row. Their answers are understood all the same.
const NEVER_SENT: [&str; 5] = [
    "create_with_two_wrong_values",
    "create_with_wrong_password",
    "create_without_pin",
    "update_with_a_wrong_value",
    "update_with_empty_strings",
];

struct Pair {
    name: String,
    path: String,
    body: String,
    status: u64,
    answer: Value,
}

/// The pairs whose function boxlift calls.
fn pairs() -> Vec<Pair> {
    let mut pairs = Vec::new();
    for entry in fs::read_dir(project("tests/contract")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|it| it != "json") {
            continue;
        }
        let pair: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let function = text(&pair["request"]["path"]);
        if function.contains("/create") || function.contains("/update") {
            pairs.push(Pair {
                name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
                path: function,
                body: text(&pair["request"]["body"]),
                status: pair["answer"]["status"].as_u64().unwrap(),
                answer: pair["answer"]["body"].clone(),
            });
        }
    }
    pairs.sort_by(|one, other| one.name.cmp(&other.name));
    assert!(pairs.len() >= 20, "the contract is gone");
    pairs
}

impl Pair {
    fn parameters(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(self.body.as_bytes()).into_owned().collect()
    }

    /// The request as a line of JSONL.
    fn row(&self) -> String {
        let own = ["auth_username", "auth_password", "validation"];
        let cells = self.parameters().into_iter().filter(|(name, _)| !own.contains(&name.as_str()));
        let cells: Map<_, _> = cells.map(|(name, value)| (name, Value::from(value))).collect();
        Value::from(cells).to_string()
    }

    fn action(&self) -> &'static str {
        if self.path.contains("/update") { "update" } else { "create" }
    }

    /// What the report has to say: status, code, key.
    fn expected(&self) -> (&'static str, String, String) {
        let entries = self.answer["responses"].as_array().unwrap();
        let join = |name: &str| {
            let texts = entries.iter().map(|it| it[name].as_str().unwrap());
            texts.filter(|it| !it.is_empty()).collect::<Vec<_>>().join("; ")
        };
        let status = match entries[0]["code"].as_str().unwrap() {
            "201" => "accepted",
            "204" if self.action() == "create" => "created",
            "204" => "updated",
            _ => "rejected",
        };
        (status, join("code"), join("key"))
    }

    /// Applies one row against a server that gives the pair's answer; the request that came, and the report.
    fn played(&self, row: &str) -> (Option<String>, Vec<String>) {
        assert_eq!(self.status, 200);
        let answer = Answer::Http("200 OK", "", self.answer.to_string());
        let server = Server::always(answer);
        let work = Workdir::with("a.jsonl", row);
        let user = &self.parameters()[0].1;
        let is_rehearsal = self.body.ends_with("&validation=1");
        let line = format!(
            "apply a.jsonl --url {} --username {user} --action {} {}",
            server.url,
            self.action(),
            if is_rehearsal { "--dry-run" } else { "" },
        );
        let mut command = work.command(&line);
        let output = command.env("BOXLIFT_PASSWORD", &self.parameters()[1].1).output().unwrap();
        assert!(output.status.code().is_some_and(|it| it != 70), "{}: {output:?}", self.name);
        let request = server.requests().first().map(|it| format!("{} {}", it.line, it.body));
        let mut reader = csv::Reader::from_path(work.path("a.report.csv")).unwrap();
        let record = reader.records().next().unwrap().unwrap();
        (request, [5, 6, 7].map(|it| record[it].to_owned()).to_vec())
    }
}

#[test]
fn each_request_of_the_contract_is_made_to_the_letter() {
    for pair in pairs().iter().filter(|it| !NEVER_SENT.contains(&it.name.as_str())) {
        let (request, _) = pair.played(&pair.row());
        let expected = format!("POST {} HTTP/1.1 {}", pair.path, pair.body);
        assert_eq!(request, Some(expected), "{}", pair.name);
    }
}

#[test]
fn requests_that_cannot_be_right_are_not_made() {
    for pair in pairs().iter().filter(|it| NEVER_SENT.contains(&it.name.as_str())) {
        let (request, report) = pair.played(&pair.row());
        assert_eq!((request, report[0].as_str()), (None, "invalid"), "{}", pair.name);
    }
}

#[test]
fn each_answer_of_the_contract_becomes_the_result_of_its_row() {
    for pair in pairs() {
        let plain = r#"{"mailbox":"1234","pin":"567890"}"#;
        let (_, report) = pair.played(plain);
        let (status, code, key) = pair.expected();
        assert_eq!(report, [status.to_owned(), code, key], "{}", pair.name);
    }
}
