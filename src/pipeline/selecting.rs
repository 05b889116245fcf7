//! Which rows of an input are left out, decided before any is judged: what is wrong with them does not count.
//!
//! Goes over the input once more, where an option asks for it alone; keeps a byte a row.

use rayon::iter::IntoParallelRefIterator;
use rayon::iter::ParallelIterator;

use crate::check::Rules;
use crate::input::Chunk;
use crate::input::Input;
use crate::input::InputError;
use crate::model::LeftOut;
use crate::model::RowIndex;
use crate::pipeline::chunks_at_once;

/// By what each row is left out; no row at all where nothing is asked for.
#[derive(Debug, Default)]
pub(super) struct Selected(Vec<Option<LeftOut>>);

impl Selected {
    /// Looks at all rows of an input of which no chunk was taken.
    pub(super) fn of(input: &Input, rules: &Rules) -> Result<Self, InputError> {
        let selection = &rules.selection;
        if selection.is_all() {
            return Ok(Self::default());
        }
        let mut input = input.clone();
        let layout = input.layout();
        let settings = (rules.settings.action, layout.empty_token());
        let mut left_out = Vec::new();
        while let Some(chunks) = input.next_batch(chunks_at_once())? {
            let look = |chunk: &Chunk| {
                let mut looked = Vec::with_capacity(chunk.rows());
                let mut place = chunk.first_row();
                chunk.visit(&layout, |row| {
                    looked.push(selection.look(place, &row, settings));
                    place += 1;
                });
                looked
            };
            let looked: Vec<_> = chunks.par_iter().map(look).collect();
            left_out.extend(looked.into_iter().flatten());
            input.reuse(chunks);
        }
        selection.thin(&mut left_out);
        Ok(Self(left_out))
    }

    /// By what a row is left out, if it is.
    pub(super) fn left_out(&self, row: RowIndex) -> Option<LeftOut> {
        self.0.get(row as usize).copied().flatten()
    }
}
