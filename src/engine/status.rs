//! Texts of status codes, for presentation only: no decision is made by them. The set is the one callers know
//! (connector-api section 10), with its oddities: 302 is "Moved Temporarily", 419 is there, 306, 418 and 420 are not.

/// The text of `code`; `None` for a code without one.
#[must_use]
pub fn reason(code: u16) -> Option<&'static str> {
    CODES
        .binary_search_by_key(&code, |(known, _)| *known)
        .ok()
        .and_then(|at| CODES.get(at))
        .map(|(_, text)| *text)
}

/// Every known code with its text, in ascending order.
pub const CODES: [(u16, &str); 72] = [
    (100, "Continue"),
    (101, "Switching Protocols"),
    (102, "Processing"),
    (103, "Early Hints"),
    (200, "OK"),
    (201, "Created"),
    (202, "Accepted"),
    (203, "Non-Authoritative Information"),
    (204, "No Content"),
    (205, "Reset Content"),
    (206, "Partial Content"),
    (207, "Multi-Status"),
    (208, "Already Reported"),
    (226, "IM Used"),
    (300, "Multiple Choices"),
    (301, "Moved Permanently"),
    (302, "Moved Temporarily"),
    (303, "See Other"),
    (304, "Not Modified"),
    (305, "Use Proxy"),
    (307, "Temporary Redirect"),
    (308, "Permanent Redirect"),
    (400, "Bad Request"),
    (401, "Unauthorized"),
    (402, "Payment Required"),
    (403, "Forbidden"),
    (404, "Not Found"),
    (405, "Method Not Allowed"),
    (406, "Not Acceptable"),
    (407, "Proxy Authentication Required"),
    (408, "Request Timeout"),
    (409, "Conflict"),
    (410, "Gone"),
    (411, "Length Required"),
    (412, "Precondition Failed"),
    (413, "Payload Too Large"),
    (414, "URI Too Long"),
    (415, "Unsupported Media Type"),
    (416, "Range Not Satisfiable"),
    (417, "Expectation Failed"),
    (419, "Authentication Timeout"),
    (421, "Misdirected Request"),
    (422, "Unprocessable Entity"),
    (423, "Locked"),
    (424, "Failed Dependency"),
    (425, "Too Early"),
    (426, "Upgrade Required"),
    (428, "Precondition Required"),
    (429, "Too Many Requests"),
    (431, "Request Header Fields Too Large"),
    (449, "Retry With"),
    (451, "Unavailable For Legal Reasons"),
    (499, "Client Closed Request"),
    (500, "Internal Server Error"),
    (501, "Not Implemented"),
    (502, "Bad Gateway"),
    (503, "Service Unavailable"),
    (504, "Gateway Timeout"),
    (505, "HTTP Version Not Supported"),
    (506, "Variant Also Negotiates"),
    (507, "Insufficient Storage"),
    (508, "Loop Detected"),
    (509, "Bandwidth Limit Exceeded"),
    (510, "Not Extended"),
    (511, "Network Authentication Required"),
    (520, "Unknown Error"),
    (521, "Web Server Is Down"),
    (522, "Connection Timed Out"),
    (523, "Origin Is Unreachable"),
    (524, "A Timeout Occurred"),
    (525, "SSL Handshake Failed"),
    (526, "Invalid SSL Certificate"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_ascend_so_that_each_is_found() {
        assert!(CODES.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(CODES.iter().all(|(code, text)| reason(*code) == Some(text)));
    }

    #[test]
    fn texts_are_the_ones_callers_know() {
        assert_eq!(reason(200), Some("OK"));
        assert_eq!(reason(302), Some("Moved Temporarily"));
        assert_eq!(reason(419), Some("Authentication Timeout"));
        assert_eq!(reason(526), Some("Invalid SSL Certificate"));
        assert_eq!([306, 418, 420, 0, 999].map(reason), [None; 5]);
    }
}
