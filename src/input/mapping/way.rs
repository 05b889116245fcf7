//! One way to make a cell: where its text comes from, what is done to it, and when it counts.

use std::borrow::Cow;

use crate::input::mapping::Text;
use crate::input::mapping::options;
use crate::input::mapping::options::Known;
use crate::input::mapping::steps::Desk;
use crate::input::mapping::steps::Other;
use crate::input::mapping::steps::Sense;
use crate::input::mapping::steps::Step;
use crate::model::Cell;
use crate::model::ColumnNames;
use crate::model::Problem;

/// A way, with its source columns by `C`: their names as it is written down, their places as it is followed.
#[derive(Clone, Debug)]
pub(in crate::input) struct Way<C> {
    origin: Origin<C>,
    steps: Vec<Step>,
    condition: Option<Test<C>>,
}

/// Where a text comes from.
#[derive(Clone, Debug)]
enum Origin<C> {
    /// One column, as it is.
    Column(C),
    /// Several columns, those with a text joined.
    Joined { columns: Vec<C>, separator: Text },
    /// An option in the first of these columns that has it.
    Option { columns: Vec<C>, key: Text },
    /// The same for every row.
    Constant(Text),
}

/// What a column says; capitals do not count, and a blank cell is an empty word.
#[derive(Clone, Debug)]
pub(super) struct Test<C> {
    pub(super) column: C,
    pub(super) words: Vec<Text>,
    pub(super) wanted: Wanted,
}

/// When a test holds.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Wanted {
    /// The column has one of the words.
    OneOf,
    /// It has another.
    NoneOf,
}

/// A column as it is.
pub(in crate::input) fn column(name: impl Into<Text>) -> Way<Text> {
    Way::of(Origin::Column(name.into()))
}

/// Several columns in one; those that are blank leave no separator.
pub(in crate::input) fn columns<N: Into<Text>>(
    names: impl IntoIterator<Item = N>,
    separator: impl Into<Text>,
) -> Way<Text> {
    let columns = names.into_iter().map(Into::into).collect();
    Way::of(Origin::Joined { columns, separator: separator.into() })
}

/// An option of a list such as `attach=yes|saycid=no`; the first of the columns that has it counts.
pub(in crate::input) fn option(columns: &[&'static str], key: &'static str) -> Way<Text> {
    let columns = columns.iter().map(|it| Cow::Borrowed(*it)).collect();
    Way::of(Origin::Option { columns, key: Cow::Borrowed(key) })
}

/// The same text for every row.
pub(in crate::input) fn constant(text: impl Into<Text>) -> Way<Text> {
    Way::of(Origin::Constant(text.into()))
}

impl Way<Text> {
    fn of(origin: Origin<Text>) -> Self {
        Self { origin, steps: Vec::new(), condition: None }
    }

    /// Does something more to the text.
    pub(super) fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// Reads yes or no.
    pub(in crate::input) fn yes_no(self) -> Self {
        match self.origin {
            Origin::Option { .. } => self.step(Step::Switch),
            Origin::Column(_) | Origin::Joined { .. } | Origin::Constant(_) => {
                self.step(Step::YesNo(Sense::AsSaid))
            }
        }
    }

    /// Reads yes or no, and means the contrary.
    pub(in crate::input) fn no_yes(self) -> Self {
        self.step(Step::YesNo(Sense::Contrary))
    }

    /// Takes the first of several e-mail addresses.
    pub(in crate::input) fn first_address(self) -> Self {
        self.step(Step::FirstAddress)
    }

    /// Takes a sign away that stands before a password.
    pub(in crate::input) fn without_sign(self) -> Self {
        self.step(Step::WithoutSign)
    }

    /// Reads the name of a time zone, or an alias of these.
    pub(in crate::input) fn zone(self, aliases: &'static [(&'static str, &'static str)]) -> Self {
        self.step(Step::Zone { aliases })
    }

    /// Looks the text up; another one is treated as `other` says.
    pub(in crate::input) fn table(
        self,
        entries: &[(&'static str, &'static str)],
        other: Other,
    ) -> Self {
        let text = |it: &'static str| Cow::Borrowed(it);
        let entries = entries.iter().map(|(word, value)| (text(word), text(value))).collect();
        self.step(Step::Table { entries, other })
    }

    /// Counts only where a column is not blank.
    pub(in crate::input) fn given(self, column: &'static str) -> Self {
        self.unless(column, &[""])
    }

    /// Counts only where a column has none of some words.
    pub(in crate::input) fn unless(mut self, column: &'static str, words: &[&'static str]) -> Self {
        self.condition = Some(Test::new(column, words, Wanted::NoneOf));
        self
    }

    /// Finds the places of its columns.
    pub(super) fn resolve(self, place: &mut impl FnMut(Text) -> usize) -> Way<usize> {
        let Self { origin, steps, condition } = self;
        let mut places = |names: Vec<Text>| names.into_iter().map(&mut *place).collect();
        let origin = match origin {
            Origin::Joined { columns, separator } => {
                Origin::Joined { columns: places(columns), separator }
            }
            Origin::Option { columns, key } => Origin::Option { columns: places(columns), key },
            Origin::Constant(text) => Origin::Constant(text),
            Origin::Column(name) => Origin::Column(place(name)),
        };
        Way { origin, steps, condition: condition.map(|it| it.resolve(place)) }
    }

    /// The option that it reads, with the columns in which it may stand.
    pub(super) fn option(&self) -> Option<(&[Text], Known)> {
        match &self.origin {
            Origin::Option { columns, key } => {
                let is_switch = self.steps.iter().any(|it| matches!(it, Step::Switch));
                Some((columns, Known { key: key.clone(), is_switch }))
            }
            Origin::Column(_) | Origin::Joined { .. } | Origin::Constant(_) => None,
        }
    }
}

