//! What the library that reads .xlsx would keep in memory of a part, counted before it does.
//!
//! It keeps all texts and styles, and makes room for as many as a part claims to have. Refuses more than fits.

use std::io::Read;

use quick_xml::events::BytesStart;
use quick_xml::events::Event;

use crate::input::sheet::error::SheetError;
use crate::input::sheet::xml;
use crate::input::sheet::xml::EVENT_LENGTH_MAX;
use crate::input::sheet::xml::Events;

/// Most bytes that may be kept, by a generous estimate.
pub(super) const KEPT_MAX: u64 = 128 << 20;

/// Bytes of a text that is kept, beyond its own.
const TEXT_LENGTH: u64 = 80;

/// Bytes of anything else that is kept, beyond its own.
const RECORD_LENGTH: u64 = 512;

/// Most letters and digits of a place: the last one of a sheet is `XFD1048576`.
const PLACE_LETTERS_MAX: usize = 3;
const PLACE_DIGITS_MAX: usize = 7;

/// The tag of a cell, of which everything is put together.
const CELL: &str = "c";

/// Tags by the name without a prefix whose content is kept, and cells.
const MEASURED: [&str; 10] =
    [CELL, "si", "xf", "font", "fill", "border", "numFmt", "sheet", "definedName", "Relationship"];

/// The outermost tag of a part that is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Root {
    /// The list of sheets.
    Workbook,
    /// Where parts are.
    Relationships,
    /// Texts of all sheets.
    Texts,
    /// How cells look, which tells dates from numbers.
    Styles,
    /// A sheet.
    Worksheet,
}

impl Root {
    fn of(name: &str) -> Option<Self> {
        match name {
            "workbook" => Some(Self::Workbook),
            "Relationships" => Some(Self::Relationships),
            "sst" => Some(Self::Texts),
            "styleSheet" => Some(Self::Styles),
            "worksheet" => Some(Self::Worksheet),
            _ => None,
        }
    }
}

/// A part that was looked at.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct Part {
    /// What it is.
    pub(super) root: Root,
    /// Bytes that would be kept of it.
    pub(super) kept: u64,
}

/// Looks at all pieces of a part; nothing where it is none that is read.
pub(super) fn look(part: impl Read) -> Result<Option<Part>, SheetError> {
    let mut events = Events::new(part);
    let Some((root, claim)) = root(&mut events) else { return Ok(None) };
    let mut counted = Part { root, kept: claim? };
    // The tag that is kept, where it began, and how many of its name are open.
    let mut open: Option<(&str, u64, u32)> = None;
    let mut longest = 0;
    loop {
        let begin = events.position();
        let mut ended = None;
        match events.next()? {
            Event::Eof => return Ok(Some(counted)),
            Event::Start(tag) => {
                let local = tag.local_name();
                let name = local.as_ref();
                counted.kept += claimed(&tag)?;
                refuse_no_place(&tag)?;
                match &mut open {
                    Some((outer, _, depth)) if *outer == name => *depth += 1,
                    Some(_) => {}
                    None => {
                        open = MEASURED.iter().find(|it| **it == name).map(|it| (*it, begin, 1));
                    }
                }
            }
            Event::End(tag) => {
                if let Some((outer, _, depth)) = &mut open
                    && *outer == tag.local_name().as_ref()
                {
                    *depth -= 1;
                    ended = (*depth == 0).then(|| open.take()).flatten();
                }
            }
            _ => {}
        }
        if let Some((name, begin, _)) = ended {
            counted.kept += weight(name, events.position() - begin, &mut longest);
        }
        // What does not end is put together all the same, up to the end of the part.
        let (name, length) = open.map_or(("", 0), |it| (it.0, events.position() - it.1));
        if name == CELL && length > EVENT_LENGTH_MAX {
            return Err(SheetError::TextTooLong);
        }
        if counted.kept + length > KEPT_MAX {
            return Err(SheetError::TooMuchToKeep);
        }
    }
}

/// The outermost tag, if it is one of those that are read, and what it claims.
fn root<R: Read>(events: &mut Events<R>) -> Option<(Root, Result<u64, SheetError>)> {
    loop {
        // What is broken before its first tag is no part that is read.
        match events.next().ok()? {
            Event::Start(tag) => {
                let root = Root::of(tag.local_name().as_ref())?;
                return Some((root, claimed(&tag)));
            }
            Event::Eof => return None,
            _ => {}
        }
    }
}

