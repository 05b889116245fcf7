//! Begins a job: its rows, and what is taken over from an earlier job of the same input, all in one transaction.
//!
//! Rows are told apart by action, customer, mailbox and their number among equals, so that a file may be put into
//! another order and edited in between. Takes memory for no row.

use rusqlite::Connection;
use rusqlite::Statement;
use rusqlite::params;

use crate::journal::Carry;
use crate::journal::Identity;
use crate::journal::Journal;
use crate::journal::JournalError;
use crate::journal::Known;
use crate::journal::KnownState;
use crate::journal::NewJob;
use crate::journal::rows;
use crate::journal::rows::About;
use crate::journal::rows::Call;
use crate::journal::rows::Origin;
use crate::model::Action;
use crate::model::Evidence;
use crate::model::Fingerprint;
use crate::model::Mailbox;
use crate::model::RowIndex;

const PUT_JOB: &str = "
    INSERT INTO job (kind, input, digest, url, username, verifier, options, began)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";

const PUT_ROW: &str = "
    INSERT INTO row (id, line, action, customer, mailbox, nth) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// The jobs that know of rows, the latest first.
const CHAIN: &str = "
    WITH RECURSIVE chain (id) AS (
        SELECT ?1 UNION SELECT j.previous FROM chain JOIN job AS j ON j.id = chain.id
        WHERE j.previous < j.id
    ) SELECT id FROM chain ORDER BY id DESC";

const LOSE_EARLIER: &str = "DROP TABLE IF EXISTS temp.earlier";

/// An index of the earlier rows that are known of; what is absent has a value that no row has.
const MAKE_EARLIER: &str = "
    CREATE TEMP TABLE earlier (
        action TEXT NOT NULL, customer INTEGER NOT NULL, mailbox TEXT NOT NULL,
        nth INTEGER NOT NULL, id INTEGER NOT NULL, PRIMARY KEY (action, customer, mailbox, nth)
    ) STRICT, WITHOUT ROWID";

/// A call that was withdrawn hides what older jobs know: its row was to be tried anew.
const FILL_EARLIER: &str = "
    INSERT OR IGNORE INTO temp.earlier
    SELECT coalesce(w.action, ''), coalesce(w.customer, -1), coalesce(w.mailbox, ''), w.nth, w.id
    FROM call AS c JOIN row AS w ON w.id = c.id
    WHERE c.id BETWEEN ?1 << 32 AND ?1 << 32 | 0xffffffff ORDER BY 1, 2, 3, 4";

const FIND: &str = "
    SELECT c.at, c.evidence, c.content, c.secret, r.status, r.code, r.key, r.message,
        r.attempts, r.http_status, r.elapsed_ms, r.finished_at, c.withdrawn, c.latest,
        j.verifier
    FROM temp.earlier AS e CROSS JOIN call AS c ON c.id = e.id
    CROSS JOIN job AS j ON j.id = c.job
    LEFT JOIN result AS r ON r.id = c.id
    WHERE e.action = ?1 AND e.customer = ?2 AND e.mailbox = ?3 AND e.nth = ?4";

/// What earlier jobs know, and who decides what is taken over.
struct Earlier<'c, 'd> {
    /// Rows that they know and the new job does not.
    left: usize,
    decide: &'d mut dyn FnMut(&Known) -> Carry,
    find: Statement<'c>,
    put_call: Statement<'c>,
    put_result: Statement<'c>,
}

impl Journal {
    /// Begins a job with its rows, and takes over from `previous` what `decide` says.
    ///
    /// `decide` is shown the rows that `previous` has an intent for, in the order of the new ones. Results that no
    /// intent led to are not taken over: what was judged without a call is judged again for nothing.
    pub fn begin(
        &mut self,
        job: &NewJob,
        rows: &mut dyn Iterator<Item = Identity>,
        previous: Option<i64>,
        decide: &mut dyn FnMut(&Known) -> Carry,
    ) -> Result<i64, JournalError> {
        let transaction = self.told(self.connection.unchecked_transaction())?;
        let id = self.told(begin(&transaction, job, rows, previous, decide))?;
        self.told(transaction.commit())?;
        self.keep_log_on_close(true)?;
        self.show_job()?;
        Ok(id)
    }
}

impl Journal {
    /// Brings a job that began from the log into the file itself: without its log, the file is known to be not whole.
    fn show_job(&self) -> Result<(), JournalError> {
        let shown = self.connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
        match self.told(shown) {
            // The log is all that there is room for; the next write tells whether that is so.
            Err(error) if error.is_full() => Ok(()),
            shown => shown,
        }
    }
}

/// Writes a job and its rows; gives its number.
fn begin(
    connection: &Connection,
    job: &NewJob,
    rows: &mut dyn Iterator<Item = Identity>,
    previous: Option<i64>,
    decide: &mut dyn FnMut(&Known) -> Carry,
) -> rusqlite::Result<i64> {
    let id = put_job(connection, job)?;
    let mut left = 0;
    let mut earlier = match previous {
        Some(previous) => Some(Earlier::index(connection, previous, decide)?),
        None => None,
    };
    let mut put = connection.prepare(PUT_ROW)?;
    let mut count: RowIndex = 0;
    for identity in rows {
        put_row(&mut put, id, &identity)?;
        if let Some(earlier) = &mut earlier {
            earlier.carry(id, &identity)?;
        }
        count += 1;
    }
    drop(put);
    if let Some(earlier) = earlier {
        left = earlier.left;
    }
    connection.execute(LOSE_EARLIER, [])?;
    let previous = previous.filter(|_| left > 0);
    let sql = "UPDATE job SET rows = ?2, previous = ?3 WHERE id = ?1";
    connection.execute(sql, params![id, count, previous])?;
    Ok(id)
}

