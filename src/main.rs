//! The `feedloom` command. The environment is read here and passed down.

use std::process::ExitCode;
use std::sync::Arc;

use feedloom::cli;

fn main() -> ExitCode {
    #[allow(clippy::disallowed_methods, reason = "the environment is read here, and only here")]
    let env: feedloom::daemon::Env = Arc::new(|name| std::env::var(name).ok());
    cli::main(&env)
}
