//! CMS SignedData (RFC 5652) with attached content: written, and taken apart.
//!
//! Two-phase signing: the signed attributes are built here, any back end signs them, the result is appended.

use const_oid::ObjectIdentifier;
use der::Encode;
use jiff::Timestamp;
use x509_cert::time::Time;

use crate::certificate::{Certificate, sha256};
use crate::error::{SignError, VerifyError};
use crate::hash::Hash;
use crate::keys::SignSession;
use crate::oids;
use crate::public_key::Algorithm;
use crate::tlv::{self, Tlv, wrap, wrap_set};
use crate::verify::is_signer;

/// More certificates or signers than any filing has.
const MOST: usize = 16;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$item])* $variant,)* }

        impl $name {
            /// Every value.
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// As it stands in the signed attribute.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// From the signed attribute.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text)
            }
        }
    };
}

words! {
    /// What a signature is for; one made for one purpose never holds for another.
    Purpose {
        /// Answer to the center's challenge.
        Login = "login",
        /// The clerk's signature on a filing.
        Filing = "filing",
        /// The approver's signature on a filing that the clerk signed.
        Approval = "approval",
        /// The approver's signed refusal.
        Rejection = "rejection",
        /// A filing taken back.
        Withdrawal = "withdrawal",
        /// The center's receipt.
        Receipt = "receipt",
        /// A request for the certificate that follows this one.
        Renewal = "renewal",
        /// A certificate reported lost.
        Revocation = "revocation",
    }
}

words! {
    /// What the signer acts as.
    Role {
        /// 经办
        Clerk = "clerk",
        /// 复核
        Approver = "approver",
        /// 公积金中心
        Center = "center",
    }
}

/// Whose object identifiers a file is written with. Read are both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Identifiers {
    /// RFC 5652 for the container, SM2-with-SM3 for an SM2 signature.
    #[default]
    Rfc,
    /// GM/T 0010 for the container and SM2 signatures: what the national software expects. Other software than that
    /// does not know such a container, so only SM2 signers write it.
    Gmt,
}

impl Identifiers {
    fn signed_data(self) -> ObjectIdentifier {
        match self {
            Self::Rfc => oids::SIGNED_DATA,
            Self::Gmt => oids::GMT_SIGNED_DATA,
        }
    }

    pub(crate) fn data(self) -> ObjectIdentifier {
        match self {
            Self::Rfc => oids::DATA,
            Self::Gmt => oids::GMT_DATA,
        }
    }

    /// Those of a signer: national ones only where the algorithm is.
    fn of(self, algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::P256 | Algorithm::Rsa => Self::Rfc,
            Algorithm::Sm2 => self,
        }
    }

    fn signature(self, algorithm: Algorithm) -> Vec<u8> {
        match (algorithm, self) {
            (Algorithm::P256, _) => identifier(oids::ECDSA_SHA256, &[]),
            (Algorithm::Rsa, _) => identifier(oids::RSA_SHA256, &wrap(tlv::NULL, &[])),
            (Algorithm::Sm2, Self::Rfc) => identifier(oids::SM2_SM3, &[]),
            (Algorithm::Sm2, Self::Gmt) => identifier(oids::SM2_SIGNATURE, &[]),
        }
    }
}

/// What a signature says of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Said {
    pub(crate) at: Timestamp,
    pub(crate) role: Role,
    pub(crate) purpose: Purpose,
    pub(crate) approves: Option<[u8; 32]>,
}

impl Purpose {
    /// The roles that may sign for it.
    pub(crate) fn allows(self, role: Role) -> bool {
        match self {
            Self::Login | Self::Renewal | Self::Revocation => matches!(role, Role::Clerk | Role::Approver),
            Self::Filing | Self::Withdrawal => role == Role::Clerk,
            Self::Approval | Self::Rejection => role == Role::Approver,
            Self::Receipt => role == Role::Center,
        }
    }
}

