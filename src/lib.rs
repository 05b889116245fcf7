//! boxlift lifts voicemail mailboxes onto an Enswitch telephone switch in bulk.
//!
//! ```text
//! file ─input─▶ RawRow ─check─▶ Sheet, Findings ─plan─▶ Plan ─run─▶ Outcome ─report─▶ files, totals
//! ```
//!
//! The modules stand in reading order; [`pipeline`] alone knows the order of the stages.

pub mod pipeline;
pub mod model;
pub mod input;
pub mod resources;
pub mod check;
pub mod plan;
pub mod run;
pub mod switch;
pub mod journal;
pub mod report;
pub mod progress;
pub mod sandbox;
pub mod cli;
