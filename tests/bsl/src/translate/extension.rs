//! The extension, made of the configuration: the same modules and templates under prefixed names, for configurations that
//! have no Connector of their own. Objects get identifiers of their own, derived from those they were made of, so that
//! making them again changes nothing.

use std::collections::BTreeMap;

use sha1::{Digest, Sha1};

/// What the names of the extension begin with.
pub const PREFIX: &str = "кнк_";

/// Names beside those of objects that must not meet others: the procedures of global modules, which need no module's
/// name, and the symbolic name of the component, under which two different files cannot be attached.
const OWN_NAMES: &[(&str, &str)] = &[
    ("ПроверитьЗапросыКоннектораHTTP", "кнк_ПроверитьЗапросыКоннектораHTTP"),
    ("CheckHTTPConnectorRequests", "кнк_CheckHTTPConnectorRequests"),
    ("ConnectorHTTPNative", "ConnectorHTTPNativeExt"),
];

/// The class of the component that a module is named like: alone in quotes it is the class.
const CLASS: &str = "HTTPConnector";

/// Files of the extension by path, made of those of the configuration.
///
/// # Errors
/// A file of a kind the extension cannot have, or without what it must have.
pub(super) fn extension(
    configuration: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let root = configuration.get("Configuration.xml").ok_or("Configuration.xml is not there")?;
    let objects = objects(root);
    let rename = |word: &str| -> Option<String> {
        let own = OWN_NAMES.iter().find(|(from, _)| *from == word).map(|(_, to)| (*to).to_owned());
        own.or_else(|| objects.iter().any(|(_, name)| name == word).then(|| format!("{PREFIX}{word}")))
    };
    let mut files = BTreeMap::new();
    for (path, text) in configuration {
        let made = match path.split('/').next().unwrap_or_default() {
            "Configuration.xml" => configuration_xml(text, &objects)?,
            "Languages" => adopted_language(text)?,
            "CommonModules" | "CommonTemplates" => with_own_identifiers(&renamed(text, &rename)),
            other => return Err(format!("the extension cannot have {other}: {path}")),
        };
        files.insert(renamed(path, &rename), made);
    }
    Ok(files)
}

/// Kinds and names of the objects of the configuration, without its languages.
fn objects(root: &str) -> Vec<(String, String)> {
    let children = between(root, "<ChildObjects>", "</ChildObjects>").unwrap_or_default();
    let object = |line: &str| {
        let (kind, rest) = line.trim().strip_prefix('<')?.split_once('>')?;
        let (name, _) = rest.split_once('<')?;
        (kind != "Language").then(|| (kind.to_owned(), name.to_owned()))
    };
    children.lines().filter_map(object).collect()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Option<&'t str> {
    Some(text.split_once(from)?.1.split_once(to)?.0)
}

/// A text with whole words replaced.
fn renamed(text: &str, rename: &dyn Fn(&str) -> Option<String>) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    while !rest.is_empty() {
        let word = rest.find(|c| !is_of_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(word);
        let is_class = word == CLASS && made.ends_with('"') && after.starts_with('"');
        match rename(word).filter(|_| !is_class) {
            Some(name) => made.push_str(&name),
            None => made.push_str(word),
        }
        let gap = after.find(is_of_word).unwrap_or(after.len());
        let (gap, after) = after.split_at(gap);
        made.push_str(gap);
        rest = after;
    }
    made
}

/// Identifiers derived from those that are there.
fn with_own_identifiers(text: &str) -> String {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("uuid=\"") {
        let (uuid, after) = after.split_once('"').unwrap_or((after, ""));
        made.push_str(&format!("{before}uuid=\"{}\"", derived(uuid)));
        rest = after;
    }
    made.push_str(rest);
    made
}

/// Version 5 in form: a digest of a name.
fn derived(uuid: &str) -> String {
    let digest = Sha1::digest(format!("{PREFIX}{uuid}"));
    let mut hex: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    hex.replace_range(12..13, "5");
    hex.replace_range(16..17, "a");
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
    [part(0, 8), part(8, 12), part(12, 16), part(16, 20), part(20, 32)].join("-")
}

