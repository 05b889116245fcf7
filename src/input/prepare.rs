//! From the bytes as they were given to bytes that can be read as records: decompressed, UTF-8, and rows
//! of a spreadsheet as lines.
//!
//! What needs neither stays as it is and is not copied. Refuses to guess where an option or a name says something.

use std::path::Path;

use crate::input::Format;
use crate::input::InputError;
use crate::input::Limits;
use crate::input::Source;
use crate::input::decode;
use crate::input::decode::Encoding;
use crate::input::sheet;
use crate::input::sheet::Kind;
use crate::input::unpack;
use crate::input::unpack::PackedError;
use crate::input::unpack::Packing;

/// What options say about the bytes.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Bytes {
    /// The format, where it is not left to the name.
    pub format: Option<Format>,
    /// The encoding of an input without a byte order mark.
    pub encoding: Option<Encoding>,
    /// The sheet of a spreadsheet that is read.
    pub sheet: Option<String>,
    /// How much is read of what comes out.
    pub limits: Limits,
}

/// Makes a source ready; `path` is its name, where it has one.
pub fn prepare(
    source: Source,
    path: Option<&Path>,
    bytes: &Bytes,
) -> Result<(Source, Format), InputError> {
    let format = match (bytes.format, path) {
        (Some(format), _) => Some(format),
        (None, Some(path)) => Format::of_path(path)?,
        (None, None) => None,
    };
    let source = match path.and_then(Packing::of_path) {
        Some(packing) => unpack::unpack(source, packing, bytes.limits.input)?,
        None => source,
    };
    let kind = match format {
        Some(Format::Xlsx) => Some(Kind::Xlsx),
        Some(Format::Ods) => Some(Kind::Ods),
        Some(Format::Csv | Format::Jsonl) | None => None,
    };
    let source = match (format, kind) {
        (Some(format), Some(kind)) => {
            if bytes.encoding.is_some() {
                return Err(InputError::NoEncoding);
            }
            let source = sheet::copy(source, kind, bytes.sheet.as_deref(), bytes.limits)?;
            return Ok((source, format));
        }
        (_, _) if bytes.sheet.is_some() => return Err(InputError::NoSheets),
        (_, _) => source,
    };
    let mut beginning = Vec::new();
    source.append(0, 8, &mut beginning)?;
    if let Some(packing) = Packing::of_bytes(&beginning) {
        return Err(PackedError::Unnamed { packing }.into());
    }
    sheet::refuse_container(&source, &beginning)?;
    if beginning.starts_with(b"PK\x03\x04") {
        return Err(InputError::Archive);
    }
    let source = decode::decode(source, bytes.encoding, bytes.limits.input)?;
    let format = match format {
        Some(format) => format,
        None => Format::of_bytes(&source)?,
    };
    Ok((source, format))
}
