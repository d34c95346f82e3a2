//! Printed forms (单证) as PDF: laid out as the centers' own, text that can be selected and searched, fonts embedded.
//!
//! A form is data ([`form::Form`]): labels, tables, places for seals. [`forms`] makes those of the fund from what was
//! signed and what the center answered; [`print()`] gives each thing its place and draws it. A character without a glyph
//! is an error, never a box.
#![warn(missing_docs)]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

mod draw;
mod fonts;
pub mod form;
pub mod forms;
mod layout;

pub use fonts::{Fonts, MissingFont};

use form::Form;

/// A PDF file.
#[derive(Debug, Clone)]
pub struct Pdf {
    /// The file.
    pub bytes: Vec<u8>,
    /// 页数
    pub pages: u32,
}

/// 套打: how far everything on a page stands from its usual place, for paper that is printed already and for printers
/// that feed it a little aside.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Shift {
    /// To the right, tenths of a millimetre.
    pub right: i16,
    /// Down, tenths of a millimetre.
    pub down: i16,
}

impl Shift {
    /// Tenths of a millimetre either way; what is farther off is no matter of feeding paper. The margins bear it.
    pub const MOST: i16 = 100;

    /// Whether it is no farther than [`Shift::MOST`].
    pub fn fits(self) -> bool {
        let range = -Self::MOST..=Self::MOST;
        range.contains(&self.right) && range.contains(&self.down)
    }

    /// In points.
    fn points(self) -> (f32, f32) {
        let points = |tenths: i16| f32::from(tenths) * 72.0 / 254.0;
        (points(self.right), points(self.down))
    }
}

/// Why nothing was printed.
#[derive(Debug, thiserror::Error)]
pub enum PaperError {
    /// The main font is nowhere on this computer.
    #[error("font not found: {file}")]
    FontMissing {
        /// The file that is looked for.
        file: &'static str,
    },
    /// No font has this character.
    #[error("no glyph for U+{:04X}", u32::from(*character))]
    GlyphMissing {
        /// The character.
        character: char,
        /// The font for rare names, where that is not there and might have it; never for a character of private use,
        /// which means something else on every computer.
        needs: Option<&'static str>,
        /// The name in the row that it stands in, where it stands in a row of people.
        who: Option<String>,
    },
    /// Something has no place on any page.
    #[error("cannot be laid out")]
    Layout,
    /// Whoever heard how far it was ended it.
    #[error("given up")]
    GivenUp,
    /// The PDF could not be written.
    #[error("pdf: {0}")]
    Pdf(String),
}

impl PaperError {
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FontMissing { .. } => "paper-font-missing",
            Self::GlyphMissing { needs: Some(_), .. } => "paper-glyph-missing",
            Self::GlyphMissing { needs: None, .. } => "paper-glyph-unknown",
            Self::Layout | Self::Pdf(_) => "paper-failed",
            Self::GivenUp => "desk-given-up",
        }
    }

    /// Figures for the words.
    pub fn args(&self) -> BTreeMap<String, String> {
        let of = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
        match self {
            Self::FontMissing { file } => of(&[("file", file)]),
            Self::GlyphMissing { character, needs, who } => of(&[
                ("character", &character.to_string()),
                ("code", &format!("U+{:04X}", u32::from(*character))),
                ("font", needs.unwrap_or_default()),
                ("who", &who.as_ref().map(|who| format!("「{who}」一行里的")).unwrap_or_default()),
            ]),
            Self::Layout | Self::Pdf(_) | Self::GivenUp => BTreeMap::new(),
        }
    }
}

/// Hears how many pages are drawn, and how many there will be once that is known; a break ends the printing.
pub type Progress<'w> = dyn FnMut(u32, Option<u32>) -> ControlFlow<()> + 'w;

/// Prints forms into one file, in their order.
///
/// # Errors
/// [`PaperError`]; then there is no file.
pub fn print(forms: &[Form], fonts: &mut Fonts) -> Result<Pdf, PaperError> {
    print_shifted(forms, fonts, Shift::default(), &mut |_, _| ControlFlow::Continue(()))
}

/// Prints forms into one file, in their order, each page shifted alike, and says how far it is.
///
/// # Errors
/// [`PaperError`]; then there is no file.
pub fn print_shifted(
    forms: &[Form],
    fonts: &mut Fonts,
    shift: Shift,
    progress: &mut Progress<'_>,
) -> Result<Pdf, PaperError> {
    if !shift.fits() {
        return Err(PaperError::Layout);
    }
    let (bytes, pages) = draw::draw(forms, fonts, shift, progress)?;
    Ok(Pdf { bytes, pages })
}
