//! Form bodies and query strings, decoded byte by byte so that text outside ASCII survives.

use std::collections::HashMap;

/// The pairs of a form-encoded body or of a query string.
pub(crate) fn parse(encoded: &str) -> HashMap<String, String> {
    encoded
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(key, true), decode(value, true))
        })
        .collect()
}

/// One segment of a path, in which a plus sign is a plus sign.
pub(crate) fn decode_path(segment: &str) -> String {
    decode(segment, false)
}

fn decode(text: &str, plus_is_space: bool) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        rest = tail;
        match first {
            b'%' => match tail
                .split_at_checked(2)
                .and_then(|(hex, after)| Some((hex_byte(hex)?, after)))
            {
                Some((byte, after)) => {
                    bytes.push(byte);
                    rest = after;
                }
                None => bytes.push(first),
            },
            b'+' if plus_is_space => bytes.push(b' '),
            other => bytes.push(other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex_byte(hex: &[u8]) -> Option<u8> {
    u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_outside_ascii_survives() {
        let form = parse("Message=gr%C3%BC%C3%9Fe+50%25&Empty=&Flag");
        assert_eq!(form["Message"], "grüße 50%");
        assert_eq!(form["Empty"], "");
        assert_eq!(form["Flag"], "");
        assert_eq!(decode_path("a+b%2Fc%zz"), "a+b/c%zz");
    }
}
