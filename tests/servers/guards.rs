//! Guards against a server on this very machine: everything here is a private address.

use serde_json::json;

use crate::{connector, server};

#[test]
fn a_private_server_is_refused_by_address_by_name_and_behind_a_redirect() {
    let base = server!("CONNECTOR_NGINX") + "/seen";
    let guarded = json!({"DenyPrivateAddresses": true, "Proxy": false}).to_string();
    for url in [base.clone(), base.replace("127.0.0.1", "localhost"), base.replace("127.0.0.1", "2130706433")]
    {
        let script = connector();
        let text = script.failure("Get", &[&url, &guarded]).unwrap();
        let details = script.get_json("LastErrorDetails").unwrap();
        assert_eq!(
            (&details["code"], &details["rule"]),
            (&json!("guard"), &json!("private-address")),
            "{text}"
        );
        assert_eq!(script.status("Get", &[&url]), Ok(200), "without the guard");
    }
}

#[test]
fn an_override_leads_a_name_to_an_address_and_keeps_its_host_header() {
    let base = server!("CONNECTOR_HTTPBIN");
    let port = base.rsplit(':').next().unwrap();
    let options = json!({
        "AddressOverrides": {format!("shop.example.test:{port}"): "127.0.0.1"}, "DenyPrivateAddresses": true,
        "Proxy": false,
    });
    let url = format!("http://shop.example.test:{port}/headers");
    let answer = connector().json("GetJson", &[&url, &options.to_string()]).unwrap();
    assert_eq!(answer["headers"]["Host"], format!("shop.example.test:{port}"));
}

#[test]
fn schemes_and_ports_that_are_not_listed_are_refused_on_every_hop() {
    let base = server!("CONNECTOR_HTTPBIN");
    let other = server!("CONNECTOR_NGINX");
    let port: u16 = base.rsplit(':').next().unwrap().parse().unwrap();
    let one_port = json!({"AllowedPorts": [port]}).to_string();
    assert_eq!(connector().status("Get", &[&format!("{base}/get"), &one_port]), Ok(200));
    let script = connector();
    script.failure("Get", &[&format!("{base}/redirect-to?url={other}/"), &one_port]).unwrap();
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["rule"], "port");
    let script = connector();
    script
        .failure("Get", &[&format!("{base}/get"), &json!({"AllowedSchemes": ["https"]}).to_string()])
        .unwrap();
    assert_eq!(script.get_json("LastErrorDetails").unwrap()["rule"], "scheme");
}
