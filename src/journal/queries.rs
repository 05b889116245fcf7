//! What a journal is asked outside the run: its last job, calls that left lately, rows that no longer have a place.

use rusqlite::Connection;
use rusqlite::OptionalExtension;
use rusqlite::Row;
use rusqlite::params;

use crate::journal::Ended;
use crate::journal::Job;
use crate::journal::JobKind;
use crate::journal::Left;
use crate::journal::Orphans;
use crate::journal::Refused;
use crate::journal::Sends;
use crate::journal::rows;
use crate::journal::rows::About;
use crate::journal::rows::Origin;
use crate::model::Outcome;
use crate::model::RowIndex;
use crate::model::Status;

/// Mailboxes of rows without a place that are named one by one.
const NAMED_MAX: usize = 10;

const LATEST: &str = "
    SELECT id, kind, input, digest, url, username, verifier, options, began, ended, ending,
        finished, rows
    FROM job WHERE ?1 IS NULL OR kind = ?1 ORDER BY id DESC LIMIT 1";

/// Rows with an intent that was not withdrawn, carried over or not.
const CALLS: &str = "SELECT count(*) FROM call WHERE id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff AND withdrawn = 0";

/// Numbers of the rows that have a result.
const RESULTS: &str =
    "SELECT id FROM result WHERE id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff ORDER BY id";

const SENT: &str = "
    SELECT finished_at - elapsed_ms FROM result
    WHERE id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff
    AND finished_at - elapsed_ms >= ?2 ORDER BY 1";

const OPEN: &str = "
    SELECT count(*) FROM call AS c WHERE c.id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff
    AND c.withdrawn = 0 AND coalesce(c.latest, c.at) >= ?2
    AND NOT EXISTS (SELECT 1 FROM result AS r WHERE r.id = c.id)";

const LOSE_ORPHANS: &str = "DROP TABLE IF EXISTS temp.orphan";

/// All open intents by what tells their rows apart.
const MAKE_ORPHANS: &str = "
    CREATE TEMP TABLE orphan AS
    SELECT c.row AS row, w.mailbox AS mailbox, coalesce(w.action, '') AS a,
        coalesce(w.customer, -1) AS c, coalesce(w.mailbox, '') AS m, w.nth AS n
    FROM call AS c JOIN row AS w ON w.id = c.id
    WHERE c.id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff AND c.withdrawn = 0
    AND NOT EXISTS (SELECT 1 FROM result AS r WHERE r.id = c.id)";

const ORDER_ORPHANS: &str = "CREATE INDEX temp.orphan_key ON orphan (a, c, m, n)";

/// One pass over the new rows, each looked up in the index.
const PLACE_ORPHANS: &str = "
    DELETE FROM temp.orphan WHERE rowid IN (
        SELECT o.rowid FROM row AS w CROSS JOIN temp.orphan AS o INDEXED BY orphan_key
        ON o.a = coalesce(w.action, '') AND o.c = coalesce(w.customer, -1)
        AND o.m = coalesce(w.mailbox, '') AND o.n = w.nth
        WHERE w.id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff)";

/// The last job, of one kind or of all.
pub(super) fn latest(
    connection: &Connection,
    kind: Option<JobKind>,
) -> rusqlite::Result<Option<Job>> {
    let calls = |job: i64| connection.query_row(CALLS, [job], |row| count(row, 0));
    let found = connection
        .query_row(LATEST, [kind.map(JobKind::as_str)], |row| job(row, calls(row.get(0)?)?));
    found.optional()
}

/// Whether the job that was begun last, of whatever kind, did not say that it ended.
pub(super) fn is_open(connection: &Connection) -> rusqlite::Result<bool> {
    let sql = "SELECT ended IS NULL FROM job ORDER BY id DESC LIMIT 1";
    Ok(connection.query_row(sql, [], |row| row.get(0)).optional()?.unwrap_or(false))
}

pub(super) fn may_have_acted_beside(connection: &Connection, url: &str) -> rusqlite::Result<bool> {
    let sql = "
        SELECT EXISTS (
            SELECT 1 FROM job AS j
            CROSS JOIN call AS c ON c.id BETWEEN j.id << 32 AND j.id << 32 | 0xffffffff
            LEFT JOIN result AS r ON r.id = c.id
            WHERE j.kind = ?1 AND j.url <> ?2 AND (c.withdrawn = 0 OR r.id IS NOT NULL))";
    connection.query_row(sql, [JobKind::Real.as_str(), url], |row| row.get(0))
}

