//! The cells of one row by their fields.

use std::fmt;
use std::ops::Index;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Field, RawCell, cell_at};

/// The mapped cells of a row, in the order of the fields. Rows are many and short: the cells lie one behind the
/// other, and which fields there are is one number.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct RowCells {
    /// A bit for each field, the first the lowest.
    fields: u64,
    /// One for each bit that is set, from the lowest.
    cells: Vec<RawCell>,
}

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

    /// No cells, with room for some.
    pub fn with_capacity(cells: usize) -> Self {
        Self { fields: 0, cells: Vec::with_capacity(cells) }
    }

    /// Those of a row's cells (by rising column) that stand in the columns given and hold more than blanks, in the room
    /// that the row already has; `columns` come in the order of their fields, and of two columns of one field the last
    /// one counts. `spare` is used on the way and left empty.
    pub fn picked(mut cells: Vec<RawCell>, columns: &[(u16, Field)], spare: &mut Vec<RawCell>) -> Self {
        let mut fields = 0;
        for (column, field) in columns {
            let Some(cell) = cell_at(&cells, *column).and_then(|place| cells.get_mut(place)) else { continue };
            if cell.text.chars().all(char::is_whitespace) {
                continue;
            }
            let cell = RawCell { column: *column, text: std::mem::take(&mut cell.text), kind: cell.kind };
            if fields & bit(*field) != 0 {
                spare.pop();
            }
            fields |= bit(*field);
            spare.push(cell);
        }
        cells.clear();
        cells.append(spare);
        // What sixty columns take is not kept for nine.
        if cells.capacity() > 2 * cells.len() {
            cells.shrink_to_fit();
        }
        Self { fields, cells }
    }

    /// How many cells there are.
    pub fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Whether a field has a cell.
    pub fn contains_key(&self, field: &Field) -> bool {
        self.fields & bit(*field) != 0
    }

    /// The cell of a field.
    pub fn get(&self, field: &Field) -> Option<&RawCell> {
        if self.contains_key(field) { self.cells.get(self.place(*field)) } else { None }
    }

    /// Gives a field its cell; gives back the one it had.
    pub fn insert(&mut self, field: Field, cell: RawCell) -> Option<RawCell> {
        // Nearly always they come in their order.
        if self.fields < bit(field) {
            self.fields |= bit(field);
            self.cells.push(cell);
            return None;
        }
        let place = self.place(field);
        if self.contains_key(&field) {
            return self.cells.get_mut(place).map(|old| std::mem::replace(old, cell));
        }
        self.fields |= bit(field);
        self.cells.insert(place, cell);
        None
    }

    /// Takes a field's cell away.
    pub fn remove(&mut self, field: &Field) -> Option<RawCell> {
        if !self.contains_key(field) {
            return None;
        }
        let place = self.place(*field);
        self.fields &= !bit(*field);
        Some(self.cells.remove(place))
    }

    /// Keeps what is wanted.
    pub fn retain(&mut self, mut wanted: impl FnMut(&Field, &mut RawCell) -> bool) {
        let kept = std::mem::take(self).into_iter().filter_map(|(field, mut cell)| {
            let keep = wanted(&field, &mut cell);
            keep.then_some((field, cell))
        });
        *self = kept.collect();
    }

    /// The cells, in the order of their fields.
    pub fn values(&self) -> impl Iterator<Item = &RawCell> {
        self.cells.iter()
    }

    /// The fields that have a cell, in order.
    pub fn keys(&self) -> impl Iterator<Item = &Field> {
        listed(self.fields)
    }

    /// Fields and cells, in the order of the fields.
    pub fn iter(&self) -> impl Iterator<Item = (&Field, &RawCell)> {
        self.keys().zip(&self.cells)
    }

    /// As [`RowCells::iter`], to change the cells.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Field, &mut RawCell)> {
        listed(self.fields).zip(&mut self.cells)
    }

    /// Where a field's cell is, or belongs.
    fn place(&self, field: Field) -> usize {
        (self.fields & (bit(field) - 1)).count_ones() as usize
    }
}

/// The fields whose bits are set.
fn listed<'f>(fields: u64) -> impl Iterator<Item = &'f Field> {
    Field::ALL.iter().filter(move |field| fields & bit(**field) != 0)
}

fn bit(field: Field) -> u64 {
    1 << field as u64
}

impl Index<&Field> for RowCells {
    type Output = RawCell;

    /// The cell of a field that has one.
    fn index(&self, field: &Field) -> &RawCell {
        &self.cells[if self.contains_key(field) { self.place(*field) } else { usize::MAX }]
    }
}

impl IntoIterator for RowCells {
    type Item = (Field, RawCell);
    type IntoIter = std::iter::Zip<std::vec::IntoIter<Field>, std::vec::IntoIter<RawCell>>;

    fn into_iter(self) -> Self::IntoIter {
        let fields: Vec<Field> = self.keys().copied().collect();
        fields.into_iter().zip(self.cells)
    }
}

impl FromIterator<(Field, RawCell)> for RowCells {
    fn from_iter<I: IntoIterator<Item = (Field, RawCell)>>(cells: I) -> Self {
        let mut all = Self::new();
        for (field, cell) in cells {
            all.insert(field, cell);
        }
        all
    }
}

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
                let mut cells = RowCells::new();
                while let Some((field, cell)) = map.next_entry()? {
                    cells.insert(field, cell);
                }
                Ok(cells)
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
                    prop_assert_eq!(cells.get(&field), map.get(&field));
                }
            }
            prop_assert!(cells.iter().eq(map.iter()), "in the same order");
            prop_assert_eq!(cells.len(), map.len());
            prop_assert!(cells.clone().into_iter().eq(map.clone()), "owned too");
            let json = serde_json::to_string(&cells).unwrap();
            prop_assert_eq!(&json, &serde_json::to_string(&map).unwrap(), "what the store has kept so far is read");
            prop_assert_eq!(serde_json::from_str::<RowCells>(&json).unwrap(), cells.clone());
            cells.retain(|field, _| *field > Field::OldBase);
            map.retain(|field, _| *field > Field::OldBase);
            prop_assert!(cells.iter().eq(map.iter()), "what is left");
        }
    }
}
