//! The fence's settings: raised, lowered, and lowered after a run that was lost between any two changes.

use std::collections::{BTreeMap, BTreeSet};

use cutover_core::database::fence::{
    Change, Door, Found, KEPT_MAX, PUBLIC, Settings, Standing, Times, changes, is_read_only, standing,
};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

fn found() -> Found {
    Found {
        settings: Settings {
            database: "orders".to_owned(),
            read_only: None,
            roles: BTreeMap::new(),
            allow_connections: true,
            connect: BTreeMap::from([(PUBLIC.to_owned(), false), ("owner".to_owned(), false)]),
        },
        elsewhere: BTreeMap::new(),
        ourselves: "cutover".to_owned(),
    }
}

fn of(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    let owned = pairs
        .iter()
        .map(|(role, value)| ((*role).to_owned(), (*value).to_owned()));
    owned.collect()
}

/// What the server makes of one change.
fn apply(settings: &mut Settings, change: &Change) {
    match change {
        Change::Database(value) => settings.read_only.clone_from(value),
        Change::Role {
            name,
            value: Some(value),
        } => {
            settings.roles.insert(name.clone(), value.clone());
        }
        Change::Role { name, value: None } => {
            settings.roles.remove(name);
        }
        Change::AllowConnections(allowed) => settings.allow_connections = *allowed,
        Change::Grant { to, pass_on } => {
            let granted = settings.connect.entry(to.clone()).or_insert(false);
            *granted |= pass_on;
        }
        Change::Revoke {
            from,
            only_pass_on: true,
        } => {
            settings.connect.insert(from.clone(), false);
        }
        Change::Revoke {
            from,
            only_pass_on: false,
        } => {
            settings.connect.remove(from);
        }
    }
}

#[test]
fn a_fence_sets_the_databases_default_and_nothing_else_where_nobody_overrides_it() {
    let found = found();
    let raised = found.raised(&Door::Open).unwrap();
    assert_eq!(
        changes(&found.settings, &raised),
        [Change::Database(Some("on".to_owned()))]
    );
    assert_eq!(changes(&raised, &found.settings), [Change::Database(None)]);
}

#[test]
fn a_role_whose_default_would_win_gets_one_in_this_database() {
    let mut found = found();
    found.elsewhere = of(&[("batch", "off"), ("reports", "true"), ("import", "0")]);
    found.settings.roles = of(&[("app", "false"), ("import", "on")]);
    let raised = found.raised(&Door::Open).unwrap();
    assert_eq!(
        raised.roles,
        of(&[("app", "on"), ("batch", "on"), ("import", "on")])
    );
    let lowered = changes(&raised, &found.settings);
    let app = Change::Role {
        name: "app".to_owned(),
        value: Some("false".to_owned()),
    };
    assert!(lowered.contains(&app), "to the letter: {lowered:?}");
}

#[test]
fn a_database_that_was_read_only_before_stays_so_afterwards() {
    let mut found = found();
    found.settings.read_only = Some("true".to_owned());
    let raised = found.raised(&Door::Open).unwrap();
    assert_eq!(changes(&found.settings, &raised), []);
    assert_eq!(standing(&raised, &found.settings, &raised), Standing::Raised);
    assert!(is_read_only(&found.settings));
}

#[test]
fn only_guests_and_ourselves_keep_the_right_to_connect() {
    let found = found();
    let guests = BTreeSet::from(["dms".to_owned(), "owner".to_owned()]);
    let raised = found.raised(&Door::Guests(guests)).unwrap();
    let names: Vec<&str> = raised.connect.keys().map(String::as_str).collect();
    assert_eq!(names, ["cutover", "dms", "owner"]);
    let changes = changes(&found.settings, &raised);
    let first_taken = changes
        .iter()
        .position(|change| matches!(change, Change::Revoke { .. }));
    let last_given = changes
        .iter()
        .rposition(|change| matches!(change, Change::Grant { .. }));
    assert!(
        last_given < first_taken,
        "we never lock ourselves out: {changes:?}"
    );
}

