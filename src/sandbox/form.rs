//! Takes apart a query string or a form body. Both `;` and `&` separate, `+` and `%20` are spaces.
//! Knows no parameter by name, and has no `Debug`: what it holds may be a password.

/// The parameters of one request, in the order they came.
#[derive(Default)]
pub(super) struct Parameters {
    pairs: Vec<(String, Given)>,
    count: usize,
}

enum Given {
    Text(String),
    NotText,
    Repeated,
}

/// What a request says about one parameter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Taken<'a> {
    /// Nothing.
    Absent,
    /// This, perhaps empty.
    Text(&'a str),
    /// Something that cannot be used, and why.
    Unusable(&'static str),
}

/// A request carries more parameters than it may.
#[derive(Debug, Eq, PartialEq)]
pub(super) struct TooMany;

impl Parameters {
    /// Reads the query string, then the body.
    pub(super) fn parse(query: &[u8], body: &[u8], max: usize) -> Result<Self, TooMany> {
        let mut parameters = Self::default();
        for source in [query, body] {
            for piece in source.split(|it| matches!(it, b';' | b'&')) {
                if piece.is_empty() {
                    continue;
                }
                if parameters.count == max {
                    return Err(TooMany);
                }
                parameters.count += 1;
                parameters.add(piece);
            }
        }
        Ok(parameters)
    }

    fn add(&mut self, piece: &[u8]) {
        let mut halves = piece.splitn(2, |it| *it == b'=');
        let name = decoded(halves.next().unwrap_or_default());
        let given = match String::from_utf8(decoded(halves.next().unwrap_or_default())) {
            Ok(text) => Given::Text(text),
            Err(_) => Given::NotText,
        };
        // A name that is not text names no parameter of ours.
        let Ok(name) = String::from_utf8(name) else { return };
        match self.pairs.iter_mut().find(|it| it.0 == name) {
            Some((_, first)) => *first = Given::Repeated,
            None => self.pairs.push((name, given)),
        }
    }

    /// What the request says about `name`.
    pub(super) fn take(&self, name: &str) -> Taken<'_> {
        match self.pairs.iter().find(|it| it.0 == name) {
            None => Taken::Absent,
            Some((_, Given::Text(text))) => Taken::Text(text),
            Some((_, Given::NotText)) => Taken::Unusable("is not UTF-8"),
            Some((_, Given::Repeated)) => Taken::Unusable("is given more than once"),
        }
    }
}

/// Undoes `+` and `%41`; a `%` without two hexadecimal digits stands for itself.
fn decoded(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, tail @ ..]) => {
                if let (Some(high), Some(low)) = (hex(*high), hex(*low)) {
                    out.push(high * 16 + low);
                    rest = tail;
                } else {
                    out.push(byte);
                }
            }
            (other, _) => out.push(other),
        }
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(query: &str, body: &str) -> Parameters {
        Parameters::parse(query.as_bytes(), body.as_bytes(), 10).unwrap()
    }

    #[test]
    fn both_separators_and_both_spaces_are_understood() {
        let parameters = parsed("?;a=1&b=x+y;c=x%20y&&d", "e=%3B%26%3d%2B%25;f=%C3%BC=");
        let seen = ["?", "a", "b", "c", "d", "e", "f", "g"].map(|it| parameters.take(it));
        assert_eq!(
            seen,
            [
                Taken::Text(""),
                Taken::Text("1"),
                Taken::Text("x y"),
                Taken::Text("x y"),
                Taken::Text(""),
                Taken::Text(";&=+%"),
                Taken::Text("ü="),
                Taken::Absent,
            ]
        );
    }

    #[test]
    fn a_percent_sign_without_two_digits_stands_for_itself() {
        let parameters = parsed("a=%;b=%4;c=100%+%zz", "");
        let seen = ["a", "b", "c"].map(|it| parameters.take(it));
        assert_eq!(seen, [Taken::Text("%"), Taken::Text("%4"), Taken::Text("100% %zz")]);
    }

    #[test]
    fn a_repeated_or_undecodable_value_is_unusable() {
        let parameters = parsed("a=1", "a=2&b=%FF");
        let seen = ["a", "b"].map(|it| parameters.take(it));
        assert_eq!(
            seen,
            [Taken::Unusable("is given more than once"), Taken::Unusable("is not UTF-8")]
        );
    }

    #[test]
    fn more_parameters_than_allowed_are_too_many() {
        let ten = "a=1&".repeat(10);
        assert!(Parameters::parse(ten.as_bytes(), b"", 10).is_ok());
        let eleven = "a=1&".repeat(11);
        assert_eq!(Parameters::parse(eleven.as_bytes(), b"", 10).err(), Some(TooMany));
    }
}
