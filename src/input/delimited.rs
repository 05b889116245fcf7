//! A CSV record becomes cells. Refuses to shift: a record whose cells do not match the header gives none.

use std::borrow::Cow;

use memchr::memchr;

use crate::input::Layout;
use crate::input::fields;
use crate::input::fields::Field;
use crate::input::fields::Fields;
use crate::input::fields::Form;
use crate::input::header::Column;
use crate::input::header::Slot;
use crate::input::layout;
use crate::input::record;
use crate::input::record::Draft;
use crate::input::shape::Dialect;
use crate::input::split;
use crate::input::stretch;
use crate::input::stretch::Record;
use crate::model::Problem;
use crate::model::Rule;

/// Reads a record, or says why its cells cannot be told apart.
pub(super) fn read<'a>(
    (layout, dialect): (&'a Layout, Dialect),
    record: Record<'a>,
    row: &mut Draft<'a>,
) -> Result<(), Problem> {
    let text = record::text_of(layout, record, row, |before| {
        let number = Fields::of(before, dialect).count() - 1;
        Some(layout.header.label(number))
    })?;
    let columns = &layout.header.columns;
    let has_quote = |it| record.may_have_quote && memchr(it, record.bytes).is_some();
    let is_bare = !dialect.quote.is_some_and(has_quote);
    let count = if is_bare {
        read_bare(layout, dialect, text, row)
    } else {
        read_quoted(layout, dialect, text, row)?
    };
    if count != columns.len() && !layout.header.is_reject(record.bytes, dialect, count) {
        return Err(ragged(row.line, count, columns.len()));
    }
    if layout.header.has_nameless {
        nameless_are_blank(layout, dialect, text, row.line)?;
    }
    if record.may_have_control && stretch::has_control(record.bytes) {
        note_controls(layout, dialect, text, row);
    }
    Ok(())
}

/// Reads a record without quotes, as most are; gives the number of its cells.
fn read_bare<'a>(
    layout: &'a Layout,
    dialect: Dialect,
    text: &'a str,
    row: &mut Draft<'a>,
) -> usize {
    let columns = &layout.header.columns;
    let mut start = 0;
    let mut count = 0;
    fields::each_end(text.as_bytes(), dialect.delimiter, |end| {
        if end > start
            && let Some(column) = columns.get(count)
            && let Slot::Known(place) = column.slot
        {
            layout.settings.put(&text[start..end], &mut row.cells[place]);
        }
        start = end + 1;
        count += 1;
    });
    count
}

/// Reads a record with quotes; gives the number of its cells.
fn read_quoted<'a>(
    layout: &'a Layout,
    dialect: Dialect,
    text: &'a str,
    row: &mut Draft<'a>,
) -> Result<usize, Problem> {
    let mut count = 0;
    for field in Fields::of(text.as_bytes(), dialect) {
        if field.form == Form::Open {
            return Err(unclosed(layout, text.as_bytes(), row.line, (count, field)));
        }
        if field.form == Form::Trailed {
            row.note(trailed(layout, text.as_bytes(), row.line, (count, field)));
        }
        // A line ends inside of quotes or not at all.
        if field.form != Form::Bare {
            let inside = &text.as_bytes()[field.start..field.end];
            let rows = layout.header.width().rows_inside(inside, dialect.delimiter);
            if rows > 0 {
                row.note(swallowed(layout, text.as_bytes(), row.line, (count, field), rows));
            }
        }
        if field.end > field.start
            && let Some(column) = layout.header.columns.get(count)
            && let Slot::Known(place) = column.slot
        {
            match field.text(text, dialect) {
                Cow::Borrowed(text) => layout.settings.put(text, &mut row.cells[place]),
                owned @ Cow::Owned(_) => row.cells[place] = layout.cell(owned),
            }
        }
        count += 1;
    }
    Ok(count)
}

fn note_controls(layout: &Layout, dialect: Dialect, text: &str, row: &mut Draft<'_>) {
    for (field, column) in Fields::of(text.as_bytes(), dialect).zip(&layout.header.columns) {
        match column.slot {
            Slot::Known(_) | Slot::Refused => {
                let line = row.line + split::count_lines(&text.as_bytes()[..field.start]);
                row.note_control(line, &column.label, &text[field.start..field.end]);
            }
            Slot::Ignored | Slot::Nameless => {}
        }
    }
}

