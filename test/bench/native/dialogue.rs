//! What the benchmark asks of a native member, line by line: a word on standard input and bytes in hexadecimal behind it.
//! Each answer is a line: the milliseconds of the operation, those with what its library still has to do before the next one
//! (merging or applying a commit), and the bytes that came out.
//!
//!     key-package | join WELCOME | receive MESSAGE | seal PLAINTEXT | commit | authenticator

use std::error::Error;
use std::io::{self, BufRead, Lines, StdinLock, Write};
use std::time::Instant;

pub type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// A client that is in at most one group.
pub trait Member {
    /// A fresh key package, as an MLSMessage.
    fn key_package(&mut self) -> Result<Vec<u8>>;
    /// Join the group of a Welcome that holds the ratchet tree, and leave the one before.
    fn join(&mut self, welcome: &[u8], timed: &mut Timed) -> Result<()>;
    /// Take in a message: the plaintext, or nothing for a commit.
    fn receive(&mut self, message: &[u8], timed: &mut Timed) -> Result<Vec<u8>>;
    fn seal(&mut self, plaintext: &[u8], timed: &mut Timed) -> Result<Vec<u8>>;
    /// A commit of nothing but a path, which is then applied.
    fn commit(&mut self, timed: &mut Timed) -> Result<Vec<u8>>;
    fn authenticator(&mut self) -> Result<Vec<u8>>;
}

/// Stands still but for the work that it is given.
#[derive(Default)]
pub struct Timed {
    first: f64,
    rest: f64,
}

impl Timed {
    /// The operation itself.
    pub fn first<T>(&mut self, work: impl FnOnce() -> T) -> T {
        measure(&mut self.first, work)
    }

    /// What its library asks for before the group can go on.
    pub fn rest<T>(&mut self, work: impl FnOnce() -> T) -> T {
        measure(&mut self.rest, work)
    }
}

fn measure<T>(milliseconds: &mut f64, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    *milliseconds += start.elapsed().as_secs_f64() * 1e3;
    result
}

/// The lines of standard input.
pub struct Asked(Lines<StdinLock<'static>>);

impl Asked {
    pub fn from_stdin() -> Self {
        Self(io::stdin().lock().lines())
    }
}

/// Answer until nothing more is asked.
pub fn answer(member: &mut impl Member, asked: Asked) -> Result<()> {
    for line in asked.0 {
        let line = line?;
        let (word, argument) = line.split_once(' ').unwrap_or((&line, ""));
        let argument = from_hex(argument)?;
        let mut timed = Timed::default();
        let bytes = match word {
            "key-package" => member.key_package()?,
            "join" => {
                member.join(&argument, &mut timed)?;
                member.authenticator()?
            }
            "receive" => member.receive(&argument, &mut timed)?,
            "seal" => member.seal(&argument, &mut timed)?,
            "commit" => member.commit(&mut timed)?,
            "authenticator" => member.authenticator()?,
            _ => return Err(format!("nobody knows what {word} is").into()),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{} {} {}", timed.first, timed.first + timed.rest, to_hex(&bytes))?;
        out.flush()?;
    }
    Ok(())
}

fn from_hex(text: &str) -> Result<Vec<u8>> {
    let digit = |character: u8| (character as char).to_digit(16).ok_or("no hexadecimal digit");
    let pairs = text.as_bytes().chunks(2);
    pairs
        .map(|pair| match pair {
            [high, low] => Ok((digit(*high)? * 16 + digit(*low)?) as u8),
            _ => Err("half a byte".into()),
        })
        .collect()
}

fn to_hex(bytes: &[u8]) -> String {
    let digits = b"0123456789abcdef";
    bytes.iter().flat_map(|byte| [digits[(byte >> 4) as usize] as char, digits[(byte & 15) as usize] as char]).collect()
}
