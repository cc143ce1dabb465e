//! The `feedloom` command. The environment is read here and passed down.

use std::process::ExitCode;
use std::sync::Arc;

use feedloom::cli;

#[allow(clippy::disallowed_methods, reason = "the environment is read here, and only here")]
fn main() -> ExitCode {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    give_back_what_is_large();
    let env: feedloom::daemon::Env = Arc::new(|name| std::env::var(name).ok());
    cli::main(&env)
}

/// Starts the process once more with a fixed size from which memory is the system's again as soon as it is freed.
///
/// By itself glibc raises that size to the largest block that was ever freed (mallopt(3), `M_MMAP_THRESHOLD`): after the first
/// large document all large ones lie in the heaps of their threads, which grow and seldom shrink. It is read from the
/// environment before `main`, and the rest of the ways there are not safe.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(clippy::disallowed_methods, reason = "the environment is read here, and only here")]
fn give_back_what_is_large() {
    use std::os::unix::process::CommandExt;
    const FROM: (&str, &str) = ("MALLOC_MMAP_THRESHOLD_", "1048576");
    // The second fixes that size too, and the third may.
    if [FROM.0, "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"].iter().any(|name| std::env::var_os(name).is_some()) {
        return;
    }
    let mut args = std::env::args_os();
    if let (Ok(this), Some(name)) = (std::env::current_exe(), args.next()) {
        // Only comes back where it cannot be done: then all goes on as it is.
        let _why = std::process::Command::new(this).arg0(name).args(args).env(FROM.0, FROM.1).exec();
    }
}
