//! All problems of an input, counted by rule; the first of each are kept for people to read.

use std::collections::BTreeMap;

use crate::model::Problem;
use crate::model::Rule;
use crate::model::Severity;

/// Problems that are kept of one rule. Their number is always told, and each error is in the report.
pub const KEPT_MAX: usize = 100;

/// What was found of one rule.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Group {
    /// How it counts in this run.
    pub severity: Severity,
    /// How often it was broken.
    pub count: u64,
    /// The first few, in file order.
    pub first: Vec<Problem>,
}

/// Everything that was found, by rule.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Findings {
    groups: BTreeMap<Rule, Group>,
}

impl Findings {
    /// Counts a problem and keeps it if it is one of the first of its rule.
    pub fn note(&mut self, severity: Severity, problem: Problem) {
        let empty = Group { severity, count: 0, first: Vec::new() };
        let group = self.groups.entry(problem.rule).or_insert(empty);
        group.count += 1;
        if group.first.len() < KEPT_MAX {
            group.first.push(problem);
        }
    }

    /// Takes over what was found further down in the file.
    pub fn append(&mut self, later: Self) {
        for (rule, Group { severity, count, first }) in later.groups {
            let empty = Group { severity, count: 0, first: Vec::new() };
            let group = self.groups.entry(rule).or_insert(empty);
            group.count += count;
            let room = KEPT_MAX - group.first.len();
            group.first.extend(first.into_iter().take(room));
        }
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
