//! The journal as a file: who may read it, who holds it, and what is not taken for one.

use std::fs;
use std::path::PathBuf;

use blake3::Hash;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::NOW_MS;
use super::RESULTS;
use super::begin;
use super::claim;
use super::folder;
use super::intent;
use super::journal;
use super::keep;
use super::open;
use crate::journal::Claim;
use crate::journal::Ended;
use crate::journal::Fault;
use crate::journal::JobKind;
use crate::journal::JournalError;
use crate::journal::Keys;
use crate::journal::Left;
use crate::journal::Reading;
use crate::journal::Salt;
use crate::journal::schema::SCHEMA_VERSION;
use crate::model::Fingerprint;
use crate::model::Secret;

fn names(folder: &tempfile::TempDir) -> Vec<String> {
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(unix)]
#[test]
fn all_files_are_for_their_user_alone_even_if_the_journal_was_not() {
    use std::os::unix::fs::PermissionsExt;
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    let _held = journal(&folder);
    assert_eq!(names(&folder), ["a.boxlift", "a.boxlift-shm", "a.boxlift-wal"]);
    for name in names(&folder) {
        let mode = folder.path().join(&name).metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed() {
    let folder = folder();
    let precious = folder.path().join("precious");
    let path = folder.path().join("a.boxlift");
    std::os::unix::fs::symlink(&precious, &path).unwrap();
    let error = open(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("`{}` is a link", path.display()));
    assert!(!precious.exists());
}

#[cfg(unix)]
#[test]
fn a_folder_that_is_reached_by_a_link_is_as_good_as_any() {
    let folder = folder();
    fs::create_dir(folder.path().join("real")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("real"), folder.path().join("link")).unwrap();
    open(&folder.path().join("link/a.boxlift")).unwrap();
    assert!(folder.path().join("real/a.boxlift").exists());
}

#[test]
fn a_second_opener_is_told_who_holds_the_journal_and_the_lock_goes_with_its_holder() {
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    let held = journal(&folder);
    let error = open(&path).unwrap_err();
    assert_eq!(error.fault(), Fault::Held);
    let start = format!("`{}` is held by pid {} on ", path.display(), std::process::id());
    let text = error.to_string();
    assert!(text.starts_with(&start), "{text}");
    assert!(text.ends_with(" since 2023-11-14T22:13:20.120Z"), "{text}");
    drop(held);
    journal(&folder);
}

#[test]
fn a_file_that_is_only_held_is_kept_from_others_and_nothing_is_written_to_it() {
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    let first = claim(&folder);
    assert_eq!(Claim::open(&path).unwrap_err().fault(), Fault::Held);
    drop(first);
    assert_eq!(fs::read(&path).unwrap(), b"");
    drop(journal(&folder));
    let before = fs::read(&path).unwrap();
    drop(claim(&folder));
    assert_eq!(
        (names(&folder).as_slice(), fs::read(&path).unwrap()),
        (&["a.boxlift".to_owned()][..], before)
    );
}

#[test]
fn a_journal_that_is_closed_is_one_file_and_looking_at_it_adds_none() {
    let folder = folder();
    let new = claim(&folder);
    let salt = *new.salt();
    drop(new.journal(NOW_MS, RESULTS).unwrap());
    assert_eq!(names(&folder), ["a.boxlift"]);
    let before = fs::read(folder.path().join("a.boxlift")).unwrap();
    assert_eq!(Reading::open(&folder.path().join("a.boxlift")).unwrap().job().unwrap(), None);
    assert_eq!(names(&folder), ["a.boxlift"]);
    assert_eq!(fs::read(folder.path().join("a.boxlift")).unwrap(), before);
    assert_eq!(*claim(&folder).salt(), salt);
}

/// The journal's own file, moved away from its log.
fn moved(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("moved.boxlift");
    fs::copy(folder.path().join("a.boxlift"), &path).unwrap();
    path
}

#[test]
fn a_journal_of_a_job_without_an_end_is_refused_without_its_log_until_that_is_back() {
    let folder = folder();
    let mut held = journal(&folder);
    let job = begin(&mut held, JobKind::Real, &["1", "2"]);
    let held = keep(held, job, [intent(0)]);
    let path = moved(&folder);
    let before = names(&folder);
    for _ in 0..2 {
        let error = open(&path).unwrap_err();
        let shown = path.display();
        let text = format!(
            "`{shown}-wal` is missing: it belongs to `{shown}`, and holds what its last run did"
        );
        assert_eq!((error.to_string(), error.fault()), (text.clone(), Fault::File));
        assert_eq!(Reading::open(&path).unwrap_err().to_string(), text);
        assert_eq!(names(&folder), before);
    }
    drop(Claim::open_anew(&path).unwrap().journal(NOW_MS, RESULTS).unwrap());
    assert!(open(&path).is_err(), "it is not given up before another job began");
    fs::copy(folder.path().join("a.boxlift-wal"), folder.path().join("moved.boxlift-wal")).unwrap();
    let whole = open(&path).unwrap();
    assert_eq!(whole.latest(JobKind::Real).unwrap().unwrap().calls, 1);
    drop(held);
}

#[test]
fn where_a_log_lies_without_its_journal_no_other_takes_its_place() {
    let folder = folder();
    let mut held = journal(&folder);
    let job = begin(&mut held, JobKind::Real, &["1"]);
    drop(keep(held, job, [intent(0)]));
    let (path, moved) = (folder.path().join("a.boxlift"), folder.path().join("moved.boxlift"));
    fs::rename(&path, &moved).unwrap();
    let before = names(&folder);
    for _ in 0..2 {
        let error = open(&path).unwrap_err();
        let shown = path.display();
        let text = format!(
            "`{shown}` is missing: `{shown}-wal` belongs to it, and holds what its last run did"
        );
        assert_eq!((error.to_string(), error.fault()), (text.clone(), Fault::File));
        assert_eq!(Reading::open(&path).unwrap_err().to_string(), text);
        assert_eq!(names(&folder), before);
    }
    fs::write(&path, "").unwrap();
    assert!(matches!(open(&path), Err(JournalError::Missing { .. })));
    assert!(matches!(Reading::open(&path), Err(JournalError::Missing { .. })));
    fs::rename(&moved, &path).unwrap();
    assert_eq!(journal(&folder).latest(JobKind::Real).unwrap().unwrap().calls, 1);
    fs::remove_file(&path).unwrap();
    let log = fs::read(folder.path().join("a.boxlift-wal")).unwrap();
    drop(Claim::open_anew(&path).unwrap());
    assert_eq!(fs::read(folder.path().join("a.boxlift-wal")).unwrap(), log);
    drop(Claim::open_anew(&path).unwrap().journal(NOW_MS, RESULTS).unwrap());
}

#[test]
fn the_log_stays_beside_a_job_without_an_end_and_goes_home_with_its_end() {
    let folder = folder();
    let mut held = journal(&folder);
    let job = begin(&mut held, JobKind::Real, &["1"]);
    drop(keep(held, job, [intent(0)]));
    for _ in 0..2 {
        let held = journal(&folder);
        assert_eq!(held.latest(JobKind::Real).unwrap().unwrap().calls, 1);
    }
    let mut held = journal(&folder);
    let ended = Ended { at_ms: NOW_MS, how: "over".to_owned(), left: Left::Something };
    held.end(job, &ended).unwrap();
    drop(held);
    assert_eq!(names(&folder), ["a.boxlift"]);
    assert_eq!(journal(&folder).latest(JobKind::Real).unwrap().unwrap().ended, Some(ended));
}

#[test]
fn an_end_that_could_not_be_kept_leaves_a_journal_that_can_be_gone_on_with() {
    let folder = folder();
    let mut held = journal(&folder);
    let job = begin(&mut held, JobKind::Real, &["1"]);
    let mut held = keep(held, job, [intent(0)]);
    let failing = "CREATE TEMP TRIGGER failing BEFORE UPDATE ON main.job
                   BEGIN SELECT RAISE(ABORT, 'the disk is gone'); END";
    held.connection.execute_batch(failing).unwrap();
    let ended = Ended { at_ms: NOW_MS, how: "over".to_owned(), left: Left::Nothing };
    assert!(held.end(job, &ended).is_err());
    drop(held);
    assert_eq!(journal(&folder).latest(JobKind::Real).unwrap().unwrap().calls, 1);
}

#[test]
fn what_is_no_journal_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("other");
    let shown = path.display();
    let refused = |bytes: &[u8]| {
        let error = open(&path).unwrap_err().to_string();
        assert_eq!(fs::read(&path).unwrap(), bytes);
        assert_eq!(Reading::open(&path).unwrap_err().to_string(), error);
        error
    };
    for garbage in [&b"mailbox,pin\n"[..], &[0x5a; 9000]] {
        fs::write(&path, garbage).unwrap();
        assert_eq!(refused(garbage), format!("`{shown}` is not a journal of boxlift"));
    }
    fs::remove_file(&path).unwrap();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    let database = fs::read(&path).unwrap();
    assert_eq!(refused(&database), format!("`{shown}` is not a journal of boxlift"));
}

#[test]
fn a_journal_of_a_newer_boxlift_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    journal(&folder).connection.pragma_update(None, "user_version", 9).unwrap();
    let error = open(&path).unwrap_err();
    let text = "was written by a newer boxlift: its version is 9, at most 4 is known here";
    assert_eq!(error.to_string(), format!("`{}` {text}", path.display()));
    assert_eq!(error.fault(), Fault::File);
}

