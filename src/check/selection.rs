//! Which rows are to be looked at: by their number, by their cells, a sample of those, the first few of that.
//!
//! Decided in this order, after the source's own word, so that ten rows are ten that can be sent. Refuses to guess: a
//! row whose cells cannot be told apart is not left out for what they say.

use std::fmt;

use regex::Regex;

use crate::model::Action;
use crate::model::Cell;
use crate::model::LeftOut;
use crate::model::RawRow;
use crate::model::RowIndex;
use crate::resources::mailbox::Name;

/// What is selected; all rows unless something is said.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Rows by their number.
    pub rows: Option<RowRange>,
    /// What cells have to be, each of them.
    pub cells: Vec<CellPattern>,
    /// So many of those.
    pub sample: Option<Sample>,
    /// The first of those.
    pub limit: Option<u32>,
}

/// Rows from one to another, both included, counted from 1 as the report counts them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct RowRange {
    /// The first.
    pub first: u32,
    /// The last; `u32::MAX` for the end of the file.
    pub last: u32,
}

/// Rows that are picked, the same ones of the same file each time.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Sample {
    /// How many.
    pub rows: u32,
    /// Another seed picks others.
    pub seed: u64,
}

/// What the cells of a column have to be, or must not be.
#[derive(Clone, Debug)]
pub struct CellPattern {
    /// As it was typed.
    text: String,
    column: usize,
    pattern: Regex,
    wanted: Wanted,
}

/// Which cells are selected.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Wanted {
    /// Those that are like the pattern.
    Alike,
    /// The others.
    Unlike,
}

impl CellPattern {
    /// A pattern for the cells of a column: `*` stands for any text, `?` for one character. None where it is too long.
    pub fn new(text: &str, column: usize, wanted: Wanted, pattern: &str) -> Option<Self> {
        let each = pattern.chars().map(|it| match it {
            '*' => ".*".to_owned(),
            '?' => ".".to_owned(),
            other => regex::escape(other.encode_utf8(&mut [0; 4])),
        });
        let pattern = Regex::new(&format!("^(?s:{})$", each.collect::<String>())).ok()?;
        Some(Self { text: text.to_owned(), column, pattern, wanted })
    }

    fn selects(&self, cells: &[Cell<'_>], settings: (Action, &str)) -> bool {
        let (action, empty_token) = settings;
        let text = match &cells[self.column] {
            // What is not said is what the option says.
            Cell::Absent if self.column == Name::Action as usize => action.as_str().into(),
            Cell::Empty => empty_token.into(),
            cell => cell.text().unwrap_or_default(),
        };
        self.pattern.is_match(&text) == (self.wanted == Wanted::Alike)
    }
}

impl Selection {
    /// Whether all rows are selected, so that nothing has to be looked at.
    pub fn is_all(&self) -> bool {
        let Self { rows, cells, sample, limit } = self;
        rows.is_none() && cells.is_empty() && sample.is_none() && limit.is_none()
    }

    /// By what a row is left out, as far as that can be told of it alone. A blank action is `action`.
    pub fn look(
        &self,
        place: RowIndex,
        row: &RawRow<'_>,
        settings: (Action, &str),
    ) -> Option<LeftOut> {
        let number = place.saturating_add(1);
        if row.excluded.is_some() {
            Some(LeftOut::Source)
        } else if self.rows.is_some_and(|it| number < it.first || number > it.last) {
            Some(LeftOut::Rows)
        } else if row.readable && !self.cells.iter().all(|it| it.selects(row.cells, settings)) {
            Some(LeftOut::Cells)
        } else {
            None
        }
    }

    /// Leaves rows out that are beyond the sample or the limit; `rows` has all rows of the file.
    pub fn thin(&self, rows: &mut [Option<LeftOut>]) {
        if let Some(Sample { rows: wanted, seed }) = self.sample {
            let mut chance = fastrand::Rng::with_seed(seed);
            let mut wanted = u64::from(wanted);
            let mut left = rows.iter().filter(|it| it.is_none()).count() as u64;
            for row in rows.iter_mut().filter(|it| it.is_none()) {
                if chance.u64(..left) < wanted {
                    wanted -= 1;
                } else {
                    *row = Some(LeftOut::Sample);
                }
                left -= 1;
            }
        }
        let most = self.limit.map_or(usize::MAX, |it| usize::try_from(it).unwrap_or(usize::MAX));
        for row in rows.iter_mut().filter(|it| it.is_none()).skip(most) {
            *row = Some(LeftOut::Limit);
        }
    }

