//! `rehearsal`: plays a migration, replays the stories, serves the twin, counts what an invocation costs.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use cutover_aws::lambda;
use cutover_core::json_schemas;
use rehearsal::disaster_storm::{self, Kind, Schedule};
use rehearsal::permissions::evidence::Evidence;
use rehearsal::permissions::report;
use rehearsal::storm::AtTheFirst;
use rehearsal::{bench, earlier, fleet, serve, storm, story};

/// Storms make and drop a million small things a second.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Plays a whole migration against a simulated AWS, with the shipped functions. Needs no network.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Plays one story file and prints its transcript
    Play { story: PathBuf },
    /// Replays every story and compares it with its transcript
    Stories {
        #[arg(long, default_value = "rehearsal/stories")]
        folder: PathBuf,
        /// Rewrites the transcripts instead of comparing
        #[arg(long)]
        update: bool,
        /// Writes what the functions log to standard error
        #[arg(long)]
        log: bool,
    },
    /// Puts the twin on a port, with the environment `dev` on it
    Serve {
        #[arg(long, default_value_t = 4566)]
        port: u16,
        /// Answers without AWS's request rates
        #[arg(long)]
        unthrottled: bool,
        /// Milliseconds that each call takes besides its work
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(..=serve::LATENCY_MILLISECONDS_MAX))]
        latency: u64,
    },
    /// Plays every story, and says who may do what, and why
    Permissions {
        #[arg(long, default_value = "rehearsal/stories")]
        folder: PathBuf,
        /// Writes docs/permissions.md instead of printing it
        #[arg(long)]
        update: bool,
    },
    /// Counts the sequential round trips of each command
    Bench,
    /// Plays many migrations at once in one account, at AWS's request rates, and tells how long they take
    Fleet {
        #[arg(long, default_value_t = 100)]
        migrations: u32,
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Writes the JSON Schemas of everything that others read and write
    Schemas {
        #[arg(long, default_value = "docs/schemas")]
        folder: PathBuf,
    },
    /// Writes what this version keeps in Parameter Store, for later versions to be tested with
    Keep {
        /// A folder of its own for each version that is released, beside the others
        #[arg(default_value = concat!("tests/earlier/", env!("CARGO_PKG_VERSION")))]
        folder: PathBuf,
    },
    /// Plays random schedules, each from its seed alone, and checks what must never be
    Storm {
        #[arg(long, default_value_t = 10_000)]
        count: u64,
        /// The first seed
        #[arg(long, default_value_t = 1)]
        first: u64,
        /// Plays this one seed and prints its transcript
        #[arg(long)]
        seed: Option<u64>,
        /// And every call that it made
        #[arg(long, requires = "seed")]
        trace: bool,
        /// Goes on after the first seed that breaks a law
        #[arg(long)]
        keep_going: bool,
    },
    /// Plays random blips and outages around dr-failover, each from its seed alone, and checks what must never be
    DrStorm(DrStorm),
}

#[derive(clap::Args)]
struct DrStorm {
    #[arg(long, default_value_t = 100_000)]
    blips: u64,
    /// Not quite half of them demand a promotion
    #[arg(long, default_value_t = 21_000)]
    outages: u64,
    /// The first seed
    #[arg(long, default_value_t = 1)]
    first: u64,
    /// Plays this one seed of what is asked for, an outage unless `--outages 0`
    #[arg(long)]
    seed: Option<u64>,
    /// And every call that it made
    #[arg(long, requires = "seed")]
    trace: bool,
    /// Goes on after the first seed that breaks a law
    #[arg(long)]
    keep_going: bool,
}

const PERMISSIONS: &str = "docs/permissions.md";
const MAIN_STORY: &str = include_str!("../stories/happy-path-by-hand.story");

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        None => play(MAIN_STORY),
        Some(Command::Play { story }) => story::read(&story).map_err(boxed).and_then(|text| play(&text)),
        Some(Command::Stories { folder, update, log }) => replay(&folder, update, log),
        Some(Command::Serve {
            port,
            unthrottled,
            latency,
        }) => serve_on(serve::ServeOptions {
            port,
            rates: !unthrottled,
            latency: Duration::from_millis(latency),
        }),
        Some(Command::Permissions { folder, update }) => permissions(&folder, update),
        Some(Command::Bench) => count(),
        Some(Command::Fleet { migrations, seed }) => many(migrations, seed),
        Some(Command::Schemas { folder }) => write_schemas(&folder),
        Some(Command::Keep { folder }) => keep(&folder),
        Some(Command::Storm {
            seed: Some(seed),
            trace,
            ..
        }) => one_storm(seed, trace),
        Some(Command::Storm {
            count,
            first,
            keep_going,
            ..
        }) => storms(first, count, keep_going),
        Some(Command::DrStorm(asked)) => match asked.seed {
            Some(seed) => one_disaster(&asked, seed),
            None => disasters(&asked),
        },
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("rehearsal: {error}");
            ExitCode::FAILURE
        }
    }
}

