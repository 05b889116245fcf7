//! What `benches/instructions.py` counts the instructions of: the check of a file, and the run's core on a plan.
//!
//! Refuses everything but its three commands: `rows N FILE`, `check FILE`, `core N`. The form is that of the file's name.

mod made;

use std::env;
use std::error::Error;
use std::fs;
use std::path::Path;

use boxlift::input::Format;
use boxlift::input::Source;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["rows", count, file] => {
            fs::write(file, made::rows(count.parse()?, format_of(file))?)?;
        }
        ["check", file] => {
            let batch = made::batch(Source::open(Path::new(file), u64::MAX)?, format_of(file))?;
            if !batch.is_clean() {
                return Err(
                    format!("{file} has errors: change the rows in benches/yardstick").into()
                );
            }
        }
        ["core", count] => {
            let count = count.parse()?;
            let results = made::run_core(made::plan(count))?;
            if results != count {
                return Err(format!("the core gave {results} results for {count} rows").into());
            }
        }
        _ => return Err("give `rows N FILE`, `check FILE` or `core N`".into()),
    }
    Ok(())
}

fn format_of(file: &str) -> Format {
    let is_jsonl = Path::new(file).extension().is_some_and(|it| it == "jsonl");
    if is_jsonl { Format::Jsonl } else { Format::Csv }
}