/// Signs content into a new file: DER CMS SignedData with the content attached and one SignerInfo.
///
/// `signing_time` is RFC 3339 with an offset; it is kept to the second. `approves` is for a countersignature in a file
/// of its own; [`add_signature`] sets it by itself.
///
/// # Errors
/// The certificate is not for signing or not valid at the signing time, the time is none, the key can't sign.
pub fn sign_attached(
    session: &mut dyn SignSession,
    content: &[u8],
    signing_time: &str,
    role: Role,
    purpose: Purpose,
    approves: Option<[u8; 32]>,
) -> Result<Vec<u8>, SignError> {
    sign_attached_by(session, content, signing_time, role, purpose, approves, Identifiers::Rfc)
}

/// As [`sign_attached`], with the object identifiers that the reader expects.
///
/// # Errors
/// As [`sign_attached`].
pub fn sign_attached_by(
    session: &mut dyn SignSession,
    content: &[u8],
    signing_time: &str,
    role: Role,
    purpose: Purpose,
    approves: Option<[u8; 32]>,
    identifiers: Identifiers,
) -> Result<Vec<u8>, SignError> {
    let at = parse_time(signing_time)?;
    may_sign(session.certificate(), at)?;
    sign_unasked(session, content, Said { at, role, purpose, approves }, identifiers)
}

/// As [`sign_attached`], without asking whether the certificate may sign.
pub(crate) fn sign_unasked(
    session: &mut dyn SignSession,
    content: &[u8],
    said: Said,
    identifiers: Identifiers,
) -> Result<Vec<u8>, SignError> {
    if !tlv::fits(content.len()) {
        return Err(SignError::TooLarge);
    }
    let algorithm = algorithm_of(session)?;
    let identifiers = identifiers.of(algorithm);
    let signer = signer_info(session, content, said, identifiers)?;
    let certificates = certificates_of(session);
    Ok(write(identifiers, content, vec![hash_identifier(algorithm.hash())], certificates, None, vec![signer]))
}

/// Adds the approver's signature to a file that the clerk signed. The clerk's SignerInfo stays byte for byte.
///
/// The clerk's signature is not checked here: verify the file first.
///
/// # Errors
/// As [`sign_attached`]; [`SignError::Document`] if the file has not exactly one signature with purpose `filing`, or
/// if somebody who signed it would sign a second time, or if his algorithm does not go with the clerk's.
pub fn add_signature(session: &mut dyn SignSession, p7m: &[u8], signing_time: &str) -> Result<Vec<u8>, SignError> {
    let at = parse_time(signing_time)?;
    may_sign(session.certificate(), at)?;
    let file = SignedFile::parse(p7m)?;
    for der in &file.certificates {
        let signed = Certificate::from_der(der)?;
        let signs = file.signers.iter().any(|one| is_signer(&one.id, &signed));
        if signs && signed.same_person(session.certificate()) {
            return Err(VerifyError::SamePerson.into());
        }
        let mixed = |(own, its): (Algorithm, Algorithm)| !own.goes_with(its);
        if signs && session.certificate().algorithm().zip(signed.algorithm()).is_some_and(mixed) {
            return Err(VerifyError::Mixed.into());
        }
    }
    add_unasked(session, &file, at)
}

/// As [`add_signature`], without asking who signs.
pub(crate) fn add_unasked(
    session: &mut dyn SignSession,
    file: &SignedFile<'_>,
    at: Timestamp,
) -> Result<Vec<u8>, SignError> {
    let mut clerk = None;
    for signer in &file.signers {
        if Attributes::parse(signer)?.purpose == Some(Purpose::Filing) {
            if clerk.is_some() {
                return Err(VerifyError::Purpose.into());
            }
            clerk = Some(sha256(signer.signature));
        }
    }
    let approves = Some(clerk.ok_or(VerifyError::NoSigner)?);
    let said = Said { at, role: Role::Approver, purpose: Purpose::Approval, approves };
    let identifiers = file.identifiers;
    let signer = signer_info(session, file.content, said, identifiers)?;
    let mut certificates: Vec<Vec<u8>> = file.certificates.iter().map(|one| one.to_vec()).collect();
    for one in certificates_of(session) {
        if !certificates.contains(&one) {
            certificates.push(one);
        }
    }
    let mut digests: Vec<Vec<u8>> = file.digests.iter().map(|one| one.to_vec()).collect();
    let own = hash_identifier(algorithm_of(session)?.hash());
    if !digests.contains(&own) {
        digests.push(own);
    }
    let mut signers: Vec<Vec<u8>> = file.signers.iter().map(|one| one.bytes.to_vec()).collect();
    signers.push(signer);
    Ok(write(identifiers, file.content, digests, certificates, file.crls, signers))
}

