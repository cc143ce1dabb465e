use super::*;

pub(in super::super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_772_445_600 + seconds, 0).unwrap()
}

const CALLBACK: &str = "https://me.example/feeds";

fn name(source: &str) -> SourceName {
    SourceName::new(source).unwrap()
}

pub(in super::super) fn subscription(source: &str, stage: Stage) -> Subscription {
    Subscription {
        token: Secret::new(format!("{source}{stage:?}")),
        secret: Secret::new("s"),
        callback: CALLBACK.into(),
        source: name(source),
        hub: "https://hub.example/".into(),
        topic: "https://a.example/feed?x=1".into(),
        stage,
        asked: at(0),
        due: at(0),
        since: None,
        ends: None,
        failures: 0,
        doubted: false,
        said: None,
    }
}

fn offer() -> Offer {
    let one = subscription("a", Stage::Asking);
    let hubs = vec![one.hub, "https://second.example/".into()];
    Offer { topic: one.topic.clone(), hubs, at: one.topic }
}

/// The plan for a source that offers this and holds these.
fn planned(offer: Option<Offer>, held: Vec<Subscription>, now: i64) -> Plan {
    let offers = offer.into_iter().map(|offer| (name("a"), offer)).collect();
    let mut n = 0;
    let mut draw = || {
        n += 1;
        Some((Secret::new(format!("new{n}")), Secret::new("new secret")))
    };
    plan(&offers, held, CALLBACK, &mut draw, 8, at(now))
}

fn active(since: i64, ends: i64) -> Subscription {
    Subscription {
        since: Some(at(since)),
        ends: Some(at(ends)),
        asked: at(since),
        due: at(since + (ends - since) * 4 / 5),
        ..subscription("a", Stage::Active)
    }
}

#[test]
fn what_is_offered_is_asked_for_once() {
    let first = planned(Some(offer()), Vec::new(), 0);
    let request = &first.ask[0];
    assert_eq!(
        (first.ask.len(), request.mode, request.subscription.hub.as_str()),
        (1, Mode::Subscribe, "https://hub.example/")
    );
    assert_eq!(first.keep, std::slice::from_ref(&request.subscription), "it is stored before the hub is asked");
    let again = planned(Some(offer()), first.keep, 10);
    assert_eq!((again.ask.len(), again.keep.len(), again.forget.len()), (0, 0, 0));
    assert!(planned(None, Vec::new(), 0).ask.is_empty());
}

#[test]
fn the_form_says_all_that_a_hub_needs() {
    let settings = Settings::usual(url::Url::parse("https://me.example/feeds").unwrap());
    let mut request = Request { subscription: subscription("a", Stage::Asking), mode: Mode::Subscribe };
    assert_eq!(
        request.form(&settings),
        "hub.callback=https%3A%2F%2Fme.example%2Ffeeds%2Fhub%2FaAsking&hub.topic=https%3A%2F%2Fa.example%2Ffeed%3Fx%3D1\
         &hub.mode=subscribe&hub.lease_seconds=864000&hub.secret=s"
    );
    request.mode = Mode::Unsubscribe;
    assert!(request.form(&settings).ends_with("&hub.mode=unsubscribe"), "the secret is not repeated");
}

#[test]
fn who_does_not_verify_is_asked_later_and_the_next_hub_first() {
    let asking = Subscription { due: at(3600), ..subscription("a", Stage::Asking) };
    let rests = planned(Some(offer()), vec![asking], 3600);
    let rested = &rests.keep[0];
    assert_eq!((rested.stage, rested.failures, rests.ask.len()), (Stage::Resting, 1, 0));
    let again = planned(Some(offer()), rests.keep.clone(), 3605);
    assert_eq!(again.ask[0].subscription.hub, "https://second.example/");
    assert_eq!(again.forget, std::slice::from_ref(&rested.token), "its callback is not used again");
    assert_eq!(again.keep[0].failures, 1);
}

#[test]
fn waits_grow_up_to_a_day() {
    let after = |failures, why_not| {
        let one = Subscription { failures, ..subscription("a", Stage::Asking) };
        (refused(one, "x", None, why_not, 0.0, at(0)).due - at(0)).num_seconds()
    };
    let waits: Vec<i64> = (0..30).map(|n| after(n, false)).collect();
    assert!(waits[0] == 5 && waits[1] == 10 && waits.is_sorted(), "{waits:?}");
    assert_eq!((waits[29], after(0, true)), (86_400, 86_400));
    let asked = refused(subscription("a", Stage::Asking), "x", Some(Duration::MAX), false, f64::NAN, at(0));
    assert_eq!(asked.due, at(7 * 86_400));
}

