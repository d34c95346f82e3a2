//! Refusals as `application/problem+json`, with the words of the one table.

use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use huijiao_domain::texts;
use huijiao_protocol::problem::{Problem, ProblemCode, RowProblem};
use uuid::Uuid;

use crate::error::CenterError;

/// Why a request is not answered with what it asked for.
#[derive(Debug)]
pub(crate) struct Refusal {
    code: ProblemCode,
    filing: Option<Uuid>,
    errors: Vec<RowProblem>,
    retry_after: Option<u32>,
}

impl Refusal {
    /// A refusal with the words of its code.
    pub(crate) fn of(code: ProblemCode) -> Self {
        Self { code, filing: None, errors: Vec::new(), retry_after: None }
    }

    /// About a filing.
    #[must_use]
    pub(crate) fn filing(mut self, id: Uuid) -> Self {
        self.filing = Some(id);
        self
    }

    /// Its code.
    pub(crate) fn code(&self) -> ProblemCode {
        self.code
    }

    /// Whether it is the filing's own content that stands in the way.
    pub(crate) fn is_about_rows(&self) -> bool {
        matches!(self.code, ProblemCode::ChecksFailed | ProblemCode::RosterChanged)
    }

    /// Whether it is of how the unit's books stand, which will change: then the file is refused for good, or a copy of it
    /// that arrives late would be booked after its unit was told.
    pub(crate) fn stands(&self) -> bool {
        let of_the_books = matches!(
            self.code,
            ProblemCode::FilingOpen
                | ProblemCode::WithdrawalPaid
                | ProblemCode::WithdrawalOrdered
                | ProblemCode::WithdrawalNotLast
                | ProblemCode::WithdrawalVerified
                | ProblemCode::WithdrawalMoved
        );
        of_the_books || self.is_about_rows()
    }

    /// The rows it is about.
    pub(crate) fn errors(&self) -> &[RowProblem] {
        &self.errors
    }

    /// Why, in one sentence: the first thing that stands in the way, else the words of the code.
    pub(crate) fn words(&self) -> String {
        let said = self.errors.iter().map(|error| error.message.clone()).find(|message| !message.is_empty());
        said.unwrap_or_else(|| texts::title(&text_code(self.code)).to_owned())
    }

    /// With the rows it is about.
    #[must_use]
    pub(crate) fn rows(mut self, errors: Vec<RowProblem>) -> Self {
        self.errors = errors;
        self
    }

    /// With the seconds to wait.
    #[must_use]
    pub(crate) fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds);
        self
    }
}

impl From<CenterError> for Refusal {
    fn from(error: CenterError) -> Self {
        // The cause is for the center's staff; a client learns that it was not his fault.
        tracing::error!(code = error.code(), %error, "request failed");
        Self::of(ProblemCode::Internal)
    }
}

impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        unreadable(rejection.status())
    }
}

impl From<JsonRejection> for Refusal {
    fn from(rejection: JsonRejection) -> Self {
        unreadable(rejection.status())
    }
}

/// For what axum answers with this status where it cannot read a request.
pub(super) fn unreadable(status: StatusCode) -> Refusal {
    Refusal::of(match status {
        StatusCode::PAYLOAD_TOO_LARGE => ProblemCode::TooLarge,
        _ => ProblemCode::Malformed,
    })
}

/// The key of a code's words.
fn text_code(code: ProblemCode) -> String {
    format!("problem-{}", code.as_str().replace('_', "-"))
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut problem = match texts::lookup(&text_code(self.code)) {
            Some(text) => Problem::new(self.code, text.title.clone(), format!("{}{}", text.happened, text.remedy)),
            None => Problem::new(self.code, self.code.as_str(), self.code.as_str()),
        };
        problem.filing_id = self.filing;
        problem.errors = self.errors;
        let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(problem)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_its_words() {
        for &code in ProblemCode::ALL {
            let key = text_code(code);
            let text = texts::lookup(&key);
            assert!(
                text.is_some_and(|t| !t.title.is_empty() && !t.happened.is_empty() && !t.remedy.is_empty()),
                "{key} has no title, cause and remedy in texts.json"
            );
        }
    }
}
