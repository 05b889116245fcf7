//! How grave a broken rule is in this run: what the rule says, unless an option says otherwise.

use std::collections::BTreeSet;

use crate::model::Rule;
use crate::model::Severity;

/// The rules that an operator made stricter or silent.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Strictness {
    /// Warnings that count as errors (`--deny`).
    pub denied: BTreeSet<Rule>,
    /// Rules that say nothing (`--allow`).
    pub allowed: BTreeSet<Rule>,
}

impl Strictness {
    /// What a rule counts as; `None`: nothing is said.
    pub fn severity(&self, rule: Rule) -> Option<Severity> {
        if self.allowed.contains(&rule) {
            return None;
        }
        Some(if self.denied.contains(&rule) { Severity::Error } else { rule.severity() })
    }
}
