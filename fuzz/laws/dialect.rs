//! Dialects: whatever stands between and around cells, and whether a header does, rows and rejects stay what they are.

use boxlift::input::Format;
use boxlift::input::Settings;

use super::reading;
use super::reading::NAMES;
use super::reading::Reading;

const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// Holds for a file behind a byte that chooses how it is read.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let quote = match choice & 3 {
        0 => None,
        1 => Some(b'\''),
        _ => Some(b'"'),
    };
    let columns = (choice & 4 != 0).then(|| NAMES.map(str::to_owned).to_vec());
    // Without names to go by, the reasons of rejects count among the signs of a delimiter.
    let delimiter = columns.as_ref().map(|_| DELIMITERS[usize::from(choice >> 3 & 3)]);
    let settings = Settings { quote, columns, delimiter, ..reading::settings() };
    if let Some(reading) = Reading::with(settings, Format::Csv, file) {
        reading::rejects_read_again(&reading);
    }
}
