//! Sequences on the side that takes over: none gives out a value that the other side gave.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may stop at the first surprise, and clippy only sees those in functions marked so"
)]

use std::collections::HashSet;

use cutover_core::database::sequences::{Obstacle, Position, Sequence, Why, plan, unproven};
use proptest::prelude::*;

fn rising(position: Position) -> Sequence {
    Sequence {
        schema: "public".to_owned(),
        name: "orders_id_seq".to_owned(),
        position,
        start: 1,
        increment: 1,
        min: 1,
        max: i64::MAX,
        cycle: false,
        owned: None,
    }
}

/// What `nextval` does: the value, or nothing at the end.
fn nextval(sequence: &mut Sequence) -> Option<i64> {
    let (first, end) = if sequence.increment > 0 {
        (sequence.min, sequence.max)
    } else {
        (sequence.max, sequence.min)
    };
    let next = match sequence.position {
        Position::Next(next) => next,
        Position::Last(last) => {
            let next = i128::from(last) + i128::from(sequence.increment);
            let past = if sequence.increment > 0 {
                next > i128::from(end)
            } else {
                next < i128::from(end)
            };
            match (past, sequence.cycle) {
                (false, _) => i64::try_from(next).unwrap(),
                (true, true) => first,
                (true, false) => return None,
            }
        }
    };
    sequence.position = Position::Last(next);
    Some(next)
}

fn applied(from: &Sequence, to: &Sequence, margin: u32) -> Result<Sequence, Vec<Obstacle>> {
    let plan = plan(std::slice::from_ref(from), std::slice::from_ref(to), margin);
    if !plan.obstacles.is_empty() {
        return Err(plan.obstacles);
    }
    let mut after = to.clone();
    for set in plan.set {
        assert!(
            (to.min..=to.max).contains(&set.last),
            "PostgreSQL refuses {set:?}"
        );
        after.position = Position::Last(set.last);
    }
    Ok(after)
}

fn set(from: &Sequence, to: &Sequence, margin: u32) -> Option<i64> {
    let plan = plan(std::slice::from_ref(from), std::slice::from_ref(to), margin);
    assert_eq!(plan.obstacles, []);
    plan.set.first().map(|set| set.last)
}

fn why(from: &Sequence, to: &Sequence, margin: u32) -> Why {
    applied(from, to, margin).unwrap_err()[0].why
}

#[test]
fn a_sequence_goes_on_past_the_other_side_by_the_margin() {
    let fresh = rising(Position::Next(1));
    assert_eq!(set(&rising(Position::Last(500)), &fresh, 100), Some(600));
    assert_eq!(
        set(&rising(Position::Last(500)), &rising(Position::Last(599)), 100),
        Some(600)
    );
}

#[test]
fn none_is_set_back_and_one_that_is_ahead_is_left_alone() {
    let from = rising(Position::Last(500));
    for ahead in [600, 601, 10_000] {
        assert_eq!(set(&from, &rising(Position::Last(ahead)), 100), None);
    }
    assert_eq!(
        set(&rising(Position::Next(1)), &rising(Position::Next(1)), 100),
        None,
        "nothing was given out"
    );
}

#[test]
fn the_columns_values_count_though_the_sequence_never_gave_them_out() {
    let mut from = rising(Position::Next(1));
    from.owned = Some(70);
    let mut to = rising(Position::Next(1));
    assert_eq!(set(&from, &to, 100), Some(70));
    to.owned = Some(90);
    assert_eq!(set(&from, &to, 100), Some(90));
    let after = applied(&from, &to, 0).unwrap();
    assert_eq!(unproven(&[from], &[after]), []);
}

#[test]
fn a_sequence_of_the_target_alone_follows_its_own_column() {
    let mut to = rising(Position::Next(1));
    to.owned = Some(90);
    assert_eq!(plan(&[], &[to], 100).set[0].last, 90);
}

#[test]
fn one_that_counts_down_goes_on_below() {
    let falling = |position| Sequence {
        increment: -1,
        start: -1,
        min: i64::MIN,
        max: -1,
        ..rising(position)
    };
    let from = falling(Position::Last(-500));
    assert_eq!(set(&from, &falling(Position::Next(-1)), 100), Some(-600));
    assert_eq!(set(&from, &falling(Position::Last(-601)), 100), None);
    assert_eq!(why(&from, &rising(Position::Next(1)), 0), Why::OtherDirection);
}

#[test]
fn sides_that_give_out_odd_and_even_values_go_on_doing_so() {
    let odd = |position| Sequence {
        increment: 2,
        ..rising(position)
    };
    let even = |position| Sequence {
        start: 2,
        ..odd(position)
    };
    assert_eq!(
        set(&odd(Position::Last(501)), &even(Position::Next(2)), 10),
        Some(522)
    );
}

