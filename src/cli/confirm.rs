//! The question before the first write, asked only where somebody can answer.

use std::fs;
use std::io;
use std::io::BufRead;
use std::io::IsTerminal;
use std::io::Read;
use std::io::Write;
use std::time::Duration;

use crate::cli::Failure;
use crate::cli::asking;
use crate::cli::screen;
use crate::cli::times;
use crate::report::text::grouped;
use crate::run::Rate;

/// Longest answer that is read, in bytes.
const ANSWER_LENGTH_MAX: u64 = 1024;

/// What is about to happen.
#[derive(Debug)]
pub(super) struct Question<'q> {
    /// Where.
    pub host: String,
    /// As whom.
    pub username: &'q str,
    /// To whose mailboxes.
    pub customers: String,
    /// What.
    pub rows: String,
    /// Findings that do not stop it.
    pub warnings: u64,
    /// How fast at most.
    pub rate: Rate,
    /// How many calls at a time.
    pub concurrency: u16,
    /// How long at the least.
    pub least_time: Duration,
}

impl Question<'_> {
    fn text(&self) -> String {
        let Self { host, username, customers, rows, warnings, rate, concurrency, least_time } =
            self;
        let warnings = match warnings {
            0 => String::new(),
            1 => "; 1 warning".to_owned(),
            many => format!("; {} warnings", grouped(*many)),
        };
        let time = times::said(*least_time);
        format!(
            "  switch     {host}, as {username}\n  customers  {customers}\n  rows       {rows}{warnings}\n  \
             rate       at most {rate}, {concurrency} at a time: at least {time}\nGo ahead? [y/N] "
        )
    }
}

/// Shows what is about to happen and whether to go ahead; off a terminal nobody is asked.
pub(super) fn ask(question: &Question<'_>) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    let text = question.text();
    asking::answer(move || {
        asking::forget_what_was_typed();
        show(&text);
        let mut answer = String::new();
        let read = io::stdin().lock().take(ANSWER_LENGTH_MAX).read_line(&mut answer);
        read.is_ok() && matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    })
}

/// Shows a text where the one who answers can see it, even if stderr goes elsewhere.
fn show(text: &str) {
    let terminal = || fs::File::options().write(true).open("/dev/tty");
    if !io::stderr().is_terminal()
        && let Ok(mut terminal) = terminal()
    {
        let _ = terminal.write_all(text.as_bytes());
    } else {
        screen::tell(text);
    }
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    #[test]
    fn the_question_shows_all_that_is_about_to_happen() {
        let question = Question {
            host: "pbx.example.com".to_owned(),
            username: "admin",
            customers: "7 (20 rows), the login's own (5 rows)".to_owned(),
            rows: "20 to create, 5 to update".to_owned(),
            warnings: 2,
            rate: "10/s".parse().unwrap(),
            concurrency: 4,
            least_time: Duration::from_millis(2400),
        };
        expect![[r#"
              switch     pbx.example.com, as admin
              customers  7 (20 rows), the login's own (5 rows)
              rows       20 to create, 5 to update; 2 warnings
              rate       at most 10/s, 4 at a time: at least 3 s
            Go ahead? [y/N] "#]]
        .assert_eq(&question.text());
    }
}
