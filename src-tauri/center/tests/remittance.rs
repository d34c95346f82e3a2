//! The month and the money over HTTP.
#![allow(clippy::unwrap_used)]

mod common;

use common::{OTHER_UNIT, UNIT, World};
use huijiao_domain::remittance::{Books, DueLine, Figure, MonthState, VerifiedMonth, due_list};
use huijiao_protocol::problem::ProblemCode;
use huijiao_protocol::resources::MonthList;

#[tokio::test]
async fn the_books_begin_with_the_months_that_were_paid_before() {
    let world = World::new().await;
    let clerk = world.clerk();
    let books: Books = clerk.get(&format!("/v1/units/{UNIT}/books")).await.json(200);
    let [may, june] = &books.months[..] else { panic!("two months: {:?}", books.months) };
    assert_eq!((may.state, june.state), (MonthState::Paid, MonthState::Paid), "both are paid");
    assert_eq!(june.figures.previous, may.figures.due, "June goes on where May ended");
    let lines = due_list(&clerk.roster(UNIT).await, "2026-06".parse().unwrap());
    assert_eq!(june.figures.increase, Figure::of(&lines[..1]), "one came in June");
    assert_eq!(books.previous, lines, "what July's table begins with");
    assert_eq!((&books.dues[..], &books.open[..], &books.unprocessed[..]), (&[][..], &[][..], &[][..]), "all settled");
    assert_eq!(books.available, "0".parse().unwrap(), "all that came in was allotted");
    let months: Vec<VerifiedMonth> = clerk.get(&format!("/v1/units/{UNIT}/months")).await.json(200);
    assert_eq!(months, books.months, "the same months");

    let list = async |month: &str| clerk.get(&format!("/v1/units/{UNIT}/months/{month}/list")).await;
    let may: MonthList = list("2026-05").await.json(200);
    let july: MonthList = list("2026-07").await.json(200);
    let people = |list: &MonthList| list.lines.iter().map(|line: &DueLine| line.name.clone()).collect::<Vec<_>>();
    assert_eq!((may.verified, july.verified), (true, false), "the past is frozen, July is not");
    assert_eq!(people(&may), people(&july)[1..], "July is made of the roster");
    for nothing in ["2026-04", "2026-13", "soon"] {
        list(nothing).await.problem(ProblemCode::NotFound);
    }
    for path in ["books", "months", "months/2026-05/list"] {
        clerk.get(&format!("/v1/units/{OTHER_UNIT}/{path}")).await.problem(ProblemCode::NotFound);
    }
}
