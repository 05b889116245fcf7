//! What a seed stands for: rows, mailboxes that others made, what the role may do, and how bad the network is.

use boxlift::model::Action;
use boxlift::model::CheckedRow;
use boxlift::model::Evidence;
use boxlift::model::Kind;
use boxlift::model::Mailbox;
use boxlift::model::Plan;
use boxlift::model::Sheet;
use boxlift::model::Span;
use boxlift::model::Standing;
use boxlift::plan;
use boxlift::run::Settings;
use fastrand::Rng;
use std::time::Duration;

use super::switch::Made;

pub(crate) const MS: u64 = 1_000_000;
pub(crate) const SECOND: u64 = 1000 * MS;
pub(crate) const DAY: u64 = 24 * 3600 * SECOND;

/// Customers as rows name them.
const CUSTOMERS: [Option<u32>; 2] = [None, Some(7)];

/// A mailbox of the switch: whose it is, and its number.
pub(crate) type Key = (u32, u8);

/// What a row gives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Content {
    pub(crate) fields: u8,
    pub(crate) pin: u16,
    /// The switch will refuse it.
    pub(crate) bad: bool,
}

/// A row, before and after it is edited.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) action: Action,
    pub(crate) number: u8,
    pub(crate) customer: Option<u32>,
    pub(crate) copies: Option<u8>,
    pub(crate) versions: [Content; 2],
}

/// What the role may do.
#[expect(clippy::struct_excessive_bools, reason = "each is a right of its own")]
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roles {
    pub(crate) create: bool,
    pub(crate) update: bool,
    pub(crate) get: bool,
    pub(crate) list: bool,
    /// Parameters are judged before anybody looks whether the mailbox is there.
    pub(crate) parameters_first: bool,
}

/// How bad things are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    /// Calls in a thousand to which something happens.
    pub(crate) faults: u32,
    /// Calls take that long at most.
    pub(crate) latency_ms: u64,
    /// All calls take as long as that, and those that are not answered too: as behind a firewall that swallows them.
    pub(crate) always_ms: Option<u64>,
    /// Connections take that long at most.
    pub(crate) connect_ms: u64,
    /// Nobody is told when a call leaves.
    pub(crate) departures_unseen: bool,
    /// While this lasts no call is answered, or none even leaves.
    pub(crate) outage: Option<(u64, u64, Outage)>,
    /// From then on the credentials are refused.
    pub(crate) revoked_at: Option<u64>,
    /// Runs that do not end by themselves.
    pub(crate) disturbances: u32,
    /// The disk fails for good in this run, after so many steps.
    pub(crate) disk_fails: Option<(u32, u32)>,
    /// Somebody edits rows between the runs.
    pub(crate) edits: bool,
}

/// What a switch in an outage does to calls.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outage {
    Unreachable,
    Silent,
    Unclear,
}

/// Everything that is fixed before the first run.
pub(crate) struct Scenario {
    pub(crate) rows: Vec<Row>,
    pub(crate) boxes: Vec<(Key, Made)>,
    /// Whose mailboxes those of a blank customer are.
    pub(crate) own: u32,
    pub(crate) roles: Roles,
    /// The rate plan of this customer has no room for creates.
    pub(crate) barred: Option<u32>,
    pub(crate) rate: &'static str,
    pub(crate) settings: Settings,
    pub(crate) trouble: Trouble,
    pub(crate) plan: Plan,
}

impl Scenario {
    pub(crate) fn key_of(&self, row: &Row) -> Key {
        (row.customer.unwrap_or(self.own), row.number)
    }

    pub(crate) fn settle(&self) -> u64 {
        u64::try_from(self.settings.settle.as_nanos()).unwrap_or(u64::MAX)
    }

    /// What a seed stands for.
    pub(crate) fn of(dice: &mut Rng) -> Self {
        let own = if dice.u32(..8) == 0 { 7 } else { 1 };
        // Rows that name a mailbox with and without its customer are allowed, and warned of.
        let is_mixed = dice.u32(..10) == 0;
        let rows = rows(dice, is_mixed);
        let boxes = boxes(dice, &rows, own);
        let kind = if dice.u32(..16) == 0 { Kind::Rehearsal } else { Kind::Real };
        let mut often = |times: u32| dice.u32(..times) > 0;
        let roles = Roles {
            create: often(40),
            update: often(25),
            get: often(5),
            list: often(3),
            parameters_first: often(2),
        };
        let settings = Settings {
            kind,
            concurrency: dice.usize(1..7),
            seed: dice.u64(..),
            settle: Duration::from_secs(dice.u64(2..60)),
            outage_max: Duration::from_secs(dice.u64(30..600)),
            errors_max: Some(dice.u64(3..9)).filter(|_| dice.u32(..12) == 0),
            canaries: if dice.u32(..12) == 0 { 5 } else { 0 },
        };
        let rate = ["1/s", "3/s", "10/s", "40/s", "200/s", "30/min"][dice.usize(..6)];
        // A row that was not tried because of its kind comes after others of its mailbox in the next run; where
        // mailboxes are mixed that would not be the order of the file.
        let barred = Some(7).filter(|_| dice.u32(..12) == 0 && !is_mixed);
        let roles = if is_mixed { Roles { create: true, update: true, ..roles } } else { roles };
        let trouble = trouble(dice);
        let plan = planned(&rows);
        let mut scenario = Self { rows, boxes, own, roles, barred, rate, settings, trouble, plan };
        if dice.u32(..4) == 0 && kind == Kind::Real {
            scenario.plan.evidence = scenario.rehearsed();
        }
        scenario
    }

