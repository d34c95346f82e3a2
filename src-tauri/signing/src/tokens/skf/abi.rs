//! The calls of GM/T 0016 as a driver's library has them. All that is unsafe in this room is in this file: a library
//! that does not keep to the standard can do anything to the process, which is why a process of its own tries it first.
#![expect(unsafe_code, reason = "native libraries are called by address; no crate does it for these")]

use std::ffi::{CStr, CString, c_char, c_void};
use std::path::Path;
use std::ptr;
use std::sync::Arc;

/// `SAR_OK`
const OK: u32 = 0;
/// `SAR_NOTSUPPORTYETERR`: what a library lacks, it does not support.
pub(super) const NOT_SUPPORTED: u32 = 0x0A00_0003;
/// `SAR_DEVICE_REMOVED`
pub(super) const REMOVED: u32 = 0x0A00_0023;
/// `SAR_PIN_INCORRECT`
pub(super) const PIN_INCORRECT: u32 = 0x0A00_0024;
/// `SAR_PIN_LOCKED`
pub(super) const PIN_LOCKED: u32 = 0x0A00_0025;
/// `SAR_PIN_INVALID`
pub(super) const PIN_INVALID: u32 = 0x0A00_0026;
/// `SAR_PIN_LEN_RANGE`
pub(super) const PIN_LENGTH: u32 = 0x0A00_0027;
/// `SAR_USER_NOT_LOGGED_IN`
pub(super) const NOT_LOGGED_IN: u32 = 0x0A00_002D;

/// What a PIN has at least, by the standard: `MIN_PIN_LEN`.
pub(super) const SHORTEST_PIN: usize = 6;
/// And at most: `MAX_PIN_LEN`.
pub(super) const LONGEST_PIN: usize = 16;

/// Of the PIN that signatures need, not the issuer's own.
const USER: u32 = 1;
/// Longest list of names, longest certificate.
const ROOM: usize = 16 * 1024;

/// What a call did not do.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fault {
    pub(super) function: &'static str,
    pub(super) code: u32,
}

/// A number that a library writes. Some for 64-bit systems write twice the width that the standard has.
#[repr(C)]
#[derive(Default)]
struct Number {
    value: u32,
    spare: u32,
}

impl Number {
    fn of(value: usize) -> Self {
        Self { value: u32::try_from(value).unwrap_or(u32::MAX), spare: 0 }
    }
}

type Handle = *mut c_void;

/// A driver's library, for as long as the process lives.
pub(super) struct Library(libloading::Library);

/// Something of a token's that is open; it is closed when this is dropped.
pub(super) struct Opened {
    library: Arc<Library>,
    /// The address that the library knows it by.
    handle: usize,
    close: fn(&Library, Handle) -> Result<(), Fault>,
}

impl Opened {
    fn handle(&self) -> Handle {
        ptr::with_exposed_provenance_mut(self.handle)
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // What is gone need not be closed.
        let _ = (self.close)(&self.library, self.handle());
    }
}

/// Who made a token, and what it is called.
pub(super) struct Info {
    pub(super) maker: String,
    pub(super) label: String,
    pub(super) serial: String,
}

/// Calls a function with the parameters that the standard gives it, in the order of their types.
macro_rules! call {
    ($library:expr, $name:literal, $($value:expr => $type:ty),*) => {{
        let name = concat!($name, "\0").as_bytes();
        // SAFETY: the name is that of a function of GM/T 0016, and the types are those of its parameters there.
        match unsafe { $library.0.get::<unsafe extern "system" fn($($type),*) -> u32>(name) } {
            // SAFETY: every pointer is to memory of this call that is as large as it says, and outlives it.
            Ok(function) => match unsafe { function($($value),*) } {
                OK => Ok(()),
                code => Err(Fault { function: $name, code }),
            },
            Err(_) => Err(Fault { function: $name, code: NOT_SUPPORTED }),
        }
    }};
}

impl Library {
    /// The library in this file, where it speaks SKF and not PKCS#11.
    pub(super) fn load(path: &Path) -> Option<Arc<Self>> {
        // SAFETY: a process of its own has loaded it before, and survived what it does then.
        let library = unsafe { libloading::Library::new(path) }.ok()?;
        let has = |name: &[u8]| {
            // SAFETY: it is only looked for, not called.
            unsafe { library.get::<unsafe extern "system" fn()>(name) }.is_ok()
        };
        (has(b"SKF_EnumDev\0") && !has(b"C_GetFunctionList\0")).then(|| Arc::new(Self(library)))
    }

    /// Names of the tokens that are plugged in.
    pub(super) fn devices(&self) -> Result<Vec<CString>, Fault> {
        let (mut names, mut size) = (vec![0_u8; ROOM], Number::of(ROOM));
        call!(self, "SKF_EnumDev",
            1 => i32, names.as_mut_ptr().cast() => *mut c_char, &raw mut size => *mut Number)?;
        Ok(names_of(&names))
    }

    pub(super) fn connect(self: &Arc<Self>, name: &CStr) -> Result<Opened, Fault> {
        let mut handle: Handle = ptr::null_mut();
        call!(self, "SKF_ConnectDev", name.as_ptr() => *const c_char, &raw mut handle => *mut Handle)?;
        Ok(self.opened(handle, |library, handle| call!(library, "SKF_DisConnectDev", handle => Handle)))
    }

    pub(super) fn info(&self, device: &Opened) -> Result<Info, Fault> {
        let mut info = vec![0_u8; ROOM];
        call!(self, "SKF_GetDevInfo", device.handle() => Handle, info.as_mut_ptr() => *mut u8)?;
        // DEVINFO begins with a version in two octets and four texts: maker, issuer, label, serial number.
        let text = |from: usize, length: usize| {
            let octets: Vec<u8> =
                info.iter().skip(from).take(length).copied().take_while(|octet| *octet != 0).collect();
            String::from_utf8_lossy(&octets).trim().to_owned()
        };
        Ok(Info { maker: text(2, 64), label: text(130, 32), serial: text(162, 32) })
    }

