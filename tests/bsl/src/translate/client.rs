//! The module of clients, made of its own text (`1c/client.bsl`) and of methods that it has in common with the module of
//! the server, so that structures and keys are the same in both.
//!
//! A line `@методы А, Б` stands for these methods with their comments (without the example, which is about the other
//! module), `@тело Post` for `НачатьPost`, `@json Post` for `НачатьPostJson`.

use super::{Problem, methods, plain};
use crate::names::same;
use crate::translate::tokens::tokens;

/// A method that sends a body: `VERB`, then what stands for it in names.
const BODY: &str = r#"// Начинает запрос VERB.
//
// Параметры:
//   ОписаниеОповещения - ОписаниеОповещения - процедуре передаются итог, см. НовыйИтог, и дополнительные параметры.
//   URL - Строка - адрес ресурса.
//   Данные - Строка, ДвоичныеДанные, Структура, Соответствие, Файл - тело: текст, байты, поля формы или файл с диска.
//   ДополнительныеПараметры - см. НовыеПараметры
//   Сессия - см. СоздатьСессию
//
// Возвращаемое значение:
//   Структура - начатый запрос для функции Отменить.
//
// Пример:
//   КоннекторHTTPКлиент.НачатьName(ОписаниеОповещения, "https://example.com/orders", Новый Структура("id", 5));
//
Функция НачатьName(ОписаниеОповещения, URL, Данные = Неопределено, ДополнительныеПараметры = Неопределено,
	Сессия = Неопределено) Экспорт

	Параметры = ПараметрыВызова(ДополнительныеПараметры, "Данные", Данные);
	Возврат НачатьHTTPМетод(ОписаниеОповещения, Сессия, "VERB", URL, Параметры);

КонецФункции
"#;

/// A method that sends JSON.
const JSON: &str = r#"// Начинает запрос VERB со значением в виде JSON и читает ответ как JSON.
//
// Параметры:
//   ОписаниеОповещения - ОписаниеОповещения - процедуре передаются итог, см. НовыйИтог, и дополнительные параметры.
//   URL - Строка - адрес ресурса.
//   Json - Произвольный - значение для тела запроса.
//   ДополнительныеПараметры - см. НовыеПараметры
//   Сессия - см. СоздатьСессию
//
// Возвращаемое значение:
//   Структура - начатый запрос для функции Отменить.
//
// Пример:
//   КоннекторHTTPКлиент.НачатьNameJson(ОписаниеОповещения, "https://example.com/orders", Новый Структура("id", 5));
//
Функция НачатьNameJson(ОписаниеОповещения, URL, Json, ДополнительныеПараметры = Неопределено,
	Сессия = Неопределено) Экспорт

	Параметры = ПараметрыВызова(ДополнительныеПараметры, "Json", Json);
	Возврат НачатьHTTPМетод(ОписаниеОповещения, Сессия, "VERB", URL, Параметры, Истина);

КонецФункции
"#;

/// The text of the module, with the byte order mark and line ends of the Designer.
///
/// # Errors
/// Methods the other module does not have.
pub(super) fn client(own: &str, server: &str) -> Result<String, Vec<Problem>> {
    let server = plain(server);
    let (mut text, mut problems) = (String::new(), Vec::new());
    for (index, line) in plain(own).lines().enumerate() {
        if let Some(name) = line.strip_prefix("@тело ") {
            text.push_str(&verb(BODY, name));
        } else if let Some(name) = line.strip_prefix("@json ") {
            text.push_str(&verb(JSON, name));
        } else if let Some(names) = line.strip_prefix("@методы ") {
            for name in names.split(", ") {
                match shared(&server, name) {
                    Some(method) => text.push_str(&method),
                    None => {
                        let what = format!("the module of the server has no {name}");
                        problems.push(Problem { line: index + 1, what });
                    }
                }
            }
            continue;
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    if problems.is_empty() {
        Ok(format!("\u{feff}{}\r\n", text.trim_end().replace('\n', "\r\n")))
    } else {
        Err(problems)
    }
}

fn verb(text: &str, name: &str) -> String {
    text.replace("VERB", &name.to_uppercase()).replace("Name", name)
}

/// A method of the other module, with an empty line after it.
fn shared(server: &str, name: &str) -> Option<String> {
    let all = tokens(server);
    let scope = methods(&all).into_iter().find(|scope| same(&scope.name, name))?;
    let text: String = all.get(scope.from..=scope.to)?.iter().map(|token| token.text).collect();
    Some(format!("{}\n\n", without_example(&text)))
}

fn without_example(text: &str) -> String {
    let Some((before, after)) = text.split_once("//\n// Пример:\n") else { return text.to_owned() };
    let rest = after.lines().skip_while(|line| line.starts_with("//   ")).collect::<Vec<_>>().join("\n");
    format!("{before}{rest}")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SERVER: &str = "// Складывает.\n//\n// Пример:\n//   А = М.Сумма(1);\n//   Б = А;\n//\nФункция Сумма(А) Экспорт\n\
                          \tВозврат А;\nКонецФункции\n\n// Внутри.\nПроцедура Тихая()\nКонецПроцедуры\n";

    fn made(own: &str) -> String {
        client(own, SERVER).map_or_else(|problems| format!("{problems:?}"), |text| plain(&text))
    }

    #[test]
    fn methods_are_taken_over_with_comments_but_without_examples() {
        assert_eq!(
            made("@методы Сумма, Тихая\n// Конец"),
            "// Складывает.\n//\nФункция Сумма(А) Экспорт\n\tВозврат А;\nКонецФункции\n\n\
             // Внутри.\nПроцедура Тихая()\nКонецПроцедуры\n\n// Конец\n"
        );
    }

    #[test]
    fn a_verb_makes_a_method_of_its_name() {
        let text = made("@тело Patch\n@json Put");
        assert!(
            text.contains("Функция НачатьPatch(ОписаниеОповещения, URL, Данные = Неопределено,"),
            "{text}"
        );
        assert!(text.contains("Сессия, \"PUT\", URL, Параметры, Истина);"), "{text}");
    }

    #[test]
    fn a_method_the_server_does_not_have_is_a_problem_with_its_line() {
        assert!(made("//\n@методы Нет").contains("the module of the server has no Нет"));
    }
}
