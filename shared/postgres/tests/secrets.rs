//! The secret's format, and what is said of one that is wrong.

use cutover_core::database::Side;
use cutover_postgres::secret::{SecretError, parse};
use serde_json::{Value, json};

const PASSWORD: &str = "hunter2-planted";

fn secret() -> Value {
    json!({
        "engine": "postgres", "host": "db.example.com", "port": 5433, "username": "cutover", "password": PASSWORD,
        "dbname": "orders", "dbInstanceIdentifier": "orders-1", "masterarn": ["ignored"]
    })
}

fn with(field: &str, value: Value) -> Value {
    let mut secret = secret();
    if let Some(fields) = secret.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    secret
}

#[test]
fn a_secret_of_rds_says_who_logs_in_where() {
    let database = parse(Side::Target, &secret().to_string()).unwrap();
    assert_eq!(
        (database.side, database.host.as_str(), database.port),
        (Side::Target, "db.example.com", 5433)
    );
    assert_eq!(
        (database.login.user.as_str(), database.login.database.as_str()),
        ("cutover", "orders")
    );
    assert!(!format!("{database:?}").contains(PASSWORD));
}

#[test]
fn a_port_is_a_number_or_a_text_or_the_one_of_postgresql() {
    let port = |value| parse(Side::Source, &with("port", value).to_string()).map(|database| database.port);
    assert_eq!(port(json!("6432")), Ok(6432));
    assert_eq!(port(Value::Null), Ok(5432));
    for wrong in [
        json!(0),
        json!(65536),
        json!(-1),
        json!(1.5),
        json!("x"),
        json!(""),
        json!([1]),
    ] {
        assert_eq!(port(wrong.clone()), Err(SecretError::Wrong("port")), "{wrong}");
    }
}

#[test]
fn an_error_names_the_field_and_tells_no_value() {
    for field in ["host", "username", "password", "dbname"] {
        let mut without = secret();
        without.as_object_mut().unwrap().remove(field);
        let missing = parse(Side::Source, &without.to_string()).unwrap_err();
        assert_eq!(missing.to_string(), format!("the secret has no `{field}`"));
        for wrong in [json!(7), json!(""), json!("a\u{0}b"), json!({"a": PASSWORD})] {
            let wrong = parse(Side::Source, &with(field, wrong).to_string()).unwrap_err();
            assert_eq!(
                wrong.to_string(),
                format!("`{field}` of the secret is not as it should be")
            );
        }
    }
    let other = parse(Side::Source, &with("engine", json!("mysql")).to_string()).unwrap_err();
    assert_eq!(other, SecretError::Wrong("engine"));
}

#[test]
fn what_is_no_json_is_told_by_its_place_alone() {
    for hostile in [
        PASSWORD.to_owned(),
        format!("\"{PASSWORD}\""),
        format!("{{\"password\": \"{PASSWORD}\""),
        format!("[\"{PASSWORD}\"]"),
        format!("{{\"password\": {PASSWORD}}}"),
        String::new(),
    ] {
        let error = parse(Side::Source, &hostile).unwrap_err();
        assert!(matches!(error, SecretError::NotJson { .. }));
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
}
