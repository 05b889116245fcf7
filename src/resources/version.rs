//! Versions of the API whose parameters are known.

/// A version of the switch; the later, the greater.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub enum Version {
    /// 3.13, the first with these functions.
    V3_13,
    /// 3.14, which the two documents of the API describe.
    #[default]
    V3_14,
    /// 4.2.
    V4_2,
    /// 4.4.
    V4_4,
}

impl Version {
    /// Every known version, oldest first.
    pub const ALL: [Self; 4] = [Self::V3_13, Self::V3_14, Self::V4_2, Self::V4_4];

    /// As options and texts write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V3_13 => "3.13",
            Self::V3_14 => "3.14",
            Self::V4_2 => "4.2",
            Self::V4_4 => "4.4",
        }
    }

    /// Reads what `--api` was given.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_stands_at_its_own_place() {
        for (place, version) in Version::ALL.into_iter().enumerate() {
            assert_eq!(version as usize, place);
        }
    }
}
