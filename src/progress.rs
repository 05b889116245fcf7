//! Draws how far a run is: a bar on a terminal, a plain line now and then elsewhere, nothing where quiet is asked for.
//!
//! Decides nothing and keeps nothing: a run is the same whether anybody watches.

use std::fmt;
use std::io::Write;
use std::time::Duration;

use indicatif::HumanCount;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressState;
use indicatif::ProgressStyle;

use crate::model::Kind;
use crate::model::Notice;
use crate::model::Reply;
use crate::model::Status;

/// Between two plain lines.
const LINE_EVERY: Duration = Duration::from_secs(10);

/// Where progress is shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// A bar that is drawn again and again.
    Terminal,
    /// Lines that stay, such as in the mail of a cron job.
    Log,
    /// Nowhere.
    Quiet,
}

/// How far a run is, for whoever watches.
#[derive(Debug)]
pub struct Progress {
    place: Place,
    /// Drawn on a terminal only.
    bar: Option<ProgressBar>,
    word: &'static str,
    rows: u64,
    settled: u64,
    not_done: u64,
    next_line: Duration,
    /// The last trouble told, so that it is told once.
    trouble: Option<String>,
}

impl Progress {
    /// Shows nothing until a pass begins.
    pub fn new(place: Place) -> Self {
        Self {
            place,
            bar: None,
            word: "",
            rows: 0,
            settled: 0,
            not_done: 0,
            next_line: LINE_EVERY,
            trouble: None,
        }
    }

    /// Takes note of what happened.
    pub fn show(&mut self, notice: &Notice<'_>) {
        match notice {
            Notice::Began { kind, rows } => self.begin(*kind, *rows),
            Notice::Replied(reply) => self.replied(reply),
            Notice::Settled { status, at } => self.settled(*status, *at),
            Notice::Stopping => {
                self.line("stopping: calls under way are awaited; once more breaks them off");
            }
            Notice::BreakingOff => self.line("breaking off"),
            Notice::Ended => {
                if let Some(bar) = self.bar.take() {
                    bar.finish_and_clear();
                }
            }
        }
    }

    fn begin(&mut self, kind: Kind, rows: u64) {
        let word = match kind {
            Kind::Rehearsal => "dry run",
            Kind::Real => "apply",
        };
        let bar = (self.place == Place::Terminal).then(|| bar(word, rows));
        *self = Self { bar, word, rows, ..Self::new(self.place) };
    }

    fn replied(&mut self, reply: &Reply) {
        let Some(what) = reply.trouble() else {
            self.trouble = None;
            return;
        };
        let words = reply.words();
        if self.trouble.as_ref() != Some(&words) {
            self.line(&format!("{what}: {words}"));
            self.trouble = Some(words);
        }
    }

    fn settled(&mut self, status: Status, at: Duration) {
        self.settled += 1;
        self.not_done += u64::from(!status.is_done());
        if let Some(bar) = &self.bar {
            bar.inc(1);
            if !status.is_done() {
                bar.set_message(format!(", {} not done", HumanCount(self.not_done)));
            }
        }
        if at >= self.next_line {
            self.next_line = at + LINE_EVERY;
            if self.place == Place::Log {
                let Self { word, rows, settled, not_done, .. } = self;
                let seconds = at.as_secs();
                let line = format!(
                    "{word}: {settled} of {rows} rows after {seconds} s, {not_done} not done"
                );
                self.line(&line);
            }
        }
    }

    fn line(&self, text: &str) {
        match (self.place, &self.bar) {
            (Place::Terminal, Some(bar)) => bar.suspend(|| write_line(text)),
            (Place::Terminal, None) | (Place::Log, _) => write_line(text),
            (Place::Quiet, _) => {}
        }
    }
}

fn bar(word: &'static str, rows: u64) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(Some(rows), ProgressDrawTarget::stderr());
    let template = "{prefix} {wide_bar} {human_pos}/{human_len} rows, {rate}, {eta} left{msg}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        let rate = |state: &ProgressState, out: &mut dyn fmt::Write| {
            // A line that cannot be drawn is drawn without its rate.
            let _ = write!(out, "{:.0}/s", state.per_sec());
        };
        bar.set_style(style.with_key("rate", rate).progress_chars("=> "));
    }
    bar.set_prefix(word);
    bar
}

/// A watcher that has gone away is no reason to stop.
fn write_line(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
