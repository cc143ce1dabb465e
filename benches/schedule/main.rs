//! How late news is found, at an equal number of requests: learnt intervals against fixed ones. Prints the table of
//! docs/schedule.md.
//!
//! ```sh
//! cargo bench --bench schedule
//! ```

#![allow(clippy::print_stdout, reason = "a table is what it is for")]

mod world;

use world::World;

const SOURCES: usize = 10_000;

fn main() {
    // `cargo test --benches` asks for nothing but that it runs.
    if std::env::args().any(|arg| arg == "--test") {
        return;
    }
    println!("| rates | hours of the day | polls an hour | intervals | mean delay | median | 95 % | empty polls |");
    println!("|---|---|---|---|---|---|---|---|");
    let budget = |sources: usize| u32::try_from(sources).unwrap_or(u32::MAX);
    for (sigma, hours, seed, budget) in [
        (1.5, true, 1, budget(SOURCES)),
        (1.5, true, 2, budget(SOURCES)),
        (1.2, true, 3, budget(SOURCES)),
        (1.5, false, 4, budget(SOURCES)),
        (1.5, true, 5, budget(SOURCES / 2)),
    ] {
        let world = World { sources: SOURCES, days: 21, not_counted: 7, median: 0.1, sigma, hours, seed };
        let posts = world.posts();
        let learnt = world.learnt(&posts, budget);
        let fixed = world.fixed(&posts, SOURCES as f64 / learnt.polls_per_hour * 60.0);
        for (name, result) in [("fixed", fixed), ("learnt", learnt)] {
            println!(
                "| sigma {sigma} | {} | {:.0} | {name} | {:.1} min | {:.1} min | {:.1} min | {:.1} % |",
                if hours { "yes" } else { "no" },
                result.polls_per_hour,
                result.mean,
                result.median,
                result.p95,
                result.empty * 100.0,
            );
        }
        println!(
            "| | | | ratio | {:.2} | {:.2} | {:.2} | |",
            learnt.mean / fixed.mean,
            learnt.median / fixed.median,
            learnt.p95 / fixed.p95
        );
    }
}
