//! Other systems: whatever an export holds, both readings are the same, and rejects read again as what was rejected.

use boxlift::input::Format;
use boxlift::input::Settings;
use boxlift::input::System;
use boxlift::resources::mailbox;

use super::reading;
use super::reading::Reading;

/// Holds for a file behind a byte that chooses the system.
pub(crate) fn holds(bytes: &[u8]) {
    let Some((choice, file)) = bytes.split_first() else { return };
    let system = System::ALL[usize::from(*choice) % System::ALL.len()];
    let names = mailbox::columns(&[]);
    let mapping = system.mapping(&names);
    for format in Format::ALL {
        // Without names to go by, the reasons of rejects count among the signs of a delimiter. A voicemail.conf has none.
        let has_delimiter = format == Format::Csv && system != System::Asterisk;
        let delimiter = has_delimiter.then_some(b',');
        let mapping = mapping.clone();
        let settings = Settings { mapping, delimiter, ..Settings::new(names.clone()) };
        if let Some(reading) = Reading::with(settings, format, file) {
            reading::rejects_read_again(&reading);
        }
    }
}
