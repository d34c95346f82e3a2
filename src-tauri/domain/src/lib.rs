//! The rules of the housing provident fund (住房公积金) as a unit meets them.
//!
//! Pure: no clock, no file, no network, no chance. Today's date, the roster and the center's profile come
//! in as arguments; findings come out as data. Client and center call the same code.
//!
//! Terms: a *unit* (单位) is the employer, a *contributor* (缴存人) one employee with an account, the
//! *roster* (缴存人清册) the list of a unit's contributors as the center has it, a *base* (缴存基数) the
//! monthly wage that contributions are computed from, a *filing* (业务申报) one signed change.
#![warn(missing_docs)]
#![deny(clippy::float_arithmetic)]

pub mod aids;
pub mod amount;
pub mod attachment;
pub mod calibrate;
pub mod capitals;
pub mod characters;
mod checks;
pub mod city;
pub mod compare;
pub mod due;
pub mod field;
pub mod filing;
pub mod finding;
pub mod help;
pub mod identity;
#[cfg(test)]
mod kit;
pub mod mask;
pub mod money;
pub mod month;
pub mod name;
mod numbers;
pub mod profile;
pub mod remittance;
pub mod roster;
pub mod sheet;
pub mod statement;
pub mod texts;
