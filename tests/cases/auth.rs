//! Case 26: Basic.

use serde_json::json;

use crate::{connector, https, trusting};

#[test]
fn case_26_basic_from_the_url_and_from_the_options() {
    let plain = https("/basic-auth/user/pass");
    let calls = [
        (plain.replace("https://", "https://user:pass@"), json!({})),
        (plain.clone(), json!({"Authentication": {"User": "user", "Password": "pass"}})),
        (plain.clone(), json!({"Authentication": {"Type": "Basic", "User": "user", "Password": "pass"}})),
        (plain, json!({"Аутентификация": {"Пользователь": "user", "Пароль": "pass"}})),
    ];
    for (url, options) in calls {
        let answer = connector().json("GetJson", &[&url, &trusting(options)]).unwrap();
        assert_eq!(answer, json!({"authenticated": true, "user": "user"}));
    }
}
