//! A voicemail.conf as people have it: compressed, with short PINs, beside CSV and spreadsheets of the same columns.

use std::io::Write as _;

use expect_test::expect;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::Workdir;

/// A file with so many mailboxes, of which the last has a PIN that is shorter.
fn conf(mailboxes: usize) -> String {
    let line = |it: usize| format!("{} => {},Jane Doe\n", 8000 + it, 402_917 + it * 7);
    let lines: String = (1..mailboxes).map(line).collect();
    format!("[default]\n{lines}8999 => 7193,Joe\n")
}

#[test]
fn no_spreadsheet_is_blamed_for_short_pins() {
    let work = Workdir::with("voicemail.conf", conf(30));
    let ended = work.run("check voicemail.conf --from asterisk");
    expect![[r#"
        voicemail.conf: 30 rows, no problems
        next: boxlift apply voicemail.conf --from asterisk --dry-run
    "#]]
    .assert_eq(&ended.stderr);
    work.run("convert voicemail.conf --from asterisk -o rows.csv");
    assert!(work.run("check rows.csv").stderr.contains("short-values"), "as CSV it may be");
}

#[test]
fn a_compressed_conf_is_known_by_its_name() {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(conf(3).as_bytes()).unwrap();
    let work = Workdir::with("voicemail.conf.gz", encoder.finish().unwrap());
    let ended = work.run("check voicemail.conf.gz --from asterisk");
    expect![[r#"
        voicemail.conf.gz: 3 rows, no problems
        next: boxlift apply voicemail.conf.gz --from asterisk --dry-run
    "#]]
    .assert_eq(&ended.stderr);
}