#[test]
fn a_journal_of_an_older_boxlift_is_refused_and_left_alone() {
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    journal(&folder).connection.pragma_update(None, "user_version", 1).unwrap();
    let before = fs::read(&path).unwrap();
    let error = open(&path).unwrap_err();
    let text = "was written by an older boxlift: its version is 1, and 4 is what is known here";
    assert_eq!(error.to_string(), format!("`{}` {text}", path.display()));
    assert_eq!((error.fault(), fs::read(&path).unwrap()), (Fault::File, before));
}

/// A journal whose job has no end, and the log that lies beside it.
fn unended(folder: &tempfile::TempDir) -> [PathBuf; 2] {
    let mut held = journal(folder);
    let job = begin(&mut held, JobKind::Real, &["0201"]);
    drop(keep(held, job, [intent(0)]));
    ["a.boxlift", "a.boxlift-wal"].map(|it| folder.path().join(it))
}

#[test]
fn a_journal_that_is_refused_keeps_its_log_as_it_is() {
    let folder = folder();
    let [path, log] = unended(&folder);
    let connection = Connection::open(&path).unwrap();
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).unwrap();
    connection.pragma_update(None, "user_version", SCHEMA_VERSION - 1).unwrap();
    drop(connection);
    let bytes = || [&path, &log].map(|it| fs::read(it).unwrap());
    let before = bytes();
    assert!(matches!(open(&path), Err(JournalError::Older { .. })));
    assert!(matches!(Claim::open_anew(&path), Err(JournalError::Older { .. })));
    assert!(bytes() == before);
}

