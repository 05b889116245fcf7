//! Secrets that are unlike anything else go in, the switch repeats them in every spelling, and nothing may hold them.
//!
//! Looked through are all files, while a run is under way too, what is printed, and what the system tells of a process.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use memchr::memmem;
use serde_json::json;

use super::server::Answer;
use super::server::Request;
use super::server::Server;
use super::support::Ended;
use super::support::Workdir;
use super::support::ended;
use super::support::skipped;

/// Has whatever one spelling or another writes in its own way.
const PASSWORD: &str = "Kx9\"7\\/+?>~ %&=ü-Vq4w";

/// Twice as many as there are spellings: each is repeated with a success and with a refusal.
const ROWS: usize = 40;

/// The login whose rehearsals are refused as real calls are.
const STRICT: &str = "strict";

/// Commands whose words and files are looked through, in this order, in one folder.
const RUNS: [(&str, &str); 4] = [
    ("check a.csv --report check.report.csv", "admin"),
    ("apply a.csv --dry-run --rate 100000/s --report dry.report.csv", STRICT),
    ("apply a.csv --validate-first --rate 100000/s --report first.report.jsonl", "admin"),
    ("apply a.csv --rate 100000/s --report real.report.csv", "admin"),
];

/// The run that is interrupted.
const INTERRUPTED: &str = "apply b.csv --rate 100/s";

/// What is done about the interrupted run.
const AFTERWARDS: [(&str, &str); 3] = [
    ("apply b.csv --rate 100000/s --settle 0s --canary 0 --resume", "admin"),
    ("status b.boxlift", "admin"),
    ("report b.boxlift --report again.report.csv", "admin"),
];

/// Somebody without rights, for tests that root runs.
const NOBODY: u32 = 65_534;

/// Longest time that a test waits for something that must come.
const PATIENCE: Duration = Duration::from_secs(60);

fn pin(row: usize) -> String {
    format!("{}", 63_107_294 + row * 418_937)
}

fn input() -> String {
    let line = |it| format!("{},{},seat {it}\n", 20_000 + it, pin(it));
    "mailbox,pin,description\n".to_owned() + &(0..ROWS).map(line).collect::<String>()
}

/// Letters of base64, the last bytes filled up with zeros.
fn base64(bytes: &[u8], last_two: [char; 2]) -> String {
    let mut bits = String::new();
    bits.extend(bytes.iter().map(|it| format!("{it:08b}")));
    let letter = |place: usize| {
        let group = bits.get(place..bits.len().min(place + 6)).unwrap();
        let value = u8::from_str_radix(&format!("{group:0<6}"), 2).unwrap();
        match value {
            0..26 => char::from(b'A' + value),
            26..52 => char::from(b'a' + value - 26),
            52..62 => char::from(b'0' + value - 52),
            62 => last_two[0],
            _ => last_two[1],
        }
    };
    (0..bits.len()).step_by(6).map(letter).collect()
}

const MAIL: [char; 2] = ['+', '/'];
const URL: [char; 2] = ['-', '_'];

fn hex(secret: &str, before: &str) -> String {
    let mut out = String::new();
    out.extend(secret.bytes().map(|it| format!("{before}{it:02x}")));
    out
}

/// Percent signs for all but letters and digits.
fn percent(secret: &str, escape: fn(u8) -> String) -> String {
    let spell = |it: u8| {
        if it.is_ascii_alphanumeric() { char::from(it).to_string() } else { escape(it) }
    };
    secret.bytes().map(spell).collect()
}

fn upper(byte: u8) -> String {
    format!("%{byte:02X}")
}

fn lower(byte: u8) -> String {
    format!("%{byte:02x}")
}

fn form(secret: &str) -> String {
    form_urlencoded::byte_serialize(secret.as_bytes()).collect()
}

