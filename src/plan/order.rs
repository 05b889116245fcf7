//! The order of the rows: that of the file, with sources of PINs and what they follow on moved forward.

use super::lanes::Lanes;
use crate::model::RowIndex;
use crate::model::Sheet;

/// Every row of the sheet once; where no PIN is copied, none is moved.
pub(super) fn order(sheet: &Sheet, lanes: &Lanes) -> impl Iterator<Item = RowIndex> {
    let moved = if sheet.copies.is_empty() { Vec::new() } else { moved(sheet, lanes) };
    let rows = RowIndex::try_from(sheet.rows.len()).unwrap_or(RowIndex::MAX);
    (0..rows).map(move |place| moved.get(place as usize).copied().unwrap_or(place))
}

/// A row comes after the row before it in its lane and after the row that makes its PIN's source. Where that would
/// be a circle, which the check has reported, the circle is left at the row where it closes.
fn moved(sheet: &Sheet, lanes: &Lanes) -> Vec<RowIndex> {
    let mut state = vec![State::Ahead; sheet.rows.len()];
    let mut order = Vec::with_capacity(sheet.rows.len());
    let mut stack = Vec::new();
    for row in (0..).take(sheet.rows.len()) {
        stack.push(row);
        while let Some(&top) = stack.last() {
            let open = match state[top as usize] {
                State::Ahead => {
                    state[top as usize] = State::Open;
                    first(sheet, lanes, top, &state)
                }
                State::Open => first(sheet, lanes, top, &state),
                State::Placed => {
                    stack.pop();
                    continue;
                }
            };
            if let Some(before) = open {
                stack.push(before);
            } else {
                state[top as usize] = State::Placed;
                order.push(top);
                stack.pop();
            }
        }
    }
    order
}

#[derive(Clone, Copy, Eq, PartialEq)]
enum State {
    Ahead,
    Open,
    Placed,
}

/// A row that must be placed before `row` and is not yet on its way.
fn first(sheet: &Sheet, lanes: &Lanes, row: RowIndex, state: &[State]) -> Option<RowIndex> {
    let ahead = |it: &RowIndex| state[*it as usize] == State::Ahead;
    lanes.before(row).filter(ahead).or_else(|| sheet.source_row(row).filter(ahead))
}