fn parse_time(text: &str) -> Result<Timestamp, SignError> {
    text.parse::<Timestamp>().map_err(|_| SignError::SigningTime(text.to_owned()))
}

fn may_sign(certificate: &Certificate, at: Timestamp) -> Result<(), SignError> {
    certificate.can_sign()?;
    if at < certificate.not_before() {
        return Err(SignError::CertificateNotYetValid { not_before: certificate.not_before().to_string() });
    }
    if at > certificate.not_after() {
        return Err(SignError::CertificateExpired { not_after: certificate.not_after().to_string() });
    }
    Ok(())
}

fn certificates_of(session: &dyn SignSession) -> Vec<Vec<u8>> {
    std::iter::once(session.certificate()).chain(session.chain()).map(|one| one.der().to_vec()).collect()
}

fn algorithm_of(session: &dyn SignSession) -> Result<Algorithm, SignError> {
    let unsupported = SignError::Unsupported { what: "a certificate that is neither P-256 nor SM2 nor RSA" };
    session.certificate().algorithm().ok_or(unsupported)
}

fn signer_info(
    session: &mut dyn SignSession,
    content: &[u8],
    said: Said,
    identifiers: Identifiers,
) -> Result<Vec<u8>, SignError> {
    let algorithm = algorithm_of(session)?;
    let members = attributes(session.certificate(), algorithm.hash(), content, said, identifiers.data())?;
    let as_signed = wrap_set(tlv::SET, members.clone());
    let signature = session.sign(&as_signed)?;

    let certificate = session.certificate();
    let sid = wrap(tlv::SEQUENCE, &[certificate.issuer_der(), &wrap(tlv::INTEGER, &[certificate.serial()])]);
    Ok(wrap(
        tlv::SEQUENCE,
        &[
            &wrap(tlv::INTEGER, &[&[1]]),
            &sid,
            &hash_identifier(algorithm.hash()),
            &wrap_set(tlv::context(0), members),
            &identifiers.signature(algorithm),
            &wrap(tlv::OCTET_STRING, &[&signature]),
        ],
    ))
}

fn attributes(
    certificate: &Certificate,
    hash: Hash,
    content: &[u8],
    said: Said,
    content_type: ObjectIdentifier,
) -> Result<Vec<Vec<u8>>, SignError> {
    let Said { at, role, purpose, approves } = said;
    let attribute =
        |oid: &[u8], value: &[u8]| wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oid]), &wrap(tlv::SET, &[value])]);
    let out_of_range = || SignError::SigningTime(at.to_string());
    let since_1970 = u64::try_from(at.as_second()).map_err(|_| out_of_range())?;
    let date = der::DateTime::from_unix_duration(std::time::Duration::from_secs(since_1970));
    let time = date.and_then(|date| Time::from(date).to_der()).map_err(|_| out_of_range())?;
    // RFC 5035: one ESSCertIDv2 without issuerSerial; SHA-256 is its default, which DER leaves out.
    let named = if hash == Hash::Sha256 { Vec::new() } else { hash_identifier(hash) };
    let essential = wrap(tlv::SEQUENCE, &[&named, &wrap(tlv::OCTET_STRING, &[&hash.of(certificate.der())])]);
    let mut members = vec![
        attribute(oids::CONTENT_TYPE.as_bytes(), &wrap(tlv::OID, &[content_type.as_bytes()])),
        attribute(oids::MESSAGE_DIGEST.as_bytes(), &wrap(tlv::OCTET_STRING, &[&hash.of(content)])),
        attribute(oids::SIGNING_TIME.as_bytes(), &time),
        attribute(
            oids::SIGNING_CERTIFICATE_V2.as_bytes(),
            &wrap(tlv::SEQUENCE, &[&wrap(tlv::SEQUENCE, &[&essential])]),
        ),
        attribute(oids::ROLE, &wrap(tlv::UTF8_STRING, &[role.as_str().as_bytes()])),
        attribute(oids::PURPOSE, &wrap(tlv::UTF8_STRING, &[purpose.as_str().as_bytes()])),
    ];
    if let Some(approves) = approves {
        members.push(attribute(oids::APPROVES, &wrap(tlv::OCTET_STRING, &[&approves])));
    }
    Ok(members)
}

