//! The list of problems: every single one, a record each, in the order of the file. Safe to open in a spreadsheet.
//!
//! Refuses to know which values may be shown: it is given those alone.

use std::borrow::Cow;

use serde::Serialize;

use super::csv::guarded;
use super::page::Kind;
use super::page::Line;

/// One problem.
#[derive(Clone, Debug, Serialize)]
pub struct Finding<'f> {
    /// Which record of the input, from 1; none for what is about the header or the whole file.
    pub row: Option<u64>,
    /// The physical line, from 1.
    pub line: u32,
    /// The column or key.
    pub column: Option<&'f str>,
    /// The rule's code.
    pub code: &'static str,
    /// How it counts in this run.
    pub severity: &'static str,
    /// The cell's text, where it could be read and is no secret.
    pub value: Option<Cow<'f, str>>,
    /// What is the case.
    pub message: &'f str,
    /// What to do about it.
    pub help: &'f str,
}

/// Problems, every single one.
#[derive(Debug)]
pub enum Problems {}

impl Kind for Problems {
    type Line<'l> = Finding<'l>;

    const COLUMNS: &'static [&'static str] =
        &["row", "line", "column", "code", "severity", "value", "message", "help"];
}

impl Line for Finding<'_> {
    fn cells(&self) -> impl Serialize {
        let Self { row, line, column, code, severity, value, message, help } = self;
        let (column, value) = (column.map(guarded), value.as_deref().map(guarded));
        (row, line, column, code, severity, value, guarded(message), guarded(help))
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;
    use crate::report::Format;
    use crate::report::Page;

    fn written(format: Format, value: Option<&str>) -> String {
        let finding = Finding {
            row: Some(7),
            line: 9,
            column: Some("owner"),
            code: "integer-form",
            severity: "error",
            value: value.map(Cow::Borrowed),
            message: "`=1,2` is no number",
            help: "give the id in digits",
        };
        let mut page = Page::<Problems>::blank(format);
        page.note(&finding);
        page.note(&Finding { row: None, column: None, ..finding });
        String::from_utf8(page.into_bytes().unwrap()).unwrap()
    }

    #[test]
    fn no_value_starts_a_formula() {
        expect![[r#"
            7,9,owner,integer-form,error,"'=1,2","`=1,2` is no number",give the id in digits
            ,9,,integer-form,error,"'=1,2","`=1,2` is no number",give the id in digits
        "#]]
        .assert_eq(&written(Format::Csv, Some("=1,2")));
    }

    #[test]
    fn what_is_absent_is_null_in_json() {
        let shown = written(Format::Jsonl, None);
        expect![[r#"
            {"row":7,"line":9,"column":"owner","code":"integer-form","severity":"error","value":null,"message":"`=1,2` is no number","help":"give the id in digits"}
            {"row":null,"line":9,"column":null,"code":"integer-form","severity":"error","value":null,"message":"`=1,2` is no number","help":"give the id in digits"}
        "#]]
        .assert_eq(&shown);
    }
}
