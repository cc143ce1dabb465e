//! Learnt intervals against fixed ones, in small: the whole of it is `cargo bench --bench schedule`, and docs/schedule.md.

#[path = "../../benches/schedule/world.rs"]
mod world;

use world::World;

#[test]
fn learnt_intervals_find_news_sooner_than_fixed_ones_at_as_many_requests() {
    let world = World { sources: 120, days: 10, not_counted: 4, median: 0.1, sigma: 1.5, hours: true, seed: 7 };
    let posts = world.posts();
    let learnt = world.learnt(&posts, 120);
    let fixed = world.fixed(&posts, 120.0 / learnt.polls_per_hour * 60.0);
    assert!((fixed.polls_per_hour / learnt.polls_per_hour - 1.0).abs() < 0.02, "{fixed:?} {learnt:?}");
    assert!(learnt.polls_per_hour < 130.0, "the budget holds: {learnt:?}");
    assert!(learnt.mean <= 0.65 * fixed.mean && learnt.p95 <= fixed.p95, "{fixed:?} {learnt:?}");
    assert!(learnt.median < fixed.median && learnt.empty < fixed.empty, "{fixed:?} {learnt:?}");
}
