//! People who are asked at a terminal: what they type is not shown, and who ends the program finds the terminal as it was.

use std::fs;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::process::Child;
use std::process::Command;

use rustix::termios::LocalModes;

use super::seat::Seat;
use super::seat::seats_are_to_be_had;
use super::server::Server;
use super::server::obliging;
use super::signals::hang_ups_are_ignored;
use super::signals::wait_until;
use super::support::Workdir;
use super::support::creates;
use super::support::skipped;

const CTRL_C: &str = "\x03";
const CTRL_D: &str = "\x04";
const BACKSPACE: &str = "\x7f";

const PASSWORD: &str = "s3cr3t-canary";

const PROMPT: &str = "Password of admin on 127.0.0.1:1: ";

/// A run whose switch nobody calls.
fn run(work: &Workdir) -> Command {
    work.command("apply a.csv --url http://127.0.0.1:1 --username admin")
}

/// A run of one row whose switch does what it is asked for.
fn obliged() -> (Server, Workdir, Command) {
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(1));
    let program = work.command(&format!("apply a.csv --url {} --username admin", server.url));
    (server, work, program)
}

fn kill(child: &Child, signal: &str) {
    let id = child.id().to_string();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
}

/// A run that asks for the password.
fn asked() -> Option<(Workdir, Seat, Child)> {
    if !seats_are_to_be_had() {
        skipped("no program can be given a terminal here");
        return None;
    }
    let work = Workdir::with("a.csv", creates(3));
    let mut seat = Seat::new();
    let child = seat.start(&run(&work));
    seat.shows(PROMPT);
    Some((work, seat, child))
}

/// Ends a run at a question, by what is typed or by a signal.
fn ends_at(question: &str, (password, end): (Option<&str>, &str), code: i32) {
    let work = Workdir::with("a.csv", creates(3));
    let mut seat = Seat::new();
    let before = seat.modes();
    let mut program = run(&work);
    program.envs(password.map(|it| ("BOXLIFT_PASSWORD", it)));
    let child = seat.start(&program);
    seat.shows(question);
    seat.types(PASSWORD);
    if end == CTRL_C {
        seat.types(CTRL_C);
    } else {
        kill(&child, end);
    }
    assert_eq!(seat.sees_the_end_of(child), Some(code), "{end}: {}", seat.shown);
    let said = "\r\nerror: ended before anything was sent\r\n  help: give the same command to begin again\r\n";
    assert!(seat.shown.ends_with(said), "{end}: {}", seat.shown);
    assert!(password.is_some() || !seat.shown.contains(PASSWORD), "{end}: {}", seat.shown);
    assert_eq!(work.files(), ["a.boxlift", "a.csv"]);
    assert_eq!(seat.modes(), before, "{question}: {end}");
    assert!(password.is_some() || seat.unread() == 0, "{end}: the shell reads what was typed");
}

#[test]
fn whoever_ends_the_program_at_a_question_finds_the_terminal_as_it_was() {
    if !seats_are_to_be_had() {
        return skipped("no program can be given a terminal here");
    }
    for (end, code) in [(CTRL_C, 130), ("-TERM", 143), ("-HUP", 143)] {
        if end == "-HUP" && hang_ups_are_ignored() {
            skipped("started by nohup, whose programs go on without their terminal");
            continue;
        }
        ends_at(PROMPT, (None, end), code);
        ends_at("Go ahead? [y/N] ", (Some(PASSWORD), end), code);
    }
}

#[test]
fn a_terminal_that_goes_ends_the_program_at_the_password() {
    let Some((work, seat, mut child)) = asked() else { return };
    if hang_ups_are_ignored() {
        return skipped("started by nohup, whose programs go on without their terminal");
    }
    drop(seat);
    let code = child.wait().unwrap().code();
    assert_eq!((code, work.files()), (Some(143), vec!["a.boxlift".into(), "a.csv".into()]));
}

#[test]
fn whoever_ends_the_program_at_the_password_beside_an_invalid_row_keeps_the_report_of_what_was_done()
 {
    if !seats_are_to_be_had() {
        return skipped("no program can be given a terminal here");
    }
    let server = Server::start(|_, request| obliging(request));
    let work = Workdir::with("a.csv", creates(3));
    assert_eq!(work.run_against(&server.url, "apply a.csv --yes").code, Some(0));
    let (report, files) = (work.read("a.report.csv"), work.files());
    work.write("a.csv", work.read("a.csv").replace("10000,48", "10000,x"));
    let mut seat = Seat::new();
    let line = format!("apply a.csv --resume --url {} --username admin", server.url);
    let child = seat.start(&work.command(&line));
    seat.shows("Password of ");
    seat.types(CTRL_C);
    assert_eq!(seat.sees_the_end_of(child), Some(130), "{}", seat.shown);
    assert_eq!((work.read("a.report.csv"), work.files()), (report, files));
}