fn unclosed(layout: &Layout, bytes: &[u8], line: u32, (number, field): (usize, Field)) -> Problem {
    let line = line + split::count_lines(&bytes[..field.start]);
    let message = "a quote is opened here and not closed";
    let help = "close it; a quote that belongs to the text is doubled and the text quoted, as in `\"5\"\" disk\"`";
    Problem::in_column(Rule::UnclosedQuote, line, layout.header.label(number), message, help)
}

fn swallowed(
    layout: &Layout,
    bytes: &[u8],
    line: u32,
    (number, field): (usize, Field),
    rows: usize,
) -> Problem {
    let line = line + split::count_lines(&bytes[..field.start]);
    let lines = if rows == 1 {
        "a line that would be a row stands".to_owned()
    } else {
        format!("{rows} lines that would be rows stand")
    };
    let message = format!("a quote is opened here, and {lines} before the one that closes it");
    let help =
        "take the stray quotes out; where the text is meant so, give `--allow rows-in-quotes`";
    Problem::in_column(Rule::RowsInQuotes, line, layout.header.label(number), message, help)
}

fn trailed(layout: &Layout, bytes: &[u8], line: u32, (number, field): (usize, Field)) -> Problem {
    let line = line + split::count_lines(&bytes[..field.start]);
    let message = "text follows on the closing quote";
    let help = "double the quotes that belong to the text, as in `\"\"\"Smith\"\" & Sons\"`";
    Problem::in_column(Rule::TextAfterQuote, line, layout.header.label(number), message, help)
}

/// Refuses a text where there is no column: most likely it shifted.
fn nameless_are_blank(
    layout: &Layout,
    dialect: Dialect,
    text: &str,
    line: u32,
) -> Result<(), Problem> {
    let cells = Fields::of(text.as_bytes(), dialect).zip(&layout.header.columns).enumerate();
    let stray = |(_, (field, column)): &(usize, (Field, &Column))| {
        column.slot == Slot::Nameless && !layout::is_blank(&field.text(text, dialect))
    };
    match cells.into_iter().find(stray) {
        Some((number, _)) => Err(in_nameless(line, number)),
        None => Ok(()),
    }
}

/// A text where no column has a name.
pub(super) fn in_nameless(line: u32, number: usize) -> Problem {
    let message = format!("a text stands in column {}, which has no name", number + 1);
    let help = "give the column a name in the header, or take the text out";
    Problem::in_record(Rule::RaggedRow, line, message, help)
}

