//! `--resume` over several runs: what is taken over, what is asked of the switch again, and what the report says.

use super::accounts::Accounts;
use super::support::Ended;
use super::support::Workdir;
use super::support::creates;
use super::support::ended;

const RUN: &str = "apply a.csv --rate 1000/s --settle 0s";

/// Runs the program as `admin` with a password of its own.
fn run(work: &Workdir, accounts: &Accounts, line: &str, password: &str) -> Ended {
    let mut command = work.command(line);
    command.args(["--url", &accounts.server.url, "--username", "admin"]);
    ended(command.env("BOXLIFT_PASSWORD", password).output().unwrap())
}

#[test]
fn rows_that_are_done_stay_done_in_every_run_after_a_change_of_the_password() {
    let accounts = Accounts::start();
    let work = Workdir::with("a.csv", creates(3));
    for (line, password) in [
        (RUN.to_owned(), "first-canary"),
        (format!("{RUN} --resume"), "second-canary"),
        (format!("{RUN} --resume"), "second-canary"),
    ] {
        let ended = run(&work, &accounts, &line, password);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert_eq!(work.statuses("a.report.csv"), ["created"; 3]);
    }
    assert_eq!(accounts.server.requests().len(), 3);
}
