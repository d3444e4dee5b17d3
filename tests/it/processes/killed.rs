//! Processes that end without a word, or say none.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rpcx::client::{ChannelBuilder, Select};
use rpcx::{Backoff, Channel, Error, ErrorKind, Event};

use super::{BankClient, Ledger, Load, Outcome, Process, What, judge, until};

fn to(processes: &[Process]) -> ChannelBuilder {
    let addresses = processes.iter().map(|process| process.address.as_str());
    Channel::builder()
        .addresses(addresses)
        .select(Select::RoundRobin)
        .dead_after(Duration::from_secs(1))
}

fn three(ledger: &Ledger) -> Vec<Process> {
    let start = |_| Process::start("tcp@127.0.0.1:0", ledger, None);
    (0..3).map(start).collect()
}

/// Those that have failed, by what is known of them.
fn failed(outcomes: &[Outcome], what: What) -> HashMap<ErrorKind, Vec<&Error>> {
    let mut failed = HashMap::<_, Vec<_>>::new();
    for (_, _, outcome) in outcomes.iter().filter(|outcome| outcome.0 == what) {
        if let Err(error) = outcome {
            failed.entry(error.kind()).or_default().push(error);
        }
    }
    failed
}

const CALLERS: usize = 60;

/// Idempotent calls have all succeeded; of the others those alone have failed that the process may have run.
fn is_true(outcomes: &[Outcome], ledger: &Ledger) {
    judge(outcomes, ledger);
    let looks = failed(outcomes, What::Look);
    assert!(looks.is_empty(), "{looks:?}");
    let mut books = failed(outcomes, What::Book);
    let unknown = books.remove(&ErrorKind::Unknown).unwrap_or_default().len();
    assert!(books.is_empty(), "{books:?}");
    // Those that were in flight, until the node is passed over.
    assert!(unknown <= CALLERS * 3, "{unknown}");
}

fn half(caller: usize) -> What {
    match caller % 2 {
        0 => What::Book,
        _ => What::Look,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_costs_the_calls_that_it_had_and_no_other() {
    let ledger = Ledger::new();
    let mut processes = three(&ledger);
    let client = BankClient::new(to(&processes).build_lazy().unwrap());
    let load = Load::start(&client, CALLERS, half);
    load.more(3000).await;
    let address = processes.remove(0).kill();
    load.more(3000).await;
    let back = Process::start(&address, &ledger, None);
    let is_back = client.clone();
    // It has calls again.
    let number = back.child.id();
    let answered = async {
        while is_back.look(0).await.unwrap() != number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), answered)
        .await
        .unwrap();
    load.more(1000).await;
    is_true(&load.stop().await, &ledger);
}

/// As if each packet to and from it were dropped: the system takes what is sent, and no answer comes.
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_process_costs_the_calls_that_it_had_and_no_other() {
    let ledger = Ledger::new();
    let processes = three(&ledger);
    let client = BankClient::new(to(&processes).build_lazy().unwrap());
    let load = Load::start(&client, CALLERS, half);
    load.more(3000).await;
    processes[1].signal("STOP");
    load.more(3000).await;
    let outcomes = load.stop().await;
    processes[1].signal("CONT");
    is_true(&outcomes, &ledger);
}

/// The pauses between dials of one address: nothing in them is random.
const STEP: Duration = Duration::from_millis(100);
const LONGEST_STEP: Duration = Duration::from_millis(400);

fn steps() -> Backoff {
    Backoff::new(STEP, LONGEST_STEP).jitter(0.0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_callers_dial_once_for_each_step() {
    let ledger = Ledger::new();
    let mut processes = three(&ledger);
    let dials = Arc::new(Mutex::new(HashMap::<String, Vec<Instant>>::new()));
    let seen = Arc::clone(&dials);
    let builder = to(&processes).reconnect(steps()).on_event(move |event| {
        let address = match event {
            Event::DialFailed { address, .. } => address,
            Event::ConnectionOpened { peer, .. } | Event::Reconnected { peer, .. } => peer,
            _ => return,
        };
        let mut seen = seen.lock().unwrap();
        seen.entry((*address).to_owned())
            .or_default()
            .push(Instant::now());
    });
    let client = BankClient::new(builder.build_lazy().unwrap());
    let load = Load::start(&client, 1000, |_| What::Look);
    for _ in 0..2 {
        load.more(20_000).await;
        let address = processes.remove(0).kill();
        let dialled = || dials.lock().unwrap()[&address].len();
        let before = dialled();
        load.more(10_000).await;
        until("it is dialled while it is away", || dialled() >= before + 2).await;
        processes.push(Process::start(&address, &ledger, None));
        load.more(10_000).await;
        until("it is dialled once more", || dialled() >= before + 3).await;
    }
    let failed = failed_of(&load.stop().await);
    assert_eq!(failed, Vec::<String>::new());
    let dials = dials.lock().unwrap();
    assert_eq!(dials.len(), 3);
    for (address, dials) in dials.iter() {
        let gaps = dials.windows(2).map(|pair| pair[1] - pair[0]);
        let shortest = gaps.min().unwrap_or(STEP);
        // The clock of tokio counts milliseconds.
        let least = STEP - Duration::from_millis(2);
        assert!(
            shortest >= least,
            "{address}: {shortest:?} between two dials"
        );
    }
}

fn failed_of(outcomes: &[Outcome]) -> Vec<String> {
    let errors = outcomes
        .iter()
        .filter_map(|(.., outcome)| outcome.as_ref().err());
    errors.map(Error::to_string).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_call_after_a_server_is_back_succeeds_within_a_step() {
    let ledger = Ledger::new();
    let first = Process::start("tcp@127.0.0.1:0", &ledger, None);
    let address = first.address.clone();
    let channel = Channel::builder().address(&address).reconnect(steps());
    let client = BankClient::new(channel.build().await.unwrap());
    client.book(0).await.unwrap();
    first.kill();
    let began = Instant::now();
    while began.elapsed() < LONGEST_STEP * 5 {
        assert!(client.book(1).await.is_err());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let _back = Process::start(&address, &ledger, None);
    let began = Instant::now();
    client.book(2).await.unwrap();
    let took = began.elapsed();
    // And what a busy machine takes.
    assert!(took < LONGEST_STEP + Duration::from_secs(2), "{took:?}");
}
