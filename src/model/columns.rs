//! The column names that an input may have, as a value that the input stage is given.

use std::borrow::Cow;

/// The column that boxlift adds to rows that were not done, and passes over when it reads them again.
pub const REASON_COLUMN: &str = "boxlift_reason";

/// Names of columns, without what they mean: that is the resource's knowledge.
///
/// A cell is addressed by its column's place in [`known`](Self::known), whatever the order in the file.
#[derive(Clone, Debug)]
pub struct ColumnNames {
    /// Columns whose cells are read.
    pub known: Vec<Cow<'static, str>>,
    /// The column without which a first line is no header.
    pub key: &'static str,
    /// Names that the connection owns; as columns they are refused.
    pub reserved: &'static [&'static str],
    /// Columns that boxlift itself wrote and passes over when it reads them again.
    pub ignored: &'static [&'static str],
}
