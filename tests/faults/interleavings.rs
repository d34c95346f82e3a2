//! Two clerks, one center, and whatever happens between them in any order: crashes, losses, delays, doubles; and the same
//! with an approver who says something of what they file.
//!
//! Each interleaving is a handful of moves by chance. However they fall, in the end all desks and the center agree:
//! each filing once, one end of it, one verification, one order, no draft lost, books that balance.
#![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]

use std::cell::{Cell, RefCell};
use std::path::Path;

use huijiao_center::{Fault, Target};
use huijiao_demo::practice::APPROVER;
use huijiao_desk::views::{ApprovalsView, DraftView, FilingStage, UiError, VerdictLine};
use huijiao_tests::oracles::{Left, assert_answers, assert_words};
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

/// So many clerks; the approver, where there is one, comes after them.
const CLERKS: usize = 2;

/// What somebody does.
#[derive(Debug, Clone, Copy)]
enum Deed {
    /// A clerk.
    Act(Act),
    /// The approver, of something that waits: approved, or else returned.
    Say { approved: bool },
}

/// One move.
#[derive(Debug, Clone, Copy)]
enum Move {
    Does(usize, Deed, Mishap),
    /// Two at once.
    Together((usize, Deed), (usize, Deed), Mishap),
    /// What is late arrives.
    Arrive,
    /// Somebody opens the unit anew: what is open is asked for.
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

/// Who plays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Players {
    Clerks,
    /// And an approver, without whom no base is booked.
    WithApprover,
}

fn act(who: usize) -> impl Strategy<Value = (usize, Deed)> {
    prop::sample::select(Act::ALL.to_vec()).prop_map(move |act| (who, Deed::Act(act)))
}

fn say() -> impl Strategy<Value = (usize, Deed)> {
    any::<bool>().prop_map(|approved| (CLERKS, Deed::Say { approved }))
}

fn moves(players: Players) -> impl Strategy<Value = Vec<Move>> {
    let (one, two, all) = match players {
        Players::Clerks => {
            let one = prop_oneof![act(0), act(1)].boxed();
            (one, (act(0), act(1)).boxed(), CLERKS)
        }
        Players::WithApprover => {
            let one = prop_oneof![2 => act(0), 1 => act(1), 3 => say()].boxed();
            let two = prop_oneof![(act(0), say()), (act(1), say()), (act(0), act(1))].boxed();
            (one, two, CLERKS + 1)
        }
    };
    let one = prop_oneof![
        8 => (one, mishap()).prop_map(|((who, deed), mishap)| Move::Does(who, deed, mishap)),
        4 => (two, mishap()).prop_map(|((one, two), mishap)| Move::Together(one, two, mishap)),
        2 => Just(Move::Arrive),
        1 => (0..all).prop_map(Move::Enter),
        1 => (0..all).prop_map(Move::Restart),
        1 => Just(Move::RestartCenter),
    ];
    prop::collection::vec(one, 2..7)
}

/// Does it; what went wrong, or that there was nothing to be done.
async fn does(who: &Clerk, deed: Deed) -> Option<UiError> {
    match deed {
        Deed::Act(act) => match who.does(act).await {
            Ok(filing) => filing.trouble,
            Err(error) => Some(error),
        },
        Deed::Say { approved } => who.says(approved).await.err(),
    }
}

/// Everybody at one center, and what of theirs must not be touched.
struct Game {
    world: World,
    /// The clerks first.
    people: Vec<Clerk>,
    kept: Vec<(String, Value)>,
    played: usize,
    /// What the approver has said by now: approved, returned.
    verdicts: (usize, usize),
}

