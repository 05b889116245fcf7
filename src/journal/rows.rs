//! From words of the house to columns and back.

use std::sync::Arc;

use rusqlite::Connection;
use rusqlite::Row;
use rusqlite::Statement;
use rusqlite::params;
use rusqlite::types::Type;

use crate::model::Detail;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Mailbox;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;

/// A later intent of a row adds to an earlier one what was seen since. What may have been carried out is the first call
/// that was not withdrawn: its time and what it asked for stay.
pub(super) const PUT_CALL: &str = "
    INSERT INTO call (id, at, latest, evidence, content, secret, withdrawn, carried)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
    ON CONFLICT (id) DO UPDATE SET at = iif(withdrawn, excluded.at, at), latest = excluded.at,
    evidence = excluded.evidence, content = iif(withdrawn, excluded.content, content),
    secret = iif(withdrawn, excluded.secret, secret), withdrawn = excluded.withdrawn,
    carried = iif(withdrawn, excluded.carried, carried)";

pub(super) const WITHDRAW: &str = "UPDATE call SET withdrawn = 1 WHERE id = ?1";

const AMEND_CALL: &str = "UPDATE call SET content = ?2, secret = ?3 WHERE id = ?1";

pub(super) const PUT_RESULT: &str = "
    INSERT OR REPLACE INTO result
    (id, status, code, key, message, attempts, http_status, elapsed_ms, finished_at, carried)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

/// What is known of a row that is left out stays for later runs; its report says that it was left out.
pub(super) const PUT_TOLD: &str = "
    INSERT OR REPLACE INTO told
    (id, status, code, key, message, attempts, http_status, elapsed_ms, finished_at)
    SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
    WHERE ?2 = 'excluded' OR NOT EXISTS (SELECT 1 FROM result WHERE id = ?1)";

/// An intent, as it is recorded.
#[derive(Clone, Copy)]
pub(super) struct Call {
    pub at_ms: i64,
    /// The last time, if there was more than one.
    pub latest_ms: Option<i64>,
    pub evidence: Evidence,
    pub fingerprint: Fingerprint,
    pub withdrawn: bool,
}

/// Which job made what is recorded.
#[derive(Clone, Copy)]
pub(super) enum Origin {
    Own = 0,
    Carried = 1,
}

/// Which row of which job it is about.
#[derive(Clone, Copy)]
pub(super) struct About {
    pub job: i64,
    pub row: RowIndex,
    pub origin: Origin,
}

/// The number under which the tables have what is of a row.
pub(super) fn id(job: i64, row: RowIndex) -> i64 {
    job << 32 | i64::from(row)
}

pub(super) fn put_call(put: &mut Statement<'_>, about: About, call: Call) -> rusqlite::Result<()> {
    let About { job, row, origin } = about;
    let Call { at_ms, latest_ms, evidence, fingerprint, withdrawn } = call;
    let Fingerprint { content, secret } = fingerprint;
    let (id, evidence, carried) = (id(job, row), evidence.as_str(), origin as u8);
    put.execute(params![id, at_ms, latest_ms, evidence, content, secret, withdrawn, carried])
        .map(drop)
}

/// What a row that is done asked for last is what it is recognised by from then on.
pub(super) fn amend_call(
    connection: &Connection,
    id: i64,
    fingerprint: &Fingerprint,
) -> rusqlite::Result<()> {
    let Fingerprint { content, secret } = fingerprint;
    connection.prepare_cached(AMEND_CALL)?.execute(params![id, content, secret]).map(drop)
}

pub(super) fn put_result(
    put: &mut Statement<'_>,
    about: About,
    outcome: &Outcome,
) -> rusqlite::Result<()> {
    let About { job, row, origin } = about;
    let Outcome { status, attempts, http_status, elapsed_ms, finished_ms, detail } = outcome;
    let (code, key, message) = words(detail.as_deref());
    let status = status.as_str();
    let carried = origin as u8;
    let columns = params![
        id(job, row),
        status,
        code,
        key,
        message,
        attempts,
        http_status,
        elapsed_ms,
        finished_ms,
        carried
    ];
    put.execute(columns).map(drop)
}

/// Puts what was said of a row that has no result.
pub(super) fn put_told(
    put: &mut Statement<'_>,
    id: i64,
    outcome: &Outcome,
) -> rusqlite::Result<()> {
    let Outcome { status, attempts, http_status, elapsed_ms, finished_ms, detail } = outcome;
    let (code, key, message) = words(detail.as_deref());
    let status = status.as_str();
    let said =
        params![id, status, code, key, message, attempts, http_status, elapsed_ms, finished_ms];
    put.execute(said).map(drop)
}

fn words(detail: Option<&Detail>) -> (Option<&str>, Option<&str>, Option<&str>) {
    detail.map_or((None, None, None), |detail| {
        let Detail { code, key, message } = detail;
        (given(code), given(key), given(message))
    })
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|it| !it.is_empty())
}

/// A word that stands in a column.
pub(super) fn word<T>(
    row: &Row<'_>,
    column: usize,
    parse: fn(&str) -> Option<T>,
) -> rusqlite::Result<T> {
    let text = row.get_ref(column)?.as_str()?;
    parse(text).ok_or_else(|| unknown(column, text))
}

/// A word that may stand in a column.
pub(super) fn word_or_none<T>(
    row: &Row<'_>,
    column: usize,
    parse: fn(&str) -> Option<T>,
) -> rusqlite::Result<Option<T>> {
    let text = row.get_ref(column)?.as_str_or_null()?;
    text.map(|text| parse(text).ok_or_else(|| unknown(column, text))).transpose()
}

fn unknown(column: usize, text: &str) -> rusqlite::Error {
    let what = format!("`{text}` is not a word of a journal");
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, what.into())
}

pub(super) fn mailbox(text: &str) -> Option<Mailbox> {
    Mailbox::parse(text).ok()
}

/// The result that stands in columns from `first` on, in the order of the table.
pub(super) fn outcome(row: &Row<'_>, first: usize) -> rusqlite::Result<Outcome> {
    let text = |column: usize| row.get::<_, Option<String>>(first + column);
    let (code, key, message) = (text(1)?, text(2)?, text(3)?);
    let is_said = code.is_some() || key.is_some() || message.is_some();
    let said = |it: Option<String>| it.unwrap_or_default();
    let detail = Detail { code: said(code), key: said(key), message: said(message) };
    Ok(Outcome {
        status: word(row, first, Status::parse)?,
        attempts: row.get(first + 4)?,
        http_status: row.get(first + 5)?,
        elapsed_ms: row.get(first + 6)?,
        finished_ms: row.get(first + 7)?,
        detail: is_said.then(|| Arc::new(detail)),
    })
}
