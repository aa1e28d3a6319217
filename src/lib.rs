//! `ablate` shows what each training technique of a neural network really does.
//!
//! **In one sentence:** a study expands to a list of trials, each trial emits events, and everything a person sees
//! (live screen, replay, table, export) is a fold over those events.
//!
//! ```text
//! study.toml ──study──▶ [Trial] ──runner──▶ train ──Event──▶ journal ──▶ board ──▶ report ──▶ ui · export
//!              config                        │ data · model · nn · optim · kernel     claim · stats
//!                                            └─ nothing here knows of files being written, terminals or channels
//! ```
//!
//! | room | its one job | may import |
//! |---|---|---|
//! | [`error`] | every message a person can get, and its exit status | – |
//! | [`config`] | every hyper-parameter once: range in its type, default and source in its doc | error |
//! | [`surface`] | functions of two variables, with gradients, starts, minima and windows | config |
//! | [`study`] | TOML → study → cells, trials and claims | error config metric event |
//! | [`kernel`] | matrix products and element-wise functions whose bits do not depend on the machine | – |
//! | [`data`] | the images: MNIST behind its guard, the synthetic set, batches | error config kernel |
//! | [`nn`] | layers, losses, initial weights, the network | config kernel |
//! | [`optim`] | update rules and learning-rate schedules | config kernel |
//! | [`model`] | configuration → network; the order of layers is decided only here | config kernel nn |
//! | [`descent`] | an optimizer on a function of two variables, in double precision | config metric event optim model surface |
//! | [`evaluate`] | a network over many images, on the cores that are idle | data nn |
//! | [`probe`] | what is looked at inside a network at an evaluation | config metric event kernel data nn optim model |
//! | [`slice`] | the loss on lines and planes through trained networks | config event kernel data nn model evaluate |
//! | [`curvature`] | how sharply the loss bends: by the Hessian and by the motion | config metric event kernel data nn optim |
//! | [`train`] | one trial from start to finish | config metric event kernel data nn optim model descent evaluate probe slice curvature |
//! | [`trace`] | the first steps of a trial as a file that other frameworks can replay | error config kernel data train |
//! | [`runner`] | all trials in parallel, longest first, cancellable | error config study event data train |
//! | [`metric`] | what is measured at each evaluation, by name | config event |
//! | [`event`] | all that crosses a thread or reaches the disk | config metric study |
//! | [`journal`] | append an event; read events back, a torn last line included | error event |
//! | [`board`] | the state of a study: a fold of events | config study event |
//! | [`stats`] | means, intervals, paired differences, exact tests | – |
//! | [`claim`] | board → what became of the study's claims | config study metric event board stats |
//! | [`report`] | board → table: cells, means and intervals, gap, verdict, claims | config study metric event board stats claim |
//! | [`figure`] | board → pictures: curves, histograms, paths, slices, for screen and SVG alike | config surface study metric event board report stats |
//! | [`export`] | table → md, csv, json, tex; picture → svg | error config study metric event board claim report stats figure |
//! | [`ui`] | screens and plain progress | error config study metric event board claim report stats figure export |
//! | [`cli`] | argv → what was asked for | study export |
//! | [`results`] | the folders of results: finding them, and that none is lost or overwritten | error event journal board |
//! | [`interrupt`] | SIGINT and SIGTERM | error ui |
//! | [`command`] | what each command does: brings all rooms together | error config study data slice curvature train trace metric runner event journal board report export ui cli results interrupt |
//!
//! The numeric half (`kernel data nn optim model descent evaluate probe slice curvature train`) and the showing half
//! (`board stats claim report figure export ui`) never import each other. `tests/architecture.rs` holds every
//! `use crate::` line to the table above.

pub mod error;

pub mod config;
pub mod study;
pub mod surface;

pub mod curvature;
pub mod data;
pub mod descent;
pub mod evaluate;
pub mod kernel;
pub mod model;
pub mod nn;
pub mod optim;
pub mod probe;
pub mod slice;
pub mod trace;
pub mod train;

pub mod event;
pub mod journal;
pub mod metric;
pub mod results;
pub mod runner;

pub mod board;
pub mod claim;
pub mod report;
pub mod stats;

pub mod export;
pub mod figure;
pub mod ui;

pub mod cli;
pub mod command;
pub mod interrupt;
