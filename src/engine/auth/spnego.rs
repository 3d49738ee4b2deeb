//! SPNEGO (RFC 4178) around NTLM: the first token with its one mechanism, the server's reply, the answer to it.
//! Where the system's library negotiates it makes these tokens itself.

use der::asn1::{ObjectIdentifier, OctetString};
use der::{Decode, Enumerated, Sequence};

/// List of the mechanisms offered, DER: NTLM (1.3.6.1.4.1.311.2.2.10).
pub(super) const MECHANISMS: &[u8] = b"\x30\x0c\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
/// SPNEGO itself (1.3.6.1.5.5.2), DER.
const SPNEGO: &[u8] = b"\x06\x06\x2b\x06\x01\x05\x05\x02";

const OCTETS: u8 = 0x04;
const SEQUENCE: u8 = 0x30;
const APPLICATION: u8 = 0x60;
/// Explicit context tag 0; the others follow it.
const CONTEXT: u8 = 0xa0;

/// NegTokenInit with the first token of the mechanism.
pub(super) fn first(token: &[u8]) -> Vec<u8> {
    let offered = wrap(CONTEXT, MECHANISMS);
    let token = wrap(CONTEXT + 2, &wrap(OCTETS, token));
    let init = wrap(CONTEXT, &wrap(SEQUENCE, &[offered, token].concat()));
    wrap(APPLICATION, &[SPNEGO, &init].concat())
}

/// NegTokenResp with the next token, and the signature of [`MECHANISMS`] where there is one.
pub(super) fn next(token: &[u8], signature: Option<&[u8]>) -> Vec<u8> {
    let mut content = wrap(CONTEXT + 2, &wrap(OCTETS, token));
    if let Some(signature) = signature {
        content.extend(wrap(CONTEXT + 3, &wrap(OCTETS, signature)));
    }
    wrap(CONTEXT + 1, &wrap(SEQUENCE, &content))
}

/// The mechanism's token in a server's reply: in NegTokenResp, or bare, as some servers send it.
///
/// # Errors
/// What is wrong with it, in words.
pub(super) fn token_of(reply: &[u8]) -> Result<Vec<u8>, &'static str> {
    if reply.starts_with(b"NTLMSSP\0") {
        return Ok(reply.to_vec());
    }
    let token = parse(reply)?.token.ok_or("SPNEGO reply without a token")?;
    Ok(token.as_bytes().to_vec())
}

/// Whether a server's reply says that it is the end, and not a good one.
pub(super) fn is_rejection(reply: &[u8]) -> bool {
    parse(reply).is_ok_and(|response| response.state == Some(State::Reject))
}

fn parse(reply: &[u8]) -> Result<Response, &'static str> {
    let choice = Choice::from_der(&rewrapped(reply)?).map_err(|_| "SPNEGO token not understood")?;
    Ok(choice.response)
}

/// The explicit tag 1 of the choice as a field of a sequence, which is what the derived decoder knows.
fn rewrapped(reply: &[u8]) -> Result<Vec<u8>, &'static str> {
    if reply.len() > usize::from(u16::MAX) {
        return Err("SPNEGO token too long");
    }
    Ok(wrap(SEQUENCE, reply))
}

#[derive(Sequence)]
struct Choice {
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT")]
    response: Response,
}

/// NegTokenResp, section 4.2.2.
#[derive(Sequence)]
struct Response {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT", optional = "true")]
    state: Option<State>,
    #[asn1(context_specific = "1", tag_mode = "EXPLICIT", optional = "true")]
    mechanism: Option<ObjectIdentifier>,
    #[asn1(context_specific = "2", tag_mode = "EXPLICIT", optional = "true")]
    token: Option<OctetString>,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT", optional = "true")]
    signature: Option<OctetString>,
}

#[derive(Clone, Copy, PartialEq, Eq, Enumerated)]
#[repr(u8)]
enum State {
    Completed = 0,
    Incomplete = 1,
    Reject = 2,
    RequestMic = 3,
}

/// A tag, a length and the content.
fn wrap(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 5);
    out.push(tag);
    match u16::try_from(content.len()).map(u16::to_be_bytes) {
        Ok([0, length]) if length < 0x80 => out.push(length),
        Ok([0, length]) => out.extend([0x81, length]),
        Ok([high, low]) => out.extend([0x82, high, low]),
        // Nothing wrapped here is that long; if it were, the peer would refuse what is not DER.
        Err(_) => out.push(0),
    }
    out.extend_from_slice(content);
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn reply_is_unwrapped_and_a_bare_one_is_taken_as_it_is() {
        let mechanism = b"\x06\x0a\x2b\x06\x01\x04\x01\x82\x37\x02\x02\x0a";
        for size in [3, 100, 200, 1000] {
            let token = vec![7; size];
            let state = wrap(CONTEXT, b"\x0a\x01\x01");
            let content =
                [state, wrap(CONTEXT + 1, mechanism), wrap(CONTEXT + 2, &wrap(OCTETS, &token))].concat();
            let reply = wrap(CONTEXT + 1, &wrap(SEQUENCE, &content));
            assert_eq!(token_of(&reply), Ok(token.clone()));
            assert_eq!(token_of(&next(&token, Some(b"sign"))), Ok(token));
            for length in 0..reply.len() {
                assert!(token_of(&reply[..length]).is_err(), "{length} of {}", reply.len());
            }
        }
        assert_eq!(token_of(b"NTLMSSP\0rest"), Ok(b"NTLMSSP\0rest".to_vec()));
    }

    #[test]
    fn rejection_and_emptiness_are_noticed() {
        let reject = wrap(CONTEXT + 1, &wrap(SEQUENCE, &wrap(CONTEXT, b"\x0a\x01\x02")));
        assert!(is_rejection(&reject));
        let accepted = wrap(CONTEXT + 1, &wrap(SEQUENCE, &wrap(CONTEXT, b"\x0a\x01\x00")));
        assert!(!is_rejection(&accepted) && !is_rejection(b"NTLMSSP\0") && !is_rejection(b""));
        let empty = wrap(CONTEXT + 1, &wrap(SEQUENCE, &[]));
        assert_eq!(token_of(&empty), Err("SPNEGO reply without a token"));
        assert_eq!(token_of(&vec![0xa1; 70_000]), Err("SPNEGO token too long"));
    }

    #[test]
    fn first_token_is_der_that_names_both_mechanisms() {
        let token = first(&[9; 40]);
        assert_eq!(&token[..2], &[APPLICATION, u8::try_from(token.len() - 2).unwrap()]);
        assert!(token.windows(SPNEGO.len()).any(|part| part == SPNEGO));
        assert!(token.windows(MECHANISMS.len()).any(|part| part == MECHANISMS));
        assert!(token.ends_with(&[9; 40]));
    }
}
