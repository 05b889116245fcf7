//! How a mapping is written down: a line a native column, with the names of the source's columns.

use std::borrow::Cow;

use crate::input::mapping::Exclusion;
use crate::input::mapping::Mapping;
use crate::input::mapping::OptionList;
use crate::input::mapping::Remark;
use crate::input::mapping::Target;
use crate::input::mapping::Text;
use crate::input::mapping::column;
use crate::input::mapping::way::Test;
use crate::input::mapping::way::Wanted;
use crate::input::mapping::way::Way;
use crate::model::ColumnNames;
use crate::model::REASON_COLUMN;
use crate::model::same_name;

/// Words that mean yes in exports of other systems and in maps: more than boxlift's own columns take.
pub(super) const YES: &[&str] = &["yes", "1", "true", "on", "y", "t", "enabled", "enable"];

/// The same for no.
pub(in crate::input) const NO: &[&str] =
    &["no", "0", "false", "off", "n", "f", "disabled", "disable"];

/// A mapping that is being written down.
pub(in crate::input) struct Builder<'n> {
    native: &'n ColumnNames,
    known: Vec<Text>,
    fixed_order: Option<&'static [&'static str]>,
    targets: Vec<Target>,
    exclusions: Vec<Exclusion>,
    lists: Vec<OptionList>,
    remarks: Vec<Remark>,
    key: Option<Text>,
    texts: Vec<Text>,
    reads_conf: bool,
}

impl<'n> Builder<'n> {
    /// Begins with nothing.
    pub(in crate::input) fn new(native: &'n ColumnNames) -> Self {
        Self {
            native,
            known: Vec::new(),
            fixed_order: None,
            targets: Vec::new(),
            exclusions: Vec::new(),
            lists: Vec::new(),
            remarks: Vec::new(),
            key: None,
            texts: Vec::new(),
            reads_conf: false,
        }
    }

    /// The native column of a name, if there is one.
    pub(super) fn native_place(&self, name: &str) -> Option<usize> {
        self.native.known.iter().position(|it| it == name)
    }

    /// How a native column is made: the first way that gives anything counts.
    pub(in crate::input) fn target(
        &mut self,
        native: &str,
        ways: impl IntoIterator<Item = Way<Text>>,
    ) {
        let Some(place) = self.native_place(native) else { return };
        let ways = ways.into_iter().map(|way| {
            if native == self.native.key && self.key.is_none() {
                self.key = way.columns().first().cloned();
            }
            self.read(way)
        });
        let ways: Vec<_> = ways.collect();
        let is_secret = self.native.secret.iter().any(|it| it == native);
        let is_text = self.native.is_text(place);
        if is_text {
            let columns = ways.iter().flat_map(Way::columns);
            self.texts.extend(columns.map(|it| self.known[*it].clone()));
        }
        let told = None;
        self.targets.push(Target { place, is_secret, is_text, ways, otherwise: None, told });
    }

    /// What the owner gets by e-mail: made where an option gives an owner, since nobody would get it without. A blank
    /// text means nothing at all, and is sent.
    pub(in crate::input) fn notify(&mut self, ways: impl IntoIterator<Item = Way<Text>>) {
        let Some(owner) = self.native_place("owner") else { return };
        let Some(place) = self.native_place("notify_email") else { return };
        self.target("notify_email", ways);
        if let Some(target) = self.targets.iter_mut().find(|it| it.place == place) {
            target.told = Some(owner);
        }
    }

    /// Takes columns of their own names for parameters that an option lets through.
    pub(in crate::input) fn extras(&mut self) {
        let native = self.native;
        let is_made = |it: &Text| {
            let place = native.known.iter().position(|known| known == it);
            place.is_none_or(|place| self.targets.iter().any(|it| it.place == place))
        };
        let missing: Vec<_> = native.secret.iter().filter(|it| !is_made(it)).cloned().collect();
        for name in missing {
            self.target(&name, [column(name.clone())]);
        }
    }

    /// What holds for a native column where neither the row nor an option gives anything.
    pub(in crate::input) fn otherwise(&mut self, native: &str, way: Way<Text>) {
        let way = self.read(way);
        if self
            .native_place(native)
            .is_some_and(|it| self.targets.iter().all(|other| other.place != it))
        {
            self.target(native, []);
        }
        let place = self.native_place(native);
        if let Some(target) = self.targets.iter_mut().find(|it| Some(it.place) == place) {
            target.otherwise = Some(way);
        }
    }

    /// Leaves rows out that say no in a column, or nothing; `word` is how its files say yes.
    pub(in crate::input) fn exclude_unless_yes(
        &mut self,
        column: &'static str,
        word: &'static str,
    ) {
        let test = Test::new(column, &[NO, &[""]].concat(), Wanted::OneOf);
        self.exclude_for(test, format!("`{column}` is not `{word}`"), Some(doubt(column)));
    }

