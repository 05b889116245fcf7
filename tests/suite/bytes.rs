//! Files that are compressed, or in another encoding than UTF-8: what is said of them, and rejects that are read again.

use std::fs;
use std::io::Write as _;

use expect_test::expect;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::support::Workdir;

const ROWS: &str = "mailbox,pin,description\n0201,480913,Empfang\n0202,48x913,Küche\n";

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// What `check` says of one file.
fn told(name: &str, bytes: impl AsRef<[u8]>, options: &str) -> String {
    let ended = Workdir::with(name, bytes).run(&format!("check {name} {options}"));
    let said = ended.stderr.lines().filter(|it| !it.starts_with("next: "));
    let said: Vec<_> = said.collect();
    format!("{}\nexit code {}\n", said.join("\n"), ended.code.unwrap())
}

#[test]
fn compressed_rows_are_applied_and_their_rejects_are_not_compressed() {
    for (name, bytes) in [
        ("rows.csv.gz", [gz(&ROWS.as_bytes()[..40]), gz(&ROWS.as_bytes()[40..])].concat()),
        ("rows.csv.zst", zstd::encode_all(ROWS.as_bytes(), 3).unwrap()),
    ] {
        let work = Workdir::with(name, bytes);
        let ended = work.run(&format!("apply {name} --sandbox --invalid skip"));
        assert_eq!(ended.code, Some(1), "{}", ended.stderr);
        let files = ["rows.boxlift", name, "rows.rejects.csv", "rows.report.csv"];
        assert_eq!(work.files(), files);
        assert_eq!(
            work.read("rows.rejects.csv"),
            "mailbox,pin,description,boxlift_reason\n\
             0202,48x913,Küche,invalid: pin-form: pin: the PIN is not digits\n"
                .replace("not digits", "not digits alone")
        );
    }
}

