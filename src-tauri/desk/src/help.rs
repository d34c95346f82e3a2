//! The pages of the help for the screens; needs no session.

use huijiao_domain::help::{self, Block, Page};
use huijiao_domain::texts;

use crate::views::{HelpBlock, HelpCode, HelpLine, HelpPageView, HelpPagesView, HelpSection};
use crate::{Desk, DeskError};

impl Desk {
    /// The pages that say these words; all of them for none.
    ///
    /// # Errors
    /// None today; as every step.
    pub fn help_pages(&self, find: &str) -> Result<HelpPagesView, DeskError> {
        Ok(HelpPagesView { total: help::pages().len(), pages: help::find(find).into_iter().map(line).collect() })
    }

    /// A page by its name, or by a code that it explains.
    ///
    /// # Errors
    /// `desk-no-such-page`.
    pub fn help_page(&self, page: &str) -> Result<HelpPageView, DeskError> {
        let found = help::page(page).or_else(|| help::page_of(page));
        let page = found.ok_or_else(|| DeskError::refusal_with(DeskError::NO_SUCH_PAGE, "page", page))?;
        let codes = page.codes.iter().map(|code| HelpCode { code: (*code).into(), title: texts::title(code).into() });
        let sections = page.sections.iter().map(|section| HelpSection {
            title: section.title.into(),
            blocks: section.blocks.iter().map(block).collect(),
        });
        Ok(HelpPageView { line: line(page), codes: codes.collect(), sections: sections.collect() })
    }
}

pub(crate) fn line(page: &Page) -> HelpLine {
    HelpLine { page: page.id.into(), screen: page.screen, fault: page.fault, title: page.title.into() }
}

fn block(block: &Block) -> HelpBlock {
    let points = matches!(block, Block::Points(_));
    HelpBlock { points, texts: block.texts().iter().map(|text| (*text).into()).collect() }
}
