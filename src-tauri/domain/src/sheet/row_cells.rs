//! The cells of one row by their fields.

use std::fmt;
use std::sync::Arc;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Cell, Cells, Field, Gathered, RawCell, RawRow};

/// The mapped cells of a row, in the order of the fields; which fields there are is one number.
#[derive(Clone, Default)]
pub struct RowCells {
    /// A bit for each field, the first the lowest.
    fields: u64,
    /// One for each bit that is set, from the lowest; of a row that was picked all that it has.
    cells: Cells,
    /// Where a row that was picked has its fields.
    columns: Option<Arc<Columns>>,
}

/// The column of each field of a sheet.
type Columns = [u16; Field::ALL.len()];

/// A field's bit is its place in the list of all.
const _: () = {
    let mut place = 0;
    while place < Field::ALL.len() {
        assert!(Field::ALL[place] as usize == place && place < 64);
        place += 1;
    }
};

impl RowCells {
    /// No cells.
    pub fn new() -> Self {
        Self::default()
    }

    /// Of each row those cells (by rising column) that stand in the columns given and hold more than blanks; `columns`
    /// come in the order of their fields, and of two columns of one field the last one counts. Nothing is copied.
    pub fn picked<'c>(
        rows: impl Iterator<Item = (u32, Cells)> + 'c,
        columns: &'c [(u16, Field)],
    ) -> impl Iterator<Item = RawRow> + 'c {
        let twice = columns.windows(2).any(|pair| pair[0].1 == pair[1].1);
        let mut places = [0; Field::ALL.len()];
        columns.iter().for_each(|(column, field)| places[*field as usize] = *column);
        let places = (!twice).then(|| Arc::new(places));
        rows.map(move |(row, cells)| {
            let said = columns.iter().filter_map(|(column, field)| {
                let cell = cells.at(*column)?;
                (!cell.text.chars().all(char::is_whitespace)).then_some((*field, cell))
            });
            let cells = match &places {
                Some(places) => {
                    let fields = said.fold(0, |fields, (field, _)| fields | bit(field));
                    Self { fields, cells, columns: Some(places.clone()) }
                }
                None => said.map(|(field, cell)| (field, cell.into())).collect(),
            };
            RawRow { row, cells }
        })
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.fields.count_ones() as usize
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields == 0
    }

    /// Whether a field has a cell.
    pub fn contains_key(&self, field: &Field) -> bool {
        self.fields & bit(*field) != 0
    }

    /// The cell of a field.
    #[inline]
    pub fn get(&self, field: &Field) -> Option<Cell<'_>> {
        if !self.contains_key(field) {
            return None;
        }
        match &self.columns {
            Some(columns) => self.cells.at(columns[*field as usize]),
            None => self.cells.get(self.place(*field)),
        }
    }

    /// Gives a field its cell; gives back the one it had.
    pub fn insert(&mut self, field: Field, cell: RawCell) -> Option<RawCell> {
        let before = self.get(&field).map(RawCell::from);
        self.put(field, Some(cell));
        before
    }

    /// Takes a field's cell away.
    pub fn remove(&mut self, field: &Field) -> Option<RawCell> {
        let before = self.get(field).map(RawCell::from)?;
        self.put(*field, None);
        Some(before)
    }

    /// Keeps what is wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&Field, Cell<'_>) -> bool) {
        let kept = self.iter().filter(|(field, cell)| wanted(field, *cell));
        let kept = kept.map(|(field, cell)| (*field, RawCell::from(cell))).collect();
        *self = kept;
    }

    /// Changes each of the cells.
    pub fn change(&mut self, mut change: impl FnMut(&Field, &mut RawCell)) {
        let changed = self.iter().map(|(field, cell)| {
            let mut cell = RawCell::from(cell);
            change(field, &mut cell);
            (*field, cell)
        });
        *self = changed.collect();
    }

    /// The cells, in the order of their fields.
    pub fn values(&self) -> impl Iterator<Item = Cell<'_>> {
        self.iter().map(|(_, cell)| cell)
    }

    /// The fields that have a cell, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Field> {
        listed(self.fields)
    }

    /// Fields and cells, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, Cell<'_>)> {
        self.keys().filter_map(|field| Some((field, self.get(field)?)))
    }

    /// Where a field's cell is, or belongs.
    fn place(&self, field: Field) -> usize {
        (self.fields & (bit(field) - 1)).count_ones() as usize
    }

    /// Puts a cell, or none, where a field's is or belongs.
    fn put(&mut self, field: Field, cell: Option<RawCell>) {
        let mut gathered = Gathered::default();
        let own = |gathered: &mut Gathered| {
            if let Some(cell) = &cell {
                gathered.push(cell.column, &cell.text, cell.kind);
            }
        };
        let place = self.place(field);
        for (at, (other, Cell { column, text, kind })) in self.iter().enumerate() {
            if at == place {
                own(&mut gathered);
            }
            if *other != field {
                gathered.push(column, text, kind);
            }
        }
        if place == self.len() {
            own(&mut gathered);
        }
        self.cells = gathered.one();
        self.columns = None;
        let bit = bit(field);
        self.fields = if cell.is_some() { self.fields | bit } else { self.fields & !bit };
    }
}