impl Game {
    async fn begin(players: Players) -> Self {
        let world = match players {
            Players::Clerks => World::open(5, Path::new(WORKER)).await,
            Players::WithApprover => World::of_two(5, Path::new(WORKER)).await,
        };
        let (mut people, mut kept) = (Vec::new(), Vec::new());
        for (place, computer) in ["one", "two"].into_iter().enumerate() {
            let clerk = world.clerk(computer).await;
            let new = json!({ "kind": "contributor_update", "period": JULY });
            let draft: DraftView = call(&clerk.desk, "draft_new", new).await.unwrap();
            let name = &world.people[place].name;
            let ops = json!([{ "op": "set", "index": 0, "field": "name", "text": name }]);
            let args = json!({ "draft": draft.draft, "revision": draft.revision, "ops": ops });
            let draft: DraftView = call(&clerk.desk, "draft_edit", args).await.unwrap();
            kept.push((draft.draft.clone(), clerk.cells(&draft.draft).await));
            people.push(clerk);
        }
        if players == Players::WithApprover {
            people.push(world.approver("three").await);
        }
        Self { world, people, kept, played: 0, verdicts: (0, 0) }
    }

    fn clerks(&self) -> &[Clerk] {
        &self.people[..CLERKS]
    }

    fn approver(&self) -> Option<&Clerk> {
        self.people.get(CLERKS)
    }

