//! The fonts of the forms: one for nearly everything, one for the rarest names; which glyph a character has.
//!
//! Neither lies in the repository. On Debian and its kin they are packages (`fonts-noto-cjk`, SIL OFL 1.1, and
//! `fonts-hanazono`, SIL OFL 1.1 or its own free licence); elsewhere they travel beside the program in `fonts/`.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use huijiao_domain::characters::is_private_use;
use krilla::text::{Font, GlyphId};
use skrifa::instance::{LocationRef, Size};
use skrifa::string::StringId;
use skrifa::{FontRef, MetadataProvider};

use crate::PaperError;

/// Names of the main font's file, the collection of all regions first.
const MAIN: [&str; 2] = ["NotoSansCJK-Regular.ttc", "NotoSansCJKsc-Regular.otf"];
/// The face within the collection: glyphs as mainland China writes them.
const MAIN_FACE: &str = "Noto Sans CJK SC";
/// All of CJK extensions B to F, which GB 18030-2022 asks for at its third level and the main font has few of.
const RARE: [&str; 1] = ["HanaMinB.ttf"];

/// A character as it is drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Glyph {
    /// Place in [`Fonts::font`].
    pub(crate) face: usize,
    pub(crate) id: GlyphId,
    /// Width in parts of the font size.
    pub(crate) advance: f32,
}

/// Fonts found on this computer, and the glyphs that were looked up in them.
pub struct Fonts {
    folders: Vec<PathBuf>,
    faces: Vec<Face>,
    known: HashMap<char, Glyph>,
}

struct Face {
    data: Arc<Vec<u8>>,
    index: u32,
    font: Font,
}

impl Face {
    fn find(folders: &[PathBuf], names: &[&str], face: Option<&str>) -> Option<Self> {
        let files = folders.iter().flat_map(|folder| names.iter().map(|name| folder.join(name)));
        let data = Arc::new(files.filter_map(|file| std::fs::read(file).ok()).next()?);
        let index = face.and_then(|face| place_of(&data, face)).unwrap_or_default();
        let font = Font::new(data.clone().into(), index)?;
        Some(Self { data, index, font })
    }

    fn glyph(&self, c: char) -> Option<(GlyphId, f32)> {
        let font = FontRef::from_index(&self.data, self.index).ok()?;
        let id = font.charmap().map(c).filter(|id| id.to_u32() != 0)?;
        let advance = font.glyph_metrics(Size::new(1.0), LocationRef::default()).advance_width(id)?;
        Some((GlyphId::new(id.to_u32()), advance))
    }
}

/// Where a collection keeps the face of this full name.
fn place_of(data: &[u8], name: &str) -> Option<u32> {
    (0u32..).map_while(|place| FontRef::from_index(data, place).ok().map(|font| (place, font))).find_map(
        |(place, font)| {
            let full = font.localized_strings(StringId::FULL_NAME).english_or_first()?;
            full.chars().eq(name.chars()).then_some(place)
        },
    )
}

/// A font that lies nowhere on this computer, by the name of its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissingFont {
    /// That of everything: nothing can be printed.
    Main(&'static str),
    /// That of the rarest names.
    Rare(&'static str),
}

impl Fonts {
    /// What is missing of them, without opening any.
    pub fn missing() -> Option<MissingFont> {
        Self::missing_in(&places())
    }

    fn missing_in(folders: &[PathBuf]) -> Option<MissingFont> {
        let there = |names: &[&str]| folders.iter().any(|folder| names.iter().any(|name| folder.join(name).is_file()));
        if !there(&MAIN) {
            return Some(MissingFont::Main(MAIN[0]));
        }
        (!there(&RARE)).then_some(MissingFont::Rare(RARE[0]))
    }

    /// Looks in the places where the fonts can lie on this system.
    ///
    /// # Errors
    /// [`PaperError::FontMissing`].
    pub fn of_this_computer() -> Result<Self, PaperError> {
        Self::in_folders(places())
    }

    /// Looks in folders, the first that has a file wins.
    ///
    /// # Errors
    /// [`PaperError::FontMissing`] where none has the main font. The one for rare names is looked for when it is needed.
    pub fn in_folders(folders: Vec<PathBuf>) -> Result<Self, PaperError> {
        let main = Face::find(&folders, &MAIN, Some(MAIN_FACE)).ok_or(PaperError::FontMissing { file: MAIN[0] })?;
        Ok(Self { folders, faces: vec![main], known: HashMap::new() })
    }

    pub(crate) fn font(&self, face: usize) -> Option<Font> {
        self.faces.get(face).map(|face| face.font.clone())
    }

    /// The glyph of a character; a document with a box in a name's place must never leave the program.
    pub(crate) fn glyph(&mut self, c: char) -> Result<Glyph, PaperError> {
        if let Some(glyph) = self.known.get(&c) {
            return Ok(*glyph);
        }
        if self.faces.len() == 1 && self.faces[0].glyph(c).is_none() {
            self.faces.extend(Face::find(&self.folders, &RARE, None));
        }
        let found = self.faces.iter().enumerate().find_map(|(face, of)| of.glyph(c).map(|glyph| (face, glyph)));
        let (face, (id, advance)) = found.ok_or_else(|| PaperError::GlyphMissing {
            character: c,
            needs: (self.faces.len() == 1 && !is_private_use(c)).then_some(RARE[0]),
            who: None,
        })?;
        let glyph = Glyph { face, id, advance };
        self.known.insert(c, glyph);
        Ok(glyph)
    }

    /// Width of a line in points.
    pub(crate) fn width(&mut self, text: &str, size: f32) -> Result<f32, PaperError> {
        text.chars().try_fold(0.0, |sum, c| Ok(sum + self.glyph(c)?.advance * size))
    }
}

/// `HUIJIAO_FONTS`, what was packed with the program, what the system has.
fn places() -> Vec<PathBuf> {
    let mut places: Vec<PathBuf> = std::env::var_os("HUIJIAO_FONTS").map(PathBuf::from).into_iter().collect();
    if let Some(beside) = std::env::current_exe().ok().as_deref().and_then(Path::parent) {
        // Windows and portable, macOS, AppImage: where the bundler puts resources. The deb carries no fonts, it names them.
        places.extend(["fonts", "../Resources/fonts", "../lib/汇缴通/fonts"].map(|place| beside.join(place)));
    }
    places.extend(
        [
            "/usr/share/fonts/opentype/noto",
            "/usr/share/fonts/truetype/hanazono",
            "/usr/share/fonts/noto-cjk",
            "/usr/share/fonts/google-noto-sans-cjk-fonts",
            "/usr/share/fonts/hanazono",
        ]
        .map(PathBuf::from),
    );
    places
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot start has failed")]
    use super::*;

    #[test]
    fn what_is_missing_is_the_main_font_before_the_one_for_rare_names() {
        let folder = tempfile::tempdir().unwrap();
        let folders = vec![folder.path().join("nowhere"), folder.path().to_owned()];
        assert_eq!(Fonts::missing_in(&folders), Some(MissingFont::Main("NotoSansCJK-Regular.ttc")));
        std::fs::write(folder.path().join(MAIN[1]), "").unwrap();
        assert_eq!(Fonts::missing_in(&folders), Some(MissingFont::Rare("HanaMinB.ttf")), "either name of it will do");
        std::fs::write(folder.path().join(RARE[0]), "").unwrap();
        assert_eq!(Fonts::missing_in(&folders), None);
    }
}
