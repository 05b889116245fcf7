//! boxlift lifts voicemail mailboxes onto an Enswitch telephone switch in bulk.
//!
//! ```text
//! file ─input─▶ RawRow ─check─▶ Row | Problem ─plan─▶ Plan ─run─▶ Outcome ─report─▶ files, totals
//! ```
//!
//! The modules stand in reading order; [`pipeline`] alone knows the order of the stages.

pub mod check;
pub mod model;
pub mod plan;
pub mod resources;
pub mod run;
