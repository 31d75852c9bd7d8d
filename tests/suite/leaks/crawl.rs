//! Every delivery route with many combinations of parameters, from the OpenAPI document.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use masthead_api::documents;
use masthead_openapi::document::Surface;
use masthead_tests::{Caller, Response};
use serde_json::Value;

use super::world::World;

/// What stands for a parameter: values that can be, of public and of private things.
pub(super) struct Values<'a> {
    pub(super) world: &'a World,
    pub(super) locales: Vec<String>,
}

impl Values<'_> {
    fn of_path(&self, name: &str) -> Vec<String> {
        let (public, private) = match name {
            "{id}" => (&self.world.public_ids, &self.world.private_ids),
            "{slug}" => (&self.world.public_slugs, &self.world.private_slugs),
            "{number}" => return ["0", "1", "2"].map(str::to_owned).to_vec(),
            other => panic!("the document has a path parameter {other} that this crawl has no values for"),
        };
        public.iter().chain(private).cloned().collect()
    }

    /// The values of a query parameter; every parameter of the document has some.
    fn of_query(&self, parameter: &Value) -> Vec<String> {
        let (name, schema) = (parameter["name"].as_str().unwrap(), &parameter["schema"]);
        let slugs = || {
            self.world
                .public_slugs
                .iter()
                .chain(&self.world.private_slugs)
                .cloned()
                .collect()
        };
        match name {
            "tag" | "author" => slugs(),
            "tag_all" | "not_tag" | "slug" => {
                one_of_each(&self.world.public_slugs, &self.world.private_slugs)
            }
            "id" => one_of_each(&self.world.public_ids, &self.world.private_ids),
            // Words that readers see, and the beginning of all that they do not.
            "q" => ["tides", "it*", "qanary*", "qanarydraftbody"]
                .map(str::to_owned)
                .to_vec(),
            "published_from" | "published_to" | "updated_from" => vec!["2024-01-01T00:00:00Z".to_owned()],
            "locale" => self.locales.clone(),
            "limit" => vec!["1".to_owned(), schema["maximum"].to_string()],
            "since" => vec!["0".to_owned(), "1".to_owned()],
            "begun_above" => vec!["0".to_owned()],
            // Cursors are followed from the links. Nobody is told of the past without a credential, and its own
            // tests look at what it shows.
            "after" | "before" | "as_of" | "fallback" => Vec::new(),
            "kind" if words(schema).is_empty() => vec!["topic".to_owned(), "qanarykind".to_owned()],
            _ => {
                let mut words = words(schema);
                assert!(!words.is_empty(), "no values for the parameter {name}: {schema}");
                if words.len() > 1 && schema.to_string().contains("array") && name != "sort" {
                    words.push(words.join(","));
                }
                words
            }
        }
    }
}

/// A private one, and a public one with it.
fn one_of_each(public: &BTreeSet<String>, private: &BTreeSet<String>) -> Vec<String> {
    let (public, private) = (public.iter().next(), private.iter().next());
    let both = [public, private]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>();
    let mut values = vec![both.join(",")];
    values.extend(private.cloned());
    values
}

/// The words an enumeration allows, wherever the schema keeps it.
fn words(schema: &Value) -> Vec<String> {
    static DOCUMENT: std::sync::LazyLock<Value> =
        std::sync::LazyLock::new(|| documents::document(Surface::Delivery));
    let mut found = BTreeSet::new();
    let mut open = vec![schema];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::Array(words)) = fields.get("enum") {
                    found.extend(words.iter().filter_map(|word| word.as_str().map(str::to_owned)));
                }
                if let Some(reference) = fields.get("$ref").and_then(Value::as_str) {
                    open.extend(DOCUMENT.pointer(reference.trim_start_matches('#')));
                }
                open.extend(fields.values());
            }
            Value::Array(items) => open.extend(items),
            _ => {}
        }
    }
    found.into_iter().collect()
}

/// How many things that are there, how many that are not, and how many values from either end are tried in pairs.
const IN_PAIRS: usize = 1;

