//! Options that say where rows come from: another system, or a file with columns of its own.

use std::fs::File;
use std::io;
use std::io::Read;
use std::path::Path;
use std::path::PathBuf;

use crate::cli::Failure;
use crate::input;
use crate::model::ColumnNames;

/// Most bytes of a map.
const MAP_LENGTH_MAX: u64 = 1 << 20;

/// Options about the columns of an input.
#[derive(Debug, clap::Args)]
pub(super) struct OriginArgs {
    /// System whose export the input is
    #[arg(long, value_name = "SYSTEM", default_value = "native", value_parser = parse_system)]
    from: input::System,

    /// File that says how columns are made from those of the input (TOML); `boxlift map` drafts one
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
}

impl OriginArgs {
    /// The format that a name has in this system alone: a voicemail.conf is read as the CSV that is made of it.
    pub(super) fn format_of(&self, path: &Path) -> Option<input::Format> {
        let name = input::unpacked_name(path);
        let is_conf = name.extension().is_some_and(|it| it.eq_ignore_ascii_case("conf"));
        (self.from == input::System::Asterisk && is_conf).then_some(input::Format::Csv)
    }

    /// The map, where one is given.
    pub(super) fn map(&self) -> Option<&Path> {
        self.map.as_deref()
    }

    /// How our columns are made from those of the input, where it has others.
    pub(super) fn mapping(&self, names: &ColumnNames) -> Result<Option<input::Mapping>, Failure> {
        let Some(path) = &self.map else { return Ok(self.from.mapping(names)) };
        if self.from != input::System::Native {
            let help = "give --map alone, and write the whole of it; `boxlift map` drafts one";
            return Err(Failure::usage("--map and --from both say what columns mean", help));
        }
        let shown = path.display();
        let text = read_map(path).map_err(|reason| {
            let help = "name a file that this user may read, as in `--map people.toml`";
            Failure::usage(format!("the map `{shown}` cannot be read: {reason}"), help)
        })?;
        let mapping = input::Mapping::parse(&text, names).map_err(|error| {
            let input::MapError { line, message, help } = error;
            Failure::usage(format!("{shown}:{line}: {message}"), help)
        })?;
        Ok(Some(mapping))
    }
}

fn read_map(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = File::open(path)?.take(MAP_LENGTH_MAX + 1).read_to_string(&mut text)?;
    if read as u64 > MAP_LENGTH_MAX {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(text)
}

fn parse_system(text: &str) -> Result<input::System, String> {
    let known = input::System::ALL.map(input::System::as_str).join(", ");
    input::System::parse(text).ok_or_else(|| format!("give one of {known}"))
}