fn identifier(oid: ObjectIdentifier, parameters: &[u8]) -> Vec<u8> {
    wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[oid.as_bytes()]), parameters])
}

/// Without parameters, as RFC 5754 asks of those who write.
fn hash_identifier(hash: Hash) -> Vec<u8> {
    identifier(hash.oid(), &[])
}

fn write(
    identifiers: Identifiers,
    content: &[u8],
    digests: Vec<Vec<u8>>,
    certificates: Vec<Vec<u8>>,
    crls: Option<&[u8]>,
    signers: Vec<Vec<u8>>,
) -> Vec<u8> {
    let attached = wrap(tlv::context(0), &[&wrap(tlv::OCTET_STRING, &[content])]);
    let encapsulated = wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[identifiers.data().as_bytes()]), &attached]);
    let signed = wrap(
        tlv::SEQUENCE,
        &[
            &wrap(tlv::INTEGER, &[&[1]]),
            &wrap_set(tlv::SET, digests),
            &encapsulated,
            &wrap_set(tlv::context(0), certificates),
            crls.unwrap_or_default(),
            &wrap_set(tlv::SET, signers),
        ],
    );
    wrap(tlv::SEQUENCE, &[&wrap(tlv::OID, &[identifiers.signed_data().as_bytes()]), &wrap(tlv::context(0), &[&signed])])
}

/// A signed file as spans of its bytes.
#[derive(Debug)]
pub(crate) struct SignedFile<'a> {
    pub(crate) identifiers: Identifiers,
    /// AlgorithmIdentifiers, whole.
    digests: Vec<&'a [u8]>,
    /// Content octets of the identifier.
    pub(crate) content_type: &'a [u8],
    pub(crate) content: &'a [u8],
    pub(crate) certificates: Vec<&'a [u8]>,
    /// The whole element.
    crls: Option<&'a [u8]>,
    pub(crate) signers: Vec<SignerInfo<'a>>,
}

#[derive(Debug)]
pub(crate) enum SignerId<'a> {
    /// Name and serial number (content octets).
    Issued { issuer: &'a [u8], serial: &'a [u8] },
    /// Subject key identifier.
    Key(&'a [u8]),
}