    /// Plays an interleaving and returns to where it began; how many mishaps there were.
    async fn play(&mut self, moves: &[Move]) -> usize {
        let mut drafts = Vec::new();
        for (place, clerk) in self.clerks().iter().enumerate() {
            let draft = clerk.draft(&self.world.people[place], &format!("{}.00", 6_000 + self.played % 7)).await;
            let filed = clerk.home().await.filings.iter().filter(|line| line.kind == "base_adjustment").count();
            drafts.push((clerk.cells(&draft.draft).await, draft.draft, filed));
        }
        if self.approver().is_some() {
            // There is something to be said from the first move on.
            let filed = self.people[0].does(Act::Submit).await.unwrap();
            assert_eq!(filed.line.stage, FilingStage::AwaitingApproval, "{:?}", filed.trouble);
        }
        let mut mishaps = 0;
        for one in moves {
            mishaps += usize::from(match one {
                Move::Does(_, _, mishap) | Move::Together(_, _, mishap) => !matches!(mishap, Mishap::Nothing),
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
            Move::Does(who, deed, Mishap::Killed) => {
                faults.next(Target::Put, Fault::Hold);
                let somebody = self.people[who].clone();
                let doing = tokio::spawn(async move { said(does(&somebody, deed).await) });
                while faults.waiting() > 0 && !doing.is_finished() {
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                let all: Vec<_> = self.people.iter().map(|one| &one.desk).collect();
                assert_answers(&all, "while the center has the request and says nothing").await;
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
            Move::Does(who, deed, mishap) => {
                self.threaten(mishap);
                said(does(&self.people[who], deed).await);
                self.world.proxy.disarm();
            }
            Move::Together((first, one), (second, two), mishap) => {
                self.threaten(mishap);
                let (one, two) = tokio::join!(does(&self.people[first], one), does(&self.people[second], two));
                said(one);
                said(two);
                self.world.proxy.disarm();
            }
            Move::Arrive => {
                faults.let_arrive().await;
            }
            Move::Enter(who) => {
                // With a fault still waiting this may fail as well.
                let _ = self.enter(&self.people[who]).await;
            }
            Move::Restart(who) => self.restart(who).await,
            Move::RestartCenter => {
                while faults.let_arrive().await {}
                self.world.restart_center().await;
            }
        }
    }

    async fn enter(&self, who: &Clerk) -> Result<(), String> {
        let entered = who.desk.enter(self.world.connection_of(who.key)).await;
        entered.map(drop).map_err(|error| error.code().to_owned())
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
        let somebody = self.people.remove(who);
        let somebody = self.world.restart(somebody).await;
        self.people.insert(who, somebody);
    }

    /// Nothing goes wrong any more, and everybody finds out: the approver first, whose word ends what the clerks wait for.
    async fn quiet(&mut self) {
        let faults = self.world.center().faults();
        faults.clear();
        while faults.let_arrive().await {}
        self.world.proxy.disarm();
        for somebody in self.people.iter().rev() {
            self.enter(somebody).await.unwrap();
        }
        if let Some(approver) = self.approver() {
            // What a clerk has taken back meanwhile waits no more.
            call::<Value>(&approver.desk, "refresh", json!({})).await.unwrap();
        }
    }

    async fn check(&mut self, drafts: &[(Value, String, usize)]) {
        let booked = self.world.booked();
        let mut known = 0;
        let mut left: Vec<Left<'_>> = Vec::new();
        for (place, clerk) in self.clerks().iter().enumerate() {
            let home = clerk.home().await;
            let there = |id: &str| booked.iter().any(|filing| filing.id == id);
            known += home.filings.iter().filter(|line| there(&line.filing)).count();
            let (kept, cells) = &self.kept[place];
            left.push(Left { desk: &clerk.desk, draft: kept, cells });
            let (cells, draft, before) = &drafts[place];
            let open = clerk.bases().await;
            let filed = home.filings.iter().filter(|line| line.kind == "base_adjustment").count() - before;
            assert_eq!((open.len() + filed, filed <= 1), (1, true), "the draft is there, or one filing of it");
            if filed == 0 {
                assert_eq!(&open[0], draft, "and no other");
                left.push(Left { desk: &clerk.desk, draft, cells });
            }
        }
        assert_eq!(known, booked.len(), "every filing at the center is somebody's, once");
        for kind in ["remittance_verification", "payment"] {
            let standing = booked.iter().filter(|one| one.kind == kind && one.state != "withdrawn").count();
            assert!(standing <= 1, "one {kind}: {standing}");
        }
        let all: Vec<_> = self.people.iter().map(|one| &one.desk).collect();
        self.world.assert_oracles(&all, &left, "after all of it").await;
        self.verdicts = self.one_end_of_each().await;
    }

    /// What the approver said, what the center has and what the clerk sees are one end of one filing. How often it was
    /// approved, and how often returned.
    async fn one_end_of_each(&self) -> (usize, usize) {
        let Some(approver) = self.approver() else { return (0, 0) };
        let booked = self.world.booked();
        let approvals: ApprovalsView = call(&approver.desk, "approvals", json!({})).await.unwrap();
        let awaiting: Vec<_> = booked.iter().filter(|one| one.state == "awaiting_approval").collect();
        assert_eq!(approvals.waiting.len(), awaiting.len(), "what waits, and nothing else");
        for one in booked.iter().filter(|one| one.kind == "base_adjustment") {
            let said: Vec<_> = approvals.signed.iter().filter(|line| line.filing == one.id).collect();
            assert!(said.iter().all(|line| !line.open), "all of it has an answer: {said:?}");
            let approved: Vec<bool> = said.iter().map(|line| line.approved).collect();
            let ends: &[&[bool]] = match one.state.as_str() {
                "settled" => &[&[true]],
                "refused" => &[&[false]],
                "awaiting_approval" => &[&[]],
                // Before anything was said of it, or after it was booked.
                "withdrawn" => &[&[], &[true]],
                other => panic!("no base ends as {other}"),
            };
            assert!(ends.contains(&approved.as_slice()), "one end, the same at both: {one:?}, {said:?}");
        }
        let there = |line: &&VerdictLine| booked.iter().any(|one| one.id == line.filing);
        assert_eq!(approvals.signed.iter().filter(there).count(), approvals.signed.len(), "of what the center has");
        for clerk in self.clerks() {
            for line in clerk.home().await.filings {
                // What was withdrawn since says no more than that.
                let by = match (line.kind.as_str(), line.stage) {
                    ("base_adjustment", FilingStage::Settled) => clerk.filing(&line.filing).await.approver,
                    ("base_adjustment", FilingStage::Refused) if booked.iter().any(|one| one.id == line.filing) => {
                        clerk.filing(&line.filing).await.returned_by
                    }
                    _ => continue,
                };
                assert_eq!(by, APPROVER, "the clerk sees whose word it was: {line:?}");
            }
        }
        let approved = approvals.signed.iter().filter(|line| line.approved).count();
        (approved, approvals.signed.len() - approved)
    }

    /// Back to where it began.
    async fn clear(&self) {
        loop {
            let (mut left, mut gone) = (0, 0);
            for clerk in self.clerks() {
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
        for clerk in self.clerks() {
            clerk.desk.refresh().await.unwrap();
            for draft in clerk.bases().await {
                call::<Value>(&clerk.desk, "draft_delete", json!({ "draft": draft })).await.unwrap();
            }
        }
        self.world.assert_sound("taken back").await;
    }
}

/// Whatever is said has words.
fn said(trouble: Option<UiError>) {
    trouble.iter().filter(|error| error.code != "nothing").for_each(assert_words);
}

/// A clerk's list of filings grows with every game; a new one begins before that is what is measured.
const GAMES: usize = 20;

fn play(players: Players, interleavings: u32, rng: TestRng) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let game: RefCell<Option<Game>> = RefCell::default();
    let (played, mishaps) = (Cell::new(0_u32), Cell::new(0));
    // Of games that are over; who said what in the last one is in it.
    let verdicts = Cell::new((0, 0));
    let config = Config { cases: interleavings, failure_persistence: None, max_shrink_iters: 100, ..Config::default() };
    let outcome = TestRunner::new_with_rng(config, rng).run(&moves(players), |moves| {
        runtime.block_on(async {
            // A game in which something failed is not gone on with.
            let mut one = match game.take() {
                Some(game) if game.played < GAMES => game,
                Some(over) => {
                    verdicts.set(sum(verdicts.get(), over.verdicts));
                    Game::begin(players).await
                }
                None => Game::begin(players).await,
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
    if players == Players::WithApprover {
        let (approved, returned) = sum(verdicts.get(), game.take().map_or((0, 0), |game| game.verdicts));
        assert!(approved > 0 && returned > 0, "{approved} approved, {returned} returned: hardly anything was said");
    }
    tell(&["F02", "F03", "F04", "F05", "F06", "F09", "F12", "F20"], mishaps.get());
}

fn sum(one: (usize, usize), two: (usize, usize)) -> (usize, usize) {
    (one.0 + two.0, one.1 + two.1)
}

/// Half of an everyday run's interleavings; the halves run beside each other.
const HALF: u32 = 250;
/// Those with an approver, beside the five hundred.
const APPROVED: u32 = 100;

#[test]
fn f01_f20_two_clerks_and_whatever_happens() {
    play(Players::Clerks, HALF, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
}

#[test]
fn f01_f20_two_clerks_and_whatever_else_happens() {
    play(Players::Clerks, HALF, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
}

#[test]
fn f01_f20_two_clerks_an_approver_and_whatever_happens() {
    play(Players::WithApprover, APPROVED, TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
}

#[test]
#[ignore = "takes hours: cargo xtask faults --night"]
fn f01_f20_ten_thousand_by_night() {
    play(Players::Clerks, wanted(), TestRng::from_seed(RngAlgorithm::ChaCha, &tonight()));
}

#[test]
#[ignore = "takes hours: cargo xtask faults --night"]
fn f01_f20_ten_thousand_with_an_approver_by_night() {
    play(Players::WithApprover, wanted(), TestRng::from_seed(RngAlgorithm::ChaCha, &tonight()));
}

fn wanted() -> u32 {
    std::env::var("HUIJIAO_INTERLEAVINGS").map_or(10_000, |wanted| wanted.parse().unwrap())
}

/// Another one each night; a failure shows its moves.
fn tonight() -> [u8; 32] {
    let (one, two) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    let mut seed = [0; 32];
    seed[..16].copy_from_slice(one.as_bytes());
    seed[16..].copy_from_slice(two.as_bytes());
    seed
}