#[test]
fn the_journal_is_there_before_the_password_is_asked_for() {
    let Some((work, mut seat, child)) = asked() else { return };
    assert!(fs::metadata(work.path("a.boxlift")).unwrap().len() > 0);
    seat.types(CTRL_C);
    assert_eq!(seat.sees_the_end_of(child), Some(130));
}

#[test]
fn a_password_is_typed_unseen_and_edited_as_any_line() {
    if !seats_are_to_be_had() {
        return skipped("no program can be given a terminal here");
    }
    let (server, _work, program) = obliged();
    let mut seat = Seat::new();
    let before = seat.modes();
    let child = seat.start(&program);
    seat.shows("Password of ");
    let prompt = LocalModes::ICANON | LocalModes::ISIG;
    assert!(seat.is_silent() && seat.modes().2.contains(prompt), "{:?}", seat.modes().2);
    seat.types(&format!("{PASSWORD}x{BACKSPACE}\rn\r"));
    seat.shows("Go ahead? [y/N] ");
    assert_eq!(seat.modes(), before);
    // What was typed ahead of a question is no answer to it.
    seat.types("y\r");
    assert_eq!(seat.sees_the_end_of(child), Some(0), "{}", seat.shown);
    assert!(!seat.shown.contains("s3cr3t"), "{}", seat.shown);
    assert!(seat.shown.contains(": \r\n  switch "), "{}", seat.shown);
    let body = &server.requests()[0].body;
    assert!(body.contains(&format!("auth_password={PASSWORD}&")), "{body}");
}

#[test]
fn what_was_typed_before_the_question_is_no_answer_to_it() {
    if !seats_are_to_be_had() {
        return skipped("no program can be given a terminal here");
    }
    let (_server, _work, mut program) = obliged();
    let mut seat = Seat::new();
    seat.types("n\r");
    program.env("BOXLIFT_PASSWORD", PASSWORD);
    let child = seat.start(&program);
    seat.shows("Go ahead? [y/N] ");
    seat.types("y\r");
    assert_eq!(seat.sees_the_end_of(child), Some(0), "{}", seat.shown);
}

#[test]
fn what_is_no_password_is_said_and_nothing_of_it_is_left_to_the_shell() {
    let long = "x".repeat(5_000) + "\r";
    let typed = [
        (CTRL_D, "unexpected end of file"),
        (&long, "it is longer than 1000 bytes"),
        ("s3cr3t\x1b[D\rs3cr3t\r", "it has a control character, as keys with arrows make them"),
    ];
    for (text, why) in typed {
        let Some((work, mut seat, child)) = asked() else { return };
        seat.types(text);
        assert_eq!(seat.sees_the_end_of(child), Some(64), "{}", seat.shown);
        let said = format!(
            "{PROMPT}\r\nerror: no password was read: {why}\r\n  help: give --password-file\r\n"
        );
        assert!(seat.shown.ends_with(&said), "{}", seat.shown);
        assert_eq!(work.files(), ["a.boxlift", "a.csv"]);
        assert!(!seat.is_silent());
        assert_eq!(seat.unread(), 0, "{why}");
    }
}

#[test]
fn a_program_that_was_stopped_at_the_password_silences_the_terminal_again() {
    let Some((_work, mut seat, child)) = asked() else { return };
    kill(&child, "-STOP");
    seat.speak();
    kill(&child, "-CONT");
    wait_until(|| seat.is_silent());
    seat.shows(&format!("{PROMPT}{PROMPT}"));
    seat.types(CTRL_C);
    assert_eq!(seat.sees_the_end_of(child), Some(130));
    assert!(!seat.is_silent());
}

#[test]
fn nobody_is_asked_where_no_thread_can_wait_for_the_answer() {
    const LINE: &str = "prlimit --nproc=1 setpriv --reuid=65534 --clear-groups";
    let limited = |work: &Workdir| {
        let mut command = Command::new("/bin/sh");
        let line = if rustix::process::getuid().is_root() { LINE } else { "prlimit --nproc=1" };
        command.args(["-c", &format!("exec {line} \"$0\" \"$@\"")]).current_dir(work.path("."));
        command.env("PATH", "/usr/bin:/bin");
        command
    };
    let work = Workdir::with("a.csv", creates(3));
    let boxlift = run(&work);
    let tried = limited(&work).arg(boxlift.get_program()).arg("columns").output().unwrap();
    if !seats_are_to_be_had() || !tried.status.success() {
        return skipped("no program can be kept from threads at a terminal here");
    }
    fs::set_permissions(work.path("."), Permissions::from_mode(0o777)).unwrap();
    let mut seat = Seat::new();
    let before = seat.modes();
    let child = seat.start(limited(&work).arg(boxlift.get_program()).args(boxlift.get_args()));
    assert_eq!(seat.sees_the_end_of(child), Some(74), "{}", seat.shown);
    assert!(seat.shown.contains("error: the runtime cannot start: "), "{}", seat.shown);
    assert!(!seat.shown.contains("Password of"), "{}", seat.shown);
    assert_eq!((work.files(), seat.modes()), (vec!["a.boxlift".into(), "a.csv".into()], before));
}
