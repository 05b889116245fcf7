//! What mappings make of cells that are wrong, that may be damaged, or of which there are too many. Refuses to be part of
//! the program.

use super::*;

/// The finding of a rule, as what is the case.
fn told(row: &Kept, rule: Rule) -> Vec<&str> {
    row.problems.iter().filter(|it| it.0 == rule).map(|it| it.3.as_str()).collect()
}

#[test]
fn a_word_that_no_table_has_is_told_unless_it_may_be_secret() {
    let map = "[mailbox]\ncolumn = \"a\"\n[pin]\ncolumn = \"b\"\ntable = { x = \"1\" }\n[envelope]\ncolumn = \"c\"\ntable = { x = \"1\" }\n";
    let rows = mapped(map, "a,b,c\n1,471188,maybe\n");
    let messages: Vec<_> = rows[0].problems.iter().map(|it| it.3.as_str()).collect();
    assert_eq!(
        messages,
        [
            "the value is none of the values of `b` that are known",
            "`maybe` is none of the values of `c` that are known"
        ]
    );
    assert_eq!(said(&rows[0]), "mailbox=1");
}

#[test]
fn a_number_that_may_have_lost_zeros_stays_one_through_all_steps() {
    let map =
        "[mailbox]\ncolumn = \"Box\"\nprefix = \"49\"\n[description]\ncolumns = [\"Box\", \"b\"]\n";
    let mapping = || Mapping::parse(map, &native()).unwrap();
    let mut input = open(mapping(), Format::Xlsx, "[\"Box\",\"B\"]\n[201,\"x\"]\n").unwrap();
    let rows = testing::rows_of(&mut input);
    assert_eq!(rows[0].cells[1], Cell::Number("201".into()));
    assert_eq!(said(&mapped(map, "b,BOX\nx,201\n")[0]), "mailbox=49201 description=201 x");
    let mut rejects = input.rejects_header();
    input.records().reject(rows[0].span, "bad", &mut rejects).unwrap();
    let rejects = String::from_utf8(rejects).unwrap();
    assert_eq!(rejects, "Box,B,boxlift_reason\n201.0,x,bad\n");
}

#[test]
fn a_number_in_any_of_several_columns_stays_one() {
    let map = "[mailbox]\ncolumns = [\"Area\", \"Ext\"]\nseparator = \"\"\n[description]\ncolumn = \"ext\"\n";
    let mapping = Mapping::parse(map, &native()).unwrap();
    let lines = "[\"Area\",\"Ext\"]\n[\"030\",7]\n[\"030\",\"07\"]\n";
    let mut input = open(mapping, Format::Xlsx, lines).unwrap();
    let rows = testing::rows_of(&mut input);
    assert_eq!(rows[0].cells[1], Cell::Number("7".into()));
    assert_eq!(rows[1].cells[1], testing::text("03007"));
    let mut rejects = input.rejects_header();
    input.records().reject(rows[0].span, "bad", &mut rejects).unwrap();
    let rejects = String::from_utf8(rejects).unwrap();
    assert_eq!(rejects, "Area,Ext,boxlift_reason\n030,7.0,bad\n");
    let again = mapped(map, &rejects);
    assert_eq!(again[0].cells[1], testing::text("7.0"), "it is as wrong as it was");
}

#[test]
fn a_number_of_json_stays_one_through_all_steps() {
    let map = "[mailbox]\ncolumn = \"a\"\nprefix = \"0\"\n";
    let mapping = Mapping::parse(map, &native()).unwrap();
    let mut input = open(mapping, Format::Jsonl, "{\"a\":101}\n{\"a\":\"101\"}\n").unwrap();
    let rows = testing::rows_of(&mut input);
    assert_eq!([said(&rows[0]), said(&rows[1])], ["mailbox=#101", "mailbox=0101"]);
}

#[test]
fn what_a_spreadsheet_did_to_a_number_is_not_rewritten_away() {
    let map = "[mailbox]\ncolumn = \"a\"\nrewrite = { pattern = \"[^0-9]\", with = \"\" }\n[description]\ncolumn = \"a\"\nprefix = \"x\"\n";
    for damaged in ["1.23E+09", "101.0", "5-Jan"] {
        let rows = mapped(map, &format!("a\n{damaged}\n"));
        assert_eq!(said(&rows[0]), format!("mailbox={damaged} description=x{damaged}"));
    }
    assert_eq!(said(&mapped(map, "a\n030-12-34\n")[0]), "mailbox=0301234 description=x030-12-34");
}

#[test]
fn many_keys_without_an_equivalent_hide_no_error_and_are_all_named() {
    let map = "[mailbox]\ncolumn = \"a\"\n[envelope]\ncolumn = \"b\"\ntable = { x = \"1\" }\n";
    let others: Vec<_> = (0..40).map(|it| format!("\"k{it}\":1")).collect();
    let line = format!("{{\"a\":\"1\",{},\"b\":\"maybe\"}}\n", others.join(","));
    let mapping = Mapping::parse(map, &native()).unwrap();
    let rows = testing::rows_of(&mut open(mapping, Format::Jsonl, &line).unwrap());
    assert_eq!(
        told(&rows[0], Rule::ValueWord),
        ["`maybe` is none of the values of `b` that are known"]
    );
    let named = told(&rows[0], Rule::NoEquivalent);
    assert_eq!((named.len(), named[39]), (40, "key without an equivalent: `k39`"));
}

#[test]
fn many_addresses_that_are_left_out_hide_no_error_and_are_all_counted() {
    let addresses: Vec<_> = (0..36).map(|it| format!("p{it}@example.com")).collect();
    let text = format!(
        "extension,voicemail_email,voicemail_options\n1,{},tz=moon\n2,a@example.com,\n",
        addresses.join("|")
    );
    let rows = from(System::Freepbx, &text);
    assert_eq!(told(&rows[0], Rule::ValueWord).len(), 1);
    let left_out = told(&rows[0], Rule::AddressLeftOut);
    assert_eq!(left_out.len(), 33);
    assert_eq!(left_out[32], "and 3 more of this kind in the same row");
    assert_eq!(rows[1].problems, [], "what is counted is counted by the row");
}
