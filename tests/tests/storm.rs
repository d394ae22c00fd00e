//! The storm that `make storm` plays too: no seed breaks a law, there is nothing it has not seen, and every seed replays
//! to the letter.

use rehearsal::storm::{self, AtTheFirst};

/// Storms make and drop a million small things a second.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const SEEDS: u64 = 10_000;
/// Schedules that are held against each other.
const COMPARED: u64 = 250;
/// Seeds that are played twice.
const REPLAYED: [u64; 6] = [1, 7, 31, 64, 99, 10_000];

#[test]
fn no_schedule_breaks_a_law() {
    let storms = storm::run(1, SEEDS, AtTheFirst::Stop).unwrap();
    println!("{}", storms.tally);
    let told: Vec<String> = storms.broken.iter().map(storm::Storm::told).collect();
    assert!(told.is_empty(), "{}", told.join("\n\n"));
    assert_eq!(storms.tally.seeds, SEEDS);
    assert_eq!(storms.tally.never_seen(), Vec::<String>::new());
}

#[test]
fn a_seed_replays_to_the_letter() {
    for seed in REPLAYED {
        let (first, second) = (storm::of(seed).unwrap(), storm::of(seed).unwrap());
        assert_eq!(first.schedule, second.schedule);
        assert_eq!(first.transcript, second.transcript, "seed {seed}");
        assert!(first.trace == second.trace, "the calls of seed {seed} differ");
        assert!(first.trace.contains("PutParameter"), "seed {seed} did nothing");
    }
}

#[test]
fn seeds_are_different_schedules() {
    let schedules: std::collections::BTreeSet<String> = (1..=COMPARED)
        .map(|seed| {
            let text = storm::schedule::drawn(seed).to_string();
            // But for the seed that it names.
            text.split_once('\n').map(|(_, lines)| lines.to_owned()).unwrap()
        })
        .collect();
    assert_eq!(u64::try_from(schedules.len()).unwrap(), COMPARED);
}
