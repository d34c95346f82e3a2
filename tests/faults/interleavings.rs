//! Two clerks, one center, and whatever happens between them in any order: crashes, losses, delays, doubles.
//!
//! Each interleaving is a handful of moves by chance. However they fall, in the end both desks and the center agree:
//! each filing once, one verification, one order, no draft lost, books that balance.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::cell::{Cell, RefCell};
use std::path::Path;

use huijiao_center::{Fault, Target};
use huijiao_desk::views::{DraftView, FilingStage, FilingView, UiError};
use huijiao_domain::texts;
use huijiao_tests::proxy::{Place, Trouble, Way};
use huijiao_tests::world::{Act, Clerk, JULY, World};
use huijiao_tests::{call, tell};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};
use serde_json::{Value, json};

const WORKER: &str = env!("CARGO_BIN_EXE_huijiao-test-worker");

/// What goes wrong while somebody acts.
#[derive(Debug, Clone, Copy)]
enum Mishap {
    Nothing,
    /// At the next thing that is put, whoever puts it.
    Center(Fault),
    /// In the network.
    Cut(Place),
    /// The computer is switched off while the center has the request.
    Killed,
}

/// One move.
#[derive(Debug, Clone, Copy)]
enum Move {
    Act(usize, Act, Mishap),
    /// Both at once.
    Both(Act, Act, Mishap),
    /// What is late arrives.
    Arrive,
    /// A clerk opens the unit anew: what is open is asked for.
    Enter(usize),
    /// A computer is switched off and on.
    Restart(usize),
    /// The center goes down and comes up.
    RestartCenter,
}

fn mishap() -> impl Strategy<Value = Mishap> {
    let faults = [
        Fault::DropBefore,
        Fault::DropAfterCommit,
        Fault::CutAnswer,
        Fault::Late,
        Fault::Late,
        Fault::Twice,
        Fault::Garbled,
        Fault::Html,
        Fault::InternalAfterCommit,
        Fault::ProxyAfterCommit(502),
        Fault::Unavailable(1),
        Fault::RateLimited(1),
    ];
    let way = prop_oneof![Just(Way::Out), Just(Way::Back)];
    let place = (way, 0_usize..24, any::<bool>());
    let place = place.prop_map(|(way, record, whole)| Place { way, record, whole });
    prop_oneof![
        2 => Just(Mishap::Nothing),
        5 => prop::sample::select(faults.to_vec()).prop_map(Mishap::Center),
        1 => (0_u64..3_000).prop_map(|bytes| Mishap::Center(Fault::CutAnswerAfter(bytes))),
        3 => place.prop_map(Mishap::Cut),
        1 => Just(Mishap::Killed),
    ]
}

fn moves() -> impl Strategy<Value = Vec<Move>> {
    let act = || prop::sample::select(Act::ALL.to_vec());
    let one = prop_oneof![
        8 => (0_usize..2, act(), mishap()).prop_map(|(who, act, mishap)| Move::Act(who, act, mishap)),
        4 => (act(), act(), mishap()).prop_map(|(one, two, mishap)| Move::Both(one, two, mishap)),
        2 => Just(Move::Arrive),
        1 => (0_usize..2).prop_map(Move::Enter),
        1 => (0_usize..2).prop_map(Move::Restart),
        1 => Just(Move::RestartCenter),
    ];
    prop::collection::vec(one, 2..7)
}

/// Two clerks at one center, and what of theirs must not be touched.
struct Game {
    world: World,
    clerks: Vec<Clerk>,
    kept: Vec<(String, Value)>,
    played: usize,
}

impl Game {
    async fn begin() -> Self {
        let world = World::open(5, Path::new(WORKER)).await;
        let (mut clerks, mut kept) = (Vec::new(), Vec::new());
        for (place, computer) in ["one", "two"].into_iter().enumerate() {
            let clerk = world.clerk(computer).await;
            let new = json!({ "kind": "contributor_update", "period": JULY });
            let draft: DraftView = call(&clerk.desk, "draft_new", new).await.unwrap();
            let name = &world.people[place].name;
            let ops = json!([{ "op": "set", "index": 0, "field": "name", "text": name }]);
            let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
            let draft: DraftView = call(&clerk.desk, "draft_edit", args).await.unwrap();
            kept.push((draft.draft.clone(), clerk.cells(&draft.draft).await));
            clerks.push(clerk);
        }
        Self { world, clerks, kept, played: 0 }
    }