#[test]
fn a_door_is_shut_last_and_opened_first() {
    let found = found();
    let raised = found.raised(&Door::Shut).unwrap();
    let (raising, lowering) = (
        changes(&found.settings, &raised),
        changes(&raised, &found.settings),
    );
    assert_eq!(raising.last(), Some(&Change::AllowConnections(false)));
    assert_eq!(lowering.first(), Some(&Change::AllowConnections(true)));
}

#[test]
fn a_fence_is_over_at_its_deadline() {
    let at = |seconds| Timestamp::from_second(seconds).unwrap();
    let times = Times::default();
    assert_eq!(times.left(at(100), at(129)), Some(SignedDuration::from_secs(1)));
    assert_eq!(times.left(at(100), at(130)), None);
    assert_eq!(times.left(at(100), at(500)), None);
}

#[test]
fn more_roles_than_a_journal_entry_keeps_are_refused_with_the_count() {
    let mut found = found();
    let many = (0..=KEPT_MAX).map(|number| (format!("role{number}"), "off".to_owned()));
    found.elsewhere = many.collect();
    let refused = found.raised(&Door::Open).unwrap_err();
    assert!(refused.to_string().contains("limit 16"), "{refused}");
}

#[test]
fn as_much_as_is_kept_takes_a_third_of_a_journal_entry() {
    /// Bytes of a name in PostgreSQL at most.
    const NAME_BYTES: usize = 63;
    let mut found = found();
    found.settings.database = "d".repeat(NAME_BYTES);
    let name = |number: usize| format!("{number:r>NAME_BYTES$}");
    let defaults = (0..KEPT_MAX - 2).map(|number| (name(number), "false".to_owned()));
    found.settings.roles = defaults.collect();
    found.raised(&Door::Open).unwrap();
    let kept = serde_json::to_string(&found.settings).unwrap();
    assert!((1_000..1_400).contains(&kept.len()), "{} bytes", kept.len());
}

fn any_settings() -> impl Strategy<Value = Settings> {
    let value = prop::sample::select(vec!["on", "off", "false", "true"]).prop_map(str::to_owned);
    let name = prop::sample::select(vec!["a", "b", "c", PUBLIC]).prop_map(str::to_owned);
    (
        prop::option::of(value.clone()),
        prop::collection::btree_map(name.clone(), value, 0..4),
        any::<bool>(),
        prop::collection::btree_map(name, any::<bool>(), 0..4),
    )
        .prop_map(|(read_only, roles, allow_connections, connect)| Settings {
            database: "orders".to_owned(),
            read_only,
            roles,
            allow_connections,
            connect,
        })
}

proptest! {
    #[test]
    fn a_fence_lost_anywhere_is_undone_exactly(
        before in any_settings(),
        elsewhere in prop::collection::btree_map("[a-d]", "on|off", 0..4),
        door in prop_oneof![
            Just(Door::Open),
            Just(Door::Shut),
            prop::collection::btree_set("[a-d]", 0..3).prop_map(Door::Guests),
        ],
        lost in 0_usize..12,
        again in 0_usize..12,
    ) {
        let found = Found { settings: before.clone(), elsewhere, ourselves: "cutover".to_owned() };
        let raised = found.raised(&door).unwrap();
        let mut now = before.clone();
        for change in changes(&before, &raised).iter().take(lost) {
            apply(&mut now, change);
        }
        // Another run begins to undo it, and is lost as well.
        for change in changes(&now, &before).iter().take(again) {
            apply(&mut now, change);
        }
        let mut fenced = now.clone();
        for change in changes(&now, &raised) {
            apply(&mut fenced, &change);
        }
        prop_assert_eq!(standing(&fenced, &before, &raised), Standing::Raised);
        for change in changes(&fenced, &before) {
            apply(&mut fenced, &change);
        }
        prop_assert_eq!(&fenced, &before);
        let kept = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(serde_json::from_str::<Found>(&kept).unwrap(), found);
    }
}