#[test]
fn a_compressed_file_that_is_not_whole_or_not_alone_is_refused() {
    let whole = gz(ROWS.as_bytes());
    let mut damaged = whole.clone();
    let last = damaged.len() - 3;
    damaged[last] ^= 1;
    expect![[r#"
        error: rows.csv.gz: the gzip data breaks off after 40 bytes
          help: copy or make it again: it is not whole
        exit code 65
        error: rows.csv.gz: the gzip data that begins at offset 0 in the file is damaged
          help: copy or make it again, and look at it with `gzip -t rows.csv.gz`
        exit code 65
        error: rows.csv.gz: something else follows the gzip data (at offset 79 in the file)
          help: cut off what follows, or make the file again
        exit code 65
        error: rows.csv.gz: the gzip data that begins at offset 0 in the file is damaged
          help: copy or make it again, and look at it with `gzip -t rows.csv.gz`
        exit code 65
        error: rows.csv.zst: the zstd data that begins at offset 0 in the file is damaged
          help: copy or make it again, and look at it with `zstd -t rows.csv.zst`
        exit code 65
        error: rows.csv: the input is compressed (gzip), and its name does not end in `.gz`
          help: give a file whose name ends in `.gz`, or decompress it before the pipe: `gunzip -c`
        exit code 65
    "#]]
    .assert_eq(
        &[
            told("rows.csv.gz", &whole[..40], ""),
            told("rows.csv.gz", &damaged, ""),
            told("rows.csv.gz", [&whole[..], b"trailing"].concat(), ""),
            told("rows.csv.gz", ROWS, ""),
            told("rows.csv.zst", &whole, ""),
            told("rows.csv", &whole, ""),
        ]
        .concat(),
    );
}

#[test]
fn a_file_in_another_encoding_is_told_by_its_bytes() {
    let latin = b"mailbox,pin,description\n0201,480913,K\xFCche\n";
    expect![[r#"
        error[not-utf8]: a byte does not decode in the input's encoding
          rows.csv:2: description: byte 14 of line 2 is not UTF-8 (offset 37 in the file)
            help: save the file as UTF-8, or name its encoding, as in `--encoding windows-1252`
        rows.csv: 1 row, 1 error
        exit code 65
        rows.csv: 1 row, no problems
        exit code 0
        error[not-utf8]: a byte does not decode in the input's encoding
          rows.csv:2: description: character 14 of line 2 is not Shift_JIS (offset 37 in the file)
            help: name the encoding that the file really has with --encoding, or write the text anew; `xxd -s OFFSET -l 16` shows the bytes
        rows.csv: 1 row, 1 error
        exit code 65
        error: rows.csv: the input looks like UTF-16LE and has no byte order mark
          help: name its encoding: `--encoding utf-16le`
        exit code 65
        error: invalid value 'latin-17' for '--encoding <NAME>': give a name of the WHATWG list, as in `windows-1252` or `utf-16le`

        For more information, try '--help'.
        exit code 64
    "#]].assert_eq(
        &[
            told("rows.csv", latin, ""),
            told("rows.csv", latin, "--encoding windows-1252"),
            told("rows.csv", latin, "--encoding shift_jis"),
            told("rows.csv", utf16(ROWS), ""),
            told("rows.csv", latin, "--encoding latin-17"),
        ]
        .concat(),
    );
}

#[test]
fn what_is_not_read_is_told_by_what_it_is() {
    let mut encoder = zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.window_log(28).unwrap();
    encoder.write_all(ROWS.as_bytes()).unwrap();
    let long = encoder.finish().unwrap();
    let utf32: Vec<u8> =
        format!("\u{FEFF}{ROWS}").chars().flat_map(|it| u32::from(it).to_le_bytes()).collect();
    let old = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 a workbook of 1997";
    expect![[r#"
        error: rows.csv.zst: the zstd data needs a window of more than 128 MiB
          help: compress it without `--long`, or give it decompressed: `zstd -d --long=31 rows.csv.zst`
        exit code 65
        error: rows.csv: the input is UTF-32, which is not read
          help: save it as UTF-8, as in `iconv -f UTF-32 -t UTF-8 old.csv > rows.csv`
        exit code 65
        error: rows.xls: the extension `.xls` is that of a format of Excel that is not read
          help: save it as .xlsx or as CSV in the program that opens it
        exit code 64
        error: rows.csv: the spreadsheet is in the old format of Excel (.xls)
          help: save it as .xlsx or as CSV
        exit code 65
    "#]].assert_eq(
        &[
            told("rows.csv.zst", long, ""),
            told("rows.csv", utf32, ""),
            told("rows.xls", old, ""),
            told("rows.csv", old, ""),
        ]
        .concat(),
    );
}

#[test]
fn rejects_of_a_decoded_file_are_read_by_the_same_options() {
    let utf16 = utf16(&format!("\u{FEFF}{ROWS}"));
    let latin: Vec<u8> = ROWS.chars().map(|it| u8::try_from(it).unwrap()).collect();
    let marked = format!("\u{FEFF}{ROWS}").into_bytes();
    for (bytes, options) in
        [(&utf16, ""), (&latin, "--encoding windows-1252"), (&marked, "--encoding windows-1252")]
    {
        let work = Workdir::with("rows.csv", bytes);
        let line = format!("apply rows.csv --sandbox --invalid skip {options}");
        assert_eq!(work.run(&line).code, Some(1));
        let rejects = work.read("rows.rejects.csv");
        assert!(rejects.starts_with("\u{FEFF}mailbox,") && rejects.contains("Küche"), "{rejects}");
        fs::rename(work.path("rows.rejects.csv"), work.path("again.csv")).unwrap();
        let line = format!("apply again.csv --sandbox --invalid skip {options}");
        assert_eq!(work.run(&line).code, Some(1));
        let again = work.read("again.rejects.csv");
        assert_eq!(again.trim_start_matches('\u{FEFF}'), rejects.trim_start_matches('\u{FEFF}'));
    }
}