/// Every request of the crawl: each path with each value of each parameter alone, and with pairs of two parameters'
/// values. Of many paths that name things, and of many values, a few public and a few private ones are tried in pairs:
/// what parameters do to each other does not hang on which of many things they name.
pub(super) fn requests(reader: &Caller, values: &Values<'_>) -> Vec<String> {
    let document = documents::document(Surface::Delivery);
    let mut requests = Vec::new();
    for (template, item) in document["paths"].as_object().expect("paths") {
        let operation = &item["get"];
        assert!(
            operation.is_object(),
            "{template} is not read; teach the crawl what it does"
        );
        if operation["responses"]["200"]["content"]["text/event-stream"].is_object() {
            // Without an end, and of the same entries as the list of changes.
            continue;
        }
        let empty = Vec::new();
        let parameters = operation["parameters"].as_array().unwrap_or(&empty);
        let queries = |is_required: bool| -> BTreeMap<String, Vec<String>> {
            let asked = parameters.iter().filter(|parameter| {
                parameter["in"] == "query" && (parameter["required"] == true) == is_required
            });
            asked
                .map(|parameter| {
                    (
                        parameter["name"].as_str().unwrap().to_owned(),
                        values.of_query(parameter),
                    )
                })
                .collect()
        };
        let (required, mut free) = (queries(true), queries(false));
        if free.contains_key("fallback")
            && let Some(locales) = free.get_mut("locale")
        {
            let others = locales
                .iter()
                .map(|locale| format!("{locale}&fallback=de,en,none"));
            let others: Vec<_> = others.collect();
            locales.extend(others);
        }
        let (mut found, mut missed) = (0, 0);
        for path in paths(template, values) {
            let in_pairs = if template.contains('{') {
                let counted = match reader.get(&path).status() {
                    200 => &mut found,
                    _ => &mut missed,
                };
                *counted += 1;
                *counted <= IN_PAIRS
            } else {
                true
            };
            for path in with_all(&path, &required) {
                requests.extend(with_queries(&path, &free, in_pairs));
            }
        }
    }
    requests
}

fn paths(template: &str, values: &Values<'_>) -> Vec<String> {
    let mut paths = vec![String::new()];
    for part in template.split('/').skip(1) {
        let choices = match part.find('}') {
            // `{slug}.md` is a value with an ending.
            Some(end) if part.starts_with('{') => {
                let (name, ending) = part.split_at(end + 1);
                let all = values.of_path(name).into_iter();
                all.map(|value| format!("{value}{ending}")).collect()
            }
            _ => vec![part.to_owned()],
        };
        paths = paths
            .iter()
            .flat_map(|path| choices.iter().map(move |choice| format!("{path}/{choice}")))
            .collect();
    }
    paths
}

/// A path with each value of what it cannot do without.
fn with_all(path: &str, required: &BTreeMap<String, Vec<String>>) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    for (name, values) in required {
        all = all
            .iter()
            .flat_map(|path| values.iter().map(move |value| added(path, name, value)))
            .collect();
    }
    all
}

fn added(path: &str, name: &str, value: &str) -> String {
    let sign = if path.contains('?') { '&' } else { '?' };
    format!("{path}{sign}{name}={value}")
}

fn with_queries(path: &str, queries: &BTreeMap<String, Vec<String>>, in_pairs: bool) -> Vec<String> {
    let mut all = vec![path.to_owned()];
    for (name, values) in queries {
        all.extend(values.iter().map(|value| added(path, name, value)));
    }
    if !in_pairs {
        return all;
    }
    let few: Vec<(&String, &String)> = queries
        .iter()
        .flat_map(|(name, values)| some(values).map(move |value| (name, value)))
        .collect();
    for (index, (name, value)) in few.iter().enumerate() {
        let one = added(path, name, value);
        let others = few[index + 1..].iter().filter(|(other, _)| other != name);
        all.extend(others.map(|(other, its)| added(&one, other, its)));
    }
    all
}

/// The first and the last of many values: the public ones come first and the private ones last.
fn some(values: &[String]) -> impl Iterator<Item = &String> {
    let last = values.len().saturating_sub(IN_PAIRS).max(IN_PAIRS);
    values.iter().take(IN_PAIRS).chain(values.iter().skip(last))
}

/// Sends them all and follows the links of lists; hands over each answer once.
pub(super) fn crawl(reader: &Caller, requests: Vec<String>, mut look: impl FnMut(&str, &Response)) -> usize {
    let mut seen = BTreeSet::new();
    let mut open = requests;
    while let Some(path) = open.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = reader.get(&path);
        assert!(
            [200, 404, 410].contains(&answer.status()),
            "{path}: {}",
            answer.text()
        );
        let is_json = answer.header("content-type") == Some("application/json");
        if answer.status() == 200 && is_json {
            let body = answer.body();
            let links = ["next", "prev"]
                .into_iter()
                .filter_map(|name| body["links"][name].as_str());
            open.extend(links.map(str::to_owned));
        }
        look(&path, &answer);
    }
    seen.len()
}

/// Everything an answer says: its body, its headers, and what its cursors hold.
pub(super) fn everything(answer: &Response) -> String {
    let mut text = answer.text();
    for (name, value) in answer.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        write!(text, "\n{name}: {value}").expect("a text takes it");
    }
    let said = text.clone();
    for name in ["after=", "before="] {
        for rest in said.split(name).skip(1) {
            let end = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && !"-_".contains(c))
                .unwrap_or(rest.len());
            text.push('\n');
            text.push_str(&opened(&rest[..end]));
        }
    }
    text
}

/// The bytes of a cursor, as far as they are text.
fn opened(cursor: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut bits, mut held) = (Vec::new(), 0_u32, 0);
    for letter in cursor.bytes() {
        let Some(value) = ALPHABET.iter().position(|known| *known == letter) else {
            continue;
        };
        bits = (bits << 6) | u32::try_from(value).expect("six bits");
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).expect("eight bits"));
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
