//! What happens outside of the unit, in the practice: the clerk sees her payment arrive.

use std::sync::Arc;

use huijiao_domain::filing::FilingKind;
use huijiao_domain::money::Yuan;

use crate::Desk;
use crate::error::DeskError;
use crate::filings::id_of;
use crate::ports::Happening;
use crate::views::{PracticeAct, PracticePayment};

/// What a practice payment is off by, fen.
const OFF_BY: i64 = 10_000;
/// A code that no order has.
const WRONG_CODE: &str = "000000";
/// Most days that go by at once.
const MOST_DAYS: u16 = 366;

impl Desk {
    /// Lets something happen outside of the unit, and fetches what came of it.
    ///
    /// # Errors
    /// Outside of a practice, for an order that there is not, or when the practice center says no.
    pub async fn practice(self: &Arc<Self>, act: PracticeAct) -> Result<(), DeskError> {
        let refusal = || DeskError::refusal(DeskError::NO_PRACTICE);
        let door = self.config.practice.clone().ok_or_else(refusal)?;
        if !self.inner().session()?.connection.demo {
            return Err(refusal());
        }
        let happening = match act {
            PracticeAct::Pay { order, how } => self.transfer(&order, how)?,
            PracticeAct::Operator { key } => return self.log_in_as(key).await,
            PracticeAct::Days { days } if days <= MOST_DAYS => Happening::Days(days),
            PracticeAct::Days { .. } => return Err(DeskError::refusal(DeskError::BAD_ARGUMENTS)),
            PracticeAct::Decide { filing, decision } => Happening::Decide { filing: id_of(&filing)?, decision },
            PracticeAct::Review { kind, officer } => {
                let kind = FilingKind::parse(&kind).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
                Happening::Review { kind, officer }
            }
            PracticeAct::Countersign { kind, wanted } => {
                let kind = FilingKind::parse(&kind).ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?;
                Happening::Countersign { kind, wanted }
            }
        };
        let decided = match &happening {
            Happening::Decide { filing, .. } => Some(*filing),
            Happening::Transfer { .. }
            | Happening::Days(_)
            | Happening::Review { .. }
            | Happening::Countersign { .. } => None,
        };
        let moved = door.practise(&self.practice_folder(), happening).await?;
        if let Some(session) = self.inner().session.as_mut() {
            session.connection.clock_offset = moved.clock_offset;
        }
        if let Some(filing) = decided {
            self.ask(filing.to_string()).await?;
        }
        self.fetch_anew().await?;
        Ok(())
    }

    /// Somebody else of the unit sits down at this computer.
    async fn log_in_as(self: &Arc<Self>, key: String) -> Result<(), DeskError> {
        let door = self.config.practice.clone().ok_or_else(|| DeskError::refusal(DeskError::NO_PRACTICE))?;
        // Anew from the door: whoever enrolled is logged in under a PIN of his own.
        let mut connection = door.open(&self.practice_folder()).await?;
        let known = connection.operators.iter().any(|(operator, _)| *operator == key);
        let login = connection.login.as_mut().filter(|_| known);
        login.ok_or_else(|| DeskError::refusal(DeskError::BAD_ARGUMENTS))?.0 = key;
        self.enter(connection).await.map(|_| ())
    }

    fn transfer(&self, number: &str, how: PracticePayment) -> Result<Happening, DeskError> {
        let (known, ..) = self.month_scene()?;
        let orders = &known.at_hand()?.books.orders;
        let order = orders.iter().find(|order| order.number == number);
        let order = order.ok_or_else(|| DeskError::refusal_with(DeskError::NOT_DUE, "due", number))?;
        let (due, off) = (order.amounts.monthly(), Yuan::from_fen(OFF_BY));
        let (amount, remark) = match how {
            PracticePayment::Exact => (due, order.code.as_str()),
            PracticePayment::Short if due > off => (due - off, order.code.as_str()),
            PracticePayment::Short => (Yuan::from_fen(1), order.code.as_str()),
            PracticePayment::Over => (due + off, order.code.as_str()),
            PracticePayment::WrongCode => (due, WRONG_CODE),
            PracticePayment::NoCode => (due, ""),
        };
        Ok(Happening::Transfer { amount, remark: remark.to_owned() })
    }
}