#[test]
fn a_journal_that_is_damaged_keeps_its_log_as_it_is() {
    let folder = folder();
    let [path, log] = unended(&folder);
    let mut damaged = fs::read(&path).unwrap();
    damaged[100] = 0xff;
    fs::write(&path, &damaged).unwrap();
    let bytes = || [&path, &log].map(|it| fs::read(it).unwrap());
    let before = bytes();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
    assert!(bytes() == before);
}

#[test]
fn a_journal_that_was_cut_short_is_refused() {
    let folder = folder();
    let path = folder.path().join("a.boxlift");
    drop(journal(&folder));
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() / 2 / 4096 * 4096]).unwrap();
    let error = open(&path).unwrap_err();
    assert!(matches!(error, JournalError::Damaged { .. }), "{error}");
}

#[test]
fn a_journal_that_is_not_there_is_no_journal_to_be_read() {
    let folder = folder();
    let error = Reading::open(&folder.path().join("none.boxlift")).unwrap_err();
    assert_eq!(error.fault(), Fault::Unavailable);
    let error = Reading::open(folder.path()).unwrap_err();
    assert_eq!(error.fault(), Fault::Unavailable);
}

fn of(keys: &Keys, shown: &[u8], hidden: &[&[u8]]) -> Fingerprint {
    keys.fingerprint([shown].into_iter(), hidden.iter().copied())
}

