//! A resource record set, its name, and its place in the order of a zone.

/// A resource record set. What is left out is None or empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordSet {
    /// Absolute and lower case, for example `reader.db.example.com.`.
    pub name: String,
    /// `A`, `CNAME`, and so on.
    pub record_type: String,
    pub set_identifier: Option<String>,
    pub weight: Option<u8>,
    pub ttl_seconds: Option<u32>,
    pub values: Vec<String>,
    pub alias: Option<Alias>,
    pub health_check_id: Option<String>,
    /// `PRIMARY` or `SECONDARY`.
    pub failover: Option<String>,
    /// The region of latency-based routing.
    pub region: Option<String>,
    pub multi_value_answer: Option<bool>,
}

/// Where an alias record points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    pub hosted_zone_id: String,
    pub dns_name: String,
    pub evaluate_target_health: bool,
}

/// What identifies a record set in its zone, ordered as Route 53 lists them: by the name with its labels
/// reversed, then the type, then the set identifier.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct RecordKey {
    pub reversed_name: String,
    pub record_type: String,
    pub set_identifier: Option<String>,
}

impl RecordSet {
    /// A simple record.
    #[must_use]
    pub fn simple(name: &str, record_type: &str, ttl_seconds: u32, value: &str) -> Self {
        Self {
            name: normalised(name),
            record_type: record_type.to_owned(),
            ttl_seconds: Some(ttl_seconds),
            values: vec![value.to_owned()],
            ..Self::default()
        }
    }

    /// One of the records that share a name by weight.
    #[must_use]
    pub fn weighted(
        name: &str,
        record_type: &str,
        set_identifier: &str,
        weight: u8,
        ttl_seconds: u32,
        value: &str,
    ) -> Self {
        Self {
            set_identifier: Some(set_identifier.to_owned()),
            weight: Some(weight),
            ..Self::simple(name, record_type, ttl_seconds, value)
        }
    }

    /// One of the two records that share a name by health: `PRIMARY` or `SECONDARY`. Its set identifier is the role
    /// in lower case.
    #[must_use]
    pub fn failover(name: &str, record_type: &str, role: &str, ttl_seconds: u32, value: &str) -> Self {
        Self {
            set_identifier: Some(role.to_lowercase()),
            failover: Some(role.to_owned()),
            ..Self::simple(name, record_type, ttl_seconds, value)
        }
    }

    /// The same record, as long as this check is healthy.
    #[must_use]
    pub fn checked_by(self, health_check_id: &str) -> Self {
        Self {
            health_check_id: Some(health_check_id.to_owned()),
            ..self
        }
    }

    pub(super) fn key(&self) -> RecordKey {
        RecordKey {
            reversed_name: reversed(&self.name),
            record_type: self.record_type.clone(),
            set_identifier: self.set_identifier.clone(),
        }
    }

    /// Whether a DELETE that gives `asked` means this record: every field, values in any order.
    pub(super) fn is_exactly(&self, asked: &Self) -> bool {
        let sorted = |record: &Self| {
            let mut values = record.values.clone();
            values.sort();
            values
        };
        let rest = |record: &Self| Self {
            values: Vec::new(),
            ..record.clone()
        };
        sorted(self) == sorted(asked) && rest(self) == rest(asked)
    }

    /// How Route 53 names a record in its messages.
    pub(super) fn described(&self) -> String {
        let set_identifier = self
            .set_identifier
            .as_ref()
            .map(|id| format!(", set identifier='{id}'"))
            .unwrap_or_default();
        format!(
            "[name='{}', type='{}'{set_identifier}]",
            self.name, self.record_type
        )
    }
}

/// A name as Route 53 keeps it: absolute, lower case, everything but letters, digits, hyphens and
/// underscores written as an octal escape (`*` becomes `\052`).
pub(super) fn normalised(name: &str) -> String {
    let mut normal = String::with_capacity(name.len() + 1);
    let mut bytes = name.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                // An escape that is already written stays as it is.
                normal.push('\\');
                normal.extend(bytes.by_ref().take(3).map(char::from));
            }
            b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => normal.push(char::from(byte)),
            b'A'..=b'Z' => normal.push(char::from(byte.to_ascii_lowercase())),
            other => normal.extend(format!("\\{other:03o}").chars()),
        }
    }
    if !normal.ends_with('.') {
        normal.push('.');
    }
    normal
}

/// `www.example.com.` as `com.example.www.`, the form that is compared.
pub(super) fn reversed(name: &str) -> String {
    let mut labels: Vec<&str> = name.trim_end_matches('.').split('.').collect();
    labels.reverse();
    let mut reversed = labels.join(".");
    reversed.push('.');
    reversed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_kept_as_route_53_keeps_them() {
        assert_eq!(normalised("*.DB.Example.com"), "\\052.db.example.com.");
        assert_eq!(normalised("\\052.db.example.com."), "\\052.db.example.com.");
        assert_eq!(reversed("reader.db.example.com."), "com.example.db.reader.");
    }

    #[test]
    fn a_record_is_meant_exactly_or_not_at_all() {
        let mut record = RecordSet::simple("a.example.com", "A", 60, "192.0.2.1");
        record.values.push("192.0.2.2".to_owned());
        let mut asked = record.clone();
        asked.values.reverse();
        assert!(record.is_exactly(&asked));
        asked.ttl_seconds = Some(61);
        assert!(!record.is_exactly(&asked));
    }
}