    pub(super) fn applications(&self, device: &Opened) -> Result<Vec<CString>, Fault> {
        let (mut names, mut size) = (vec![0_u8; ROOM], Number::of(ROOM));
        call!(self, "SKF_EnumApplication",
            device.handle() => Handle, names.as_mut_ptr().cast() => *mut c_char, &raw mut size => *mut Number)?;
        Ok(names_of(&names))
    }

    pub(super) fn open_application(self: &Arc<Self>, device: &Opened, name: &CStr) -> Result<Opened, Fault> {
        let mut handle: Handle = ptr::null_mut();
        call!(self, "SKF_OpenApplication",
            device.handle() => Handle, name.as_ptr() => *const c_char, &raw mut handle => *mut Handle)?;
        Ok(self.opened(handle, |library, handle| call!(library, "SKF_CloseApplication", handle => Handle)))
    }

    /// Tries of the PIN: at most, and left.
    pub(super) fn tries(&self, application: &Opened) -> Result<(u32, u32), Fault> {
        let (mut most, mut left, mut first) = (Number::default(), Number::default(), Number::default());
        call!(self, "SKF_GetPINInfo",
            application.handle() => Handle, USER => u32, &raw mut most => *mut Number,
            &raw mut left => *mut Number, &raw mut first => *mut Number)?;
        Ok((most.value, left.value))
    }

    /// Proves the PIN, which ends in a zero; where it is refused, with the tries that are left.
    pub(super) fn verify_pin(&self, application: &Opened, pin: &CStr) -> Result<(), (Fault, u32)> {
        let mut left = Number::default();
        call!(self, "SKF_VerifyPIN",
            application.handle() => Handle, USER => u32, pin.as_ptr() => *const c_char, &raw mut left => *mut Number)
        .map_err(|fault| (fault, left.value))
    }

    /// Gives another PIN, both of which end in a zero; where the old one is refused, with the tries that are left.
    pub(super) fn change_pin(&self, application: &Opened, old: &CStr, new: &CStr) -> Result<(), (Fault, u32)> {
        let mut left = Number::default();
        call!(self, "SKF_ChangePIN",
            application.handle() => Handle, USER => u32, old.as_ptr() => *const c_char, new.as_ptr() => *const c_char,
            &raw mut left => *mut Number)
        .map_err(|fault| (fault, left.value))
    }

    /// Ends the login.
    pub(super) fn log_out(&self, application: &Opened) -> Result<(), Fault> {
        call!(self, "SKF_ClearSecureState", application.handle() => Handle)
    }

    pub(super) fn containers(&self, application: &Opened) -> Result<Vec<CString>, Fault> {
        let (mut names, mut size) = (vec![0_u8; ROOM], Number::of(ROOM));
        call!(self, "SKF_EnumContainer",
            application.handle() => Handle, names.as_mut_ptr().cast() => *mut c_char, &raw mut size => *mut Number)?;
        Ok(names_of(&names))
    }

    pub(super) fn open_container(self: &Arc<Self>, application: &Opened, name: &CStr) -> Result<Opened, Fault> {
        let mut handle: Handle = ptr::null_mut();
        call!(self, "SKF_OpenContainer",
            application.handle() => Handle, name.as_ptr() => *const c_char, &raw mut handle => *mut Handle)?;
        Ok(self.opened(handle, |library, handle| call!(library, "SKF_CloseContainer", handle => Handle)))
    }

    /// Whether a container's keys are of SM2.
    pub(super) fn is_ecc(&self, container: &Opened) -> Result<bool, Fault> {
        let mut kind = Number::default();
        call!(self, "SKF_GetContainerType", container.handle() => Handle, &raw mut kind => *mut Number)?;
        Ok(kind.value == 2)
    }

    /// The certificate that belongs to the key for signatures, DER.
    pub(super) fn certificate(&self, container: &Opened) -> Result<Vec<u8>, Fault> {
        let (mut der, mut size) = (vec![0_u8; ROOM], Number::of(ROOM));
        call!(self, "SKF_ExportCertificate",
            container.handle() => Handle, 1 => i32, der.as_mut_ptr() => *mut u8, &raw mut size => *mut Number)?;
        der.truncate(usize::try_from(size.value).unwrap_or(ROOM));
        Ok(der)
    }

    /// Signs a digest that the signer's Z went into: r ‖ s.
    pub(super) fn sign(&self, container: &Opened, digest: &[u8]) -> Result<Vec<u8>, Fault> {
        // ECCSIGNATUREBLOB: r and s, each at the end of 64 octets.
        let mut blob = [0_u8; 128];
        let mut digest = digest.to_vec();
        call!(self, "SKF_ECCSignData",
            container.handle() => Handle, digest.as_mut_ptr() => *mut u8, Number::of(digest.len()).value => u32,
            blob.as_mut_ptr() => *mut u8)?;
        Ok([&blob[32..64], &blob[96..128]].concat())
    }

    fn opened(self: &Arc<Self>, handle: Handle, close: fn(&Self, Handle) -> Result<(), Fault>) -> Opened {
        Opened { library: self.clone(), handle: handle.expose_provenance(), close }
    }
}

/// Names that end in a zero each, and together in an empty one.
fn names_of(list: &[u8]) -> Vec<CString> {
    list.split(|octet| *octet == 0)
        .take_while(|name| !name.is_empty())
        .filter_map(|name| CString::new(name).ok())
        .collect()
}