#[derive(Debug)]
pub(crate) struct SignerInfo<'a> {
    /// The whole element.
    pub(crate) bytes: &'a [u8],
    pub(crate) id: SignerId<'a>,
    /// Content octets of the identifier.
    pub(crate) digest: &'a [u8],
    /// The signed attributes, without their tag and length.
    pub(crate) attributes: &'a [u8],
    /// Content octets of the identifier.
    pub(crate) algorithm: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> SignedFile<'a> {
    pub(crate) fn parse(p7m: &'a [u8]) -> Result<Self, VerifyError> {
        Self::parse_of(p7m, None)
    }

    /// With content of this type, in place of plain data.
    pub(crate) fn parse_of(p7m: &'a [u8], wanted: Option<ObjectIdentifier>) -> Result<Self, VerifyError> {
        if !tlv::fits(p7m.len()) {
            return Err(VerifyError::Malformed("too large"));
        }
        let mut outside = tlv::elements(p7m)?;
        let mut info = outside.next()?.inside(tlv::SEQUENCE)?;
        if outside.peek().is_some() {
            return Err(VerifyError::Trailing);
        }
        let oid = info.next()?.expect(tlv::OID)?;
        let identifiers = [Identifiers::Rfc, Identifiers::Gmt]
            .into_iter()
            .find(|one| one.signed_data().as_bytes() == oid)
            .ok_or(VerifyError::Malformed("not CMS SignedData"))?;
        let explicit = info.next()?.expect(tlv::context(0))?;
        info.finish()?;
        let mut signed = tlv::single(explicit)?.inside(tlv::SEQUENCE)?;

        let version = signed.next()?.expect(tlv::INTEGER)?;
        if !matches!(version, [1 | 3]) {
            return Err(VerifyError::Malformed("version"));
        }
        let digests: Vec<Tlv<'_>> = signed.next()?.inside(tlv::SET)?.rest()?;
        let mut encapsulated = signed.next()?.inside(tlv::SEQUENCE)?;
        let content_type = encapsulated.next()?.expect(tlv::OID)?;
        if content_type != wanted.unwrap_or(identifiers.data()).as_bytes() {
            return Err(VerifyError::Malformed("content type"));
        }
        let attached = encapsulated.optional(tlv::context(0))?.ok_or(VerifyError::Detached)?;
        encapsulated.finish()?;
        let content = tlv::single(attached.value)?.expect(tlv::OCTET_STRING)?;

        let certificates = match signed.optional(tlv::context(0))? {
            Some(set) => set.inside(tlv::context(0))?.rest()?,
            None => Vec::new(),
        };
        let crls = signed.optional(tlv::context(1))?.map(|set| set.bytes);
        let signers = signed.next()?.inside(tlv::SET)?.rest()?;
        signed.finish()?;
        if certificates.len() > MOST || signers.len() > MOST {
            return Err(VerifyError::Malformed("too many certificates or signers"));
        }
        let signers: Vec<SignerInfo<'_>> = signers.into_iter().map(SignerInfo::parse).collect::<Result<_, _>>()?;
        let digests: Vec<&[u8]> = digests.into_iter().map(|one| one.bytes).collect();
        for signer in &signers {
            let named = digests.iter().any(|one| digest_oid(one).is_ok_and(|oid| oid == signer.digest));
            if !named {
                return Err(VerifyError::Malformed("digest algorithms"));
            }
        }
        let certificates = certificates.iter().map(|one| one.bytes).collect();
        Ok(Self { identifiers, digests, content_type, content, certificates, crls, signers })
    }
}

fn digest_oid(identifier: &[u8]) -> Result<&[u8], VerifyError> {
    algorithm_oid(tlv::single(identifier)?)
}

/// The identifier of an algorithm that takes no parameters: absent or NULL.
fn algorithm_oid(identifier: Tlv<'_>) -> Result<&[u8], VerifyError> {
    let mut parts = identifier.inside(tlv::SEQUENCE)?;
    let oid = parts.next()?.expect(tlv::OID)?;
    if let Some(null) = parts.optional(tlv::NULL)?
        && !null.value.is_empty()
    {
        return Err(VerifyError::Malformed("algorithm parameters"));
    }
    if parts.peek().is_some() {
        return Err(VerifyError::Algorithm);
    }
    Ok(oid)
}

impl<'a> SignerInfo<'a> {
    fn parse(element: Tlv<'a>) -> Result<Self, VerifyError> {
        let mut parts = element.inside(tlv::SEQUENCE)?;
        let version = parts.next()?.expect(tlv::INTEGER)?;
        let sid = parts.next()?;
        let id = if sid.tag == tlv::context_primitive(0) {
            SignerId::Key(sid.value)
        } else {
            let mut named = sid.inside(tlv::SEQUENCE)?;
            let issuer = named.next()?.bytes;
            let serial = named.next()?.expect(tlv::INTEGER)?;
            named.finish()?;
            SignerId::Issued { issuer, serial }
        };
        let right = match id {
            SignerId::Issued { .. } => version == [1],
            SignerId::Key(_) => version == [3],
        };
        if !right {
            return Err(VerifyError::Malformed("signer version"));
        }
        let digest = algorithm_oid(parts.next()?)?;
        let attributes =
            parts.optional(tlv::context(0))?.ok_or(VerifyError::Malformed("there are no signed attributes"))?.value;
        let algorithm = algorithm_oid(parts.next()?)?;
        let signature = parts.next()?.expect(tlv::OCTET_STRING)?;
        // Unsigned attributes (timestamps) are allowed and prove nothing here.
        parts.optional(tlv::context(1))?;
        parts.finish()?;
        Ok(Self { bytes: element.bytes, id, digest, attributes, algorithm, signature })
    }

