//! The program: argv → a command, and its end → the exit status.

use ablate::cli::{self, Cli, Command};
use ablate::command::{self, Exit, allocator, interrupt, print};
use ablate::error::Result;
use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: command::Allocator = command::Allocator;

fn main() -> ExitCode {
    allocator::give_back_large_blocks();
    interrupt::outlive_file_size_limit();
    let status = run().unwrap_or_else(|error| {
        print::error(&error);
        Exit::from(&error)
    });
    status.into()
}

fn run() -> Result<Exit> {
    let Cli { command, data, out } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mistake) if mistake.use_stderr() => {
            print::note(&cli::mistake(mistake, std::env::args_os()));
            return Ok(Exit::Mistake);
        }
        Err(help) => return print::help(&help).map(|()| Exit::Done),
    };
    command::start_threads()?;
    match command {
        Command::Run(args) => command::run(&args, data.as_deref(), &out),
        Command::Show(args) => command::show(&args, &out),
        Command::Export(args) => command::export(&args, &out),
        Command::Check(args) => command::check(&args, data.as_deref()),
        Command::Claims(args) => command::claims(&args, &out),
        Command::Diff(args) => command::diff(&args, &out),
        Command::List(args) => command::list(&args, &out),
        Command::New(args) => command::new(&args),
        Command::Verify(args) => command::verify(&args, data.as_deref(), &out),
        Command::Trace(args) => command::trace(&args, data.as_deref()),
        Command::Schema => command::schema(),
        Command::Completions(args) => command::completions(&args),
    }
}