/// The root of the extension: an addition, which changes no object of the configuration.
fn configuration_xml(text: &str, objects: &[(String, String)]) -> Result<String, String> {
    let (head, rest) = text.split_once("\t\t<Properties>").ok_or("Configuration.xml has no properties")?;
    let compatibility = between(rest, "<CompatibilityMode>", "</CompatibilityMode>")
        .ok_or("Configuration.xml has no compatibility mode")?;
    let children: String =
        objects.iter().map(|(kind, name)| format!("\t\t\t<{kind}>{PREFIX}{name}</{kind}>\r\n")).collect();
    let properties = format!(
        "\t\t<Properties>
\t\t\t<ObjectBelonging>Adopted</ObjectBelonging>
\t\t\t<Name>{PREFIX}КоннекторHTTP</Name>
\t\t\t<Synonym>
\t\t\t\t<v8:item>
\t\t\t\t\t<v8:lang>ru</v8:lang>
\t\t\t\t\t<v8:content>Коннектор HTTP (расширение)</v8:content>
\t\t\t\t</v8:item>
\t\t\t</Synonym>
\t\t\t<Comment>HTTP-запросы через нативную внешнюю компоненту для конфигураций без своего Коннектора</Comment>
\t\t\t<ConfigurationExtensionPurpose>AddOn</ConfigurationExtensionPurpose>
\t\t\t<NamePrefix>{PREFIX}</NamePrefix>
\t\t\t<ConfigurationExtensionCompatibilityMode>{compatibility}</ConfigurationExtensionCompatibilityMode>
\t\t\t<DefaultRunMode>ManagedApplication</DefaultRunMode>
\t\t\t<UsePurposes>
\t\t\t\t<v8:Value xsi:type=\"app:ApplicationUsePurpose\">PlatformApplication</v8:Value>
\t\t\t</UsePurposes>
\t\t\t<ScriptVariant>Russian</ScriptVariant>
\t\t\t<DefaultRoles/>
\t\t\t<Vendor/>
\t\t\t<Version/>
\t\t\t<DefaultLanguage>Language.Русский</DefaultLanguage>
\t\t\t<InterfaceCompatibilityMode>Taxi</InterfaceCompatibilityMode>
\t\t</Properties>
\t\t<ChildObjects>
\t\t\t<Language>Русский</Language>
{children}\t\t</ChildObjects>
\t</Configuration>
</MetaDataObject>"
    );
    let properties = properties.replace("\r\n", "\n").replace('\n', "\r\n");
    Ok(format!("{}{properties}", own_contained(&with_own_identifiers(head))))
}

/// Identifiers of the contained objects are the extension's own too.
fn own_contained(head: &str) -> String {
    let (mut made, mut rest) = (String::new(), head);
    while let Some((before, after)) = rest.split_once("<xr:ObjectId>") {
        let (uuid, after) = after.split_once('<').unwrap_or((after, ""));
        made.push_str(&format!("{before}<xr:ObjectId>{}<", derived(uuid)));
        rest = after;
    }
    made.push_str(rest);
    made
}

/// A language is that of the configuration the extension is for.
fn adopted_language(text: &str) -> Result<String, String> {
    let uuid = between(text, "uuid=\"", "\"").ok_or("a language has no identifier")?;
    let (head, _) = text.split_once("\t\t<Properties>").ok_or("a language has no properties")?;
    let name = between(text, "<Name>", "</Name>").ok_or("a language has no name")?;
    let code = between(text, "<LanguageCode>", "</LanguageCode>").ok_or("a language has no code")?;
    let properties = format!(
        "\t\t<Properties>\r\n\t\t\t<ObjectBelonging>Adopted</ObjectBelonging>\r\n\t\t\t<Name>{name}</Name>\r\n\
         \t\t\t<Comment/>\r\n\t\t\t<ExtendedConfigurationObject>{uuid}</ExtendedConfigurationObject>\r\n\
         \t\t\t<LanguageCode>{code}</LanguageCode>\r\n\t\t</Properties>\r\n\t</Language>\r\n</MetaDataObject>"
    );
    Ok(format!("{}{properties}", with_own_identifiers(head)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_words_are_renamed() {
        let rename = |word: &str| (word == "А").then(|| "кнк_А".to_owned());
        assert_eq!(
            renamed("\u{feff}А.Б(\"ОбщийМакет.А\"); // АБ, А_1 и А", &rename),
            "\u{feff}кнк_А.Б(\"ОбщийМакет.кнк_А\"); // АБ, А_1 и кнк_А"
        );
    }

    #[test]
    fn a_derived_identifier_is_well_formed_and_stays_the_same() {
        let uuid = derived("c7f9ae98-8113-4d49-81a9-b3bedaa1835f");
        assert!(uuid::Uuid::parse_str(&uuid).is_ok_and(|parsed| parsed.get_version_num() == 5), "{uuid}");
        assert_eq!(uuid, derived("c7f9ae98-8113-4d49-81a9-b3bedaa1835f"));
        assert_ne!(uuid, derived("5c66a306-49f3-4aa5-938a-41ba98b8c5e2"));
    }
}