type Outcome = Result<bool, Box<dyn std::error::Error>>;

fn boxed(error: impl std::error::Error + 'static) -> Box<dyn std::error::Error> {
    Box::new(error)
}

fn play(text: &str) -> Outcome {
    let colours =
        std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let played = story::play(text)?;
    print!("{}", played.transcript.render(colours));
    Ok(played.failed_expectations == 0 && played.failed_proofs == 0)
}

fn replay(folder: &Path, update: bool, log: bool) -> Outcome {
    if log {
        lambda::log::begin(std::io::stderr);
    }
    let mut good = true;
    for path in story::stories(folder)? {
        let played = story::play(&story::read(&path)?)?;
        let found = played.transcript.render(false);
        let golden = path.with_extension("transcript");
        if update {
            std::fs::write(&golden, &found)?;
        }
        let same = std::fs::read_to_string(&golden).is_ok_and(|expected| expected == found);
        let sound = played.failed_expectations == 0 && played.failed_proofs == 0;
        println!(
            "{} {}",
            if same && sound { "ok  " } else { "FAIL" },
            path.display()
        );
        if !sound {
            print!("{found}");
        }
        good = good && same && sound;
    }
    Ok(good)
}

fn permissions(folder: &Path, update: bool) -> Outcome {
    let evidence = Evidence::of_stories(folder)?;
    let document = report::document(&evidence)?;
    if update {
        std::fs::write(PERMISSIONS, document)?;
    } else {
        print!("{document}");
    }
    Ok(true)
}

fn serve_on(options: serve::ServeOptions) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(serve::serve(options))?;
    Ok(true)
}

fn count() -> Outcome {
    let costs = bench::measure()?;
    print!("{}", bench::table(&costs));
    Ok(costs.iter().all(bench::Cost::is_within_budget))
}

fn many(migrations: u32, seed: u64) -> Outcome {
    let comparison = fleet::compare(migrations, seed)?;
    println!("{comparison}");
    Ok(comparison.all_ended())
}

fn keep(folder: &Path) -> Outcome {
    earlier::write(Path::new("rehearsal/stories"), folder)?;
    Ok(true)
}

fn write_schemas(folder: &Path) -> Outcome {
    std::fs::create_dir_all(folder)?;
    for named in json_schemas::all() {
        std::fs::write(folder.join(named.file()), named.text()?)?;
    }
    Ok(true)
}

fn one_storm(seed: u64, trace: bool) -> Outcome {
    let storm = storm::of(seed)?;
    if trace {
        println!("{}", storm.trace);
    }
    print!("{}\n{}", storm.transcript, storm.told());
    Ok(storm.broken.is_empty())
}

/// So many outages are enough to have seen everything that there is to see of a disaster.
const ENOUGH_OUTAGES: u64 = 2_000;
/// So many seeds are enough to have seen everything that there is to see.
const ENOUGH_SEEDS: u64 = 10_000;

fn storms(first: u64, count: u64, keep_going: bool) -> Outcome {
    let broken = if keep_going {
        AtTheFirst::GoOn
    } else {
        AtTheFirst::Stop
    };
    let storms = storm::run(first, count, broken)?;
    print!("{}", storms.tally);
    for storm in &storms.broken {
        let seed = storm.schedule.seed;
        print!("\n{}to replay it: rehearsal storm --seed {seed}\n", storm.told());
    }
    let missing = if count >= ENOUGH_SEEDS && storms.broken.is_empty() {
        storms.tally.never_seen()
    } else {
        Vec::new()
    };
    for name in &missing {
        println!("NEVER SEEN {name}");
    }
    Ok(storms.broken.is_empty() && missing.is_empty())
}

fn one_disaster(asked: &DrStorm, seed: u64) -> Outcome {
    let kind = if asked.outages == 0 {
        Kind::Blip
    } else {
        Kind::Outage
    };
    let storm = disaster_storm::of(kind, seed)?;
    if asked.trace {
        println!("{}", storm.trace);
    }
    print!("{}{}", storm.told(), storm.figures);
    Ok(storm.broken.is_empty())
}

fn disasters(asked: &DrStorm) -> Outcome {
    let broken = if asked.keep_going {
        AtTheFirst::GoOn
    } else {
        AtTheFirst::Stop
    };
    let storms = disaster_storm::run(asked.first, asked.blips, asked.outages, broken)?;
    print!("{}\n{}", storms.tally, storms.figures);
    for storm in &storms.broken {
        let Schedule { seed, kind, .. } = storm.schedule;
        let which = match kind {
            Kind::Blip => " --outages 0",
            Kind::Outage => "",
        };
        print!(
            "\n{}to replay it: rehearsal dr-storm --seed {seed}{which}\n",
            storm.told()
        );
    }
    let missing = if asked.outages >= ENOUGH_OUTAGES && storms.broken.is_empty() {
        storms.tally.never_seen()
    } else {
        Vec::new()
    };
    for name in &missing {
        println!("NEVER SEEN {name}");
    }
    Ok(storms.broken.is_empty() && missing.is_empty())
}