    /// The option that leaves rows out; nothing where none does.
    pub fn option(&self, by: LeftOut) -> String {
        match by {
            LeftOut::Source => String::new(),
            LeftOut::Rows => self.rows.map(|it| format!("--rows {it}")).unwrap_or_default(),
            LeftOut::Cells => {
                let each: Vec<_> =
                    self.cells.iter().map(|it| format!("--where {}", it.text)).collect();
                each.join(" ")
            }
            LeftOut::Sample => self.sample.map(|it| format!("--sample {it}")).unwrap_or_default(),
            LeftOut::Limit => self.limit.map(|it| format!("--limit {it}")).unwrap_or_default(),
        }
    }
}

impl fmt::Display for RowRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = *self;
        if first == last {
            write!(f, "{first}")
        } else if last == u32::MAX {
            write!(f, "{first}-")
        } else {
            write!(f, "{first}-{last}")
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rows, seed } = self;
        if *seed == 0 { write!(f, "{rows}") } else { write!(f, "{rows}@{seed}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn selects(pattern: &str, wanted: Wanted, cell: Cell<'_>) -> bool {
        let pattern = CellPattern::new("", 1, wanted, pattern).unwrap();
        pattern.selects(&[Cell::Absent, cell], (Action::Update, "<empty>"))
    }

    fn alike(pattern: &str, text: &str) -> bool {
        selects(pattern, Wanted::Alike, Cell::Text(text.into()))
    }

    #[test]
    fn a_star_is_any_text_a_question_mark_one_character_and_the_rest_stands_for_itself() {
        for (pattern, text) in
            [("12*", "12"), ("12*", "12\n99"), ("*12", "512"), ("1?3", "1ü3"), ("a.b", "a.b")]
        {
            assert!(alike(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("12*", "512"), ("12", "123"), ("1?3", "13"), ("a.b", "axb"), ("A", "a"), ("", "x")]
        {
            assert!(!alike(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn a_blank_cell_is_like_the_empty_pattern_and_the_empty_token_like_its_text() {
        assert!(selects("", Wanted::Alike, Cell::Absent));
        assert!(!selects("", Wanted::Unlike, Cell::Absent));
        assert!(!selects("", Wanted::Alike, Cell::Empty));
        assert!(selects("<empty>", Wanted::Alike, Cell::Empty));
        assert!(selects("7?", Wanted::Alike, Cell::Integer(70)));
        assert!(selects("true", Wanted::Alike, Cell::Boolean(true)));
    }

    #[test]
    fn a_blank_action_is_what_the_option_says() {
        let pattern = CellPattern::new("", 0, Wanted::Alike, "update").unwrap();
        assert!(pattern.selects(&[Cell::Absent], (Action::Update, "")));
        assert!(!pattern.selects(&[Cell::Absent], (Action::Create, "")));
    }

    fn picked(sample: u32, seed: u64, limit: Option<u32>, rows: usize) -> Vec<usize> {
        let sample = Some(Sample { rows: sample, seed });
        let mut left_out = vec![None; rows];
        left_out[3] = Some(LeftOut::Rows);
        Selection { sample, limit, ..Selection::default() }.thin(&mut left_out);
        assert_eq!(left_out[3], Some(LeftOut::Rows));
        (0..rows).filter(|it| left_out[*it].is_none()).collect()
    }

    #[test]
    fn a_sample_is_the_same_each_time_and_another_one_with_another_seed() {
        let sample = picked(10, 0, None, 1000);
        assert_eq!((sample.len(), &sample), (10, &picked(10, 0, None, 1000)));
        assert_ne!(sample, picked(10, 1, None, 1000));
        assert_eq!(picked(10, 0, Some(4), 1000), sample[..4]);
        assert_eq!(picked(10, 0, None, 5), [0, 1, 2, 4], "there are no more");
    }

    #[test]
    fn every_row_is_picked_about_as_often_as_any_other() {
        let mut times = [0; 20];
        for seed in 0..2000 {
            for row in picked(5, seed, None, 21) {
                times[row - usize::from(row > 3)] += 1;
            }
        }
        assert!(times.iter().all(|it| (400..600).contains(it)), "{times:?}");
    }
}
