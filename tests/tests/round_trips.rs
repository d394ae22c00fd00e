//! Sequential AWS round trips bound the time of an answer, so they have a budget.

use rehearsal::bench;

#[test]
fn every_command_stays_within_its_budget() {
    let costs = bench::measure().unwrap();
    assert!(costs.iter().any(|cost| cost.budget.is_some()));
    for cost in costs {
        assert!(cost.sequential > 0, "{}: no call was counted", cost.what);
        if let Some(budget) = cost.budget {
            assert!(
                cost.sequential <= budget,
                "{} takes {} of {budget}",
                cost.what,
                cost.sequential
            );
        }
    }
}
