//! Plans of small sheets, as text: a line a task with what it waits for.

use std::fmt::Write as _;

use expect_test::expect;

use super::*;
use crate::model::CheckedRow;
use crate::model::LeftOut;
use crate::model::Mailbox;
use crate::model::Needs;
use crate::model::Span;

/// Rows as `create 200 customer=7 copies=201 invalid`, one a line.
fn sheet(text: &str) -> Sheet {
    let mut sheet = Sheet::default();
    for (place, line) in (0..).zip(text.lines().map(str::trim)) {
        let mut words = line.split(' ');
        let action = words.next().and_then(Action::parse);
        let mailbox = words.next().and_then(|it| Mailbox::parse(it).ok());
        let span = Span { offset: 0, length: 0, line: place + 2, digest: 0 };
        let mut row = CheckedRow {
            span,
            mailbox,
            customer: None,
            action,
            pin_digits: 0,
            standing: Standing::Valid,
        };
        for word in words {
            match word.split_once('=') {
                Some(("customer", id)) => row.customer = id.parse().ok(),
                Some(("copies", from)) => sheet.copies.push((place, Mailbox::parse(from).unwrap())),
                _ if word == "excluded" => row.standing = Standing::Excluded(LeftOut::Rows),
                _ => row.standing = Standing::Invalid,
            }
        }
        sheet.rows.push(row);
    }
    let mut order: Vec<RowIndex> = (0..).take(sheet.rows.len()).collect();
    order.retain(|it| !sheet.row(*it).is_excluded());
    order.sort_by_key(|it| (sheet.row(*it).mailbox, sheet.row(*it).customer, *it));
    sheet.set_order(order);
    sheet
}

fn planned(text: &str) -> String {
    let (plan, unplanned) = plan(&sheet(text));
    let mut out = String::new();
    for (place, task) in (0..).zip(&plan.tasks) {
        let _ = write!(out, "row {} lane {}", task.row, task.lane);
        for it in plan.dependencies.iter().filter(|it| it.task == place) {
            let on = plan.tasks[it.on as usize].row;
            let needs = match it.needs {
                Needs::Finished => "after",
                Needs::Success => "if done",
            };
            let _ = write!(out, ", {needs} row {on}");
        }
        out += if task.judged_late { ", judged late\n" } else { "\n" };
    }
    for Unplanned { row, on } in unplanned {
        let _ = writeln!(out, "not row {row}, for want of row {on}");
    }
    out
}

#[test]
fn rows_of_one_mailbox_follow_each_other_and_others_do_not_wait() {
    expect![[r#"
        row 0 lane 0
        row 1 lane 1
        row 2 lane 0, if done row 0, judged late
        row 3 lane 0, if done row 0, after row 2, judged late
    "#]]
    .assert_eq(&planned("create 200\ncreate 201\nupdate 200\nupdate 200"));
}

#[test]
fn a_source_made_later_in_the_file_comes_first() {
    expect![[r#"
        row 1 lane 1
        row 0 lane 0, if done row 1, judged late
    "#]]
    .assert_eq(&planned("create 200 copies=201\ncreate 201"));
}

#[test]
fn a_change_of_the_source_waits_for_those_who_copy_before_it() {
    expect![[r#"
        row 0 lane 1
        row 1 lane 0, after row 0
        row 2 lane 1, after row 0, after row 1
    "#]]
    .assert_eq(&planned("update 201\ncreate 200 copies=201\nupdate 201"));
}

#[test]
fn a_number_with_and_without_a_customer_is_one_lane() {
    expect![[r#"
        row 0 lane 0
        row 1 lane 0, after row 0, judged late
        row 2 lane 1
        row 3 lane 2
    "#]]
    .assert_eq(&planned(
        "create 200\nupdate 200 customer=7\nupdate 201 customer=7\nupdate 201 customer=8",
    ));
}

#[test]
fn what_hangs_on_an_invalid_row_is_not_tried() {
    expect![[r#"
        row 4 lane 1
        row 5 lane 1, after row 4
        not row 1, for want of row 0
        not row 2, for want of row 1
        not row 3, for want of row 0
    "#]]
    .assert_eq(&planned(
        "create 200 invalid\ncreate 300 copies=200\ncreate 400 copies=300\nupdate 200\n\
         update 201\nupdate 201",
    ));
}

#[test]
fn a_chain_of_a_hundred_thousand_copies_is_ordered() {
    let rows = 100_000;
    let text: Vec<_> = (0..rows)
        .map(|it| {
            if it + 1 < rows {
                format!("create {it} copies={}", it + 1)
            } else {
                format!("create {it}")
            }
        })
        .collect();
    let (plan, _) = plan(&sheet(&text.join("\n")));
    assert!(plan.tasks.iter().map(|it| it.row).eq((0..rows).rev()));
}

#[test]
fn what_comes_before_a_source_in_its_lane_is_moved_with_it() {
    expect![[r#"
        row 1 lane 1
        row 2 lane 1, after row 1
        row 0 lane 0, if done row 2, judged late
    "#]]
    .assert_eq(&planned("create 200 copies=201\nupdate 201 customer=7\ncreate 201"));
}

#[test]
fn a_lane_of_several_customers_keeps_the_order_of_the_file() {
    expect![[r#"
        row 0 lane 0
        row 1 lane 0, after row 0
        row 2 lane 0, after row 1
    "#]]
    .assert_eq(&planned("update 200 customer=8\nupdate 200\nupdate 200 customer=7"));
}

#[test]
fn an_update_waits_for_the_create_of_its_own_customer() {
    expect![[r#"
        row 0 lane 0
        row 1 lane 0, after row 0, judged late
        row 2 lane 0, after row 0, after row 1, judged late
        row 3 lane 0, if done row 1, after row 2, judged late
    "#]]
    .assert_eq(&planned(
        "create 200\ncreate 200 customer=7\ncreate 200 customer=8\nupdate 200 customer=7",
    ));
}
