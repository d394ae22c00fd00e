//! Sequential AWS round trips bound the time of an answer, so they have a budget.

use rehearsal::bench;

#[test]
fn every_invocation_stays_within_its_budget() {
    let costs = bench::measure().unwrap();
    for cost in &costs {
        assert!(cost.sequential > 0, "{}: no call was counted", cost.what);
        assert!(cost.is_within_budget(), "{}", bench::table(&costs));
    }
}
