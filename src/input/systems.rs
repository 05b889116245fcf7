//! The source systems whose exports are read as they are: which there are, and what each one's columns mean.
//!
//! One file a system. How surely each line is known stands beside it: C, read in the system's source or manual;
//! I, inferred. Refuses to read a file as a system's unless `--from` names it.

mod asterisk;
mod cisco_unity;
mod conf;
mod enswitch_import;
mod freepbx;
mod freepbx12;
mod fusionpbx;
mod three_cx;
mod yeastar;

pub use conf::ConfTrouble;
pub(super) use conf::is_conf;
pub(super) use conf::to_csv;

use crate::input::mapping::Builder;
use crate::input::mapping::Mapping;
use crate::input::mapping::column;
use crate::model::ColumnNames;

/// A system whose column names and values are known.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum System {
    /// boxlift's own columns.
    Native,
    /// FreePBX 13 and later, the bulk handler's export of extensions.
    Freepbx,
    /// FreePBX 12 and before, the export of bulk extensions.
    Freepbx12,
    /// FusionPBX, the export of voicemails.
    Fusionpbx,
    /// Asterisk's voicemail.conf.
    Asterisk,
    /// Cisco Unity Connection, the bulk administration tool.
    CiscoUnity,
    /// 3CX, the export of extensions.
    ThreeCx,
    /// Yeastar P series, the export of extensions.
    Yeastar,
    /// What the switch's own web interface imports.
    EnswitchImport,
}

impl System {
    /// Every system, in the order in which help texts name them.
    pub const ALL: [Self; 9] = [
        Self::Freepbx,
        Self::Freepbx12,
        Self::Fusionpbx,
        Self::Asterisk,
        Self::CiscoUnity,
        Self::ThreeCx,
        Self::Yeastar,
        Self::EnswitchImport,
        Self::Native,
    ];

    /// Reads the word of `--from`.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// The word as users write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Freepbx => "freepbx",
            Self::Freepbx12 => "freepbx12",
            Self::Fusionpbx => "fusionpbx",
            Self::Asterisk => "asterisk",
            Self::CiscoUnity => "cisco-unity",
            Self::ThreeCx => "3cx",
            Self::Yeastar => "yeastar",
            Self::EnswitchImport => "enswitch-import",
        }
    }

    /// How its rows become rows with these columns; nothing where they are such rows.
    pub fn mapping(self, native: &ColumnNames) -> Option<Mapping> {
        let mut builder = Builder::new(native);
        match self {
            Self::Native => return None,
            Self::Freepbx => freepbx::describe(&mut builder),
            Self::Freepbx12 => freepbx12::describe(&mut builder),
            Self::Fusionpbx => fusionpbx::describe(&mut builder),
            Self::Asterisk => asterisk::describe(&mut builder),
            Self::CiscoUnity => cisco_unity::describe(&mut builder),
            Self::ThreeCx => three_cx::describe(&mut builder),
            Self::Yeastar => yeastar::describe(&mut builder),
            Self::EnswitchImport => enswitch_import::describe(&mut builder),
        }
        if self != Self::Freepbx12 {
            builder.target("action", [column("action")]);
        }
        builder.extras();
        builder.build()
    }
}
