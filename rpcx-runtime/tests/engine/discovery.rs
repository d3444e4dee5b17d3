//! What comes from a registry, and what is written into one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rpcx_runtime::Error;
use rpcx_runtime::discovery::{
    Cached, Discover, InProcessRegistry, LoadFigures, Node, Register, Registrar, Registration,
    Session, StaticNodes, Updates, Watch, open,
};
use rpcx_runtime::transport::BoxFuture;

fn addresses(nodes: &[Node]) -> Vec<String> {
    nodes.iter().map(|node| node.address.to_string()).collect()
}

/// A registry that plays one list after the other and fails in between.
#[derive(Debug)]
struct Flapping {
    lists: Mutex<Vec<Vec<(&'static str, &'static str)>>>,
    watches: AtomicUsize,
}

impl Discover for Flapping {
    fn watch<'a>(
        &'a self,
        _service: &'a str,
        updates: &'a Updates,
    ) -> BoxFuture<'a, rpcx_runtime::Result<()>> {
        Box::pin(async move {
            let nth = self.watches.fetch_add(1, Ordering::Relaxed);
            let next = self.lists.lock().unwrap().pop();
            match next {
                Some(list) => updates.entries(list),
                None if nth.is_multiple_of(2) => panic!("in a registry"),
                None => {}
            }
            Err(Error::not_sent("gone"))
        })
    }
}

#[tokio::test(start_paused = true)]
async fn the_last_list_stays_while_a_registry_fails_ends_or_panics() {
    let flapping = Arc::new(Flapping {
        lists: Mutex::new(vec![
            vec![("tcp@b:1", ""), ("tcp@a:1", "")],
            vec![("tcp@a:1", "")],
        ]),
        watches: AtomicUsize::new(0),
    });
    let mut watch = Watch::start(flapping.clone(), "Arith");
    assert_eq!(addresses(&watch.first().await), ["tcp@a:1"]);
    while watch.nodes().unwrap().len() < 2 {
        watch.changed().await;
    }
    let tried = flapping.watches.load(Ordering::Relaxed);
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert_eq!(addresses(&watch.nodes().unwrap()), ["tcp@a:1", "tcp@b:1"]);
    assert!(watch.error().is_some());
    // A second at most between two, and half of it at least.
    let tried = flapping.watches.load(Ordering::Relaxed) - tried;
    assert!((60..=125).contains(&tried), "{tried}");
}

#[tokio::test(start_paused = true)]
async fn poisoned_entries_are_skipped_counted_and_told_once() {
    let registry = InProcessRegistry::new();
    let megabyte = "x".repeat(1 << 20);
    for (key, metadata) in [
        ("tcp@10.0.0.1:1", "weight=7"),
        ("iouring@10.0.0.1:1", "weight=8"),
        ("tcp@10.0.0.2:1", "weight=-3"),
        ("tcp@10.0.0.3:1", "weight=2147483648"),
        ("tcp@10.0.0.4:1", &megabyte),
        ("nope@10.0.0.5:1", ""),
        ("\u{0}garbage\n", "&&&="),
        ("", ""),
        (&megabyte, ""),
    ] {
        registry.put("Arith", key, metadata);
    }
    let mut watch = Watch::start(Arc::new(registry.clone()), "Arith");
    let nodes = watch.first().await;
    let weights: Vec<_> = nodes.iter().map(|node| node.weight).collect();
    assert_eq!(
        addresses(&nodes),
        ["tcp@10.0.0.1:1", "tcp@10.0.0.2:1", "tcp@10.0.0.3:1"]
    );
    assert!(weights[0] >= 7 && weights[1..] == [1, 1], "{weights:?}");
    let skipped = watch.skipped();
    assert_eq!((skipped.unreadable, skipped.repeated), (5, 1));
    assert_eq!((skipped.weights, skipped.total()), (2, 6));

    for number in 0..10_500 {
        let key = format!("tcp@10.1.{}.{}:1", number / 256, number % 256);
        registry.put("Many", &key, "");
    }
    let mut watch = Watch::start(Arc::new(registry), "Many");
    assert_eq!(watch.first().await.len(), 10_000);
    assert_eq!(watch.skipped().too_many, 500);
}

#[tokio::test(start_paused = true)]
async fn an_emptied_registry_is_believed_after_a_while() {
    let registry = InProcessRegistry::new();
    registry.put("Arith", "tcp@a:1", "");
    let mut watch = Watch::start(Arc::new(registry.clone()), "Arith");
    watch.first().await;
    assert!(!watch.is_emptied());
    registry.clear();
    watch.changed().await;
    assert!(watch.is_emptied(), "it is known at once");
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(watch.nodes().unwrap().len(), 1, "it may be filled again");
    registry.put("Arith", "tcp@b:1", "");
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(!watch.is_emptied());
    assert_eq!(addresses(&watch.nodes().unwrap()), ["tcp@b:1"]);
    registry.clear();
    tokio::time::sleep(Duration::from_secs(31)).await;
    assert!(watch.nodes().unwrap().is_empty());
    // What was never there is known at once.
    let mut other = Watch::start(Arc::new(registry), "Other");
    assert!(other.first().await.is_empty());
}