#[test]
fn a_lease_is_renewed_before_its_end_under_a_new_callback() {
    let old = active(0, 1000);
    assert!(planned(Some(offer()), vec![old.clone()], 799).ask.is_empty());
    let renewal = planned(Some(offer()), vec![old.clone()], 800);
    let new = renewal.ask[0].subscription.clone();
    assert_ne!(new.token, old.token);
    assert_eq!((new.since, renewal.forget.len()), (Some(at(0)), 0), "the old one goes on meanwhile");
    let both = planned(Some(offer()), vec![old.clone(), new.clone()], 900);
    assert!(both.ask.is_empty());
    let verified =
        Subscription { stage: Stage::Active, due: at(1600), ends: Some(at(1800)), asked: at(800), ..new.clone() };
    let done = planned(Some(offer()), vec![old.clone(), verified], 1000);
    assert_eq!((done.keep[0].token.clone(), done.keep[0].stage), (old.token.clone(), Stage::Ended));
    assert!(done.ask.is_empty() && done.ended.len() == 1);
    // Where the lease ends before the renewal is verified there is a gap.
    let gap = planned(Some(offer()), vec![old, new.clone()], 1001);
    assert!(gap.keep.iter().any(|one| one.token == new.token && one.since.is_none()), "{gap:?}");
}

#[test]
fn what_is_doubted_stays_so_through_a_renewal() {
    let old = Subscription { doubted: true, ..active(0, 1000) };
    assert!(planned(Some(offer()), vec![old], 800).keep[0].doubted);
}

#[test]
fn who_leaves_says_goodbye_some_times() {
    for other in [None, Some(Offer { topic: "https://a.example/other".into(), ..offer() })] {
        let first = planned(other.clone(), vec![active(0, 1_000_000)], 10);
        let goodbyes: Vec<_> = first.ask.iter().filter(|r| r.mode == Mode::Unsubscribe).collect();
        assert_eq!((goodbyes.len(), first.ended.len()), (1, 1));
        let mut leaving = goodbyes[0].subscription.clone();
        assert_eq!((leaving.stage, leaving.topic.as_str()), (Stage::Leaving, "https://a.example/feed?x=1"));
        let mut asked = 1;
        for hour in 1..20 {
            let next = planned(None, vec![leaving.clone()], 10 + hour * 3600);
            asked += next.ask.len();
            leaving = next.keep.first().cloned().unwrap_or(leaving);
        }
        assert_eq!((asked, leaving.stage), (5, Stage::Ended));
    }
    let asking = Subscription { due: at(3600), ..subscription("a", Stage::Asking) };
    let dropped = planned(None, vec![asking.clone()], 10);
    assert_eq!((dropped.forget, dropped.ask.len()), (vec![asking.token], 0), "nobody verified it");
}

#[test]
fn another_callback_is_another_subscription() {
    let elsewhere = Subscription { callback: "https://old.example/".into(), ..active(0, 1000) };
    let moved = planned(Some(offer()), vec![elsewhere], 10);
    let settings = Settings::usual(url::Url::parse("https://x.example/").unwrap());
    let forms: Vec<String> = moved.ask.iter().map(|request| request.form(&settings)).collect();
    assert!(forms[0].contains("old.example") && forms[0].ends_with("unsubscribe"), "{forms:?}");
    assert!(forms[1].contains("me.example") && forms.len() == 2, "{forms:?}");
}

#[test]
fn a_clock_that_is_set_back_loses_no_lease() {
    let ahead = active(400 * 86_400, 410 * 86_400);
    let plan = planned(Some(offer()), vec![ahead], 0);
    let kept = &plan.keep[0];
    assert_eq!((plan.ask.len(), kept.asked, kept.due, kept.ends), (0, at(0), at(8 * 86_400), Some(at(10 * 86_400))));
    assert_eq!(planned(Some(offer()), plan.keep.clone(), 8 * 86_400).ask.len(), 1);
}

#[test]
fn what_has_ended_is_known_for_a_while_and_not_without_end() {
    let ended =
        |n: i64| Subscription { token: Secret::new(format!("t{n}")), due: at(n), ..subscription("a", Stage::Ended) };
    let plan = planned(None, (1..=20).map(ended).collect(), 0);
    assert_eq!((plan.forget.len(), plan.keep.len()), (12, 0));
    assert!(!plan.forget.contains(&Secret::new("t20")));
    assert_eq!(planned(None, vec![ended(5)], 5).forget.len(), 1);
}

#[test]
fn hubs_are_asked_a_few_at_a_time() {
    let offers: BTreeMap<_, _> = (0..50).map(|n| (name(&format!("s{n}")), offer())).collect();
    let plan = plan(&offers, Vec::new(), CALLBACK, &mut super::super::draw, 8, at(0));
    assert_eq!((plan.ask.len(), plan.keep.len(), plan.next), (8, 8, Some(at(0))));
}

#[test]
fn what_comes_is_taken_while_the_lease_lasts() {
    assert_eq!(admits(&active(0, 100), at(99)), Ok(()));
    assert_eq!(admits(&active(0, 100), at(100)), Err(410));
    for (stage, status) in [(Stage::Asking, 404), (Stage::Resting, 404), (Stage::Leaving, 410), (Stage::Ended, 410)] {
        assert_eq!(admits(&subscription("a", stage), at(0)), Err(status), "{stage:?}");
    }
}
