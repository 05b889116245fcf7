//! The model switch itself: that it answers as the API's documents say, and that its witness sees what it should.

use std::fs;

use serde_json::Value;

use super::ledger::End;
use super::ledger::Ledger;
use super::support::project;
use super::world::Act;
use super::world::Call;
use super::world::Denial;
use super::world::Fields;
use super::world::World;

/// Contract pairs that need nothing of a switch but mailboxes, and one that needs a role.
const PAIRS: [&str; 17] = [
    "create_check_only",
    "create_existing_mailbox",
    "create_with_awkward_description",
    "create_with_required_parameters",
    "create_with_wrong_password",
    "create_without_pin",
    "get_after_create_check_only",
    "get_after_update_every_parameter",
    "get_after_update_with_empty_strings",
    "get_awkward_description",
    "get_shows_every_parameter",
    "get_shows_the_defaults",
    "list_mailboxes",
    "list_by_a_maker",
    "update_check_only",
    "update_missing_mailbox",
    "update_pin",
];

/// The mailboxes of `tests/contract/world.seed`.
fn world() -> World {
    let fields = |pairs: &[(&str, &str)]| -> Fields {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    };
    let clerk = [("pin", "4321"), ("owner", "22"), ("description", "Clerk")];
    let night = [("pin", "8765"), ("callerid", "4930123"), ("pager", "night@example.com")];
    let mailboxes = [("1000", &clerk), ("1001", &night)];
    let mailboxes = mailboxes.map(|(number, pairs)| ((2, number.to_owned()), fields(pairs))).into();
    World { mailboxes, ..World::default() }
}

fn answer(world: &mut World, request: &Value) -> Value {
    let text = |name: &str| request[name].as_str().unwrap();
    // The role of `maker` is that of everybody while it asks; the model has one login.
    let by_maker = text("body").contains("auth_username=maker");
    let denial = Denial { function: "list", customer: None, code: "402" };
    world.denials = by_maker.then_some(denial).into_iter().collect();
    let body = text("body").replace("auth_username=maker", "auth_username=admin");
    let (body, _) = world.answer(&Call::read(text("path"), &body, "secret"), Act::CarryOut);
    serde_json::from_str(&body).unwrap()
}

#[test]
fn the_model_answers_as_the_contract_says() {
    for name in PAIRS {
        let text = fs::read_to_string(project(&format!("tests/contract/{name}.json"))).unwrap();
        let pair: Value = serde_json::from_str(&text).unwrap();
        let mut world = world();
        for given in pair["given"].as_array().unwrap() {
            answer(&mut world, given);
        }
        let mut expected = pair["answer"]["body"].clone();
        let mut found = answer(&mut world, &pair["request"]);
        for answer in [&mut expected, &mut found] {
            // What a refusal says is not the same everywhere; code and key are.
            answer["responses"][0]["message"].take();
        }
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn two_calls_that_change_a_mailbox_at_the_same_time_are_seen() {
    let call = |path: &str, rest: &str| {
        Call::read(path, &format!("auth_username=a&auth_password=b&mailbox=1{rest}"), "b")
    };
    let (create, update) = ("/api/json/mailboxes/create/", "/api/json/mailboxes/update/");
    let ledger = Ledger::default();
    let first = ledger.arrive(0, 0, call(create, ""));
    ledger.arrive(1, 0, call(update, "&validation=1"));
    ledger.arrive(2, 0, call(update, "&customer=3"));
    ledger.end(first, End::Answered);
    let second = ledger.arrive(3, 0, call(update, ""));
    assert_eq!(ledger.overlaps(), Vec::<String>::new());
    ledger.arrive(4, 0, call(update, ""));
    assert_eq!(ledger.overlaps().len(), 1);
    ledger.end(second, End::Abandoned);
    assert_eq!(ledger.overlaps(), Vec::<String>::new());
}