/// Shows what `previous` knows of rows, and keeps nothing.
pub(super) fn recall(
    connection: &Connection,
    previous: i64,
    rows: &mut dyn Iterator<Item = Identity>,
    seen: &mut dyn FnMut(&Known),
) -> rusqlite::Result<()> {
    let mut show = |known: &Known| {
        seen(known);
        Carry::Drop
    };
    let mut earlier = Earlier::index(connection, previous, &mut show)?;
    for identity in rows {
        if let Some((known, _call)) = earlier.known(&identity)? {
            (earlier.decide)(&known);
        }
    }
    drop(earlier);
    connection.execute(LOSE_EARLIER, []).map(drop)
}

fn chain(connection: &Connection, last: i64) -> rusqlite::Result<Vec<i64>> {
    connection.prepare(CHAIN)?.query_map([last], |row| row.get(0))?.collect()
}

fn put_job(connection: &Connection, job: &NewJob) -> rusqlite::Result<i64> {
    let NewJob { kind, input, digest, url, username, verifier, options, began_ms } = job;
    let kind = kind.as_str();
    let columns = params![kind, input, digest, url, username, verifier, options, began_ms];
    connection.execute(PUT_JOB, columns)?;
    Ok(connection.last_insert_rowid())
}

fn put_row(put: &mut Statement<'_>, job: i64, identity: &Identity) -> rusqlite::Result<()> {
    let Identity { row, line, action, customer, mailbox, nth } = identity;
    let action = action.map(Action::as_str);
    let mailbox = mailbox.as_ref().map(Mailbox::digits);
    let mailbox = mailbox.as_deref();
    put.execute(params![rows::id(job, *row), line, action, customer, mailbox, nth]).map(drop)
}

impl<'c, 'd> Earlier<'c, 'd> {
    fn index(
        connection: &'c Connection,
        job: i64,
        decide: &'d mut dyn FnMut(&Known) -> Carry,
    ) -> rusqlite::Result<Self> {
        connection.execute(LOSE_EARLIER, [])?;
        connection.execute(MAKE_EARLIER, [])?;
        let mut left = 0;
        for job in chain(connection, job)? {
            left += connection.execute(FILL_EARLIER, [job])?;
        }
        Ok(Self {
            left,
            decide,
            find: connection.prepare(FIND)?,
            put_call: connection.prepare(rows::PUT_CALL)?,
            put_result: connection.prepare(rows::PUT_RESULT)?,
        })
    }

    /// Takes over what is known of one row, as far as it is wanted.
    fn carry(&mut self, new_job: i64, identity: &Identity) -> rusqlite::Result<()> {
        let Some((known, call)) = self.known(identity)? else { return Ok(()) };
        let about = About { job: new_job, row: known.row, origin: Origin::Carried };
        match (self.decide)(&known) {
            Carry::Keep(fingerprint) => {
                rows::put_call(&mut self.put_call, about, Call { fingerprint, ..call })?;
                match &known.state {
                    KnownState::Settled(outcome) => {
                        rows::put_result(&mut self.put_result, about, outcome)?;
                    }
                    KnownState::Open { .. } => {}
                }
            }
            Carry::Open(fingerprint) => {
                rows::put_call(&mut self.put_call, about, Call { fingerprint, ..call })?;
            }
            Carry::Drop => match &known.state {
                // It is done, as it was: that is known again if the row is put back.
                KnownState::Settled(outcome) if outcome.status.is_done() => self.left += 1,
                KnownState::Settled(_) | KnownState::Open { .. } => {
                    rows::put_call(&mut self.put_call, about, Call { withdrawn: true, ..call })?;
                }
            },
        }
        Ok(())
    }

    fn known(&mut self, identity: &Identity) -> rusqlite::Result<Option<(Known, Call)>> {
        let Identity { row, line: _, action, customer, mailbox, nth } = identity;
        let action = action.map(Action::as_str).unwrap_or_default();
        let customer = customer.map_or(-1, i64::from);
        let mailbox = mailbox.as_ref().map(Mailbox::digits);
        let mailbox = mailbox.as_deref().unwrap_or_default();
        let mut found = self.find.query(params![action, customer, mailbox, nth])?;
        let Some(found) = found.next()? else { return Ok(None) };
        self.left = self.left.saturating_sub(1);
        let (known, call) = known(*row, found)?;
        let is_hidden = call.withdrawn && matches!(known.state, KnownState::Open { .. });
        Ok((!is_hidden).then_some((known, call)))
    }
}

fn known(row: RowIndex, found: &rusqlite::Row<'_>) -> rusqlite::Result<(Known, Call)> {
    let at_ms = found.get(0)?;
    let evidence = rows::word(found, 1, Evidence::parse)?;
    let fingerprint = Fingerprint { content: found.get(2)?, secret: found.get(3)? };
    let is_settled = found.get_ref(4)?.as_str_or_null()?.is_some();
    let state = if is_settled {
        KnownState::Settled(rows::outcome(found, 4)?)
    } else {
        KnownState::Open { at_ms, evidence }
    };
    let (withdrawn, latest_ms) = (found.get(12)?, found.get(13)?);
    let call = Call { at_ms, latest_ms, evidence, fingerprint, withdrawn };
    Ok((Known { row, fingerprint, verifier: found.get(14)?, state }, call))
}
