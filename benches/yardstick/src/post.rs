//! The bare loop that boxlift is held against: parse a row, build its body, post it, check the answer, write a line.
//!
//! A fixed set of workers on one thread. No check of a row, no journal, no retry: the first answer that is not the
//! expected one ends it.

use std::cell::RefCell;
use std::fs::File;
use std::io::BufWriter;
use std::io::Write;
use std::path::PathBuf;
use std::rc::Rc;

use csv::Reader;
use csv::StringRecord;
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use serde::Deserialize;
use tokio::runtime;
use tokio::task::JoinSet;
use tokio::task::LocalSet;

use crate::bodies;
use crate::failure::Failure;

/// Most workers.
const CONCURRENCY_MAX: u64 = 1_024;

/// Options of `post`.
#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// The API, as `serve` prints it
    url: String,

    /// CSV file with a mailbox a row
    file: PathBuf,

    /// Calls at the same time
    #[arg(long, value_name = "N", default_value_t = 16,
        value_parser = clap::value_parser!(u64).range(1..=CONCURRENCY_MAX))]
    concurrency: u64,

    /// Where a line a row is written
    #[arg(long, value_name = "FILE", default_value = "post.report.csv")]
    report: PathBuf,
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    responses: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    code: &'a str,
}

/// What the workers share; they are of one thread.
struct Desk {
    client: Client,
    url: String,
    headers: StringRecord,
    rows: RefCell<Reader<File>>,
    report: RefCell<BufWriter<File>>,
}

/// Posts all rows and prints how many there were.
pub(crate) fn run(options: &Options, out: &mut impl Write) -> Result<(), Failure> {
    let desk = Rc::new(Desk::open(options)?);
    let runtime = runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::new(format!("no runtime: {error}"), "free some memory"))?;
    let posted = LocalSet::new().block_on(&runtime, async {
        let mut workers = JoinSet::new();
        for _ in 0..options.concurrency {
            workers.spawn_local(work(Rc::clone(&desk)));
        }
        let mut posted = 0;
        while let Some(ended) = workers.join_next().await {
            let broken = |_| Failure::new("a worker broke", "look for the panic above");
            posted += ended.map_err(broken)??;
        }
        Ok::<_, Failure>(posted)
    })?;
    let flushed = desk.report.borrow_mut().flush();
    flushed.map_err(|error| Failure::file(&options.report, &error))?;
    writeln!(out, "{posted}").map_err(|error| Failure::output(&error))
}

impl Desk {
    fn open(options: &Options) -> Result<Self, Failure> {
        let unreadable = |error| Failure::file(&options.file, &error);
        let mut rows = Reader::from_path(&options.file).map_err(unreadable)?;
        let headers = rows.headers().map_err(unreadable)?.clone();
        let mut report = File::create(&options.report)
            .map(BufWriter::new)
            .map_err(|error| Failure::file(&options.report, &error))?;
        writeln!(report, "row,mailbox,code").map_err(|error| Failure::output(&error))?;
        let client = Client::builder()
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(usize::try_from(options.concurrency).unwrap_or(usize::MAX))
            .build()
            .map_err(|error| Failure::new(format!("no client: {error}"), "free some memory"))?;
        let url = format!("{}mailboxes/create/", options.url);
        let (rows, report) = (RefCell::new(rows), RefCell::new(report));
        Ok(Self { client, url, headers, rows, report })
    }
}

/// Takes rows until there are no more; says how many it took.
async fn work(desk: Rc<Desk>) -> Result<u64, Failure> {
    let mut record = StringRecord::new();
    let mut posted = 0;
    loop {
        let read = desk.rows.borrow_mut().read_record(&mut record);
        if !read.map_err(|error| Failure::new(error.to_string(), "put the row right"))? {
            return Ok(posted);
        }
        let body = bodies::of_cells(desk.headers.iter().zip(&record));
        let code = post(&desk, body).await?;
        let row = record.position().map_or(0, csv::Position::record);
        let line = writeln!(desk.report.borrow_mut(), "{row},{},{code}", &record[1]);
        line.map_err(|error| Failure::output(&error))?;
        posted += 1;
    }
}

/// Posts one body; any code but that of a success is a failure.
async fn post(desk: &Desk, body: String) -> Result<&'static str, Failure> {
    let failure = |error: reqwest::Error| {
        Failure::new(format!("a call failed: {error}"), "check that the server runs")
    };
    let request = desk.client.post(&desk.url);
    let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(body);
    let bytes = request.send().await.map_err(failure)?.bytes().await.map_err(failure)?;
    match serde_json::from_slice::<Answer<'_>>(&bytes) {
        Ok(answer) if answer.responses.first().is_some_and(|it| it.code == "204") => Ok("204"),
        Ok(_) | Err(_) => {
            Err(Failure::new("an answer is no success", "post to `yardstick serve` alone"))
        }
    }
}
