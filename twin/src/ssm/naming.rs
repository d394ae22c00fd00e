//! What a parameter may be called, and what its ARN is.

use crate::error::AwsError;

/// A name, its ARN's fixed part included, is at most 1,011 characters of its own.
const NAME_CHARS_MAX: usize = 1011;
const LEVELS_MAX: usize = 15;

/// The ARN of a parameter; the name's leading slash is not doubled.
pub(crate) fn parameter_arn(account: &str, region: &str, name: &str) -> String {
    let slash = if name.starts_with('/') { "" } else { "/" };
    format!("arn:aws:ssm:{region}:{account}:parameter{slash}{name}")
}

/// The name meant by a name or an ARN.
pub(super) fn plain(name: &str) -> &str {
    if !name.starts_with("arn:") {
        return name;
    }
    name.split_once(":parameter").map_or(name, |(_, name)| name)
}

/// The name, and the version asked for as `name:version`.
pub(super) fn with_version(name: &str) -> (&str, Option<i64>) {
    let name = plain(name);
    match name.rsplit_once(':') {
        Some((name, selector)) => (name, Some(selector.parse().unwrap_or(0))),
        None => (name, None),
    }
}

pub(super) fn check(name: &str) -> Result<(), AwsError> {
    if name.is_empty() {
        return Err(invalid(
            "1 validation error detected: Value '' at 'name' failed to satisfy constraint: Member must have \
             length greater than or equal to 1",
        ));
    }
    if name.len() > NAME_CHARS_MAX {
        return Err(invalid("Parameter name must not be longer than 1011 characters."));
    }
    if name.contains('/') && !name.starts_with('/') {
        return Err(invalid("Parameter name must be a fully qualified name."));
    }
    let levels: Vec<&str> = name.strip_prefix('/').unwrap_or(name).split('/').collect();
    let first = levels
        .first()
        .map(|first| first.to_ascii_lowercase())
        .unwrap_or_default();
    if first.starts_with("aws") {
        return Err(AwsError::refused(
            "AccessDeniedException",
            format!("No access to reserved parameter name: {name}."),
        ));
    }
    let spelled = levels.iter().all(|level| {
        !level.is_empty()
            && level
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
    });
    if first.starts_with("ssm") || !spelled {
        return Err(invalid(
            "Parameter name: can't be prefixed with \"ssm\" (case-insensitive). If formed as a path, it can \
             consist of sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, \
             numbers and the following 3 symbols .-_",
        ));
    }
    if levels.len() > LEVELS_MAX {
        return Err(AwsError::refused(
            "HierarchyLevelLimitExceededException",
            format!("A parameter hierarchy can have at most {LEVELS_MAX} levels."),
        ));
    }
    Ok(())
}

pub(super) fn invalid(message: &str) -> AwsError {
    AwsError::refused("ValidationException", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_arns_and_selectors() {
        assert_eq!(
            plain("arn:aws:ssm:eu-central-1:111122223333:parameter/migration/dev/state"),
            "/migration/dev/state"
        );
        assert_eq!(
            with_version("/migration/dev/state:3"),
            ("/migration/dev/state", Some(3))
        );
        assert_eq!(with_version("state"), ("state", None));
    }

    #[test]
    fn bad_names_are_refused() {
        for name in ["", "a/b", "/ssm-like/x", "/a b", "//x", "/a/"] {
            assert!(check(name).is_err(), "{name}");
        }
        for name in ["x", "/migration/dev/journal/00000001", "/a.b/c-d_e"] {
            assert!(check(name).is_ok(), "{name}");
        }
    }
}