fn arith() -> Registration {
    let address = "tcp@10.0.0.1:8972".parse().unwrap();
    Registration::new("Arith", address, "weight=7&group=a").with_load(|| LoadFigures::new(2.0, 0.5))
}

#[tokio::test(start_paused = true)]
async fn a_registration_comes_back_with_its_registry_and_keeps_what_was_edited() {
    let registry = InProcessRegistry::new();
    registry.set_down(true);
    let mut registrar = Registrar::start(Arc::new(registry.clone()), vec![arith()]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!registrar.is_registered());
    registry.set_down(false);
    registrar.registered().await;
    let key = "tcp@10.0.0.1:8972".to_owned();
    // Byte for byte at first, and sorted from the first refresh on.
    assert_eq!(
        registry.entries("Arith"),
        [(key.clone(), "weight=7&group=a".to_owned())]
    );
    registry.put("Arith", &key, "weight=1&group=a&state=inactive");
    tokio::time::sleep(Duration::from_secs(2)).await;
    let edited = "calls=2.00&connections=0.50&group=a&state=inactive&weight=1";
    assert_eq!(
        registry.entries("Arith"),
        [(key.clone(), edited.to_owned())]
    );
    registry.clear();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let fresh = "calls=2.00&connections=0.50&group=a&weight=7";
    assert_eq!(registry.entries("Arith"), [(key, fresh.to_owned())]);
    assert!(registrar.leave(Duration::from_secs(1)).await);
    assert!(registry.entries("Arith").is_empty());
}

/// However long a registry was away: that it is away, and that it is back, is noticed within an interval, which is 1 s here, and a
/// second. The time is virtual, so the load of the machine does not count; `tests/it/registries` has the same with real ones,
/// and more patience.
#[tokio::test(start_paused = true)]
async fn an_outage_and_its_end_are_noticed_within_an_interval_and_a_second() {
    const AT_MOST: Duration = Duration::from_secs(2);
    let (own, other) = ("tcp@10.0.0.1:8972", "tcp@10.0.0.3:8972");
    for away in [0, 50, 700, 5_000, 60_000, 3_600_000] {
        let registry = InProcessRegistry::new();
        let mut registrar = Registrar::start(Arc::new(registry.clone()), vec![arith()]);
        let mut watch = Watch::start(Arc::new(registry.clone()), "Arith");
        registrar.registered().await;
        while watch.nodes().is_none_or(|nodes| nodes.is_empty()) {
            watch.changed().await;
        }
        registry.set_down(true);
        let began = tokio::time::Instant::now();
        while watch.error().is_none() {
            watch.changed().await;
        }
        assert!(began.elapsed() <= AT_MOST, "away {:?}", began.elapsed());
        tokio::time::sleep(Duration::from_millis(away)).await;
        // It comes back without what was in it, and with what another server has written.
        registry.clear();
        registry.put("Arith", other, "");
        registry.set_down(false);
        let began = tokio::time::Instant::now();
        let seen = |watch: &Watch| addresses(&watch.nodes().unwrap()).contains(&other.to_owned());
        while watch.error().is_some() || !seen(&watch) {
            watch.changed().await;
        }
        let entries = || registry.entries("Arith").into_iter();
        while !entries().any(|(key, _)| key == own) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        assert!(
            began.elapsed() <= AT_MOST,
            "back after {away} ms: {:?}",
            began.elapsed()
        );
    }
}

/// Registers, and does not let go.
#[derive(Debug)]
struct Sticky;

impl Register for Sticky {
    fn keep<'a>(
        &'a self,
        _registrations: &'a [Registration],
        session: &'a mut Session,
    ) -> BoxFuture<'a, rpcx_runtime::Result<()>> {
        session.registered();
        Box::pin(std::future::pending())
    }
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_does_not_let_go_is_left_after_two_seconds() {
    let mut registrar = Registrar::start(Arc::new(Sticky), vec![arith()]);
    registrar.registered().await;
    let began = tokio::time::Instant::now();
    assert!(!registrar.leave(Duration::from_secs(60)).await);
    assert_eq!(began.elapsed().as_secs(), 2);

    let registry = InProcessRegistry::new();
    registry.set_down(true);
    let registrar = Registrar::start(Arc::new(registry), vec![arith()]);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(!registrar.leave(Duration::from_secs(60)).await);
}

