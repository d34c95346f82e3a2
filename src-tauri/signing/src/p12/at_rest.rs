//! How key files lie on disk: PKCS#12 under a password that Argon2id makes of the PIN, so that whoever has the file alone
//! pays for every PIN he tries. The line before the PKCS#12 file says how.

use argon2::{Algorithm, Argon2, Params, Version};
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use super::Refused;
use crate::certificate::hex;
use crate::error::SignError;
use crate::pin::Pin;

/// 64 MiB.
const MEMORY_KIB: u32 = 65_536;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// 256 MiB: a line that asks for more, or for more passes, would hold up whoever opens the file.
const MEMORY_KIB_MOST: u32 = 1 << 18;
const PASSES_MOST: u32 = 16;
const LANES_MOST: u32 = 8;
const MARK: &[u8] = b"huijiao-key ";

/// What a PIN became, and the line that says how.
pub(super) struct Stretched {
    pub(super) password: Pin,
    line: String,
}

impl Stretched {
    /// With a salt of its own.
    pub(super) fn new(pin: &Pin) -> Result<Self, SignError> {
        let mut salt = [0; 16];
        SystemRandom::new().fill(&mut salt).map_err(|_| SignError::Issue("no random numbers".into()))?;
        let line = format!("argon2id m={MEMORY_KIB} t={PASSES} p={LANES} salt={}", hex(&salt));
        let password = Cost { memory_kib: MEMORY_KIB, passes: PASSES, lanes: LANES }
            .password(pin, &salt)
            .map_err(|error| SignError::Issue(error.to_string()))?;
        Ok(Self { password, line })
    }

    /// The file as it is kept.
    pub(super) fn seal(&self, p12: &[u8]) -> Vec<u8> {
        [MARK, self.line.as_bytes(), b"\n", p12].concat()
    }
}

/// Whether a file is kept so.
pub(super) fn is_sealed(file: &[u8]) -> bool {
    file.starts_with(MARK)
}

/// The line of a file that is kept so, and the PKCS#12 file behind it; `None` where the line has no end.
fn split(rest: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    Some((&rest[..end], &rest[end + 1..]))
}

/// The PKCS#12 file of one that is kept so, still shut, or the file itself; `None` where the line before it has no end.
pub(super) fn inside(file: &[u8]) -> Option<&[u8]> {
    let Some(rest) = file.strip_prefix(MARK) else { return Some(file) };
    split(rest).map(|(_, p12)| p12)
}

/// The PKCS#12 file of one that is kept so, and its password; `None` for one without a line before it.
pub(super) fn unsealed<'f>(file: &'f [u8], pin: &Pin) -> Result<Option<(Pin, &'f [u8])>, Refused> {
    let Some(rest) = file.strip_prefix(MARK) else { return Ok(None) };
    let unknown = Refused::Damaged("the line before the key");
    let Some((line, p12)) = split(rest) else { return Err(unknown) };
    let Some((cost, salt)) = std::str::from_utf8(line).ok().and_then(Cost::parse) else { return Err(unknown) };
    if cost.memory_kib > MEMORY_KIB_MOST || cost.passes > PASSES_MOST || cost.lanes > LANES_MOST {
        return Err(Refused::Rounds);
    }
    let password = cost.password(pin, &salt).map_err(|error| {
        if error == argon2::Error::OutOfMemory {
            Refused::Unsupported("with so little memory")
        } else {
            Refused::Damaged("the line before the key")
        }
    })?;
    Ok(Some((password, p12)))
}

struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    fn parse(line: &str) -> Option<(Self, [u8; 16])> {
        let mut parts = line.strip_prefix("argon2id ")?.split(' ');
        let mut part = |name: &str| parts.next()?.strip_prefix(name);
        let cost = Self {
            memory_kib: part("m=")?.parse().ok()?,
            passes: part("t=")?.parse().ok()?,
            lanes: part("p=")?.parse().ok()?,
        };
        let digits = part("salt=")?;
        if digits.len() != 32 || !digits.is_ascii() || parts.next().is_some() {
            return None;
        }
        let mut salt = [0; 16];
        for (place, byte) in salt.iter_mut().enumerate() {
            *byte = u8::from_str_radix(digits.get(2 * place..2 * place + 2)?, 16).ok()?;
        }
        Some((cost, salt))
    }

    fn password(&self, pin: &Pin, salt: &[u8]) -> Result<Pin, argon2::Error> {
        let params = Params::new(self.memory_kib, self.passes, self.lanes, Some(32))?;
        let mut hash = Zeroizing::new([0; 32]);
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(
            pin.expose().as_bytes(),
            salt,
            hash.as_mut_slice(),
        )?;
        Ok(Pin::new(hex(hash.as_slice())))
    }
}