    /// What a rehearsal before the first run would have shown.
    fn rehearsed(&self) -> Vec<Evidence> {
        let rehearsed = |row: &Row, is_late: bool| {
            let key = self.key_of(row);
            let passes = !is_late
                && row.action == Action::Create
                && !row.versions[0].bad
                && self.roles.create
                && self.barred != Some(key.0)
                && row.copies.is_none_or(|it| self.boxes.iter().any(|(key, _)| key.1 == it));
            let is_absent = !self.boxes.iter().any(|it| it.0 == key);
            if passes && is_absent { Evidence::Rehearsed } else { Evidence::None }
        };
        self.plan
            .tasks
            .iter()
            .map(|it| rehearsed(&self.rows[it.row as usize], it.judged_late))
            .collect()
    }
}

fn content(dice: &mut Rng, row: usize, version: u16) -> Content {
    let pin = 100 * u16::try_from(row).unwrap_or(0) + 10 + version;
    Content { fields: dice.u8(1..5), pin, bad: dice.u32(..20) == 0 }
}

/// Rows as the check lets them through: of one mailbox at most one create, and that before its updates.
fn rows(dice: &mut Rng, is_mixed: bool) -> Vec<Row> {
    let numbers = dice.u8(4..15);
    let count = dice.usize(10..25);
    let customers = if dice.bool() { &CUSTOMERS[..1] } else { &CUSTOMERS[..] };
    let mut rows: Vec<Row> = Vec::with_capacity(count);
    for place in 0..count {
        let number = dice.u8(..numbers);
        let chosen = if is_mixed { dice.usize(..2) } else { usize::from(number) };
        let customer = customers[chosen % customers.len()];
        let is_first = !rows.iter().any(|it| it.number == number && it.customer == customer);
        let action = if is_first && dice.u32(..4) > 0 { Action::Create } else { Action::Update };
        let first = content(dice, place, 0);
        let mut second = content(dice, place, 1);
        // Some edits change nothing but the PIN.
        if dice.u32(..3) == 0 {
            second.fields = first.fields;
        }
        let source = dice.u8(..numbers);
        let earlier = rows.iter().any(|it| it.number == source && it.customer == customer);
        let copies = Some(source).filter(|it| {
            action == Action::Create && earlier && !is_mixed && *it != number && dice.u32(..5) == 0
        });
        rows.push(Row { action, number, customer, copies, versions: [first, second] });
    }
    rows
}

/// Mailboxes that others made: some are as a row would make them.
fn boxes(dice: &mut Rng, rows: &[Row], own: u32) -> Vec<(Key, Made)> {
    let mut boxes: Vec<(Key, Made)> = Vec::new();
    for row in rows {
        let key = (row.customer.unwrap_or(own), row.number);
        let share = if row.action == Action::Create { 6 } else { 2 };
        if dice.u32(..share) > 0 || boxes.iter().any(|it| it.0 == key) {
            continue;
        }
        let fields = if dice.bool() { row.versions[0].fields } else { dice.u8(1..5) };
        boxes.push((key, Made { fields, pin: 9000 + u16::from(row.number) }));
    }
    boxes
}

fn trouble(dice: &mut Rng) -> Trouble {
    let outage = Some([Outage::Unreachable, Outage::Silent, Outage::Unclear][dice.usize(..3)]);
    let from = dice.u64(..20) * SECOND;
    let until = from + dice.u64(1..300) * SECOND;
    Trouble {
        faults: [0, 30, 100, 250, 500][dice.usize(..5)],
        latency_ms: [20, 200, 3000][dice.usize(..3)],
        always_ms: Some([20, 700, 5000][dice.usize(..3)]).filter(|_| dice.u32(..6) == 0),
        connect_ms: [1, 20, 400][dice.usize(..3)],
        departures_unseen: dice.u32(..10) == 0,
        outage: outage.filter(|_| dice.u32(..10) == 0).map(|it| (from, until, it)),
        revoked_at: Some(dice.u64(..10 * SECOND)).filter(|_| dice.u32(..12) == 0),
        disturbances: [0, 1, 1, 2, 2, 3][dice.usize(..6)],
        disk_fails: Some((dice.u32(..2), dice.u32(1..200))).filter(|_| dice.u32(..20) == 0),
        edits: dice.u32(..4) == 0,
    }
}

/// The plan as the program makes it.
fn planned(rows: &[Row]) -> Plan {
    let mailbox = |number: u8| Mailbox::parse(&(100 + u32::from(number)).to_string()).unwrap();
    let checked = |row: &Row| CheckedRow {
        span: Span { offset: 0, length: 0, line: 1, digest: 0 },
        mailbox: Some(mailbox(row.number)),
        customer: row.customer,
        action: Some(row.action),
        pin_digits: 0,
        standing: Standing::Valid,
    };
    let copies = (0..).zip(rows).filter_map(|(place, row)| Some((place, mailbox(row.copies?))));
    let mut sheet = Sheet {
        rows: rows.iter().map(checked).collect(),
        copies: copies.collect(),
        ..Sheet::default()
    };
    let mut order: Vec<u32> = (0..).take(rows.len()).collect();
    order.sort_by_key(|it| {
        let row = &rows[*it as usize];
        (row.number, row.customer, *it)
    });
    sheet.set_order(order);
    plan::plan(&sheet).0
}