/// What one tag leaves behind; a cell's style takes copies of the font, the fill, the border and the format it names.
fn weight(name: &str, length: u64, longest: &mut u64) -> u64 {
    match name {
        CELL => 0,
        "si" => length + TEXT_LENGTH,
        "xf" => length + RECORD_LENGTH + 4 * *longest,
        _ => {
            *longest = length.max(*longest);
            length + RECORD_LENGTH
        }
    }
}

/// Refuses a cell, a row or a sheet whose place is none: the library that reads them counts letters and digits without
/// a bound.
fn refuse_no_place(tag: &BytesStart<'_>) -> Result<(), SheetError> {
    let attribute = match tag.local_name().as_ref() {
        CELL | "row" => "r",
        "dimension" | "f" => "ref",
        _ => return Ok(()),
    };
    let Some(place) = xml::attribute(tag, attribute)? else { return Ok(()) };
    let fits = |corner: &str| {
        let digits = corner.trim_start_matches(|it: char| it.is_ascii_alphabetic());
        corner.len() - digits.len() <= PLACE_LETTERS_MAX && digits.len() <= PLACE_DIGITS_MAX
    };
    let what = "a cell stands where no sheet has one";
    if place.split(':').all(fits) { Ok(()) } else { Err(SheetError::Damaged { what }) }
}

/// Bytes for which room is made because a part says how many texts it has.
fn claimed(tag: &BytesStart<'_>) -> Result<u64, SheetError> {
    if tag.local_name().as_ref() != "sst" {
        return Ok(0);
    }
    let claim = xml::attribute(tag, "uniqueCount")?;
    let count = claim.map_or(0, |it| it.parse().unwrap_or(u64::MAX));
    Ok(count.saturating_mul(24).min(KEPT_MAX + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(part: &str) -> Result<u64, SheetError> {
        look(part.as_bytes()).map(|it| it.unwrap().kept)
    }

    #[test]
    fn texts_styles_and_claims_are_counted_and_cells_are_not() {
        assert_eq!(kept("<sst><si><t>ab</t></si><x:si/></sst>"), Ok(2 * 80 + 18 + 7));
        assert_eq!(
            kept("<styleSheet><font>abc</font><xf/></styleSheet>"),
            Ok(2 * 512 + 16 + 5 + 64)
        );
        assert_eq!(kept("<sst uniqueCount=\"1000\"></sst>"), Ok(24_000));
        assert_eq!(kept("<worksheet><c><v>1</v></c></worksheet>"), Ok(0));
    }

    #[test]
    fn what_would_fill_the_memory_is_refused() {
        let refused = Err(SheetError::TooMuchToKeep);
        assert_eq!(kept(&format!("<sst>{}</sst>", "<si/>".repeat(1_600_000))), refused);
        assert_eq!(kept("<sst uniqueCount=\"99999999999999999999\"></sst>"), refused);
        let font = format!("<font>{}</font>", "a".repeat(1_000_000));
        assert_eq!(
            kept(&format!("<styleSheet>{font}{}</styleSheet>", "<xf/>".repeat(40))),
            refused
        );
    }

    #[test]
    fn a_text_or_tag_or_nesting_without_an_end_is_refused() {
        let long = "a".repeat(2 << 20);
        for part in [
            format!("<a>{long}</a>"),
            format!("<a b=\"{long}\"/>"),
            format!("<!--{}-->", "<b>".repeat(1 << 20)),
            format!("<![CDATA[{long}]]>"),
        ] {
            let part = format!("<worksheet>{part}");
            assert_eq!(kept(&part), Err(SheetError::TextTooLong), "{}", &part[..20]);
        }
        let runs = format!("<worksheet><c>{}", format!("<t>{}</t>", &long[..1 << 19]).repeat(3));
        assert_eq!(kept(&runs), Err(SheetError::TextTooLong));
        let deep = format!("<worksheet>{}", "<a>".repeat(1000));
        assert!(matches!(kept(&deep), Err(SheetError::Damaged { .. })));
        assert_eq!(look(format!("<!--{long}--><worksheet/>").as_bytes()), Ok(None));
        assert_eq!(look(&b"<pivotCacheRecords>"[..]), Ok(None));
    }
}