#[test]
fn no_pin_and_no_password_is_in_any_file() {
    let folder = folder();
    let claim = claim(&folder);
    let keys = Keys::derive(&Secret::new("s3cr3t-canary"), claim.salt()).unwrap();
    let mut journal = claim.journal(NOW_MS, RESULTS).unwrap();
    let job = begin(&mut journal, JobKind::Real, &["0201"]);
    let fingerprint = of(&keys, b"mailbox=0201", &[b"48091377"]);
    let crate::journal::Entry::Intent { row, at_ms, evidence, fingerprint: _ } = intent(0) else {
        unreachable!("an intent is one");
    };
    let entry = crate::journal::Entry::Intent { row, at_ms, evidence, fingerprint };
    let _held = keep(journal, job, [entry]);
    for name in names(&folder) {
        let bytes = fs::read(folder.path().join(&name)).unwrap();
        for secret in ["48091377", "s3cr3t-canary"] {
            assert!(!bytes.windows(secret.len()).any(|it| it == secret.as_bytes()), "{name}");
        }
    }
}

#[test]
fn fingerprints_change_with_what_they_are_of_and_only_those_of_secrets_with_the_password() {
    let folder = folder();
    let salt = *claim(&folder).salt();
    let keys = |password| Keys::derive(&Secret::new(password), &salt).unwrap();
    let (one, other) = (keys("one"), keys("other"));
    let pin: &[&[u8]] = &[b"4809"];
    assert_eq!(of(&one, b"a", pin), of(&keys("one"), b"a", pin));
    assert_eq!(of(&one, b"a", pin).content, of(&other, b"a", pin).content);
    assert_ne!(of(&one, b"a", pin).secret, of(&other, b"a", pin).secret);
    assert_ne!(of(&one, b"a", pin).secret, of(&one, b"b", pin).secret);
    assert_ne!(of(&one, b"a", &[b"48", b"09"]).secret, of(&one, b"a", &[b"480", b"9"]).secret);
    assert_eq!(of(&one, b"a", &[]).secret, None);
    assert!(of(&one, b"a", &[b""]).secret.is_some());
    assert_ne!(one.verifier(), other.verifier());
    let digest = |keys: &Keys, parts: &[&[u8]]| {
        let mut digest = keys.digest();
        for part in parts {
            digest.update(part);
        }
        digest.finish()
    };
    assert_eq!(digest(&one, &[b"ab", b"c"]), digest(&one, &[b"a", b"bc"]));
    assert_ne!(digest(&one, &[b"abc"]), digest(&other, &[b"abc"]));
}

#[test]
fn what_rows_are_recognised_by_is_that_of_this_schema() {
    assert_eq!(SCHEMA_VERSION, 4, "a change of what is asserted here needs a new one");
    let keys = |password, salt| Keys::derive(&Secret::new(password), &Salt([salt; 16])).unwrap();
    let told = |keys: &Keys| {
        let Fingerprint { content, secret } = of(keys, b"mailbox=0201&pin=", &[b"48091377"]);
        let mut digest = keys.digest();
        digest.update(b"abc");
        let verifier = u128::from_be_bytes(keys.verifier());
        (content, secret, verifier, Hash::from_bytes(digest.finish()).to_string())
    };
    let one = told(&keys("s3cr3t-canary", 7));
    let digest = "43befccb82feada4ed81b5d5f6db14566c1ba7ca36320382a2a0c40e62d81a8c";
    assert_eq!((one.0, one.1), (-8_781_540_287_641_361_259, Some(-1_107_749_800_101_076_620)));
    assert_eq!((one.2, &*one.3), (0xfa7d_842f_9109_5cd9_1239_acd9_1ef1_a45c, digest));
    let other = told(&keys("s3cr3t-canary", 8));
    assert!(one.0 != other.0 && one.1 != other.1 && one.2 != other.2 && one.3 != other.3);
}
