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

#[test]
fn what_does_not_decode_costs_its_row_and_is_told_by_its_place_in_the_file() {
    let conf = b"[general]\nemailbody=F\xFCr dich\n[default]\n101 => 480913,J\xF6rg\n102 => 480914,Ann ; \xE4\n";
    let work = Workdir::with("vm.conf", conf);
    let ended = work.run("check vm.conf --from asterisk");
    expect![[r#"
        error[not-utf8]: a byte does not decode in the input's encoding
          vm.conf:4: name: character 16 of line 4 is not UTF-8 (offset 54 in the file)
            help: name the encoding that the file really has with --encoding, or write the text anew; `xxd -s OFFSET -l 16` shows the bytes
        warning[no-equivalent]: a column or option has no equivalent on the switch and is not taken over
          vm.conf:1: settings of [general] have no equivalent: `emailbody`
            help: mailboxes are made without them: see to it that nobody misses them
        vm.conf: 2 rows, 1 error and 1 warning
        next: put the file right, then boxlift check vm.conf --from asterisk
    "#]].assert_eq(&ended.stderr);
    assert_eq!(work.run("check vm.conf --from asterisk --encoding latin1").code, Some(0));
    work.write(
        "vm.conf",
        b"[general]\n\n[zonemessages]\n\xFC=Europe/Berlin|x\n[d\xFC]\n101 => 480913\n",
    );
    let ended = work.run("check vm.conf --from asterisk");
    expect![[r#"
        error[not-utf8]: a byte does not decode in the input's encoding
          vm.conf:4: character 1 of line 4 is not UTF-8 (offset 26 in the file); the same on 1 more line outside of mailboxes
            help: name the encoding that the file really has with --encoding, or write the text anew; `xxd -s OFFSET -l 16` shows the bytes
        warning[no-equivalent]: a column or option has no equivalent on the switch and is not taken over
          vm.conf:6: context: the voicemail context has no equivalent
            help: a mailbox belongs to a customer: give --customer, a file a customer, where contexts are tenants
        vm.conf: 1 row, 1 error and 1 warning
        next: put the file right, then boxlift check vm.conf --from asterisk
    "#]].assert_eq(&ended.stderr);
    assert_eq!(ended.code, Some(65));
}
