//! What is known before the first row: where each column stands, and what blank cells become.
//!
//! Shared by all threads and by the second reading; refuses to change once the header is read.

use std::borrow::Cow;
use std::hash::BuildHasher;
use std::hash::Hasher;

use foldhash::quality::RandomState;

use crate::input::CsvOption;
use crate::input::InputError;
use crate::input::decode::Decoded;
use crate::input::header::Header;
use crate::input::mapping::Mapping;
use crate::input::shape::Dialect;
use crate::input::shape::Limits;
use crate::input::split::Splitter;
use crate::model::Cell;
use crate::model::ColumnNames;

/// How cells are read, as options say.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The names that our columns have.
    pub names: ColumnNames,
    /// How our columns are made from those of the file, where it has others.
    pub mapping: Option<Mapping>,
    /// The CSV cell that stands for an empty string.
    pub empty_token: String,
    /// Texts for cells that a row leaves blank, by the column's place among the known ones.
    pub fill: Vec<(usize, String)>,
    /// What stands between cells; found from the header where it is not given.
    pub delimiter: Option<u8>,
    /// What stands around cells; none where quotes are text.
    pub quote: Option<u8>,
    /// The columns' names in their order, where the input has no header.
    pub columns: Option<Vec<String>>,
    /// How much is read.
    pub limits: Limits,
    /// How often records are read.
    pub readings: Readings,
}

/// How often records are read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Readings {
    /// Each once: there are no [`Records`](crate::input::Records).
    One,
    /// Again by their places: each is hashed, to see that it is still the same.
    Two,
}

impl Settings {
    /// What stands for an empty string where no option says otherwise.
    pub const EMPTY_TOKEN: &str = "<empty>";

    /// What holds where no option says otherwise.
    pub fn new(names: ColumnNames) -> Self {
        Self {
            names,
            mapping: None,
            empty_token: Self::EMPTY_TOKEN.to_owned(),
            fill: Vec::new(),
            delimiter: None,
            quote: Some(b'"'),
            columns: None,
            limits: Limits::default(),
            readings: Readings::Two,
        }
    }

    /// Refuses options about CSV where the input is `other`.
    pub(super) fn refuse_csv_options(&self, other: &'static str) -> Result<(), InputError> {
        let given = [
            (CsvOption::Delimiter, self.delimiter.is_some()),
            (CsvOption::Quote, self.quote != Dialect::default().quote),
            (CsvOption::NoHeader, self.columns.is_some()),
        ];
        match given.into_iter().find(|it| it.1) {
            Some((option, _)) => Err(InputError::NotDelimited { option, input: other }),
            None => Ok(()),
        }
    }

    /// The names that the file's columns may have.
    pub(super) fn source_names(&self) -> &ColumnNames {
        self.mapping.as_ref().map_or(&self.names, Mapping::names)
    }

    /// What a CSV cell, or a text from an option, stands for.
    pub(super) fn cell<'a>(&self, text: Cow<'a, str>) -> Cell<'a> {
        if is_blank(&text) {
            Cell::Absent
        } else if *text == self.empty_token {
            Cell::Empty
        } else {
            Cell::Text(text)
        }
    }

    /// The same of nearly all CSV cells, written where it stays: handed on, it would be read again before it is written.
    #[inline]
    pub(super) fn put<'a>(&self, text: &'a str, cell: &mut Cell<'a>) {
        if is_blank(text) {
            *cell = Cell::Absent;
        } else if *text == self.empty_token {
            *cell = Cell::Empty;
        } else {
            *cell = Cell::Text(Cow::Borrowed(text));
        }
    }

    /// Puts the options' texts into cells that a row leaves blank.
    pub(super) fn fill<'a>(&'a self, cells: &mut [Cell<'a>]) {
        for (place, text) in &self.fill {
            if let Some(cell @ Cell::Absent) = cells.get_mut(*place) {
                *cell = self.cell(Cow::Borrowed(text));
            }
        }
    }
}

/// How the records of one input become rows.
#[derive(Debug)]
pub struct Layout {
    pub(super) splitter: Splitter,
    pub(super) header: Header,
    pub(super) settings: Settings,
    /// What is known of the input's encoding, where that is not UTF-8.
    pub(super) decoded: Option<Decoded>,
    /// Nothing where records are read once.
    hasher: Option<RandomState>,
}

impl Layout {
    pub(super) fn new(
        splitter: Splitter,
        header: Header,
        settings: Settings,
        decoded: Option<Decoded>,
    ) -> Self {
        let hasher = match settings.readings {
            Readings::One => None,
            Readings::Two => Some(RandomState::default()),
        };
        Self { splitter, header, settings, decoded, hasher }
    }

    /// The names of our columns, in the order of a row's cells.
    pub fn native_names(&self) -> &[Cow<'static, str>] {
        &self.settings.names.known
    }

    /// Whether the digits of our column at a place are a text.
    pub fn is_text(&self, place: usize) -> bool {
        self.settings.names.is_text(place)
    }

    /// Whether a cell of our column may come from something other than a column of its own.
    pub fn fills(&self, place: usize) -> bool {
        self.settings.mapping.as_ref().is_some_and(|it| it.fills(place))
    }

    /// The names that the file's columns may have.
    pub(super) fn names(&self) -> &ColumnNames {
        self.settings.source_names()
    }

    /// The longest record in bytes.
    pub fn record_max(&self) -> usize {
        self.splitter.record_max
    }

    /// The CSV cell that stands for an empty string.
    pub fn empty_token(&self) -> &str {
        &self.settings.empty_token
    }

    /// A hash of a record, another one in each process. Of one that is too long, its beginning counts.
    pub(super) fn digest(&self, beginning: &[u8], length: u32) -> Option<u64> {
        let mut hasher = self.hasher.as_ref()?.build_hasher();
        hasher.write(beginning);
        if beginning.len() != length as usize {
            hasher.write_u32(length);
        }
        Some(hasher.finish())
    }

    /// What a CSV cell stands for.
    pub(super) fn cell<'a>(&self, text: Cow<'a, str>) -> Cell<'a> {
        self.settings.cell(text)
    }
}

/// Whether a text says nothing.
pub(super) fn is_blank(text: &str) -> bool {
    // Most texts show by their first byte that they are none.
    text.as_bytes().first().is_none_or(|it| *it <= b' ') && text.trim_ascii().is_empty()
}
