//! The clerk's steps.

pub mod views;
