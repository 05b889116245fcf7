//! How long each stage takes by itself, on rows that are the same every time: `cargo bench`.
//!
//! For whoever works on one of them. What users wait for is measured by the yardstick, whole programs at a time.

#![expect(clippy::unwrap_used, reason = "a bench that cannot begin has nothing to say")]

mod made;

use std::hint::black_box;
use std::io;
use std::time::Duration;

use boxlift::input::Format;
use boxlift::input::Input;
use boxlift::input::Source;
use boxlift::journal::Carry;
use boxlift::journal::Claim;
use boxlift::journal::Entry;
use boxlift::journal::Identity;
use boxlift::journal::JobKind;
use boxlift::journal::NewJob;
use boxlift::model::Action;
use boxlift::model::Evidence;
use boxlift::model::Fingerprint;
use boxlift::model::Kind;
use boxlift::model::Mailbox;
use boxlift::model::Outcome;
use boxlift::model::Secret;
use boxlift::model::Status;
use boxlift::report;
use boxlift::report::Output;
use boxlift::report::Record;
use boxlift::report::Report;
use boxlift::resources::mailbox;
use boxlift::resources::mailbox::CallDraft;
use boxlift::resources::mailbox::Purpose;
use boxlift::run::Pace;
use boxlift::switch;
use boxlift::switch::Body;
use boxlift::switch::HttpAnswer;
use divan::Bencher;
use divan::counter::ItemsCount;

/// Rows of one round.
const ROWS: u32 = 10_000;

/// When everything happens, in milliseconds since 1970.
const TIME_MS: i64 = 1_700_000_000_120;

fn main() {
    divan::main();
}

/// Records become cells.
#[divan::bench(args = [Format::Csv, Format::Jsonl])]
fn parse(bencher: Bencher, format: Format) {
    let bytes = made::rows(ROWS.into(), format).unwrap();
    let input =
        Input::open(Source::spool(&bytes[..], u64::MAX).unwrap(), format, made::input_settings())
            .unwrap();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let mut input = input.clone();
        let layout = input.layout();
        let mut cells = 0;
        while let Ok(Some(chunk)) = input.next_chunk() {
            chunk.visit(&layout, |row| cells += row.cells.len());
        }
        cells
    });
}

/// The same, and every rule about every row and between rows, on all cores.
#[divan::bench(args = [Format::Csv, Format::Jsonl])]
fn check(bencher: Bencher, format: Format) {
    let bytes = made::rows(ROWS.into(), format).unwrap();
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| Source::spool(&bytes[..], u64::MAX).unwrap())
        .bench_values(|source| made::batch(source, format).unwrap().records);
}

/// A row becomes the body of its call.
#[divan::bench]
fn body(bencher: Bencher) {
    let bytes = made::rows(1, Format::Csv).unwrap();
    let source = Source::spool(&bytes[..], u64::MAX).unwrap();
    let mut input = Input::open(source, Format::Csv, made::input_settings()).unwrap();
    let layout = input.layout();
    let chunk = input.next_chunk().unwrap().unwrap();
    let settings = made::rules().settings;
    let mut bencher = Some(bencher.counter(ItemsCount::new(1_u32)));
    chunk.visit(&layout, |row| {
        let reading = mailbox::read(&row, &settings, &mut Vec::new());
        let purpose = Purpose::Act(Action::Create, Kind::Real);
        let bencher = bencher.take().unwrap();
        bencher.bench_local(|| CallDraft::of(&reading, purpose).into_call());
    });
}

/// An answer gets its meaning.
#[divan::bench]
fn classify(bencher: Bencher) {
    let body = br#"{"responses":[{"code":"204","key":"","message":"OK"}]}"#;
    let secrets = [Secret::new("password"), Secret::new("471188")];
    bencher.counter(ItemsCount::new(1_u32)).bench(|| {
        let answer = HttpAnswer {
            status: 200,
            retry_after: None,
            date: Some("Sun, 06 Nov 1994 08:49:37 GMT"),
            location_host: None,
            media_type: Some("application/json"),
            body: Body::Whole(black_box(body)),
        };
        switch::reply_to(answer, &secrets)
    });
}

/// The next call's time is found, at a rate that holds none up and at one that does.
#[divan::bench(args = ["1000000/s", "50/s"])]
fn pace(bencher: Bencher, rate: &str) {
    let rate = rate.parse().unwrap();
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let mut pace = Pace::new(rate);
        let mut now = Duration::ZERO;
        for _ in 0..ROWS {
            while let Err(until) = pace.take(now) {
                now = until;
            }
            pace.left(now);
        }
        now
    });
}

/// The core decides about a whole run.
#[divan::bench]
fn core(bencher: Bencher) {
    bencher
        .counter(ItemsCount::new(ROWS))
        .with_inputs(|| made::plan(ROWS))
        .bench_values(|plan| made::run_core(plan).unwrap());
}

/// Intents and results are kept, synced to the disk that is for temporary files.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn journal(bencher: Bencher) {
    bencher.counter(ItemsCount::new(ROWS)).bench(kept);
}

fn kept() -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let mut journal =
        Claim::open(&folder.path().join("a.boxlift")).unwrap().journal(TIME_MS, 4).unwrap();
    let identity = |row| Identity {
        row,
        line: row + 2,
        action: Some(Action::Create),
        customer: None,
        mailbox: Mailbox::parse(&format!("{row}")).ok(),
        nth: 0,
    };
    let mut rows = (0..ROWS).map(identity);
    let job = journal.begin(&job(), &mut rows, None, &mut |_| Carry::Drop).unwrap();
    let mut writer = journal.writer(job, Box::new(|_| {})).unwrap();
    let fingerprint = Fingerprint { content: 1, secret: Some(2) };
    for row in 0..ROWS {
        let evidence = Evidence::None;
        writer.record(Entry::Intent { row, at_ms: TIME_MS, evidence, fingerprint });
        writer.record(Entry::Result { row, outcome: outcome(), asked: None });
    }
    writer.close().1.upto
}

/// Records of a report are written.
#[divan::bench(args = [report::Format::Csv, report::Format::Jsonl])]
fn report(bencher: Bencher, format: report::Format) {
    bencher.counter(ItemsCount::new(ROWS)).bench(|| {
        let output = Output::given("nowhere", Box::new(io::sink()));
        let mut report: Report = Report::begin(format, output).unwrap();
        for row in 0..u64::from(ROWS) {
            let finished_at = report::time_of_day(TIME_MS);
            report.note(&record(row, finished_at.as_deref())).unwrap();
        }
        report.put_in_place().unwrap();
    });
}

fn record(row: u64, finished_at: Option<&str>) -> Record<'_> {
    Record {
        row,
        line: 2,
        action: Some("create"),
        customer: Some(42),
        mailbox: Some("1000000"),
        status: "created",
        code: Some("204"),
        key: None,
        message: Some("OK"),
        attempts: 1,
        http_status: Some(200),
        elapsed_ms: Some(12),
        finished_at,
    }
}

fn outcome() -> Outcome {
    Outcome {
        status: Status::Created,
        attempts: 1,
        http_status: Some(200),
        elapsed_ms: Some(12),
        finished_ms: Some(TIME_MS),
        detail: None,
    }
}

fn job() -> NewJob {
    NewJob {
        kind: JobKind::Real,
        input: "rows.csv".to_owned(),
        digest: [7; 32],
        url: "https://switch.example/api/json/".to_owned(),
        username: "admin".to_owned(),
        verifier: [3; 16],
        options: "boxlift apply rows.csv".to_owned(),
        began_ms: TIME_MS,
    }
}
