#![allow(clippy::unwrap_used, reason = "tests")]

use time::macros::datetime;

use super::*;

/// The account, nonces and server of MS-NLMP section 4.2.1 and 4.2.4.
const SERVER: [u8; 8] = [0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef];
const CLIENT: [u8; 8] = [0xaa; 8];

fn account() -> Account {
    Account::new("Domain\\User", "Password")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn target_info() -> Vec<u8> {
    let mut info = Vec::new();
    put_pair(&mut info, 2, &wide("Domain"));
    put_pair(&mut info, 1, &wide("Server"));
    put_pair(&mut info, AV_END, &[]);
    info
}

/// A challenge with these flags and this information.
fn challenge(flags: u32, info: &[u8]) -> Vec<u8> {
    let mut bytes = SIGNATURE.to_vec();
    bytes.extend_from_slice(&2u32.to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(&flags.to_le_bytes());
    bytes.extend_from_slice(&SERVER);
    bytes.extend_from_slice(&[0; 8]);
    let length = u16::try_from(info.len()).unwrap().to_le_bytes();
    bytes.extend_from_slice(&[length, length].concat());
    bytes.extend_from_slice(&56u32.to_le_bytes());
    bytes.extend_from_slice(&[0; 8]);
    bytes.extend_from_slice(info);
    bytes
}

fn moment(binding: Option<&[u8]>) -> Moment<'_> {
    Moment { now: datetime!(1970-01-01 0:00 UTC), nonce: CLIENT, binding }
}

#[test]
fn keys_and_responses_are_those_of_the_specification() {
    let key = account().key();
    assert_eq!(hex(&key), "0c868a403bfd7a93a3001ef22ef02e3f");
    let (proof, response) = respond(&key, &SERVER, &CLIENT, 0, &target_info());
    assert_eq!(hex(&proof), "68cd0ab851e51c96aabc927bebef6a1c");
    assert_eq!(hex(&hmac(Hash::Md5, &key, &proof)), "8de40ccadbc14a82f15cb0ad0de95ca3");
    assert_eq!(
        hex(&response),
        "68cd0ab851e51c96aabc927bebef6a1c01010000000000000000000000000000aaaaaaaaaaaaaaaa00000000\
         02000c0044006f006d00610069006e0001000c005300650072007600650072000000000000000000"
    );
    let lm = lm_response(&key, &SERVER, &CLIENT);
    assert_eq!(hex(&lm), "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
}

#[test]
fn answer_without_a_server_time_has_an_lm_response_and_no_code() {
    let mut run = Ntlm::new(account(), "HTTP/host".to_owned());
    let challenge = challenge(OFFERED, &target_info());
    let answer = run.answer(&challenge, &moment(None)).unwrap();
    assert_eq!(hex(field(&answer, 12).unwrap()), "86c35097ac9cec102554764a57cccc19aaaaaaaaaaaaaaaa");
    assert_eq!(field(&answer, 28).unwrap(), wide("Domain"));
    assert_eq!(field(&answer, 36).unwrap(), wide("User"));
    assert_eq!(field(&answer, 52).unwrap(), b"", "no session key is sent");
    assert_eq!(answer[MIC_AT..ANSWER_HEAD], [0; 16]);
    assert_eq!(number(&answer, 60), Some(OFFERED));
    let nt = field(&answer, 20).unwrap();
    assert_eq!(nt[24..32], 116_444_736_000_000_000u64.to_le_bytes(), "our time");
}

#[test]
fn answer_to_a_server_with_a_time_carries_it_the_service_and_a_code() {
    let mut info = Vec::new();
    put_pair(&mut info, 1, &wide("Server"));
    put_pair(&mut info, AV_TIMESTAMP, &77u64.to_le_bytes());
    put_pair(&mut info, AV_END, &[]);
    let challenge = challenge(OFFERED, &info);
    let mut run = Ntlm::new(account(), "HTTP/host".to_owned());
    let answer = run.answer(&challenge, &moment(Some(b"tls-server-end-point:x"))).unwrap();
    assert_eq!(field(&answer, 12).unwrap(), [0; 24]);
    let nt = field(&answer, 20).unwrap();
    assert_eq!(nt[24..32], 77u64.to_le_bytes(), "the server's time");
    let said: Vec<_> = pairs(&nt[44..]).collect();
    assert!(said.contains(&(AV_FLAGS, &WITH_MIC.to_le_bytes())));
    assert!(said.contains(&(AV_TARGET_NAME, &wide("HTTP/host"))));
    assert!(said.contains(&(AV_CHANNEL_BINDINGS, &binding_hash(b"tls-server-end-point:x"))));
    let mut bare = answer.clone();
    bare[MIC_AT..ANSWER_HEAD].fill(0);
    let proof = &nt[..16];
    let session = hmac(Hash::Md5, &account().key(), proof);
    let code = hmac(Hash::Md5, &session, &[run.first(), &challenge, &bare].concat());
    assert_eq!(answer[MIC_AT..ANSWER_HEAD], code[..]);
}

#[test]
fn names_are_split_as_a_user_writes_them() {
    for (written, domain, user) in [
        ("user", "", "user"),
        ("DOMAIN\\user", "DOMAIN", "user"),
        ("user@domain.local", "", "user@domain.local"),
        ("ДОМЕН\\Пользователь", "ДОМЕН", "Пользователь"),
        ("\\user", "", "user"),
    ] {
        let account = Account::new(written, "");
        assert_eq!((account.domain.as_str(), account.user.as_str()), (domain, user), "{written}");
    }
}

#[test]
fn upper_case_keeps_the_number_of_characters() {
    assert_eq!(upper("straße иван"), "STRAßE ИВАН");
}

#[test]
fn broken_challenges_are_refused_in_words() {
    let whole = challenge(OFFERED, &target_info());
    let mut run = Ntlm::new(account(), String::new());
    for length in 0..whole.len() {
        assert!(run.answer(&whole[..length], &moment(None)).is_err(), "{length} bytes");
    }
    assert!(run.answer(&whole, &moment(None)).is_ok());
    let mut other = whole.clone();
    other[8] = 3;
    assert_eq!(run.answer(&other, &moment(None)), Err("not an NTLM challenge"));
    assert_eq!(
        run.answer(&challenge(OFFERED & !UNICODE, &target_info()), &moment(None)),
        Err("NTLM challenge without Unicode")
    );
    let mut outside = whole.clone();
    outside[44..48].copy_from_slice(&u32::MAX.to_le_bytes());
    assert_eq!(run.answer(&outside, &moment(None)), Err("NTLM challenge with a field outside of it"));
    // As much as a challenge can hold, which does not leave room for what an answer adds.
    let mut large = Vec::new();
    put_pair(&mut large, 3, &vec![0; 65_500]);
    assert_eq!(
        run.answer(&challenge(OFFERED, &large), &moment(None)),
        Err("NTLM answer longer than a message can be")
    );
}

#[test]
fn every_flipped_byte_of_a_challenge_is_survived() {
    let whole = challenge(OFFERED, &target_info());
    for index in 0..whole.len() {
        for value in [0, 1, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[index] = value;
            let mut run = Ntlm::new(account(), "HTTP/host".to_owned());
            if let Ok(answer) = run.answer(&bytes, &moment(None)) {
                assert!(answer.starts_with(SIGNATURE));
            }
        }
    }
}