fn ragged(line: u32, cells: usize, columns: usize) -> Problem {
    let noun = if cells == 1 { "cell" } else { "cells" };
    let message = format!("the row has {cells} {noun} and the header {columns} columns");
    let help = if cells > columns {
        "look for a delimiter inside a text and put the text in quotes, as in `\"Smith, John\"`"
    } else {
        "look for a missing delimiter: a blank cell keeps its own, as in `101,,John`"
    };
    Problem::in_record(Rule::RaggedRow, line, message, help)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::input::Format;
    use crate::input::Input;
    use crate::input::Source;
    use crate::input::testing;
    use crate::input::testing::Kept;
    use crate::input::testing::csv;
    use crate::input::testing::text;
    use crate::model::Cell;

    const HEADER: &str = "mailbox,pin,description\n";

    fn rows(rows: &str) -> Vec<Kept> {
        csv(format!("{HEADER}{rows}"))
    }

    fn problem(row: &str) -> (Rule, u32, Option<String>, String) {
        let [row] = &rows(row)[..] else { panic!() };
        assert!(!row.readable && row.cells.iter().all(|it| *it == Cell::Absent));
        row.problems[0].clone()
    }

    #[test]
    fn cells_stand_in_the_order_of_the_known_columns() {
        let rows = csv("description,mailbox,colour,boxlift_reason\n\"a, b\",007,471188,x\n");
        assert_eq!(rows[0].cells, [text("007"), Cell::Absent, text("a, b"), Cell::Absent]);
        assert_eq!((rows[0].readable, rows[0].problems.len()), (true, 0));
    }

    #[test]
    fn a_blank_cell_is_absent_and_the_empty_token_is_empty() {
        let cells = |row| rows(row)[0].cells[..3].to_vec();
        assert_eq!(cells("1,,\"\""), [text("1"), Cell::Absent, Cell::Absent]);
        assert_eq!(cells("1, \t,\"<empty>\""), [text("1"), Cell::Absent, Cell::Empty]);
    }

    #[test]
    fn blanks_are_filled_from_the_options_and_broken_rows_are_not() {
        let fill = vec![(1, "4711".to_owned()), (3, "<empty>".to_owned())];
        let settings = crate::input::Settings { fill, ..testing::settings() };
        let source = Source::spool(&b"mailbox,pin\n1,\n2,5\n3\n"[..], u64::MAX).unwrap();
        let rows = testing::rows_of(&mut Input::open(source, Format::Csv, settings).unwrap());
        assert_eq!(rows[0].cells, [text("1"), text("4711"), Cell::Absent, Cell::Empty]);
        assert_eq!(rows[1].cells, [text("2"), text("5"), Cell::Absent, Cell::Empty]);
        assert_eq!(rows[2].cells, vec![Cell::Absent; 4]);
    }

    #[test]
    fn a_ragged_row_gives_both_numbers_and_no_cell() {
        let told = |cells| format!("the row has {cells} cells and the header 3 columns");
        assert_eq!(problem("1,2\n"), (Rule::RaggedRow, 2, None, told("2")));
        assert_eq!(problem("1,2,3,\n"), (Rule::RaggedRow, 2, None, told("4")));
        assert_eq!(problem("1\n").3, "the row has 1 cell and the header 3 columns");
    }

    #[test]
    fn an_unclosed_quote_is_named_where_it_opened_and_the_next_row_is_read() {
        let rows = rows("1,\"a\nb\",\"471188\n2,3,4\n");
        let column = Some("description".to_owned());
        let message = "a quote is opened here and not closed".to_owned();
        assert_eq!(rows[0].problems, [(Rule::UnclosedQuote, 3, column, message)]);
        assert_eq!((rows[0].span.line, rows[0].readable), (2, false));
        assert_eq!(rows[1].cells[..3], [text("2"), text("3"), text("4")]);
        assert_eq!((rows[1].span.line, rows.len()), (4, 2));
    }

    #[test]
    fn a_text_below_no_name_costs_its_row_and_blanks_there_cost_nothing() {
        let rows = csv("mailbox,pin,,\n1,2,,\n3,4,\" \",\n5,6,,x\n7,\"8\",\"x\",\n");
        let cells: Vec<_> = rows.iter().map(|it| (it.cells[0].clone(), it.rules())).collect();
        assert_eq!(cells[..2], [(text("1"), vec![]), (text("3"), vec![])]);
        let refused = (Cell::Absent, vec![Rule::RaggedRow]);
        assert_eq!(cells[2..], [refused.clone(), refused]);
        assert_eq!(rows[2].problems[0].3, "a text stands in column 4, which has no name");
    }

    #[test]
    fn the_delimiter_is_found_and_a_first_line_may_name_it() {
        let rows = csv("sep=|\r\nmailbox|pin\r\n1|2\r\n");
        assert_eq!(
            (rows[0].cells[..2].to_vec(), rows[0].span.line),
            (vec![text("1"), text("2")], 3)
        );
        let rows = csv("\nmailbox;pin;description\n1;2;\"a;b, c\"\n");
        assert_eq!(rows[0].cells[..3], [text("1"), text("2"), text("a;b, c")]);
    }

    fn without_header(quote: Option<u8>, bytes: &str) -> Input {
        let columns = Some(["mailbox", "", "pin"].map(str::to_owned).to_vec());
        let settings = crate::input::Settings { quote, columns, ..testing::settings() };
        Input::open(Source::spool(bytes.as_bytes(), u64::MAX).unwrap(), Format::Csv, settings)
            .unwrap()
    }

    #[test]
    fn columns_may_be_named_by_an_option_and_rejects_have_no_header_then() {
        let mut input = without_header(Some(b'"'), "1;x;2\n3;;4\n5;6\n");
        let rows = testing::rows_of(&mut input);
        let lines: Vec<_> = rows.iter().map(|it| it.span.line).collect();
        assert_eq!((lines, rows[2].rules()), (vec![1, 2, 3], vec![Rule::RaggedRow]));
        assert_eq!(rows[1].cells[..2], [text("3"), text("4")]);
        let mut rejects = input.rejects_header();
        let mut records = input.records();
        for row in &rows {
            records.reject(row.span, "no; good", &mut rejects).unwrap();
        }
        let rejects = String::from_utf8(rejects).unwrap();
        assert_eq!(rejects.lines().next(), Some("1;x;2;\"boxlift_reason=no; good\""));
        let mut again = without_header(Some(b'"'), &rejects);
        let cells = |it: &Kept| (it.cells.clone(), it.rules());
        assert_eq!(
            testing::rows_of(&mut again).iter().map(cells).collect::<Vec<_>>(),
            rows.iter().map(cells).collect::<Vec<_>>()
        );
    }

    #[test]
    fn an_open_quote_is_no_row_after_its_rejection_either_where_there_is_no_header() {
        for broken in ["1;x;\"2\n", "1;x;2;\"boxlift_reason=x\n"] {
            let mut input = without_header(Some(b'"'), &format!("7;;8\n{broken}"));
            let rows = testing::rows_of(&mut input);
            let mut rejects = b"7;;8\n".to_vec();
            input.records().reject(rows[1].span, "bad", &mut rejects).unwrap();
            let rejects = String::from_utf8(rejects).unwrap();
            let again = testing::rows_of(&mut without_header(Some(b'"'), &rejects));
            assert_eq!((rows[1].readable, again[1].readable), (false, false), "{rejects}");
        }
    }

    #[test]
    fn rows_inside_of_quotes_are_told_and_texts_of_several_lines_are_not() {
        let swallowing = rows("1,2,\"a\n3,4,b\n5,6,c\"\n7,8,\"Room 1, left\nRoom 2\"\n");
        let message = "a quote is opened here, and 2 lines that would be rows stand before the one that closes it";
        let column = Some("description".to_owned());
        assert_eq!(swallowing[0].problems, [(Rule::RowsInQuotes, 2, column, message.to_owned())]);
        assert_eq!((swallowing[1].rules(), swallowing.len()), (vec![], 2));
        let two = |text: &str| csv(format!("mailbox,description\n1,\"{text}\"\n"))[0].rules();
        assert_eq!(two("a\n2,b"), [Rule::RowsInQuotes]);
        assert_eq!(two("Room 1\nleft, at the end"), []);
    }

    #[test]
    fn where_quotes_are_text_they_are_kept() {
        let rows = testing::rows_of(&mut without_header(None, "\"1;x;2\"\n"));
        assert_eq!(rows[0].cells[..2], [text("\"1"), text("2\"")]);
    }

    #[test]
    fn a_byte_that_is_not_utf8_is_told_by_line_column_and_position() {
        let rows = csv(b"mailbox,pin,description\n1,471188,\"a\nb\xFC\"\n2,,\xC3\xBC\n");
        let column = Some("description".to_owned());
        let message = "byte 2 of line 3 is not UTF-8 (offset 37 in the file)".to_owned();
        assert_eq!(rows[0].problems, [(Rule::NotUtf8, 3, column, message)]);
        assert!(!rows[0].readable);
        assert_eq!(rows[1].cells[2], text("ü"));
    }

    #[test]
    fn control_characters_are_told_by_column_and_leave_the_row_readable() {
        let rows = rows("1,4\u{7}7\u{0},\"\t\r\n\u{7F}\"\n");
        let told = |line, column: &str, code: &str| {
            let message = format!("the text holds the control character U+{code}");
            (Rule::ControlCharacter, line, Some(column.to_owned()), message)
        };
        assert_eq!(rows[0].problems, [told(2, "pin", "0007"), told(2, "description", "007F")]);
        assert!(rows[0].readable && rows.len() == 1);
    }

    #[test]
    fn no_text_of_a_problem_repeats_a_cell() {
        let long = "471188".repeat(20_000);
        let broken = [
            "471188\n",
            "471188,\"471188\n",
            "1,471188,471188,471188\n",
            "1,471188\u{1},2\n",
            &long,
        ];
        let header = "mailbox,471188,username\n";
        for row in broken {
            let mut input =
                testing::open(Format::Csv, format!("{header}{row}").as_bytes()).unwrap();
            let mut shown = format!("{:?}", input.header_problems());
            let layout = input.layout();
            while let Some(chunk) = input.next_chunk().unwrap() {
                chunk.visit(&layout, |it| shown.extend([format!("{:?}", it.problems)]));
            }
            assert!(!shown.contains("471188"), "{shown}");
        }
    }
}
