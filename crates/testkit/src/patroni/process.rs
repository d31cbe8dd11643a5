//! A server process, and what stands in its environment.

use std::fs::File;
use std::io::{Error, Result};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use super::missing;
use crate::unprivileged;

/// What a process is told, by name.
#[derive(Debug, Clone, Default)]
pub(super) struct Environment(Vec<(String, String)>);

impl Environment {
    /// From a file as systemd reads it.
    pub(super) fn read(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.starts_with('#'));
        let pairs = lines.filter_map(|line| line.split_once('='));
        Self(
            pairs
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let pair = self.0.iter().find(|pair| pair.0 == name);
        pair.map(|pair| pair.1.as_str())
    }

    /// Gives a value of this machine to something that the file names.
    pub(super) fn set(&mut self, name: &str, value: impl Into<String>) -> Result<()> {
        let Some(pair) = self.0.iter_mut().find(|pair| pair.0 == name) else {
            return Err(Error::other(format!("the example does not name {name}")));
        };
        pair.1 = value.into();
        Ok(())
    }

    /// Adds what the file leaves to the system's package.
    pub(super) fn add(&mut self, name: &str, value: impl Into<String>) {
        self.0.push((name.to_owned(), value.into()));
    }
}

/// A running process; killed when it is dropped.
pub(super) struct Process(Child);

impl Process {
    pub(super) fn start(
        program: &Path,
        arguments: &[&str],
        environment: &Environment,
        folder: &Path,
        log: &Path,
    ) -> Result<Self> {
        let output = File::options().create(true).append(true).open(log)?;
        let mut command = unprivileged::program(program, "TERM");
        command
            .args(arguments)
            .current_dir(folder)
            .envs(environment.0.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(output.try_clone()?)
            .stderr(output);
        Ok(Self(command.spawn()?))
    }

    pub(super) fn has_ended(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_some())
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _gone_already = self.0.kill();
        let _gone_already = self.0.wait();
    }
}

/// A program on the path, where also root's are looked for.
pub(super) fn found(program: &str, package: &str) -> Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let more = ["/usr/bin", "/usr/sbin"].map(PathBuf::from);
    let files = std::env::split_paths(&path)
        .chain(more)
        .map(|folder| folder.join(program));
    files
        .into_iter()
        .find(|file| file.exists())
        .ok_or_else(|| missing(program, package))
}
