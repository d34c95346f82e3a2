//! The cells of rows, one behind the other.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde::de::{SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{CellKind, RawCell};

/// One cell as it lies in its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell<'c> {
    /// Zero-based column in the sheet.
    pub column: u16,
    /// The text, exactly as it stands (see [`CellKind`] for numbers).
    pub text: &'c str,
    /// What the workbook held.
    pub kind: CellKind,
}

impl From<Cell<'_>> for RawCell {
    fn from(cell: Cell<'_>) -> Self {
        Self { column: cell.column, text: cell.text.into(), kind: cell.kind }
    }
}

/// The cells of a row. Rows are many and their texts short: those of a hundred rows or so lie in one block, so that a
/// sheet of a hundred thousand people has some thousand pieces of memory and not one for each cell. A block lasts as
/// long as any row of it.
#[derive(Clone)]
pub struct Cells {
    block: Arc<Block>,
    /// Among those of the block.
    first: u32,
    count: u32,
}

struct Block {
    texts: Box<str>,
    places: Box<[Place]>,
}

/// Where a cell's text ends, behind that of the cell before it.
#[derive(Clone, Copy)]
struct Place {
    end: u32,
    column: u16,
    kind: CellKind,
}

impl Cells {
    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.count as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    #[inline]
    fn places(&self) -> &[Place] {
        &self.block.places[self.first as usize..(self.first + self.count) as usize]
    }

    /// The cell at a place among them.
    #[inline]
    pub fn get(&self, place: usize) -> Option<Cell<'_>> {
        if place >= self.len() {
            return None;
        }
        let at = self.first as usize + place;
        let Place { end, column, kind } = self.block.places[at];
        let start = at.checked_sub(1).map_or(0, |before| self.block.places[before].end);
        Some(Cell { column, text: &self.block.texts[start as usize..end as usize], kind })
    }

    /// The last one.
    pub fn last(&self) -> Option<Cell<'_>> {
        self.get(self.len().checked_sub(1)?)
    }

    /// Whether each stands in a column behind that of the one before it.
    pub fn rise(&self) -> bool {
        self.places().windows(2).all(|pair| pair[0].column < pair[1].column)
    }

    /// The cells, in their order.
    pub fn iter(&self) -> Iter<'_> {
        Iter { cells: self, place: 0 }
    }

    /// The cell of a column, of cells by rising column.
    #[inline]
    pub fn at(&self, column: u16) -> Option<Cell<'_>> {
        // In a row without gaps it stands at its own number.
        let there = usize::from(column);
        let places = self.places();
        let there = Some(there).filter(|there| places.get(*there).is_some_and(|place| place.column == column));
        let place = there.or_else(|| places.binary_search_by_key(&column, |place| place.column).ok());
        self.get(place?)
    }
}

/// The cells of a row, in their order.
pub struct Iter<'c> {
    cells: &'c Cells,
    place: usize,
}

impl<'c> Iterator for Iter<'c> {
    type Item = Cell<'c>;

    fn next(&mut self) -> Option<Cell<'c>> {
        let cell = self.cells.get(self.place)?;
        self.place += 1;
        Some(cell)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.cells.len() - self.place;
        (left, Some(left))
    }
}

impl ExactSizeIterator for Iter<'_> {}

impl<'c> IntoIterator for &'c Cells {
    type Item = Cell<'c>;
    type IntoIter = Iter<'c>;

    fn into_iter(self) -> Iter<'c> {
        self.iter()
    }
}

impl FromIterator<RawCell> for Cells {
    fn from_iter<I: IntoIterator<Item = RawCell>>(cells: I) -> Self {
        let mut gathered = Gathered::default();
        for cell in cells {
            gathered.push(cell.column, &cell.text, cell.kind);
        }
        gathered.one()
    }
}

impl Default for Cells {
    fn default() -> Self {
        Gathered::default().one()
    }
}

impl PartialEq for Cells {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other)
    }
}

impl Eq for Cells {}

impl fmt::Debug for Cells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

impl Serialize for Cells {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self)
    }
}

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        /// A cell whose text is not taken over before it has its place.
        #[derive(Deserialize)]
        struct Said<'s> {
            column: u16,
            #[serde(borrow)]
            text: Cow<'s, str>,
            kind: CellKind,
        }

        struct Row;

        impl<'de> Visitor<'de> for Row {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the cells of a row")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut row: A) -> Result<Cells, A::Error> {
                let mut gathered = Gathered::default();
                while let Some(Said { column, text, kind }) = row.next_element()? {
                    gathered.push(column, &text, kind);
                }
                Ok(gathered.one())
            }
        }

        deserializer.deserialize_seq(Row)
    }
}

/// A block of rows is complete with so many cells.
const BLOCK: usize = 1_500;

/// Cells as they come, row by row, until a block of rows is complete; used again for the next one.
#[derive(Default)]
pub struct Gathered {
    texts: String,
    places: Vec<Place>,
    /// How many cells each row has that is complete.
    rows: Vec<u32>,
    /// The first cell of the row that is not.
    first: usize,
}

impl Gathered {
    /// Adds a cell to the row.
    #[inline]
    pub fn push(&mut self, column: u16, text: &str, kind: CellKind) {
        self.texts.push_str(text);
        // No reader lets a row of four gigabytes in.
        let end = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        self.places.push(Place { end, column, kind });
    }

    /// The column of the row's last cell.
    #[inline]
    pub fn last_column(&self) -> Option<u16> {
        self.places.get(self.first..)?.last().map(|place| place.column)
    }

    /// Whether the row has no cell.
    pub fn is_empty(&self) -> bool {
        self.places.len() == self.first
    }

    /// The row is complete.
    pub fn end_row(&mut self) {
        self.rows.push(u32::try_from(self.places.len() - self.first).unwrap_or(u32::MAX));
        self.first = self.places.len();
    }

    /// Whether there are enough for a block.
    pub fn is_full(&self) -> bool {
        self.places.len() >= BLOCK
    }

    /// The rows that are complete, in their order and in no more room than they need; nothing is left here.
    pub fn take(&mut self) -> impl Iterator<Item = Cells> {
        let places = self.places.as_slice().into();
        let block = Arc::new(Block { texts: self.texts.as_str().into(), places });
        self.texts.clear();
        self.places.clear();
        self.first = 0;
        let mut first = 0;
        self.rows.drain(..).map(move |count| {
            let cells = Cells { block: block.clone(), first, count };
            first += count;
            cells
        })
    }

    /// The one row that was gathered.
    pub fn one(self) -> Cells {
        let Self { texts, places, .. } = self;
        let count = u32::try_from(places.len()).unwrap_or(u32::MAX);
        Cells { block: Arc::new(Block { texts: texts.into(), places: places.into() }), first: 0, count }
    }
}
