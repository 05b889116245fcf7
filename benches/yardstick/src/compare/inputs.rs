//! The files that tools read: written before any clock starts, and each but once.
//!
//! Holds nothing in memory: what this program has in memory when it starts another counts for that one's peak.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fs;
use std::fs::File;
use std::io;
use std::io::BufWriter;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use crate::bodies;
use crate::bodies::PASSWORD;
use crate::bodies::USERNAME;
use crate::failure::Failure;
use crate::rows;
use crate::rows::COLUMNS;
use crate::rows::Columns;
use crate::rows::Format;

/// A file that a peer needs beside its input, by name and text.
pub(crate) type Peer = (&'static str, &'static str);

/// What wrk posts.
pub(crate) const WRK_SCRIPT: Peer = ("wrk.lua", include_str!("../../peers/wrk.lua"));

/// The script that people would write.
pub(crate) const AIOHTTP_SCRIPT: Peer =
    ("aiohttp_post.py", include_str!("../../peers/aiohttp_post.py"));

/// The rules for qsv.
pub(crate) const SCHEMA: Peer = ("rows.schema.json", include_str!("../../peers/rows.schema.json"));

/// A kind of input.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub(crate) enum Input {
    /// The rows.
    Rows(Format),
    /// What is posted for each, a line each.
    Bodies,
    /// The rows as CSV, with login and password in front.
    RowsWithLogin,
}

/// The inputs that were written so far.
pub(crate) struct Inputs {
    folder: PathBuf,
    written: RefCell<HashMap<(Input, u64), PathBuf>>,
}

impl Inputs {
    /// None yet; they will be in `folder`.
    pub(crate) fn new(folder: &Path) -> Self {
        Self { folder: folder.to_owned(), written: RefCell::default() }
    }

    /// The file with so many rows.
    pub(crate) fn get(&self, input: Input, rows: u64) -> Result<PathBuf, Failure> {
        if let Some(path) = self.written.borrow().get(&(input, rows)) {
            return Ok(path.clone());
        }
        let name = match input {
            Input::Rows(Format::Csv) => format!("rows-{rows}.csv"),
            Input::Rows(Format::Jsonl) => format!("rows-{rows}.jsonl"),
            Input::Bodies => format!("bodies-{rows}.txt"),
            Input::RowsWithLogin => format!("rows-with-login-{rows}.csv"),
        };
        let path = self.folder.join(name);
        create(&path, |out| match input {
            Input::Rows(format) => rows::write(out, rows, format, Columns::Wide),
            Input::Bodies => bodies::write(out, rows),
            Input::RowsWithLogin => write_with_login(out, rows),
        })?;
        self.written.borrow_mut().insert((input, rows), path.clone());
        Ok(path)
    }
}

/// Writes what a peer needs into the folder of a run.
pub(crate) fn write_peer(folder: &Path, (name, text): Peer) -> Result<PathBuf, Failure> {
    let path = folder.join(name);
    fs::write(&path, text).map_err(|error| Failure::file(&path, &error))?;
    Ok(path)
}

/// Writes a file for `curl --config`: a transfer a row.
pub(crate) fn write_curl_config(folder: &Path, rows: u64, url: &str) -> Result<PathBuf, Failure> {
    let path = folder.join("curl.config");
    create(&path, |out| {
        for number in 0..rows {
            if number > 0 {
                writeln!(out, "next")?;
            }
            // A form body has no character that curl would take for more than itself.
            writeln!(out, "url = \"{url}\"\ndata = \"{}\"", bodies::of_row(number))?;
        }
        Ok(())
    })?;
    Ok(path)
}

fn write_with_login(out: &mut impl Write, rows: u64) -> io::Result<()> {
    writeln!(out, "auth_username,auth_password,{}", COLUMNS.join(","))?;
    (0..rows).try_for_each(|number| {
        write!(out, "{USERNAME},{PASSWORD},")?;
        rows::write_csv(out, &rows::cells(number))
    })
}

fn create(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    let written = File::create(path).map(BufWriter::new).and_then(|mut out| {
        write(&mut out)?;
        out.flush()
    });
    written.map_err(|error| Failure::file(path, &error))
}
