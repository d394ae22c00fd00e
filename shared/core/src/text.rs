//! Text with a limit, for everything a person wrote that is kept.

use serde::{Deserialize, Deserializer, Serialize};

/// Text whose JSON form takes at most `MAX` bytes, quotes excluded, so that what holds it has a known
/// worst size. Longer text is cut and ends in `…`.
///
/// Parameter Store treats `{{name}}` in a value as a reference to another parameter, so a second brace in
/// a row is set apart.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Text<const MAX: usize>(String);

const ELLIPSIS: &str = "…";

impl<const MAX: usize> Text<MAX> {
    #[must_use]
    pub fn new(full: &str) -> Self {
        let mut kept = String::new();
        let mut used = 0;
        let mut last = None;
        for character in full.chars() {
            if character == '{' && last == Some('{') {
                kept.push(' ');
                used += 1;
            }
            used += encoded_bytes(character);
            if used > MAX {
                return Self::cut(&kept);
            }
            kept.push(character);
            last = Some(character);
        }
        Self(kept)
    }

    fn cut(kept: &str) -> Self {
        let mut short = kept.to_owned();
        let mut used: usize = short.chars().map(encoded_bytes).sum();
        while used + ELLIPSIS.len() > MAX {
            match short.pop() {
                Some(dropped) => used -= encoded_bytes(dropped),
                None => return Self(String::new()),
            }
        }
        short.push_str(ELLIPSIS);
        Self(short)
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<const MAX: usize> std::fmt::Display for Text<MAX> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl<'de, const MAX: usize> Deserialize<'de> for Text<MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::new(&String::deserialize(deserializer)?))
    }
}

/// Bytes of one character inside a JSON string as `serde_json` writes it.
fn encoded_bytes(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
        control if control < ' ' => 6,
        other => other.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use super::Text;

    #[test]
    fn what_fits_is_kept_to_the_letter() {
        assert_eq!(Text::<5>::new("hello").as_str(), "hello");
    }

    #[test]
    fn what_does_not_fit_is_cut_by_its_encoded_size() {
        for hostile in [
            "\u{1}".repeat(50),
            "\"".repeat(50),
            "é".repeat(50),
            "🦀".repeat(50),
        ] {
            let text = Text::<20>::new(&hostile);
            let encoded = serde_json::to_string(&text).unwrap();
            assert!(encoded.len() <= 22, "{encoded} takes {} bytes", encoded.len());
            assert!(text.as_str().ends_with('…'));
        }
    }

    #[test]
    fn two_braces_never_stand_together() {
        assert!(!Text::<40>::new("{{ssm:secret}} {{{").as_str().contains("{{"));
    }
}