    /// Plays an interleaving and returns to where it began; how many mishaps there were.
    async fn play(&mut self, moves: &[Move]) -> usize {
        let mut drafts = Vec::new();
        for (place, clerk) in self.clerks.iter().enumerate() {
            let draft = clerk.draft(&self.world.people[place], &format!("{}.00", 6_000 + self.played % 7)).await;
            let filed = clerk.home().await.filings.iter().filter(|line| line.kind == "base_adjustment").count();
            drafts.push((clerk.cells(&draft.draft).await, draft.draft, filed));
        }
        let mut mishaps = 0;
        for one in moves {
            mishaps += usize::from(match one {
                Move::Act(_, _, mishap) | Move::Both(_, _, mishap) => !matches!(mishap, Mishap::Nothing),
                Move::Restart(_) | Move::RestartCenter => true,
                Move::Arrive | Move::Enter(_) => false,
            });
            self.step(*one).await;
        }
        self.quiet().await;
        self.check(&drafts).await;
        self.clear().await;
        self.played += 1;
        mishaps
    }

    async fn step(&mut self, one: Move) {
        let faults = self.world.center().faults();
        match one {
            Move::Act(who, act, Mishap::Killed) => {
                faults.next(Target::Put, Fault::Hold);
                let clerk = self.clerks[who].clone();
                let doing = tokio::spawn(async move { said(&clerk.does(act).await) });
                while faults.waiting() > 0 && !doing.is_finished() {
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                doing.abort();
                if let Err(error) = doing.await
                    && error.is_panic()
                {
                    std::panic::resume_unwind(error.into_panic());
                }
                faults.clear();
                faults.release();
                self.restart(who).await;
            }
            Move::Act(who, act, mishap) => {
                self.threaten(mishap);
                said(&self.clerks[who].does(act).await);
                self.world.proxy.disarm();
            }
            Move::Both(first, second, mishap) => {
                self.threaten(mishap);
                let (one, two) = tokio::join!(self.clerks[0].does(first), self.clerks[1].does(second));
                said(&one);
                said(&two);
                self.world.proxy.disarm();
            }
            Move::Arrive => {
                faults.let_arrive().await;
            }
            Move::Enter(who) => {
                // With a fault still waiting this may fail as well.
                let _ = self.clerks[who].desk.enter(self.world.connection()).await;
            }
            Move::Restart(who) => self.restart(who).await,
            Move::RestartCenter => {
                while faults.let_arrive().await {}
                self.world.restart_center().await;
            }
        }
    }

    fn threaten(&self, mishap: Mishap) {
        match mishap {
            Mishap::Center(fault) => self.world.center().faults().next(Target::Put, fault),
            Mishap::Cut(place) => self.world.proxy.arm(Some((place, Trouble::Cut))),
            // Nobody is alone at the center when both act: who is switched off then is who comes first.
            Mishap::Nothing | Mishap::Killed => {}
        }
    }

    async fn restart(&mut self, who: usize) {
        let clerk = self.clerks.remove(who);
        let clerk = self.world.restart(clerk).await;
        self.clerks.insert(who, clerk);
    }

    /// Nothing goes wrong any more, and everybody finds out.
    async fn quiet(&mut self) {
        let faults = self.world.center().faults();
        faults.clear();
        while faults.let_arrive().await {}
        self.world.proxy.disarm();
        for clerk in &self.clerks {
            clerk.desk.enter(self.world.connection()).await.unwrap();
        }
    }

    async fn check(&self, drafts: &[(Value, String, usize)]) {
        let booked = self.world.booked();
        let mut known = 0;
        for (place, clerk) in self.clerks.iter().enumerate() {
            let home = clerk.home().await;
            for line in &home.filings {
                let Some(at) = booked.iter().find(|filing| filing.id == line.filing) else {
                    assert_eq!(line.stage, FilingStage::Refused, "{}: what the center has not was refused", line.kind);
                    continue;
                };
                known += 1;
                let word = serde_json::to_value(line.stage).unwrap();
                assert_eq!(word, at.state.as_str(), "{}: both say the same", line.kind);
            }
            for filing in clerk.standing().await {
                let filing = clerk.filing(&filing).await;
                let at = booked.iter().find(|one| one.id == filing.line.filing).unwrap();
                assert_eq!(filing.sha256, at.sha256, "the bytes that were signed");
                assert!(filing.receipt.is_some_and(|receipt| receipt.valid), "its receipt holds");
            }
            let (kept, cells) = &self.kept[place];
            assert_eq!(&clerk.cells(kept).await, cells, "another draft is as it was");
            let (cells, draft, before) = &drafts[place];
            let left = clerk.bases().await;
            let filed = home.filings.iter().filter(|line| line.kind == "base_adjustment").count() - before;
            assert_eq!((left.len() + filed, filed <= 1), (1, true), "the draft is there, or one filing of it");
            if filed == 0 {
                assert_eq!((&left[0], &clerk.cells(draft).await), (draft, cells), "and as it was");
            }
        }
        assert_eq!(known, booked.len(), "every filing at the center is somebody's, once");
        for kind in ["remittance_verification", "payment"] {
            let standing = booked.iter().filter(|one| one.kind == kind && one.state != "withdrawn").count();
            assert!(standing <= 1, "one {kind}: {standing}");
        }
        self.world.assert_sound("after all of it").await;
    }

    /// Back to where it began.
    async fn clear(&self) {
        loop {
            let (mut left, mut gone) = (0, 0);
            for clerk in &self.clerks {
                for filing in clerk.standing().await {
                    left += 1;
                    // What rests on it goes first, whoever filed that.
                    gone += usize::from(clerk.withdraw(&filing).await.is_ok());
                }
            }
            if left == 0 {
                break;
            }
            assert!(gone > 0, "{left} filings cannot be taken back: {:?}", self.world.booked());
        }
        for clerk in &self.clerks {
            clerk.desk.refresh().await.unwrap();
            for draft in clerk.bases().await {
                call::<Value>(&clerk.desk, "draft_delete", json!({ "draft": draft })).await.unwrap();
            }
        }
        self.world.assert_sound("taken back").await;
    }
}

/// Whatever is said has words.
fn said(outcome: &Result<FilingView, UiError>) {
    let trouble = match outcome {
        Ok(filing) => filing.trouble.as_ref(),
        Err(error) => Some(error),
    };
    let Some(error) = trouble.filter(|error| error.code != "nothing") else { return };
    assert!(texts::lookup(&error.code).is_some(), "{} has words", error.code);
}

/// A clerk's list of filings grows with every game; a new one begins before that is what is measured.
const GAMES: usize = 40;

fn play(interleavings: u32, rng: TestRng) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let game: RefCell<Option<Game>> = RefCell::default();
    let (played, mishaps) = (Cell::new(0_u32), Cell::new(0));
    let config = Config { cases: interleavings, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    let outcome = TestRunner::new_with_rng(config, rng).run(&moves(), |moves| {
        runtime.block_on(async {
            // A game in which something failed is not gone on with.
            let mut one = match game.take() {
                Some(game) if game.played < GAMES => game,
                Some(_) | None => Game::begin().await,
            };
            mishaps.set(mishaps.get() + one.play(&moves).await);
            game.replace(Some(one));
        });
        played.set(played.get() + 1);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(why, moves)) => panic!("{why}\nafter {} interleavings: {moves:#?}", played.get()),
        Err(TestError::Abort(why)) => panic!("{why}"),
    }
    assert!(mishaps.get() >= interleavings as usize, "hardly anything went wrong");
    tell(&["F02", "F03", "F04", "F05", "F06", "F09", "F12", "F20"], mishaps.get());
}

/// Half of an everyday run's interleavings; the halves run beside each other.
const HALF: u32 = 250;

#[test]
fn f01_f20_two_clerks_and_whatever_happens() {
    play(HALF, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
}

#[test]
fn f01_f20_two_clerks_and_whatever_else_happens() {
    play(HALF, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
}

#[test]
#[ignore = "takes hours: cargo xtask faults --night"]
fn f01_f20_ten_thousand_by_night() {
    let wanted = std::env::var("HUIJIAO_INTERLEAVINGS").map_or(10_000, |wanted| wanted.parse().unwrap());
    play(wanted, TestRng::from_seed(RngAlgorithm::ChaCha, &tonight()));
}

/// Another one each night; a failure shows its moves.
fn tonight() -> [u8; 32] {
    let (one, two) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(one.as_bytes());
    seed[16..].copy_from_slice(two.as_bytes());
    seed
}
