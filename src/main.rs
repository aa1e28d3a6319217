//! The program: argv → a command, and its end → the exit status.

use ablate::cli::{self, Cli, Command};
use ablate::command::{self, Exit, interrupt, print};
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    interrupt::outlive_file_size_limit();
    let Cli { command, data, out } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(mistake) if mistake.use_stderr() => {
            print::note(&cli::mistake(mistake, std::env::args_os()));
            return Exit::Mistake.into();
        }
        Err(help) => help.exit(),
    };
    let ended = match command {
        Command::Run(args) => command::run(&args, data.as_deref(), &out),
        Command::Show(args) => command::show(&args, &out),
        Command::Export(args) => command::export(&args, &out),
        Command::Check(args) => command::check(&args),
        Command::Claims(args) => command::claims(&args, &out),
        Command::Diff(args) => command::diff(&args, &out),
        Command::List(args) => command::list(&args, &out),
        Command::Verify(args) => command::verify(&args, data.as_deref(), &out),
        Command::Trace(args) => command::trace(&args, data.as_deref()),
        Command::Schema => command::schema(),
        Command::Completions(args) => command::completions(&args),
    };
    let status = ended.unwrap_or_else(|error| {
        print::error(&error);
        Exit::from(&error)
    });
    status.into()
}
