//! A share of the storm that `make storm` plays in full: nothing happens for a blip, every outage is answered once, and
//! every seed replays to the letter.

use rehearsal::disaster_storm::{self, AtTheFirst, Kind};

/// Storms make and drop a million small things a second.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const BLIPS: u64 = 300;
const OUTAGES: u64 = 100;
/// Of so many outages at least so many are such that it promotes by itself.
const PROMOTED_MIN: u64 = 40;
/// Seeds that are played twice.
const REPLAYED: [u64; 3] = [1, 7, 31];

#[test]
fn a_blip_moves_nothing_and_an_outage_is_answered_once() {
    let storms = disaster_storm::run(1, BLIPS, OUTAGES, AtTheFirst::Stop).unwrap();
    println!("{}\n{}", storms.tally, storms.figures);
    let told: Vec<String> = storms.broken.iter().map(disaster_storm::Storm::told).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    assert_eq!((storms.tally.blips, storms.tally.outages), (BLIPS, OUTAGES));
    assert!(storms.tally.promoted() >= PROMOTED_MIN, "{}", storms.tally);
}

#[test]
fn a_seed_replays_to_the_letter() {
    for kind in [Kind::Blip, Kind::Outage] {
        for seed in REPLAYED {
            let [first, second] = [(), ()].map(|()| disaster_storm::of(kind, seed).unwrap());
            assert_eq!(first.schedule, second.schedule);
            assert!(first.trace == second.trace, "the calls of {kind} {seed} differ");
            assert!(
                first.trace.contains("DescribeGlobalClusters"),
                "{kind} {seed} did nothing"
            );
        }
    }
}
