//! The front door: reads what is asked for, and hands it to the command that does it.

use std::{
    env,
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use oneoclock::{
    commands::{
        Arguments, Command, CommandError,
        check::{self, Verdict},
        export, import, moment, pace, pass, serve,
    },
    config::{self, Stop, logging},
    machine::descriptors,
};

fn main() -> ExitCode {
    let arguments = match config::parse::<Arguments>(env::args_os()) {
        Ok(arguments) => arguments,
        Err(Stop::Arguments(said)) => {
            // Help and version are "errors" too, with code 0. Nobody to read them is no trouble.
            let _ = said.print();
            return u8::try_from(said.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
        Err(Stop::File(error)) => return sorry(&error),
    };
    run(arguments.command).unwrap_or_else(|error| sorry(&*error))
}

fn run(command: Command) -> Result<ExitCode, Box<dyn Error>> {
    match command {
        Command::Serve(settings) => {
            let descriptors = descriptors::raise()?;
            let config = settings.check(descriptors)?;
            logging::start(config.log_format, &config.log)?;
            serve::run(config, descriptors)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Check(settings) => match check::run(settings, descriptors::raise()?)? {
            Verdict::Ok | Verdict::Attention => Ok(ExitCode::SUCCESS),
            Verdict::Problem => Ok(ExitCode::FAILURE),
        },
        Command::Moment(asked) => speak_to_server(moment::run(asked)),
        Command::Import(asked) => speak_to_server(import::run(asked)),
        Command::Export(asked) => speak_to_server(export::run(asked)),
        Command::Pace(asked) => speak_to_server(pace::run(asked)),
        Command::Pass(asked) => speak_to_server(pass::run(asked)),
    }
}

/// Runs one of the organiser's commands, which need a single thread for a moment.
fn speak_to_server(command: impl Future<Output = Result<(), CommandError>>) -> Result<ExitCode, Box<dyn Error>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(command)?;
    Ok(ExitCode::SUCCESS)
}

/// Says in one sentence why it did not work. That nobody reads the output any more is not worth one.
fn sorry(error: &(dyn Error + 'static)) -> ExitCode {
    let unread = error.downcast_ref::<io::Error>().is_some_and(|e| e.kind() == io::ErrorKind::BrokenPipe);
    if unread {
        return ExitCode::SUCCESS;
    }
    let (mut said, mut cause) = (error.to_string(), error.source());
    while let Some(deeper) = cause {
        let words = deeper.to_string();
        if !said.contains(&words) {
            said = format!("{said}: {words}");
        }
        cause = deeper.source();
    }
    let _ = writeln!(io::stderr(), "oneoclock: {said}");
    ExitCode::FAILURE
}
