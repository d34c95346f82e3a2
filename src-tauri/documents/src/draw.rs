//! Draws laid pages as PDF.

use krilla::Document;
use krilla::color::luma;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::num::NormalizedF32;
use krilla::page::PageSettings;
use krilla::paint::{Fill, FillRule, Stroke};
use krilla::surface::Surface;
use krilla::text::KrillaGlyph;
use qrcodegen::{QrCode, QrCodeEcc};

use crate::fonts::Fonts;
use crate::form::Form;
use crate::layout::{Mark, lay};
use crate::{PaperError, Progress, Shift};

const RULE: f32 = 0.6;
const INK: u8 = 0;
const GROUND: u8 = 241;
const WATERMARK: u8 = 228;

/// Lays and draws forms, one after the other; gives the file and how many pages it has.
pub(crate) fn draw(
    forms: &[Form],
    fonts: &mut Fonts,
    shift: Shift,
    progress: &mut Progress<'_>,
) -> Result<(Vec<u8>, u32), PaperError> {
    let mut document = Document::new();
    let title = forms.first().map(|form| form.title.clone()).unwrap_or_default();
    document.set_metadata(Metadata::new().title(title).creator("汇缴通".into()).language("zh-CN".into()));
    let mut count = 0;
    let (right, down) = shift.points();
    let mut said = |count, total| if progress(count, total).is_break() { Err(PaperError::GivenUp) } else { Ok(()) };
    for (place, form) in forms.iter().enumerate() {
        let laid = lay(form, fonts, &mut || said(count, None))?;
        let all = count + u32::try_from(laid.pages.len()).unwrap_or(u32::MAX);
        let total = (place + 1 == forms.len()).then_some(all);
        let code = form.number.as_deref().map(code).transpose()?;
        // Each page goes as it is drawn.
        for marks in laid.pages {
            let size = PageSettings::from_wh(laid.width, laid.height).ok_or(PaperError::Layout)?;
            let mut page = document.start_page_with(size);
            let mut surface = page.surface();
            surface.push_transform(&Transform::from_translate(right, down));
            if let Some(word) = form.watermark {
                watermark(&mut surface, fonts, word, (laid.width, laid.height))?;
            }
            draw_marks(&mut surface, fonts, &marks, code.as_ref())?;
            surface.pop();
            surface.finish();
            page.finish();
            count += 1;
            said(count, total)?;
        }
    }
    Ok((document.finish().map_err(|error| PaperError::Pdf(error.to_string()))?, count))
}

fn ink(lightness: u8) -> Option<Fill> {
    Some(Fill { paint: luma::Color::new(lightness).into(), opacity: NormalizedF32::ONE, rule: FillRule::default() })
}

fn draw_marks(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    marks: &[Mark<'_>],
    code: Option<&QrCode>,
) -> Result<(), PaperError> {
    // Grounds first, then the rules of the whole page at once, then what is read.
    let (mut grounds, mut rules) = (PathBuilder::new(), PathBuilder::new());
    for mark in marks {
        match mark {
            Mark::Ground { x, y, width, height } => grounds.push_rect(rect(*x, *y, *width, *height)?),
            Mark::Line { from, to } => {
                rules.move_to(from.0, from.1);
                rules.line_to(to.0, to.1);
            }
            Mark::Text { .. } | Mark::Code { .. } => {}
        }
    }
    fill(surface, grounds.finish(), GROUND);
    if let Some(rules) = rules.finish() {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke { paint: luma::Color::new(INK).into(), width: RULE, ..Stroke::default() }));
        surface.draw_path(&rules);
        surface.set_stroke(None);
    }
    surface.set_fill(ink(INK));
    for mark in marks {
        match mark {
            Mark::Text { x, y, size, text } => draw_text(surface, fonts, (*x, *y), *size, text)?,
            Mark::Code { x, y, size } => {
                if let Some(code) = code {
                    fill(surface, squares(code, (*x, *y), *size)?, INK);
                }
            }
            Mark::Ground { .. } | Mark::Line { .. } => {}
        }
    }
    Ok(())
}

fn fill(surface: &mut Surface<'_>, path: Option<Path>, lightness: u8) {
    if let Some(path) = path {
        surface.set_fill(ink(lightness));
        surface.draw_path(&path);
    }
}

fn rect(x: f32, y: f32, width: f32, height: f32) -> Result<Rect, PaperError> {
    Rect::from_xywh(x, y, width, height).ok_or(PaperError::Layout)
}

/// A run of glyphs for each stretch of text that one font has; the text beneath stays whole for selecting and searching.
fn draw_text(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    (mut x, y): (f32, f32),
    size: f32,
    text: &str,
) -> Result<(), PaperError> {
    let mut run: Vec<KrillaGlyph> = Vec::with_capacity(text.len());
    let (mut face, mut start, mut width) = (0, 0, 0.0);
    for (at, c) in text.char_indices() {
        let glyph = fonts.glyph(c)?;
        if glyph.face != face && !run.is_empty() {
            let font = fonts.font(face).ok_or(PaperError::Layout)?;
            surface.draw_glyphs(Point::from_xy(x, y), &run, font, &text[start..at], size, false);
            run.clear();
            x += width;
            (start, width) = (at, 0.0);
        }
        face = glyph.face;
        let range = at - start..at - start + c.len_utf8();
        run.push(KrillaGlyph::new(glyph.id, glyph.advance, 0.0, 0.0, 0.0, range, None));
        width += glyph.advance * size;
    }
    if !run.is_empty() {
        let font = fonts.font(face).ok_or(PaperError::Layout)?;
        surface.draw_glyphs(Point::from_xy(x, y), &run, font, &text[start..], size, false);
    }
    Ok(())
}

/// Across the page, under everything else.
fn watermark(
    surface: &mut Surface<'_>,
    fonts: &mut Fonts,
    word: &str,
    (width, height): (f32, f32),
) -> Result<(), PaperError> {
    let size = 130.0;
    let own = fonts.width(word, size)?;
    surface.set_fill(ink(WATERMARK));
    surface.push_transform(&Transform::from_rotate_at(-35.0, width / 2.0, height / 2.0));
    draw_text(surface, fonts, ((width - own) / 2.0, height / 2.0 + size * 0.36), size, word)?;
    surface.pop();
    Ok(())
}

fn code(text: &str) -> Result<QrCode, PaperError> {
    QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|_| PaperError::Layout)
}

fn squares(code: &QrCode, (x, y): (f32, f32), size: f32) -> Result<Option<Path>, PaperError> {
    let count = code.size();
    let side = size / f32::from(u8::try_from(count).map_err(|_| PaperError::Layout)?);
    let mut path = PathBuilder::new();
    let place = |n: i32| f32::from(u8::try_from(n).unwrap_or_default()) * side;
    for row in 0..count {
        for column in 0..count {
            if code.get_module(column, row) {
                path.push_rect(rect(x + place(column), y + place(row), side, side)?);
            }
        }
    }
    Ok(path.finish())
}
