//! `ablate` shows what each training technique of a neural network really does.
//!
//! **In one sentence:** a study expands to a plan of trials, each trial emits events, and everything a user sees (live
//! screen, replay, table, export) is a fold over those events.
//!
//! ```text
//! study.toml ─study─▶ Plan ─run─▶ learn | surface ─Event─▶ record (journal ▶ board) ─▶ judge ─▶ show (figures · exports · screens)
//! ```
//!
//! | module | its one job | may import |
//! |---|---|---|
//! | [`printable`] | text without characters that control a terminal or hide text | – |
//! | [`error`] | every error message, and its exit status | printable |
//! | [`file`] | opening what a user names: regular files alone, and no more of them than was asked for | – |
//! | [`plan`] | pure data: hyper-parameters, cells, trials, claims, designs, metrics | error printable |
//! | [`record`] | what is known of a run: events, the journal that keeps them, the board that folds them | error printable file plan |
//! | [`kernel`] | matrix products and functions with the same bits on every machine | – |
//! | [`data`] | the samples: read or generated, checked, described, drawn from | error printable file plan kernel |
//! | [`study`] | a TOML file → a plan, or a mistake with its line | error printable file plan data |
//! | [`learn`] | training one network, reproducibly | error printable file plan record::event kernel data |
//! | [`surface`] | optimizers on functions of two variables | plan record::event learn |
//! | [`run`] | all trials in parallel, in blocks of seeds, cancellable | error plan record::event data learn surface |
//! | [`judge`] | from a board to judgements: statistics, claims, the table | plan record |
//! | [`show`] | everything a user sees: pictures, files, screens | error printable file plan record judge surface |
//! | [`cli`] | argv → what was asked for | printable plan show study |
//! | [`command`] | what each command does: brings all modules together | error printable file plan study data kernel learn surface record run judge show cli |
//!
//! [`file`]: mod@file

// No input makes the program panic, and all that it says goes through `command::print`.
#![warn(missing_docs, clippy::panic, clippy::print_stderr, clippy::print_stdout, clippy::todo, clippy::unwrap_used)]

pub mod error;
pub mod file;
pub mod printable;

pub mod plan;

pub mod record;

pub mod data;
pub mod kernel;
pub mod study;

pub mod learn;
pub mod surface;

pub mod run;

pub mod judge;
pub mod show;

pub mod cli;
pub mod command;
