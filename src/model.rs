//! The words that all stages share: plain data without I/O, in the order in which a row meets them.
//!
//! Imports nothing else of the house, so every stage can be read with this folder alone beside it.

mod action;
mod call;
mod columns;
mod evidence;
mod findings;
mod mailbox;
mod notice;
mod outcome;
mod plan;
mod problem;
mod reply;
mod row;
mod rule;
mod secret;
mod sheet;

pub use action::Action;
pub use action::Kind;
pub use call::Call;
pub use call::Function;
pub use columns::ColumnNames;
pub use columns::REASON_COLUMN;
pub use evidence::Evidence;
pub use evidence::Fingerprint;
pub use findings::Findings;
pub use findings::Group;
pub use findings::KEPT_MAX;
pub use mailbox::Mailbox;
pub use mailbox::MailboxError;
pub use notice::Notice;
pub use outcome::Detail;
pub use outcome::Outcome;
pub use outcome::Status;
pub use outcome::Totals;
pub use plan::Dependency;
pub use plan::Needs;
pub use plan::Plan;
pub use plan::Task;
pub use problem::Place;
pub use problem::Problem;
pub use reply::Answer;
pub use reply::Meaning;
pub use reply::Misconfiguration;
pub use reply::Refusal;
pub use reply::Reply;
pub use row::Cell;
pub use row::RawRow;
pub use row::RowIndex;
pub use row::Span;
pub use rule::Rule;
pub use rule::Severity;
pub use secret::Secret;
pub use sheet::CheckedRow;
pub use sheet::Sheet;