impl<C> Way<C> {
    /// The columns that it reads.
    pub(super) fn columns(&self) -> &[C] {
        match &self.origin {
            Origin::Column(column) => std::slice::from_ref(column),
            Origin::Joined { columns, .. } | Origin::Option { columns, .. } => columns,
            Origin::Constant(_) => &[],
        }
    }
}

impl Way<usize> {
    /// The column whose cells it takes as they are.
    pub(super) fn as_it_is(&self) -> Option<usize> {
        match self.origin {
            Origin::Column(column) if self.steps.is_empty() && self.condition.is_none() => {
                Some(column)
            }
            Origin::Column(_)
            | Origin::Joined { .. }
            | Origin::Option { .. }
            | Origin::Constant(_) => None,
        }
    }

    /// Whether it counts for a row.
    pub(super) fn counts(&self, source: &[Cell<'_>]) -> bool {
        self.condition.as_ref().is_none_or(|it| it.holds(source))
    }

    /// Makes the text, or says what is wrong with what there is; nothing where there is nothing.
    pub(super) fn make<'a>(
        &'a self,
        source: &[Cell<'a>],
        names: &ColumnNames,
        desk: &mut Desk<'_, 'a>,
    ) -> Result<Option<Cow<'a, str>>, Problem> {
        let counts = self.counts(source);
        if !counts && !self.is_look_up() {
            return Ok(None);
        }
        let mut text = match &self.origin {
            Origin::Column(column) => text_of(&source[*column]),
            Origin::Joined { columns, separator } => joined(columns, separator, source),
            Origin::Option { columns, key } => columns.iter().find_map(|column| {
                options::value(&text_of(&source[*column])?, &names.known[*column], key)
            }),
            Origin::Constant(text) => Some(Cow::Borrowed(text.as_ref())),
        };
        for step in &self.steps {
            let Some(before) = text.filter(|it| !it.trim().is_empty()) else { return Ok(None) };
            text = step.take(before, desk)?;
        }
        Ok(text.filter(|_| counts))
    }

    /// Whether it takes none but certain words, so that another one is wrong even where nothing is made of it.
    fn is_look_up(&self) -> bool {
        let is_look_up = |it: &Step| matches!(it, Step::YesNo(_) | Step::Table { .. });
        !self.steps.is_empty() && self.steps.iter().all(is_look_up)
    }
}

impl Test<Text> {
    pub(super) fn new(column: impl Into<Text>, words: &[&'static str], wanted: Wanted) -> Self {
        let words = words.iter().map(|it| Cow::Borrowed(*it)).collect();
        Self { column: column.into(), words, wanted }
    }

    pub(super) fn resolve(self, place: &mut impl FnMut(Text) -> usize) -> Test<usize> {
        let Self { column, words, wanted } = self;
        Test { column: place(column), words, wanted }
    }
}

impl Test<usize> {
    /// Whether a row is as it should be.
    pub(super) fn holds(&self, source: &[Cell<'_>]) -> bool {
        let text = text_of(&source[self.column]).unwrap_or_default();
        let has_one = self.words.iter().any(|it| it.eq_ignore_ascii_case(text.trim()));
        match self.wanted {
            Wanted::OneOf => has_one,
            Wanted::NoneOf => !has_one,
        }
    }
}

/// A cell as text; nothing where it is blank.
pub(super) fn text_of<'a>(cell: &Cell<'a>) -> Option<Cow<'a, str>> {
    match cell {
        Cell::Absent | Cell::Empty => None,
        Cell::Text(text) | Cell::Number(text) | Cell::Date(text) => Some(text.clone()),
        Cell::Integer(number) => Some(Cow::Owned(number.to_string())),
        Cell::Boolean(true) => Some(Cow::Borrowed("1")),
        Cell::Boolean(false) => Some(Cow::Borrowed("0")),
    }
}

fn joined<'a>(columns: &[usize], separator: &str, source: &[Cell<'a>]) -> Option<Cow<'a, str>> {
    let mut texts = columns.iter().filter_map(|it| text_of(&source[*it]));
    let first = texts.next()?;
    let rest: Vec<_> = texts.collect();
    if rest.is_empty() {
        return Some(first);
    }
    let all = std::iter::once(first).chain(rest);
    let all: Vec<_> = all.map(|it| it.trim().to_owned()).collect();
    Some(Cow::Owned(all.join(separator)))
}