fn job(row: &Row<'_>, calls: u64) -> rusqlite::Result<Job> {
    let left = if row.get(11)? { Left::Nothing } else { Left::Something };
    let ended = match row.get(9)? {
        Some(at_ms) => Some(Ended { at_ms, how: row.get(10)?, left }),
        None => None,
    };
    Ok(Job {
        id: row.get(0)?,
        kind: rows::word(row, 1, JobKind::parse)?,
        input: row.get(2)?,
        digest: row.get(3)?,
        url: row.get(4)?,
        username: row.get(5)?,
        verifier: row.get(6)?,
        options: row.get(7)?,
        began_ms: row.get(8)?,
        ended,
        rows: count(row, 12)?,
        calls,
    })
}

pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or_default())
}

pub(super) fn sends_since(
    connection: &Connection,
    since_ms: i64,
    kind: JobKind,
) -> rusqlite::Result<Sends> {
    let sql = "SELECT max(id) FROM job WHERE kind = ?1";
    let job: Option<i64> = connection.query_row(sql, [kind.as_str()], |row| row.get(0))?;
    let mut sent = connection.prepare(SENT)?;
    let known_ms = sent.query_map(params![job, since_ms], |row| row.get(0))?;
    let known_ms = known_ms.collect::<rusqlite::Result<_>>()?;
    let open = connection.query_row(OPEN, params![job, since_ms], |row| count(row, 0))?;
    Ok(Sends { known_ms, open: usize::try_from(open).unwrap_or(usize::MAX) })
}

pub(super) fn orphans(
    connection: &Connection,
    job: i64,
    previous: i64,
) -> rusqlite::Result<Orphans> {
    connection.execute(LOSE_ORPHANS, [])?;
    connection.execute(MAKE_ORPHANS, [previous])?;
    connection.execute(ORDER_ORPHANS, [])?;
    connection.execute(PLACE_ORPHANS, [job])?;
    let rows = connection.query_row("SELECT count(*) FROM temp.orphan", [], |row| count(row, 0))?;
    let sql = format!(
        "SELECT mailbox FROM temp.orphan WHERE mailbox IS NOT NULL ORDER BY row LIMIT {NAMED_MAX}"
    );
    let mut statement = connection.prepare(&sql)?;
    let first = statement.query_map([], |row| rows::word(row, 0, rows::mailbox))?;
    let first = first.collect::<rusqlite::Result<_>>()?;
    drop(statement);
    connection.execute(LOSE_ORPHANS, [])?;
    Ok(Orphans { rows, first })
}

pub(super) fn refuse(connection: &Connection, refused: &Refused) -> rusqlite::Result<()> {
    let Refused { url, username, verifier, at_ms } = refused;
    let sql =
        "INSERT OR REPLACE INTO refused (url, username, verifier, at) VALUES (?1, ?2, ?3, ?4)";
    connection.prepare_cached(sql)?.execute(params![url, username, verifier, at_ms]).map(drop)
}

pub(super) fn settle(
    connection: &Connection,
    job: i64,
    results: &mut dyn Iterator<Item = (RowIndex, Outcome)>,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut put = connection.prepare_cached(rows::PUT_RESULT)?;
    let mut tell = connection.prepare_cached(rows::PUT_TOLD)?;
    for (row, outcome) in results {
        if outcome.status == Status::Excluded {
            rows::put_told(&mut tell, rows::id(job, row), &outcome)?;
        } else {
            rows::put_result(&mut put, About { job, row, origin: Origin::Own }, &outcome)?;
        }
    }
    drop((put, tell));
    transaction.commit()
}

pub(super) fn tell(
    connection: &Connection,
    job: i64,
    said: &mut dyn Iterator<Item = (RowIndex, Outcome)>,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    let mut put = connection.prepare(rows::PUT_TOLD)?;
    let mut results = connection.prepare(RESULTS)?;
    let mut results = results.query_map([job], |row| row.get::<_, i64>(0))?;
    let mut result = results.next().transpose()?;
    for (row, outcome) in said {
        let id = rows::id(job, row);
        while result.is_some_and(|it| it < id) {
            result = results.next().transpose()?;
        }
        if result != Some(id) || outcome.status == Status::Excluded {
            rows::put_told(&mut put, id, &outcome)?;
        }
    }
    drop((put, results));
    transaction.commit()
}