#[test]
fn a_sequence_that_ends_within_the_margin_is_an_obstacle_with_its_name() {
    let small = |position| Sequence {
        max: 1000,
        ..rising(position)
    };
    let obstacles = applied(&small(Position::Last(901)), &small(Position::Next(1)), 100).unwrap_err();
    assert_eq!(
        obstacles[0].to_string(),
        "sequence public.orders_id_seq is at 901 and ends at 1000, which is less than the margin away"
    );
    assert_eq!(
        set(&small(Position::Last(899)), &small(Position::Next(1)), 100),
        Some(999)
    );
    assert_eq!(
        why(&small(Position::Next(1)), &small(Position::Last(1000)), 0),
        Why::AtItsEnd { end: 1000 }
    );
}

#[test]
fn one_that_begins_again_goes_on_where_the_margin_takes_it() {
    let ring = |position| Sequence {
        max: 10,
        cycle: true,
        ..rising(position)
    };
    assert_eq!(
        set(&ring(Position::Last(4)), &ring(Position::Next(1)), 3),
        Some(7)
    );
    assert_eq!(
        set(&ring(Position::Last(9)), &ring(Position::Next(1)), 3),
        Some(2)
    );
    assert_eq!(
        set(&ring(Position::Last(9)), &ring(Position::Last(5)), 3),
        None,
        "it has turned and gone on"
    );
    assert_eq!(
        set(&ring(Position::Last(9)), &ring(Position::Last(10)), 3),
        Some(2)
    );
}

#[test]
fn one_that_is_missing_is_an_obstacle_before_and_afterwards() {
    let from = [rising(Position::Last(5))];
    for obstacles in [plan(&from, &[], 1).obstacles, unproven(&from, &[])] {
        assert_eq!(
            obstacles[0].to_string(),
            "sequence public.orders_id_seq is missing"
        );
    }
}

#[test]
fn what_was_read_afterwards_is_not_taken_on_trust() {
    let from = rising(Position::Last(500));
    let behind = rising(Position::Last(499));
    let found = unproven(std::slice::from_ref(&from), &[behind]);
    assert_eq!(
        found[0].why,
        Why::NotPast {
            next: 500,
            beyond: 500
        }
    );
    let mut column = rising(Position::Last(600));
    column.owned = Some(601);
    assert_eq!(
        unproven(&[from], &[column])[0].why,
        Why::NotPast {
            next: 601,
            beyond: 601
        }
    );
}

/// Any sequence that PostgreSQL would make, the narrow and those at the ends of 64 bits among them.
fn any_sequence(rises: bool) -> impl Strategy<Value = Sequence> {
    let bounds = prop_oneof![
        (-50_i64..50, 1_i64..200).prop_map(|(min, width)| (min, min + width)),
        Just((i64::MAX - 100, i64::MAX)),
        Just((i64::MIN, i64::MIN + 100)),
        Just((i64::MIN, i64::MAX)),
    ];
    (bounds, 1_i64..8, any::<u64>(), any::<u64>(), any::<bool>()).prop_map(
        move |((min, max), step, start, at, called)| {
            let within = |random: u64| {
                let width = (i128::from(max) - i128::from(min) + 1).min(300);
                i64::try_from(i128::from(min) + i128::from(random) % width).unwrap()
            };
            let position = if called {
                Position::Last(within(at))
            } else {
                Position::Next(within(start))
            };
            Sequence {
                start: within(start),
                increment: if rises { step } else { -step },
                min,
                max,
                ..rising(position)
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn the_target_never_gives_out_a_value_of_the_source(
        (mut from, to) in any::<bool>().prop_flat_map(|rises| (any_sequence(rises), any_sequence(rises))),
        calls in 0_usize..40,
        margin in 0_u32..20,
        column in any::<bool>(),
    ) {
        let before = from.clone();
        let mut given = HashSet::new();
        // What it gave out before we looked: with one that rises everything up to where it stands, on any values.
        for _ in 0..calls {
            given.extend(nextval(&mut from));
        }
        if let Position::Last(last) = before.position {
            let reached = 0..5_i64;
            given.extend(reached.filter_map(|back| last.checked_sub(back * before.increment.signum())));
        }
        if column && let Position::Last(last) = from.position {
            let past = last.checked_add(3 * from.increment.signum());
            from.owned = past;
            given.extend(past);
        }
        match applied(&from, &to, margin) {
            Ok(mut after) => {
                prop_assert_eq!(unproven(std::slice::from_ref(&from), std::slice::from_ref(&after)), []);
                let again = plan(std::slice::from_ref(&from), std::slice::from_ref(&after), margin);
                prop_assert_eq!(again.set, [], "the same once more changes nothing");
                for _ in 0..60 {
                    let Some(value) = nextval(&mut after) else { break };
                    prop_assert!(!given.contains(&value), "{} again", value);
                }
            }
            Err(obstacles) => {
                let roomy = to.increment > 0 && (to.min, to.max) == (i64::MIN, i64::MAX) && from.max < 1000;
                prop_assert!(!roomy, "64 bits have room for so little: {:?}", obstacles);
            }
        }
    }
}
