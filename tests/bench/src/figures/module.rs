//! What a request costs through the module of `1c/src`: calls into the component and time, beside the very same calls
//! made without the built-in language. The difference is the module's text as the bench interprets it; how fast the
//! platform's own interpreter is, this does not say.

use std::cell::RefCell;
use std::path::Path;

use addin_host::{Addin, Object, Settings, Val};
use bsl::object::Argument;
use bsl::platform::convert;
use bsl::run::{Machine, SERVER};
use bsl::value::Value;

use crate::peers::ours::Ours;
use crate::report::{Report, Target};
use crate::rounds::{Turn, best, timed};
use crate::serve::JSON;
use crate::{Bench, Failure};

const NAME: &str = "КоннекторHTTP";
const TEMPLATE: &str = "ОбщийМакет.КоннекторHTTPКомпонента";

/// What a caller would write.
const CALLER: &str = "
Функция Сессия() Экспорт
	Возврат КоннекторHTTP.СоздатьСессию();
КонецФункции

Функция Нет() Экспорт
	Возврат Неопределено;
КонецФункции

Функция GetJson(Адрес, Знач Сессия) Экспорт
	Возврат КоннекторHTTP.GetJson(Адрес, , , Сессия)[\"stock\"];
КонецФункции

Функция Форма(Адрес, Знач Сессия) Экспорт
	Возврат КоннекторHTTP.Post(Адрес, Новый Структура(\"name, role\", \"John\", \"admin\"), , Сессия).КодСостояния;
КонецФункции

Функция Файл(Адрес, Знач Сессия) Экспорт
	Данные = Base64Значение(\"AAEC\");
	Параметры = Новый Структура(\"Файлы\", КоннекторHTTP.НовыйОтправляемыйФайл(\"f\", \"1.bin\", Данные));
	Возврат КоннекторHTTP.Post(Адрес, , Параметры, Сессия).КодСостояния;
КонецФункции
";

/// Options as the module writes them for a new session and no parameters.
const COMMON: &str = concat!(
    r#""ПовторятьНебезопасныеМетоды":true,"РазрешитьПеренаправлениеНаHTTP":true,"Таймаут":30,"#,
    r#""РазрешитьПеренаправление":true,"МаксимальноеКоличествоПеренаправлений":30,"МаксимальноеКоличествоПовторов":0,"#,
    r#""МаксимальноеВремяПовторов":600,"КоэффициентЭкспоненциальнойЗадержки":1,"#,
    r#""Заголовки":{"Accept-Encoding":"gzip","Accept":"*/*","Connection":"keep-alive"}"#,
);

/// One kind of request in the three ways it is made.
struct Kind {
    label: &'static str,
    /// Exported function of [`CALLER`].
    function: &'static str,
    method: &'static str,
    path: &'static str,
    /// Options after the common ones.
    options: &'static str,
    blob: Option<&'static [u8]>,
    answer: &'static str,
    /// Most crossings it may cost.
    limit: f64,
    figures: [&'static str; 4],
}

const KINDS: [Kind; 3] = [
    Kind {
        label: "GetJson",
        function: "GetJson",
        method: "GET",
        path: "json",
        options: "",
        blob: None,
        answer: "42",
        limit: 6.0,
        figures: [
            "module_get_json_crossings",
            "module_get_json",
            "module_get_json_without_bsl",
            "module_get_json_to_component",
        ],
    },
    Kind {
        label: "Post, form",
        function: "Форма",
        method: "POST",
        path: "upload",
        options: r#","Данные":{"name":"John","role":"admin"}"#,
        blob: None,
        answer: "200",
        limit: 5.0,
        figures: [
            "module_post_form_crossings",
            "module_post_form",
            "module_post_form_without_bsl",
            "module_post_form_to_component",
        ],
    },
    Kind {
        label: "Post, multipart",
        function: "Файл",
        method: "POST",
        path: "upload",
        options: r#","Файлы":[{"Имя":"f","ИмяФайла":"1.bin","Тип":"","Данные":{"ДвоичныеДанные":"д0"},"Заголовки":{}}]"#,
        blob: Some(&[0, 1, 2]),
        answer: "200",
        limit: 6.0,
        figures: [
            "module_multipart_crossings",
            "module_multipart",
            "module_multipart_without_bsl",
            "module_multipart_to_component",
        ],
    },
];

pub(crate) fn run(bench: &Bench, report: &mut Report) -> Result<(), Failure> {
    let (rounds, count) = if bench.quick { (3, 30) } else { (30, 60) };
    let calls = f64::from(u32::try_from(count)?);
    let module = Module::new(&bench.library)?;
    let without = Without::new(&bench.library)?;
    let (kept, none) = (module.call("Сессия", &[])?, module.call("Нет", &[])?);
    let component = Ours::new(&bench.library)?;
    let urls = KINDS.map(|kind| bench.server.url(kind.path));

    let mut peers: Vec<(&'static str, Turn<'_>)> = Vec::new();
    for (kind, url) in KINDS.iter().zip(&urls) {
        peers.push((kind.label, repeat(count, || module.ask(kind, url, &kept))));
        peers.push((kind.label, repeat(count, || without.ask(kind, url))));
    }
    peers.push(("GetJson, a session each", repeat(count, || module.ask(&KINDS[0], &urls[0], &none))));
    peers.push(("GetJson of the class", repeat(count, || component.json(&urls[0]).and_then(whole))));
    let costs = best(rounds, &mut peers)?;
    let micro = |index: usize| costs[index].time.as_secs_f64() / calls * 1e6;

    for (index, (kind, url)) in KINDS.iter().zip(&urls).enumerate() {
        let (through, alone) = (micro(2 * index), micro(2 * index + 1));
        let crossings = module.crossings_of(kind, url, &kept)?;
        println!(
            "  {:<18} {crossings:>2.0} crossings, {through:>7.1} us; the same calls without BSL {alone:>6.1} us; BSL \
             {:>2.0} %",
            kind.label,
            (through - alone) / through * 100.0
        );
        let [name, time, bare, ratio] = kind.figures;
        report.must(name, crossings, "calls", Target::AtMost(kind.limit));
        report.note(time, through, "us");
        report.note(bare, alone, "us");
        report.note(ratio, through / alone, "x");
    }
    let fresh = micro(2 * KINDS.len());
    let crossings = module.crossings_of(&KINDS[0], &urls[0], &none)?;
    println!("  GetJson without a session: a new one and a new connection each time");
    println!("                     {crossings:>2.0} crossings, {fresh:>7.1} us");
    println!("  GetJson of the class alone, one crossing {:>7.1} us", micro(2 * KINDS.len() + 1));
    report.must("module_new_session_crossings", crossings, "calls", Target::AtMost(6.0));
    report.note("module_get_json_new_session", fresh, "us");
    Ok(())
}

/// The module on the bench.
struct Module(RefCell<Machine>);

impl Module {
    fn new(library: &Path) -> Result<Self, Failure> {
        let file = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join(format!("../../1c/src/cf/CommonModules/{NAME}/Ext/Module.bsl"));
        let text = std::fs::read_to_string(file)?;
        let mut machine = Machine::new();
        machine.add_template(TEMPLATE, library);
        for (name, text) in [(NAME, text.as_str()), ("Замер", CALLER)] {
            machine.add_module(name, text, SERVER).map_err(|error| error.to_string())?;
        }
        Ok(Self(RefCell::new(machine)))
    }

    fn call(&self, function: &str, arguments: &[Argument]) -> Result<Value, Failure> {
        let result = self.0.borrow_mut().call("Замер", function, arguments);
        result.map_err(|fault| fault.to_string().into())
    }

    fn ask(&self, kind: &Kind, url: &str, session: &Value) -> Result<(), Failure> {
        let arguments = [Argument::Value(Value::from(url)), Argument::Value(session.clone())];
        let answer = convert::text(&self.call(kind.function, &arguments)?);
        if answer == kind.answer { Ok(()) } else { Err(format!("{}: {answer}", kind.label).into()) }
    }

    fn crossings_of(&self, kind: &Kind, url: &str, session: &Value) -> Result<f64, Failure> {
        let before = self.0.borrow().crossings();
        self.ask(kind, url, session)?;
        Ok(f64::from(u32::try_from(self.0.borrow().crossings() - before)?))
    }
}

/// The module's calls into the component, and nothing else.
struct Without(Object);

impl Without {
    fn new(library: &Path) -> Result<Self, Failure> {
        Ok(Self(Addin::load(library)?.create_with("HTTPSession", Settings::default())?))
    }

    fn ask(&self, kind: &Kind, url: &str) -> Result<(), Failure> {
        self.0.set("Cookies", "")?;
        if let Some(bytes) = kind.blob {
            self.0.call("ДобавитьДанные", &[Val::from("д0"), Val::Blob(bytes.to_vec())])?;
        }
        let options = format!("{{{COMMON}{}}}", kind.options);
        let arguments = [Val::from(kind.method), url.into(), Val::Empty, options.into(), Val::Int(1000)];
        if self.0.call("НачатьЗапрос", &arguments)?.as_bool() != Some(true) {
            return Err("not finished within a second".into());
        }
        let summary = self.0.get("ОтветJSON")?;
        let body = self.0.call("ЗабратьТело", &[])?;
        let is_right = summary.as_str().is_some_and(|text| text.contains("\"КодСостояния\":200"))
            && body.as_bytes().is_some_and(|bytes| !bytes.is_empty());
        if is_right { Ok(()) } else { Err(format!("{}: {summary:?}", kind.label).into()) }
    }
}

fn whole(length: usize) -> Result<(), Failure> {
    if length == JSON.len() { Ok(()) } else { Err(format!("{length} units").into()) }
}

fn repeat<'a>(count: usize, mut once: impl FnMut() -> Result<(), Failure> + 'a) -> Turn<'a> {
    Box::new(move || {
        let (cost, ()) = timed(|| (0..count).try_for_each(|_| once()))?;
        Ok(cost)
    })
}
