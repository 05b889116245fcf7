//! How a row stands before anything is sent: whether it may be, and if it is left out, by what.

/// What the check makes of a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Standing {
    /// No rule that counts as an error is broken.
    Valid,
    /// One is: it is not sent.
    Invalid,
    /// It is no part of what is to be done: neither judged nor held against other rows nor sent.
    Excluded(LeftOut),
}

/// By what a row is left out, in the order in which that is decided.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LeftOut {
    /// The source says so itself.
    Source,
    /// Its number is not among those that are selected.
    Rows,
    /// Its cells are not what is selected.
    Cells,
    /// It is not in the sample.
    Sample,
    /// Enough rows stand before it.
    Limit,
}