#[tokio::test]
async fn registries_by_url() {
    let opened = open("mem://by-url/test").unwrap();
    let registry = InProcessRegistry::named("by-url/test");
    registry.put("Arith", "tcp@a:1", "");
    let mut watch = Watch::start(opened.discover, "Arith");
    assert_eq!(addresses(&watch.first().await), ["tcp@a:1"]);
    assert!(opened.register.is_some());

    let listed = open("static://tcp@10.0.0.2:1,unix@/run/arith.sock").unwrap();
    let mut watch = Watch::start(listed.discover, "Any");
    assert_eq!(
        addresses(&watch.first().await),
        ["tcp@10.0.0.2:1", "unix@/run/arith.sock"]
    );
    assert!(listed.register.is_none());

    for (url, part) in [
        ("nope://x", "there is no such registry"),
        ("mem://", "needs a name"),
        ("mem://x?ttl=3s", "`ttl` is not known"),
        ("static://tcp@10.0.0.1", "10.0.0.1"),
        ("10.0.0.1:2379", "scheme"),
    ] {
        let error = open(url).unwrap_err();
        assert_eq!(error.kind(), rpcx_runtime::ErrorKind::Setup);
        assert!(error.message().contains(part), "{error}");
    }
}

#[tokio::test]
async fn a_list_that_the_program_sets() {
    let nodes = StaticNodes::new(["tcp@a:1"]).unwrap();
    let mut watch = Watch::start(Arc::new(nodes.clone()), "Arith");
    assert_eq!(watch.first().await.len(), 1);
    nodes.set([]);
    nodes.set([Node::parse("tcp@b:1", b"weight=3").unwrap()]);
    watch.changed().await;
    while addresses(&watch.nodes().unwrap()) != ["tcp@b:1"] {
        watch.changed().await;
    }
    assert_eq!(watch.nodes().unwrap()[0].weight, 3);
}

#[tokio::test(start_paused = true)]
async fn a_program_that_starts_while_the_registry_is_away_begins_with_the_last_list() {
    let folder = std::env::temp_dir().join(format!("rpcx-cached-{}", std::process::id()));
    let registry = InProcessRegistry::new();
    let (service, metadata) = ("a/../b c", "note=x+y%0A&weight=7");
    registry.put(service, "tcp@10.0.0.1:1", metadata);
    registry.put(service, "nope@10.0.0.2:1", "");
    let cached = || Arc::new(Cached::new(registry.clone(), &folder));
    let mut watch = Watch::start(cached(), service);
    watch.first().await;
    assert_eq!(watch.skipped().unreadable, 1);
    while std::fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    drop(watch);
    registry.set_down(true);
    let mut watch = Watch::start(cached(), service);
    let nodes = watch.first().await;
    assert_eq!(addresses(&nodes), ["tcp@10.0.0.1:1"]);
    assert_eq!((nodes[0].weight, nodes[0].metadata.as_str()), (7, metadata));
    assert!(watch.error().is_some());
    // What the registry says counts as soon as it is there.
    registry.clear();
    registry.put(service, "tcp@10.0.0.3:1", "");
    registry.set_down(false);
    while addresses(&watch.nodes().unwrap()) != ["tcp@10.0.0.3:1"] {
        watch.changed().await;
    }
    // An empty list is not believed at once, and not kept.
    registry.clear();
    tokio::time::sleep(Duration::from_secs(20)).await;
    assert_eq!(watch.nodes().unwrap().len(), 1);
    tokio::time::sleep(Duration::from_secs(15)).await;
    assert!(watch.nodes().unwrap().is_empty());
    std::fs::remove_dir_all(&folder).unwrap();

    let opened = open("mem://cached-by-url?cache=/nowhere").unwrap();
    assert!(format!("{:?}", opened.discover).contains("/nowhere"));
}

#[tokio::test]
async fn a_registry_lists_its_services() {
    let folder = std::env::temp_dir().join(format!("rpcx-services-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    let registry = InProcessRegistry::new();
    let cached = Cached::new(registry.clone(), &folder);
    assert_eq!(registry.services().await.unwrap(), Some(Vec::new()));
    for (service, key) in [
        ("com/example.Shop", "tcp@a:1"),
        ("Arith", "tcp@a:1"),
        ("Arith", "tcp@b:1"),
        ("Gone", "tcp@a:1"),
    ] {
        registry.put(service, key, "");
    }
    registry.remove("Gone", "tcp@a:1");
    let both = Some(vec!["Arith".to_owned(), "com/example.Shop".to_owned()]);
    assert_eq!(registry.services().await.unwrap(), both);
    assert_eq!(cached.services().await.unwrap(), both);

    // While it is away those are known whose lists are kept.
    let mut watch = Watch::start(Arc::new(cached.clone()), "com/example.Shop");
    watch.first().await;
    while std::fs::read_dir(&folder).map_or(0, Iterator::count) == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    drop(watch);
    registry.set_down(true);
    assert!(registry.services().await.is_err());
    let kept = Some(vec!["com/example.Shop".to_owned()]);
    assert_eq!(cached.services().await.unwrap(), kept);
    std::fs::remove_dir_all(&folder).unwrap();
    let error = cached.services().await.unwrap_err();
    assert!(error.message().contains("away"), "{error}");

    let fixed = StaticNodes::new(["tcp@a:1"]).unwrap();
    assert_eq!(fixed.services().await.unwrap(), None);
}