fn json_text(secret: &str) -> String {
    let quoted = serde_json::to_string(secret).unwrap();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The spellings in which the switch of these tests repeats a secret, with something before and after it.
fn repeated(secret: &str, number: usize) -> String {
    let within = |before: &str| format!("{before}{secret};");
    match number % 20 {
        0 => within("is "),
        1 => percent(&within("is "), upper),
        2 => form(&within("is ")),
        3 => json_text(&within("is ")),
        4 => json_text(&within("is ")).replace('/', "\\/"),
        5 => base64(secret.as_bytes(), MAIL),
        6 => base64(secret.as_bytes(), URL),
        7 => base64(within("a").as_bytes(), MAIL),
        8 => base64(within("ab").as_bytes(), MAIL),
        9 => base64(within("abc").as_bytes(), MAIL),
        10 => base64(within("a").as_bytes(), URL),
        11 => base64(within("ab").as_bytes(), URL),
        12 => base64(within("abc").as_bytes(), URL),
        13 => hex(secret, ""),
        14 => hex(secret, "").to_uppercase(),
        15 => hex(secret, "%"),
        16 => hex(secret, "%").to_uppercase(),
        17 => percent(secret, lower),
        18 => format!("\u{1b}[1m{secret}"),
        _ => format!("{secret}{secret}"),
    }
}

/// What no file and no word may hold: every spelling of a secret, as bytes.
fn traces(secret: &str) -> Vec<Vec<u8>> {
    let mut texts = vec![
        secret.to_owned(),
        percent(secret, upper),
        percent(secret, lower),
        form(secret),
        json_text(secret),
        json_text(secret).replace('/', "\\/"),
        json_text(secret).replace('ü', "\\u00fc"),
        hex(secret, ""),
        hex(secret, "").to_uppercase(),
        hex(secret, "%"),
        hex(secret, "%").to_uppercase(),
    ];
    for last_two in [MAIL, URL] {
        for before in 0..3_usize {
            let bytes = [&vec![0; before][..], secret.as_bytes()].concat();
            let letters = base64(&bytes, last_two);
            texts.push(letters[(before * 8).div_ceil(6)..bytes.len() * 8 / 6].to_owned());
        }
    }
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    texts.into_iter().map(String::into_bytes).chain([wide]).collect()
}

/// The first trace of any of these secrets.
fn found(bytes: &[u8], secrets: &[String]) -> Option<String> {
    let all = secrets.iter().flat_map(|it| traces(it));
    let trace = all.into_iter().find(|it| memmem::find(bytes, it).is_some())?;
    Some(String::from_utf8_lossy(&trace).into_owned())
}

/// Looks through a text in which no secret may be.
fn has_none(what: &str, bytes: &[u8]) {
    let mut secrets: Vec<_> = (0..ROWS).map(pin).collect();
    secrets.push(PASSWORD.to_owned());
    if let Some(trace) = found(bytes, &secrets) {
        panic!("{what} holds `{trace}`");
    }
}

/// Looks through all files. What is an input, or becomes one, may hold PINs, and never the password.
fn look_through_files(work: &Workdir) {
    for name in work.files() {
        // A private file may be gone or renamed by now.
        let Ok(bytes) = fs::read(work.path(&name)) else { continue };
        let path = Path::new(&name);
        let is_private = path.extension().is_some_and(|it| it == "part");
        if name == "a.csv" || name == "b.csv" || name.contains(".rejects") || is_private {
            if let Some(trace) = found(&bytes, &[PASSWORD.to_owned()]) {
                panic!("{name} holds `{trace}`");
            }
        } else {
            has_none(&name, &bytes);
        }
    }
}

/// Repeats PIN and password in its answer, in one spelling after the other.
fn repeating(number: usize, request: &Request) -> Answer {
    let fields: BTreeMap<String, String> =
        form_urlencoded::parse(request.body.as_bytes()).into_owned().collect();
    let pin = fields.get("pin").map_or("", String::as_str);
    let message =
        format!("{} {}", repeated(pin, number), repeated(&fields["auth_password"], number));
    let is_refused = number / 20 % 2 == 1;
    let code = match (request.is_rehearsal(), is_refused) {
        (true, true) if fields["auth_username"] == STRICT => "400",
        (true, _) => "201",
        (false, true) => "400",
        (false, false) => "204",
    };
    let key = if code == "400" { repeated(pin, number) } else { String::new() };
    let body = json!({ "responses": [{ "code": code, "key": key, "message": message }] });
    Answer::Http("200 OK", "", body.to_string())
}

fn start(work: &Workdir, server: &Server, line: &str, username: &str) -> Child {
    let mut command = work.command(line);
    if line.starts_with("apply") {
        command.args(["--url", &server.url, "--username", username]);
    }
    command.env("BOXLIFT_PASSWORD", PASSWORD).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Waits for the end of a run, and looks everywhere meanwhile and then.
fn watched(work: &Workdir, mut child: Child) -> Ended {
    let place = format!("/proc/{}/cmdline", child.id());
    wait_until(|| {
        has_none("the command line", &fs::read(&place).unwrap_or_default());
        look_through_files(work);
        child.try_wait().unwrap().is_some()
    });
    let ended = ended(child.wait_with_output().unwrap());
    has_none("stdout", ended.stdout.as_bytes());
    has_none("stderr", ended.stderr.as_bytes());
    look_through_files(work);
    ended
}

fn wait_until(mut happened: impl FnMut() -> bool) {
    #[expect(clippy::disallowed_methods, reason = "a test's bound on its own patience")]
    let began = Instant::now();
    while !happened() {
        assert!(began.elapsed() < PATIENCE, "it never happened");
        thread::park_timeout(Duration::from_millis(5));
    }
}

#[test]
fn a_trace_of_a_secret_is_found_in_every_spelling() {
    for secret in [PASSWORD.to_owned(), pin(3)] {
        for number in 0..20 {
            let text = repeated(&secret, number);
            let is_known = found(text.as_bytes(), std::slice::from_ref(&secret)).is_some();
            assert!(is_known, "{text}");
        }
    }
    assert_eq!(found(b"nothing of the kind", &[PASSWORD.to_owned(), pin(3)]), None);
}

#[test]
fn no_file_and_no_word_holds_a_secret_that_the_switch_repeats() {
    let work = Workdir::with("a.csv", input());
    for (line, username) in RUNS {
        let server = Server::start_with_lists(repeating);
        // Each server is a switch of its own, and a journal is of one switch.
        let journal = format!(" --journal {}.boxlift", server.url.replace([':', '/'], ""));
        let line = line.to_owned() + if line.starts_with("apply") { &journal } else { "" };
        let ended = watched(&work, start(&work, &server, &line, username));
        assert!(matches!(ended.code, Some(0 | 1)), "{line}: {ended:?}");
    }
    // What was looked for was there, and was masked.
    let masked = work.read("real.report.csv").matches("***").count();
    assert!(masked >= ROWS, "only {masked} masks");
    // Rows come to the switch in any order: which ones it refused is open, and how many is not.
    let rejects = work.read("a.rejects.csv");
    let refused = (0..ROWS).filter(|row| rejects.contains(&pin(*row))).count();
    assert_eq!(refused, ROWS / 2);
}

#[test]
fn an_interrupted_run_and_what_follows_it_hold_no_secret() {
    let work = Workdir::with("b.csv", input());
    let server = Server::start_with_lists(repeating);
    let child = start(&work, &server, INTERRUPTED, "admin");
    wait_until(|| server.requests().len() > 5);
    let id = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let ended = watched(&work, child);
    assert_eq!(ended.code, Some(130), "{ended:?}");
    for (line, username) in AFTERWARDS {
        let ended = watched(&work, start(&work, &server, line, username));
        assert!(matches!(ended.code, Some(0 | 1)), "{line}: {ended:?}");
    }
}

#[test]
fn a_process_that_holds_secrets_leaves_no_core_and_is_kept_from_others() {
    if !cfg!(target_os = "linux") {
        return skipped("what a process shows of itself is looked at on Linux alone");
    }
    let work = Workdir::with("a.csv", input());
    let program = work.path("program");
    fs::copy(env!("CARGO_BIN_EXE_boxlift"), &program).unwrap();
    fs::set_permissions(&program, PermissionsExt::from_mode(0o755)).unwrap();
    let mine = fs::metadata(work.path(".")).unwrap().uid();
    let mut command = if mine == 0 {
        for name in [".", "a.csv"] {
            chown(work.path(name), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&program);
        command
    } else {
        Command::new(&program)
    };
    let server = Server::start_with_lists(repeating);
    command.args("apply a.csv --rate 20/s --username admin --url".split(' ')).arg(&server.url);
    command.current_dir(work.path(".")).env("BOXLIFT_PASSWORD", PASSWORD);
    let started = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let Ok(mut child) = started else { return skipped("there is no setpriv here") };
    let mut is_over = false;
    wait_until(|| {
        is_over = child.try_wait().unwrap().is_some();
        is_over || !server.requests().is_empty()
    });
    if is_over {
        return skipped("the program cannot be started as somebody else here");
    }
    let place = format!("/proc/{}", child.id());
    let limits = fs::read_to_string(format!("{place}/limits")).unwrap();
    let environment = fs::metadata(format!("{place}/environ")).unwrap();
    let user = if mine == 0 { NOBODY } else { mine };
    child.kill().unwrap();
    child.wait().unwrap();
    let core = limits.lines().find(|it| it.starts_with("Max core file size")).unwrap();
    let words: Vec<_> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(words, ["0", "0"], "{core}");
    // What belongs to root can be read by nobody but root.
    assert_ne!(environment.uid(), user, "the environment can be read by others");
}
