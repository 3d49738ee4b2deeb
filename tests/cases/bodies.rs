//! Cases 14, 19, 23, 24, 28, 33, 36, 37, 52 to 54, 56, 60: what is sent.

use serde_json::json;

use crate::{connector, http, https, trusting};

#[test]
fn case_14_json_text_is_sent_as_it_is() {
    let text = r#"{"field":"value","field2":"value2"}"#;
    let answer = connector().json("PostJson", &[&http("/anything"), text]).unwrap();
    assert_eq!(answer["data"], text);
}

#[test]
fn case_19_post_without_body_is_answered() {
    let script = connector();
    script.status("Post", &[&https("/post"), "", &trusting(json!({}))]).unwrap();
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!(answer["url"], https("/post"));
    assert_eq!(answer["data"], "");
}

#[test]
fn case_23_form_fields_arrive() {
    let form = json!({
        "comments": "Постучать в дверь",
        "custemail": "vasya@mail.ru",
        "custname": "Вася",
        "custtel": "112",
        "delivery": "20:20",
        "size": "medium",
        "topping": ["bacon", "mushroom"],
    });
    let script = connector();
    let url = http("/post");
    assert_eq!(script.status("Post", &[&url, "", &json!({"Data": form}).to_string()]), Ok(200));
    assert_eq!(script.get_text("ResponseURL").unwrap(), url);
    let answer = script.json("AsJson", &[]).unwrap();
    assert_eq!(answer["form"], form);
    assert_eq!(answer["headers"]["Content-Type"], "application/x-www-form-urlencoded; charset=utf-8");
}

#[test]
fn case_24_cyrillic_json_arrives_by_post_and_put() {
    let document = json!({"Сотрудник": "Иванов Иван", "Должность": "Разнорабочий"});
    let script = connector();
    for (method, path) in [("PostJson", "/post"), ("PutJson", "/put")] {
        let answer = script.json(method, &[&http(path), &document.to_string()]).unwrap();
        assert_eq!(answer["json"], document, "{method}");
    }
}

#[test]
fn case_28_a_gzip_request_body_unpacks_to_the_document() {
    let document = json!({"field": "value", "поле": "значение"});
    let script = connector();
    let options = json!({"Headers": {"Content-Encoding": "gzip"}}).to_string();
    let answer = script.json("PostJson", &[&http("/anything"), &document.to_string(), &options]).unwrap();
    assert_eq!(answer["headers"]["Content-Encoding"], "gzip");
    let sent = answer["data"].as_str().unwrap();
    let packed = sent.strip_prefix("data:application/octet-stream;base64,").expect("a data address");
    let packed = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, packed).unwrap();
    let text = script.call("ReadGZip", &[packed.into()]).unwrap();
    let text = std::str::from_utf8(text.as_bytes().unwrap()).unwrap().to_owned();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), document);
}

#[test]
fn case_33_typed_values_pass_through_as_json_text() {
    let text = r#"{"Дата": "2019-01-21T00:24:00", "Число": 5, "Булево": true, "Строка": "Привет"}"#;
    let answer = connector().json("PostJson", &[&https("/post"), text, &trusting(json!({}))]).unwrap();
    assert_eq!(answer["url"], https("/post"));
    assert_eq!(answer["json"], serde_json::from_str::<serde_json::Value>(text).unwrap());
}

#[test]
fn case_36_put_json_arrives() {
    let answer = connector()
        .json("PutJson", &[&https("/put"), "{\"Название\": \"к\"}", &trusting(json!({}))])
        .unwrap();
    assert_eq!(answer["url"], https("/put"));
    assert_eq!(answer["json"], json!({"Название": "к"}));
}

#[test]
fn case_37_delete_json_carries_a_body() {
    let answer = connector()
        .json("DeleteJson", &[&https("/delete"), "{\"Название\": \"к\"}", &trusting(json!({}))])
        .unwrap();
    assert_eq!(answer["url"], https("/delete"));
    assert_eq!(answer["json"], json!({"Название": "к"}));
}

#[test]
fn case_52_one_file_without_array_is_multipart() {
    let options = json!({"Files": {"Name": "f1", "FileName": "file1.txt", "Data": "Привет, Мир", "Type": "text/plain"}});
    let answer = connector().json("PostJson", &[&https("/post"), "", &trusting(options)]).unwrap();
    assert_eq!(answer["files"], json!({"f1": "Привет, Мир"}));
}

#[test]
fn case_53_files_and_fields_arrive_apart() {
    let options = json!({
        "Files": [
            {"Name": "f1", "FileName": "file1.txt", "Data": "Привет, Мир"},
            {"Name": "f2", "FileName": "file2.txt", "Data": "Привет, Земля"},
        ],
        "Data": {"field1": "value1", "field2": "Значение2"},
    });
    let answer = connector().json("PostJson", &[&https("/post"), "", &trusting(options)]).unwrap();
    assert_eq!(answer["files"], json!({"f1": "Привет, Мир", "f2": "Привет, Земля"}));
    assert_eq!(answer["form"], json!({"field1": "value1", "field2": "Значение2"}));
}

#[test]
fn case_54_binary_and_empty_files_arrive_with_part_headers() {
    let script = connector();
    script.call("AddBlob", &["f3".into(), vec![0xd0, 0xff, 0, 1].into()]).unwrap();
    let options = json!({
        "Files": [
            {"Name": "f1", "FileName": "file1.txt", "Data": "Привет, Мир"},
            {"Name": "f2", "FileName": "file2.txt", "Data": "Привет, Земля", "Type": "text/plain"},
            {"Name": "f3", "FileName": "file3.txt", "Data": {"Blob": "f3"}, "Type": "text/plain"},
            {"Name": "f4", "FileName": "file4.txt", "Data": "", "Headers": {"X-ID": "4"}},
        ],
        "Data": {"field1": "value1", "field2": "Значение2"},
    });
    let answer = script.json("PostJson", &[&https("/post"), "", &trusting(options)]).unwrap();
    let files = json!({
        "f1": "Привет, Мир",
        "f2": "Привет, Земля",
        "f3": "data:text/plain;base64,0P8AAQ==",
        "f4": "",
    });
    assert_eq!(answer["files"], files);
    assert_eq!(answer["form"], json!({"field1": "value1", "field2": "Значение2"}));
}

#[test]
fn case_56_soap_text_with_its_headers_is_understood() {
    let envelope = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\
        <soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body/></soap:Envelope>";
    let options = json!({
        "Headers": {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "urn:test/Get"},
        "Data": envelope,
    });
    let script = connector();
    assert_eq!(script.status("Post", &[&http("/soap"), "", &options.to_string()]), Ok(200));
    assert_eq!(script.get_json("ResponseHeaders").unwrap()["Content-Type"], "text/xml; charset=utf-8");
    assert!(script.text("AsText", &[]).unwrap().contains("<Курс"));
}

#[test]
fn case_60_an_empty_json_object_is_sent() {
    let answer = connector().json("PostJson", &[&https("/post"), "{}", &trusting(json!({}))]).unwrap();
    assert_eq!(answer["url"], https("/post"));
    assert_eq!(answer["json"], json!({}));
    let by_option = json!({"Json": {}});
    let answer = connector().json("PostJson", &[&https("/post"), "", &trusting(by_option)]).unwrap();
    assert_eq!(answer["json"], json!({}));
}