    /// What was signed: the attributes as SET OF.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        wrap(tlv::SET, &[self.attributes])
    }
}

/// The signed attributes of one SignerInfo, those that this crate reads.
#[derive(Debug, Default)]
pub(crate) struct Attributes<'a> {
    /// Content octets of the identifier.
    pub(crate) content_type: Option<&'a [u8]>,
    pub(crate) message_digest: Option<&'a [u8]>,
    pub(crate) signing_time: Option<Timestamp>,
    /// Hash algorithm (content octets) and hash of the signer's certificate.
    pub(crate) certificate: Option<(&'a [u8], &'a [u8])>,
    pub(crate) role: Option<Role>,
    pub(crate) purpose: Option<Purpose>,
    pub(crate) approves: Option<[u8; 32]>,
}

impl<'a> Attributes<'a> {
    /// Each attribute that is read may stand once, with one value.
    pub(crate) fn parse(signer: &SignerInfo<'a>) -> Result<Self, VerifyError> {
        const WRONG: VerifyError = VerifyError::Malformed("signed attribute");
        let mut read = Self::default();
        let mut seen: Vec<&[u8]> = Vec::new();
        for attribute in tlv::elements(signer.attributes)?.rest()? {
            let mut parts = attribute.inside(tlv::SEQUENCE)?;
            let oid = parts.next()?.expect(tlv::OID)?;
            let values = parts.next()?.inside(tlv::SET)?.rest()?;
            parts.finish()?;
            if seen.contains(&oid) {
                return Err(VerifyError::Malformed("a signed attribute twice"));
            }
            seen.push(oid);
            let [value] = values.as_slice() else { return Err(WRONG) };
            if oid == oids::CONTENT_TYPE.as_bytes() {
                read.content_type = Some(value.expect(tlv::OID)?);
            } else if oid == oids::MESSAGE_DIGEST.as_bytes() {
                read.message_digest = Some(value.expect(tlv::OCTET_STRING)?);
            } else if oid == oids::SIGNING_TIME.as_bytes() {
                let time = <Time as der::Decode>::from_der(value.bytes).map_err(|_| WRONG)?;
                read.signing_time = Some(crate::certificate::timestamp(time.to_unix_duration()).ok_or(WRONG)?);
            } else if oid == oids::SIGNING_CERTIFICATE_V2.as_bytes() {
                read.certificate = Some(essential(*value)?);
            } else if oid == oids::ROLE {
                read.role = Some(word(*value).and_then(Role::parse).ok_or(VerifyError::Role)?);
            } else if oid == oids::PURPOSE {
                read.purpose = Some(word(*value).and_then(Purpose::parse).ok_or(VerifyError::Purpose)?);
            } else if oid == oids::APPROVES {
                let hash = value.expect(tlv::OCTET_STRING)?;
                read.approves = Some(hash.try_into().map_err(|_| VerifyError::Approves)?);
            }
        }
        Ok(read)
    }
}

fn word(value: Tlv<'_>) -> Option<&str> {
    std::str::from_utf8(value.expect(tlv::UTF8_STRING).ok()?).ok()
}

/// First ESSCertIDv2 of SigningCertificateV2: hash algorithm (SHA-256 by default) and certificate hash.
fn essential(value: Tlv<'_>) -> Result<(&[u8], &[u8]), VerifyError> {
    let mut first = value.inside(tlv::SEQUENCE)?.next()?.inside(tlv::SEQUENCE)?.next()?.inside(tlv::SEQUENCE)?;
    let algorithm = match first.optional(tlv::SEQUENCE)? {
        Some(identifier) => algorithm_oid(identifier)?,
        None => oids::SHA256.as_bytes(),
    };
    Ok((algorithm, first.next()?.expect(tlv::OCTET_STRING)?))
}
