//! Many migrations at once in one account, at the request rates that AWS allows it.

use rehearsal::fleet::{self, MIGRATIONS_MAX};

/// Enough for Route 53 to throttle them.
const MANY: u32 = 15;

#[test]
fn all_migrations_of_a_fleet_end_although_aws_throttles_them() {
    let comparison = fleet::compare(MANY, 1).unwrap();
    println!("{comparison}");
    assert!(comparison.together.route53.throttled > 0, "{comparison}");
    assert!(comparison.all_ended(), "{comparison}");
    assert!(comparison.together.took >= comparison.least(), "{comparison}");
}

#[test]
fn one_alone_is_never_throttled() {
    let alone = fleet::compare(1, 2).unwrap().alone;
    assert_eq!((alone.route53.throttled, alone.asked_again), (0, 0), "{alone}");
}

#[test]
fn a_fleet_has_a_size() {
    for migrations in [0, MIGRATIONS_MAX + 1] {
        let error = fleet::compare(migrations, 1).unwrap_err();
        assert!(error.to_string().contains("1 to"), "{error}");
    }
}