    /// Leaves rows out that say no in a column; a blank one does not.
    pub(in crate::input) fn exclude_if_no(&mut self, column: &'static str) {
        let test = Test::new(column, NO, Wanted::OneOf);
        self.exclude_for(test, format!("`{column}` says `no`"), Some(doubt(column)));
    }

    /// Leaves rows out that have one of some words in a column.
    pub(in crate::input) fn exclude_if(&mut self, column: &'static str, words: &[&'static str]) {
        self.exclude(Test::new(column, words, Wanted::OneOf));
    }

    /// Leaves rows out for which a test holds. Of its words the first is named.
    pub(super) fn exclude(&mut self, test: Test<Text>) {
        let first = test.words.first().map_or("", |it| it.as_ref());
        let word = if first.is_empty() { "blank".to_owned() } else { format!("`{first}`") };
        let verb = match (test.wanted, test.words.len()) {
            (Wanted::NoneOf, _) => "is not",
            (Wanted::OneOf, 1) => "is",
            (Wanted::OneOf, _) => "says",
        };
        let reason = format!("`{}` {verb} {word}", test.column);
        self.exclude_for(test, reason, None);
    }

    fn exclude_for(&mut self, test: Test<Text>, reason: String, doubt: Option<Test<Text>>) {
        let mut place = |name| intern(&mut self.known, name);
        let test = test.resolve(&mut place);
        let doubt = doubt.map(|it| it.resolve(&mut place));
        self.exclusions.push(Exclusion { test, reason, doubt });
    }

    /// Says something of rows that have a word in a column which is neither blank nor one of these.
    pub(in crate::input) fn remark_unless(
        &mut self,
        column: &'static str,
        words: &[&'static str],
        [message, help]: [&'static str; 2],
    ) {
        let words: Vec<_> = words.iter().copied().chain([""]).collect();
        let test = Test::new(column, &words, Wanted::NoneOf);
        let test = test.resolve(&mut |name| intern(&mut self.known, name));
        let [message, help] = [message, help].map(Cow::Borrowed);
        self.remarks.push(Remark { test, message, help });
    }

    /// Knows a column that has nothing to say.
    pub(in crate::input) fn pass_over(&mut self, column: impl Into<Text>) {
        intern(&mut self.known, column.into());
    }

    /// The columns of a file without a header.
    pub(in crate::input) fn fixed_order(&mut self, names: &'static [&'static str]) {
        self.fixed_order = Some(names);
    }

    /// Takes any first line for a header that has one of the columns.
    pub(in crate::input) fn any_key(&mut self) {
        self.key = Some(Cow::Borrowed(""));
    }

    /// Reads a voicemail.conf, too.
    pub(in crate::input) fn reads_conf(&mut self) {
        self.reads_conf = true;
    }

    /// The mapping; nothing where no column gives the key.
    pub(in crate::input) fn build(mut self) -> Option<Mapping> {
        // Findings come in the order of the columns, whatever the order in which they are written down.
        self.targets.sort_by_key(|it| it.place);
        let names = ColumnNames {
            known: self.known,
            key: self.key?,
            reserved: &[],
            ignored: &[REASON_COLUMN],
            secret: Vec::new(),
            loose: true,
            texts: self.texts,
        };
        Some(Mapping {
            present: vec![true; names.known.len()],
            names,
            reads_conf: self.reads_conf,
            reads_all: false,
            fixed_order: self.fixed_order,
            targets: self.targets,
            exclusions: self.exclusions,
            lists: self.lists,
            remarks: self.remarks,
        })
    }

    fn read(&mut self, way: Way<Text>) -> Way<usize> {
        if let Some((columns, known)) = way.option() {
            for column in columns {
                let column = intern(&mut self.known, column.clone());
                match self.lists.iter_mut().find(|it| it.column == column) {
                    Some(list) if list.known.iter().any(|it| it.key == known.key) => {}
                    Some(list) => list.known.push(known.clone()),
                    None => self.lists.push(OptionList { column, known: vec![known.clone()] }),
                }
            }
        }
        way.resolve(&mut |name| intern(&mut self.known, name))
    }
}

/// Whether a column has a word that means neither yes nor no.
fn doubt(column: &'static str) -> Test<Text> {
    Test::new(column, &[YES, NO, &[""]].concat(), Wanted::NoneOf)
}

fn intern(known: &mut Vec<Text>, name: Text) -> usize {
    known.iter().position(|it| same_name(it, &name)).unwrap_or_else(|| {
        known.push(name);
        known.len() - 1
    })
}
