//! Cells, met in the order of a sheet, become lines. Holds none of them; refuses a cell that comes too late.

use crate::input::InputError;
use crate::input::sheet::error::SheetError;
use crate::input::spool::Spool;
use crate::model::RowIndex;

/// Rows of a sheet.
pub(super) const ROWS_MAX: u32 = 1 << 20;

/// Columns of a sheet.
pub(in crate::input) const COLUMNS_MAX: u32 = 1 << 14;

/// Cells of a sheet that are not blank: thirty-two columns of as many rows as there are.
pub(super) const CELLS_MAX: u32 = 32 << 20;

/// What a cell holds, blank ones left out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'v> {
    /// Text.
    Text(&'v str),
    /// A number.
    Number(f64),
    /// True or false.
    Boolean(bool),
    /// A date, a time of day, or both.
    Date(&'v str),
    /// What a formula failed with.
    Failure(&'v str),
}

/// Writes rows in their order.
#[derive(Debug)]
pub(super) struct Grid<'s> {
    spool: &'s mut Spool,
    /// The row that is being written, counted from 0.
    row: u32,
    /// Cells that it has up to now, blank ones among them.
    cells: u32,
    /// Any of them is written.
    is_begun: bool,
    /// Cells of all rows that are not blank.
    filled: u32,
    /// Rows that are not blank, the header among them.
    begun: u64,
    /// Most of them without the header.
    rows_max: RowIndex,
}

impl<'s> Grid<'s> {
    /// Begins with the first row.
    pub(super) fn new(spool: &'s mut Spool, rows_max: RowIndex) -> Self {
        Self { spool, row: 0, cells: 0, is_begun: false, filled: 0, begun: 0, rows_max }
    }

    /// Refuses cells that are still to come, by their number, where there are too many.
    pub(super) fn expect(&self, cells: u64) -> Result<(), SheetError> {
        let room = u64::from(CELLS_MAX - self.filled);
        if cells <= room { Ok(()) } else { Err(SheetError::TooManyCells) }
    }

    /// Writes a cell that is not blank, by its row and column.
    pub(super) fn put(
        &mut self,
        (row, column): (u32, u32),
        value: Value<'_>,
    ) -> Result<(), InputError> {
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(SheetError::Outside.into());
        }
        if row < self.row || row == self.row && column < self.cells {
            let what = "a cell stands behind one that comes after it";
            return Err(SheetError::Damaged { what }.into());
        }
        self.expect(1)?;
        self.filled += 1;
        while self.row < row {
            self.end_row()?;
        }
        if !self.is_begun {
            self.begun += 1;
            if self.begun > u64::from(self.rows_max) + 1 {
                return Err(InputError::TooManyRows { rows_max: self.rows_max });
            }
        }
        if self.cells < column {
            self.put_json(&format!("{{\"blank\":{}}}", column - self.cells))?;
        }
        self.put_json(&json(value))?;
        self.cells = column + 1;
        Ok(())
    }

    /// Ends the last row.
    pub(super) fn finish(mut self) -> Result<(), InputError> {
        if self.is_begun { self.end_row() } else { Ok(()) }
    }

    fn put_json(&mut self, json: &str) -> Result<(), InputError> {
        self.spool.put(if self.is_begun { b"," } else { b"[" })?;
        self.is_begun = true;
        self.spool.put(json.as_bytes())
    }

    fn end_row(&mut self) -> Result<(), InputError> {
        self.spool.put(if self.is_begun { b"]\n" } else { b"\n" })?;
        self.row += 1;
        self.cells = 0;
        self.is_begun = false;
        Ok(())
    }
}

fn json(value: Value<'_>) -> String {
    let text = |it: &str| serde_json::Value::from(it).to_string();
    match value {
        Value::Text(it) => text(it),
        // The shortest digits that mean this number, and no exponent.
        Value::Number(it) if it.is_finite() => it.to_string(),
        Value::Number(_) => text("not a number"),
        Value::Boolean(it) => it.to_string(),
        Value::Date(it) => format!("{{\"date\":{}}}", text(it)),
        Value::Failure(it) => format!("{{\"error\":{}}}", text(it)),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::io::Seek;

    use super::*;

    fn written(cells: &[((u32, u32), Value<'_>)]) -> Result<String, InputError> {
        let mut spool = Spool::new(1 << 20)?;
        let mut grid = Grid::new(&mut spool, 3);
        for (place, value) in cells {
            grid.put(*place, *value)?;
        }
        grid.finish()?;
        let mut text = String::new();
        let mut file = spool.finish()?;
        file.rewind().unwrap();
        file.read_to_string(&mut text).unwrap();
        Ok(text)
    }

    #[test]
    fn lines_are_rows_and_blank_cells_keep_their_places() {
        let cells = [
            ((1, 0), Value::Text("a\"\n")),
            ((1, 2), Value::Number(101.0)),
            ((1, 3), Value::Number(0.1)),
            ((4, 1), Value::Boolean(true)),
            ((5, 0), Value::Date("2024-03-01")),
            ((5, 1), Value::Failure("#N/A")),
        ];
        assert_eq!(
            written(&cells).unwrap(),
            "\n[\"a\\\"\\n\",{\"blank\":1},101,0.1]\n\n\n[{\"blank\":1},true]\n[{\"date\":\"2024-03-01\"},{\"error\":\"#N/A\"}]\n"
        );
        assert_eq!(written(&[]).unwrap(), "");
    }

    #[test]
    fn the_last_cell_of_all_costs_a_byte_a_row() {
        let text = written(&[((ROWS_MAX - 1, 1), Value::Boolean(true))]);
        assert!(matches!(text.unwrap_err(), InputError::TooLong { .. }));
        assert_eq!(written(&[((1000, 0), Value::Boolean(true))]).unwrap().len(), 1007);
    }

    #[test]
    fn rows_beyond_the_most_that_are_taken_are_not_written() {
        let cells: Vec<_> = (0..5).map(|row| ((row * 2, 0), Value::Number(1.0))).collect();
        assert!(written(&cells[..4]).is_ok());
        assert!(matches!(written(&cells).unwrap_err(), InputError::TooManyRows { rows_max: 3 }));
    }

    #[test]
    fn cells_that_find_no_room_are_refused_before_they_come() {
        let mut spool = Spool::new(1 << 20).unwrap();
        let mut grid = Grid::new(&mut spool, 3);
        grid.put((0, 0), Value::Number(1.0)).unwrap();
        assert_eq!(grid.expect(u64::from(CELLS_MAX) - 1), Ok(()));
        assert_eq!(grid.expect(u64::from(CELLS_MAX)), Err(SheetError::TooManyCells));
    }

    #[test]
    fn cells_outside_the_sheet_and_out_of_order_are_refused() {
        let one = Value::Boolean(true);
        let refused = |cells: &[_]| match written(cells).unwrap_err() {
            InputError::Sheet(error) => error,
            error => panic!("{error:?}"),
        };
        assert_eq!(refused(&[((ROWS_MAX, 0), one)]), SheetError::Outside);
        assert_eq!(refused(&[((0, COLUMNS_MAX), one)]), SheetError::Outside);
        for cells in [[((1, 0), one), ((0, 5), one)], [((1, 2), one), ((1, 2), one)]] {
            assert!(matches!(refused(&cells), SheetError::Damaged { .. }));
        }
    }
}