/// The fields whose bits are set.
fn listed<'f>(fields: u64) -> impl Iterator<Item = &'f Field> {
    Field::ALL.iter().filter(move |field| fields & bit(**field) != 0)
}

fn bit(field: Field) -> u64 {
    1 << field as u64
}

impl FromIterator<(Field, RawCell)> for RowCells {
    fn from_iter<I: IntoIterator<Item = (Field, RawCell)>>(cells: I) -> Self {
        let mut row = Rising::default();
        for (field, cell) in cells {
            row.put(field, cell);
        }
        row.done()
    }
}

/// A row whose cells come, nearly always, in the order of their fields.
#[derive(Default)]
struct Rising {
    fields: u64,
    gathered: Gathered,
    /// Those that did not, in their order.
    late: Vec<(Field, RawCell)>,
}

impl Rising {
    fn put(&mut self, field: Field, cell: RawCell) {
        if self.fields < bit(field) && self.late.is_empty() {
            self.fields |= bit(field);
            self.gathered.push(cell.column, &cell.text, cell.kind);
        } else {
            self.late.push((field, cell));
        }
    }

    fn done(self) -> RowCells {
        let mut row = RowCells { fields: self.fields, cells: self.gathered.one(), columns: None };
        for (field, cell) in self.late {
            row.insert(field, cell);
        }
        row
    }
}

impl PartialEq for RowCells {
    fn eq(&self, other: &Self) -> bool {
        self.fields == other.fields && self.values().eq(other.values())
    }
}

impl Eq for RowCells {}

impl fmt::Debug for RowCells {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Serialize for RowCells {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for RowCells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;

        impl<'de> Visitor<'de> for Fields {
            type Value = RowCells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("cells by their fields")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<RowCells, M::Error> {
                let mut row = Rising::default();
                while let Some((field, cell)) = map.next_entry()? {
                    row.put(field, cell);
                }
                Ok(row.done())
            }
        }

        deserializer.deserialize_map(Fields)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;
    use crate::sheet::CellKind;

    fn cell(text: String) -> RawCell {
        RawCell { column: 0, text: text.into(), kind: CellKind::Text }
    }

    proptest! {
        #[test]
        fn what_is_done_to_a_row_is_what_is_done_to_a_map(steps in prop::collection::vec((0usize..32, any::<bool>()), 0..60)) {
            let (mut cells, mut map) = (RowCells::new(), BTreeMap::new());
            for (step, (field, put)) in steps.into_iter().enumerate() {
                let field = Field::ALL[field];
                if put {
                    let new = cell(step.to_string());
                    prop_assert_eq!(cells.insert(field, new.clone()), map.insert(field, new));
                } else {
                    prop_assert_eq!(cells.remove(&field), map.remove(&field));
                }
                for field in Field::ALL {
                    prop_assert_eq!(cells.get(&field).map(RawCell::from), map.get(&field).cloned());
                }
            }
            let same = |cells: &RowCells, map: &BTreeMap<Field, RawCell>| {
                cells.iter().map(|(field, cell)| (*field, cell.into())).eq(map.clone())
            };
            prop_assert!(same(&cells, &map), "in the same order");
            prop_assert!(map.clone().into_iter().rev().collect::<RowCells>() == cells, "in whatever order they come");
            prop_assert_eq!(cells.len(), map.len());
            let json = serde_json::to_string(&cells).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&map).unwrap(), "what the store has kept so far is read");
            prop_assert_eq!(serde_json::from_str::<RowCells>(&json).unwrap(), cells.clone());
            cells.retain(|field, _| *field > Field::OldBase);
            map.retain(|field, _| *field > Field::OldBase);
            prop_assert!(same(&cells, &map), "what is left");
            cells.change(|field, cell| cell.column = *field as u16);
            map.iter_mut().for_each(|(field, cell)| cell.column = *field as u16);
            prop_assert!(same(&cells, &map), "each is changed");
        }
    }
}
