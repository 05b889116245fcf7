//! All problems of an input, counted by rule and by what they say; the first places of each are kept for people to read.

use std::collections::BTreeMap;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::model::Problem;
use crate::model::Rule;
use crate::model::Severity;

/// Texts that are told apart of one rule. Problems with others are counted.
const CAUSES_MAX: usize = 100;

/// The same of a rule whose findings are told once: a file of another system has many columns.
const CAUSES_TOLD_ONCE_MAX: usize = 1000;

/// Lines that are kept of one text.
pub const LINES_KEPT_MAX: usize = 100;

/// Problems of one rule that say the same of the same column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Cause {
    /// The first of them.
    pub first: Problem,
    /// How many; at least as many where the rule has more texts than are told apart.
    pub count: u64,
    /// On which lines, the first few.
    pub lines: Vec<u32>,
}

/// What was found of one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// How it counts in this run.
    pub severity: Severity,
    /// How often it was broken.
    pub count: u64,
    /// By what is said, in the order in which it was said first.
    pub causes: Vec<Cause>,
    /// Where causes stand, by the hash of what they say; sorted.
    places: Vec<(u64, usize)>,
    /// The cause that was met last, which mostly is the next one as well.
    latest: usize,
}

/// Everything that was found, by rule.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Findings {
    groups: BTreeMap<Rule, Group>,
}

impl Findings {
    /// Counts a problem and keeps what it says if there is room. Gives back one that nothing is kept of.
    pub fn note(&mut self, severity: Severity, problem: Problem) -> Option<Problem> {
        let group = self.group(problem.rule, severity);
        let line = problem.place.line;
        match group.find(&problem) {
            Ok(place) => group.again(place, 1, &[line]),
            Err(hash) if group.has_room(&problem, 1) => {
                group.put(hash, Cause { first: problem, count: 1, lines: vec![line] });
            }
            Err(_) => return Some(problem),
        }
        None
    }

    /// Takes over what was found further down in the file. Shows findings that are told once, where they are.
    pub fn append(&mut self, later: Self, mut told: impl FnMut(Severity, &Problem)) {
        for (rule, Group { severity, count, causes, places: _, latest: _ }) in later.groups {
            let group = self.group(rule, severity);
            group.count += count - causes.iter().map(|it| it.count).sum::<u64>();
            for cause in causes {
                let found = group.find(&cause.first);
                if found.is_err() && rule.is_told_once() {
                    told(severity, &cause.first);
                }
                match found {
                    Ok(place) => group.again(place, cause.count, &cause.lines),
                    Err(hash) if group.has_room(&cause.first, cause.count) => {
                        group.put(hash, cause);
                    }
                    Err(_) => {}
                }
            }
        }
    }

    fn group(&mut self, rule: Rule, severity: Severity) -> &mut Group {
        self.groups.entry(rule).or_insert_with(|| Group {
            severity,
            count: 0,
            causes: Vec::new(),
            places: Vec::new(),
            latest: 0,
        })
    }

    /// The groups, errors first, each kind in the order of [`Rule::ALL`].
    pub fn groups(&self) -> impl Iterator<Item = (Rule, &Group)> {
        let of = |severity| self.groups.iter().filter(move |(_, group)| group.severity == severity);
        of(Severity::Error).chain(of(Severity::Warning)).map(|(rule, group)| (*rule, group))
    }

    /// Problems that count as `severity`.
    pub fn count(&self, severity: Severity) -> u64 {
        self.groups.values().filter(|it| it.severity == severity).map(|it| it.count).sum()
    }
}

impl Group {
    /// Counts more problems that say what was said before.
    fn again(&mut self, place: usize, count: u64, lines: &[u32]) {
        self.latest = place;
        let known = &mut self.causes[place];
        if !known.first.rule.is_told_once() {
            self.count += count;
            known.count += count;
            let room = LINES_KEPT_MAX - known.lines.len();
            known.lines.extend(lines.iter().take(room));
        }
    }

    /// Counts problems that say something new, and tells whether there is room to keep it.
    fn has_room(&mut self, problem: &Problem, count: u64) -> bool {
        self.count += count;
        let is_told_once = problem.rule.is_told_once();
        self.causes.len() < if is_told_once { CAUSES_TOLD_ONCE_MAX } else { CAUSES_MAX }
    }

    fn put(&mut self, hash: u64, cause: Cause) {
        self.latest = self.causes.len();
        if let Err(at) = self.places.binary_search_by_key(&hash, |it| it.0) {
            self.places.insert(at, (hash, self.latest));
        }
        self.causes.push(cause);
    }

    /// Where what a problem says stands, or its hash if it is new.
    fn find(&self, problem: &Problem) -> Result<usize, u64> {
        let says_the_same = |place: usize| {
            let Problem { rule: _, place: at, message, help: _ } = &self.causes[place].first;
            *message == problem.message && at.column == problem.place.column
        };
        if self.latest < self.causes.len() && says_the_same(self.latest) {
            return Ok(self.latest);
        }
        let hash = hash_of(problem);
        let at = self.places.binary_search_by_key(&hash, |it| it.0);
        let place = at.ok().map(|it| self.places[it].1).filter(|it| says_the_same(*it));
        place.ok_or(hash)
    }
}

/// The same in every process: where two texts share it, the same one of them is always the first.
fn hash_of(problem: &Problem) -> u64 {
    FixedState::with_seed(0).hash_one((&problem.place.column, &problem.message))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(rule: Rule, line: u32, message: &str) -> Problem {
        Problem::in_column(rule, line, "pager", message, "mend it")
    }

    /// Findings of parts with so many problems each, put together.
    fn in_parts(rule: Rule, lengths: &[u32], message: impl Fn(u32) -> String) -> (Group, Vec<u32>) {
        let mut all = Findings::default();
        let mut told = Vec::new();
        let mut line = 0;
        for length in lengths {
            let mut part = Findings::default();
            for _ in 0..*length {
                line += 1;
                part.note(Severity::Warning, problem(rule, line, &message(line)));
            }
            all.append(part, |_, it| told.push(it.place.line));
        }
        (all.groups[&rule].clone(), told)
    }

    #[test]
    fn problems_are_counted_by_what_they_say_however_the_file_is_cut() {
        let message = |line: u32| (line % 3).to_string();
        let (whole, _) = in_parts(Rule::EmailForm, &[3000], message);
        let (parts, _) = in_parts(Rule::EmailForm, &[1, 1999, 0, 1000], message);
        assert_eq!((parts.count, &parts.causes), (whole.count, &whole.causes));
        let counts: Vec<_> = whole.causes.iter().map(|it| (it.count, it.lines[1])).collect();
        assert_eq!((whole.count, counts), (3000, vec![(1000, 4), (1000, 5), (1000, 6)]));
        assert_eq!(whole.causes[0].lines.len(), LINES_KEPT_MAX);
    }

    #[test]
    fn texts_beyond_those_that_are_told_apart_are_counted_all_the_same() {
        let (group, _) = in_parts(Rule::EmailForm, &[150, 150], |line| line.to_string());
        assert_eq!((group.count, group.causes.len()), (300, CAUSES_MAX));
    }

    #[test]
    fn what_is_told_once_counts_once_and_is_shown_once() {
        let (group, told) = in_parts(Rule::Assumed, &[100, 100], |line| (line / 80).to_string());
        assert_eq!((group.count, group.causes.len()), (3, 3));
        assert_eq!(told, [1, 80, 160]);
    }
}
