//! The practice door as the desk knows it.

use std::path::Path;

use huijiao_center::UnitRole;
use huijiao_desk::ports::{Answer, Clock, Connection, Happening, PracticeDoor, SystemClock};
use huijiao_desk::views::ActivationCodeView;
use huijiao_desk::{DeskError, text};
use huijiao_domain::profile::MinimumTls;
use tokio::sync::Mutex;

use crate::DemoError;
use crate::practice::{APPROVER, APPROVER_KEY, CLERK, CLERK_KEY, PIN, Practice};

/// Opens the practice once and keeps it running.
#[derive(Debug, Default)]
pub struct Door(Mutex<Option<Practice>>);

impl PracticeDoor for Door {
    fn open<'a>(&'a self, folder: &'a Path) -> Answer<'a, Connection> {
        Box::pin(async move {
            let mut running = self.0.lock().await;
            let practice = match running.take() {
                Some(practice) => practice,
                None => Practice::open(folder, SystemClock.now()).await?,
            };
            let connection = practice.connection();
            *running = Some(practice);
            Ok(connection)
        })
    }

    fn practise<'a>(&'a self, folder: &'a Path, happening: Happening) -> Answer<'a, Connection> {
        Box::pin(async move {
            let mut running = self.0.lock().await;
            let practice = running.as_mut().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
            match happening {
                Happening::Transfer { amount, remark } => practice.transfer(folder, amount, &remark).await?,
                Happening::Days(days) => practice.let_days_go_by(folder, SystemClock.now(), days)?,
                Happening::Decide { filing, decision } => practice.decide(filing, decision).await?,
                Happening::Review { kind, officer } => practice.review(kind, officer).await?,
                Happening::Countersign { kind, wanted } => practice.countersign(kind, wanted).await?,
            }
            Ok(practice.connection())
        })
    }

    fn activation<'a>(&'a self, name: &'a str, approver: bool) -> Answer<'a, ActivationCodeView> {
        Box::pin(async move {
            let running = self.0.lock().await;
            let practice = running.as_ref().ok_or_else(|| DeskError::refusal(DeskError::NO_SESSION))?;
            let role = if approver { UnitRole::Approver } else { UnitRole::Clerk };
            let given = practice.activation(name, role).await?;
            Ok(ActivationCodeView { code: given.code, expires_at: text::local_time(&given.expires_at) })
        })
    }
}

impl Practice {
    /// How a desk reaches this practice, as the clerk.
    pub fn connection(&self) -> Connection {
        Connection {
            demo: true,
            base_url: self.center.base_url(),
            anchors: self.center.anchors(),
            minimum_tls: MinimumTls::default(),
            certificates: self.certificates.clone(),
            unit_account: self.unit_account.to_owned(),
            login: Some((CLERK_KEY.to_owned(), PIN.to_owned())),
            operators: [(CLERK_KEY, CLERK), (APPROVER_KEY, APPROVER)]
                .map(|(key, name)| (key.into(), name.into()))
                .into(),
            clock_offset: self.clock_offset,
            workbooks: self.workbooks.iter().map(|b| (b.path.clone(), b.note.to_owned())).collect(),
        }
    }
}

impl From<DemoError> for DeskError {
    fn from(error: DemoError) -> Self {
        Self::Practice { code: error.code(), args: error.args(), cause: error.to_string() }
    }
}
