//! The contract at work: which routes there are, and what their queries and bodies may hold. Everything comes from
//! the documents that clients read, so that what they promise is what is checked.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, LazyLock, OnceLock};

use actix_web::http::Method;
use jsonschema::Validator;
use masthead_openapi::document::{Surface, names_its_form};
use masthead_openapi::problem::{ProblemCode, ProblemError};
use serde_json::{Map, Value, json};

use crate::error::{ApiError, validation};
use crate::negotiation::MediaType;
use crate::{documents, violations};

mod bare;

use bare::{Answered, Described};

/// All documents, ready to check requests.
pub struct Contract {
    routes: Vec<Route>,
    schemas: HashMap<Surface, Arc<Schemas>>,
}

/// The schemas of a document. They are read when the first of them is needed: a node that only delivers finished
/// answers needs none, and they are most of a document.
struct Schemas {
    surface: Surface,
    read: OnceLock<ReadSchemas>,
}

struct ReadSchemas {
    /// All of them, where references look for them.
    components: Value,
    bodies: HashMap<String, OnceLock<Option<Arc<Validator>>>>,
}

impl Schemas {
    fn read(&self) -> &ReadSchemas {
        self.read.get_or_init(|| {
            let schemas = bare::schemas(documents::committed(self.surface));
            let names = schemas.as_object().into_iter().flat_map(Map::keys);
            ReadSchemas {
                bodies: names.map(|name| (name.clone(), OnceLock::new())).collect(),
                components: json!({ "schemas": schemas }),
            }
        })
    }

    fn components(&self) -> &Value {
        &self.read().components
    }
}

/// One path with its operations.
struct Route {
    segments: Vec<Segment>,
    operations: Vec<Operation>,
}

enum Segment {
    Literal(String),
    /// A value, and what follows it up to the end of the segment.
    Parameter(String),
}

/// Operations of whoever has not yet set a second factor up that their role requires.
const BEFORE_SECOND_FACTOR: [&str; 5] = [
    "get_me",
    "logout",
    "get_second_factor",
    "begin_second_factor",
    "confirm_second_factor",
];

/// What a request may look like.
pub struct Operation {
    /// What it is called.
    pub id: String,
    method: Method,
    /// Which document it stands in.
    pub surface: Surface,
    /// Whether nobody has to say who they are.
    pub is_open: bool,
    /// Whether it can be had before a second factor is set up that one's role requires.
    pub is_before_second_factor: bool,
    /// Whether it takes a body.
    pub takes_body: bool,
    /// The forms that its answer can have, in our own order; empty where the address names the form.
    pub forms: Vec<MediaType>,
    parameters: Vec<Parameter>,
    query: Value,
    schemas: Arc<Schemas>,
    validator: OnceLock<Option<Validator>>,
}

struct Parameter {
    name: String,
    kind: ParameterKind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum ParameterKind {
    Text,
    /// True or false.
    Switch,
    Integer,
    List,
}

/// What is known of an address.
pub enum Found<'a> {
    /// An operation.
    Operation(&'a Operation),
    /// The address, which takes other methods.
    OtherMethods(Vec<Method>),
    /// Nothing.
    Nothing,
}

static CONTRACT: LazyLock<Contract> = LazyLock::new(Contract::new);

/// The contract of this binary.
#[must_use]
pub fn contract() -> &'static Contract {
    &CONTRACT
}

impl Contract {
    fn new() -> Self {
        let mut this = Self {
            routes: Vec::new(),
            schemas: HashMap::new(),
        };
        for surface in [Surface::Delivery, Surface::Preview, Surface::Management] {
            // One copy for all operations of a document.
            let schemas = Arc::new(Schemas {
                surface,
                read: OnceLock::new(),
            });
            for (path, item) in bare::operations(documents::committed(surface)).paths {
                this.routes.push(Route::new(&path, item, &schemas));
            }
            this.schemas.insert(surface, schemas);
        }
        // Where a literal and a parameter both fit, the literal is meant: `by-slug` is no id, and `.md` no part of one.
        this.routes.sort_by_key(Route::looseness);
        this
    }

    /// What is at an address.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Found<'_> {
        let Some(route) = self.routes.iter().find(|route| route.fits(path)) else {
            return Found::Nothing;
        };
        match route
            .operations
            .iter()
            .find(|operation| operation.method == *method)
        {
            Some(operation) => Found::Operation(operation),
            None => Found::OtherMethods(
                route
                    .operations
                    .iter()
                    .map(|operation| operation.method.clone())
                    .collect(),
            ),
        }
    }

    /// Holds a body against the schema of this name; everything that is wrong comes back at once.
    pub fn check_body(&self, surface: Surface, schema: &str, body: &Value) -> Result<(), ApiError> {
        let schemas = self.schemas[&surface].read();
        let validator = schemas.bodies.get(schema).and_then(|cell| {
            cell.get_or_init(|| {
                let schema = json!({
                    "$ref": format!("#/components/schemas/{schema}"),
                    "components": schemas.components,
                });
                compile(&schema).map(Arc::new)
            })
            .clone()
        });
        let Some(validator) = validator else {
            return Err(ApiError::internal(format!("the contract has no schema {schema}")));
        };
        let errors = violations::all(&validator, body, &schemas.components);
        if errors.is_empty() {
            Ok(())
        } else {
            Err(validation(errors))
        }
    }
}

/// Formats are left to the code that reads the values, for it says better what is wrong.
fn compile(schema: &Value) -> Option<Validator> {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .map_err(|error| tracing::error!(%error, "a schema of the contract cannot be compiled"))
        .ok()
}

impl Route {
    fn new(path: &str, item: BTreeMap<String, Described>, schemas: &Arc<Schemas>) -> Self {
        let segment = |text: &str| match text.strip_prefix('{').and_then(|rest| rest.split_once('}')) {
            Some((_, ending)) => Segment::Parameter(ending.to_owned()),
            None => Segment::Literal(text.to_owned()),
        };
        let operations = item.into_iter();
        Self {
            segments: path.split('/').map(segment).collect(),
            operations: operations
                .filter_map(|(method, operation)| Operation::new(path, &method, operation, schemas))
                .collect(),
        }
    }

    /// How many segments are values, and how many of them to their very end.
    fn looseness(&self) -> (usize, usize) {
        let endings = || {
            self.segments.iter().filter_map(|segment| match segment {
                Segment::Parameter(ending) => Some(ending),
                Segment::Literal(_) => None,
            })
        };
        (
            endings().count(),
            endings().filter(|ending| ending.is_empty()).count(),
        )
    }

    fn fits(&self, path: &str) -> bool {
        let mut given = path.split('/');
        let fits = self.segments.iter().all(|segment| match (segment, given.next()) {
            (Segment::Literal(literal), Some(given)) => literal == given,
            (Segment::Parameter(ending), Some(given)) => given
                .strip_suffix(ending.as_str())
                .is_some_and(|value| !value.is_empty()),
            (_, None) => false,
        });
        fits && given.next().is_none()
    }
}

impl Operation {
    fn new(path: &str, method: &str, described: Described, schemas: &Arc<Schemas>) -> Option<Self> {
        let method = Method::from_bytes(method.to_uppercase().as_bytes()).ok()?;
        let forms = forms(path, &described.responses);
        let mut parameters = Vec::new();
        let mut properties = Map::new();
        let mut required = Vec::new();
        for parameter in described.parameters {
            if parameter.place != "query" {
                continue;
            }
            let (name, schema) = (parameter.name, parameter.schema.0);
            parameters.push(Parameter {
                kind: ParameterKind::of(&schema),
                name: name.clone(),
            });
            if parameter.required {
                required.push(name.clone());
            }
            properties.insert(name, schema);
        }
        let query = json!({
            "type": "object",
            "properties": properties,
            "required": required,
        });
        let id = described.operation_id;
        Some(Self {
            is_before_second_factor: BEFORE_SECOND_FACTOR.contains(&id.as_str()),
            id,
            method,
            surface: schemas.surface,
            is_open: described.security.iter().any(|one| one.0.is_empty()),
            takes_body: described.request_body.is_some(),
            forms,
            parameters,
            query,
            schemas: Arc::clone(schemas),
            validator: OnceLock::new(),
        })
    }

    /// Reads a query: every parameter known, given once, and of a value that can be.
    pub fn read_query(&self, query: &str) -> Result<Value, ApiError> {
        let mut errors = Vec::new();
        let mut values = Map::new();
        for (name, value) in pairs(query)? {
            let Some(parameter) = self.parameters.iter().find(|parameter| parameter.name == name) else {
                errors.push(self.unknown(&name));
                continue;
            };
            match parameter.read(&value) {
                Err(error) => errors.push(error),
                Ok(read) => match (values.get_mut(&name), read) {
                    // Commas are our way; some clients repeat the parameter of a list instead.
                    (Some(Value::Array(listed)), Value::Array(more)) => listed.extend(more),
                    (None, read) => {
                        values.insert(name, read);
                    }
                    (Some(_), _) => {
                        let message = "This parameter stands twice.";
                        errors.push(ProblemError::parameter(name, "duplicate", message));
                    }
                },
            }
        }
        let requires = self.query["required"]
            .as_array()
            .is_some_and(|all| !all.is_empty());
        let needs_check = requires || !values.is_empty();
        let values = Value::Object(values);
        if needs_check {
            self.check(&values, &mut errors)?;
        }
        if errors.is_empty() {
            Ok(values)
        } else {
            Err(refused(errors))
        }
    }

    fn check(&self, values: &Value, errors: &mut Vec<ProblemError>) -> Result<(), ApiError> {
        let made = || {
            let mut whole = self.query.clone();
            whole["components"] = self.schemas.components().clone();
            compile(&whole)
        };
        let validator = self.validator.get_or_init(made).as_ref();
        let validator = validator.ok_or_else(|| ApiError::internal("a query has no validator"))?;
        for error in violations::all(validator, values, self.schemas.components()) {
            let pointer = error.pointer.unwrap_or_default();
            let name = pointer.split('/').nth(1).unwrap_or_default().to_owned();
            errors.push(ProblemError::parameter(name, error.code, error.message));
        }
        Ok(())
    }

    fn unknown(&self, name: &str) -> ProblemError {
        let known: Vec<_> = self
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        let known = if known.is_empty() {
            "none".to_owned()
        } else {
            known.join(", ")
        };
        let message = format!("`{name}` is not a parameter here; allowed: {known}.");
        ProblemError::parameter(name, "unknown_parameter", message)
    }
}

/// The forms of an operation's good answers, JSON first: it is what a client gets that does not mind.
fn forms(path: &str, answers: &BTreeMap<String, Answered>) -> Vec<MediaType> {
    if names_its_form(path) {
        return Vec::new();
    }
    let good = answers.iter().filter(|(status, _)| status.starts_with('2'));
    let mut forms: Vec<_> = good
        .flat_map(|(_, answer)| &answer.content.0)
        .map(|name| MediaType::named(name))
        .collect();
    if forms.is_empty() {
        // Without a body in its good answer; the others are problems, which are JSON.
        forms.push(MediaType::JSON);
    }
    forms.sort_by_key(|form| *form != MediaType::JSON);
    forms
}

fn refused(errors: Vec<ProblemError>) -> ApiError {
    let only_unknown = errors.iter().all(|error| error.code == "unknown_parameter");
    let code = if only_unknown {
        ProblemCode::UnknownParameter
    } else {
        ProblemCode::InvalidParameter
    };
    let detail = match errors.as_slice() {
        [one] => one.message.clone(),
        many => format!("{} parameters are wrong; `errors` lists them all.", many.len()),
    };
    ApiError::new(code, detail).with_errors(errors)
}

/// The names and values of a query, decoded.
fn pairs(query: &str) -> Result<Vec<(String, String)>, ApiError> {
    let decode = |text: &str| {
        let spaced = text.replace('+', " ");
        let decoded = percent_encoding::percent_decode_str(&spaced).decode_utf8();
        let decoded = decoded
            .map(std::borrow::Cow::into_owned)
            .ok()
            .filter(|text| !text.contains('\0'));
        decoded.ok_or_else(|| {
            ApiError::new(
                ProblemCode::MalformedRequest,
                "The query holds bytes that are no text in UTF-8, or U+0000.",
            )
        })
    };
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode(name)?, decode(value)?))
        })
        .collect()
}

impl ParameterKind {
    fn of(schema: &Value) -> Self {
        let is = |kind: &str| match &schema["type"] {
            Value::String(text) => text == kind,
            Value::Array(kinds) => kinds.iter().any(|text| text == kind),
            _ => false,
        };
        if is("array") {
            Self::List
        } else if is("integer") {
            Self::Integer
        } else if is("boolean") {
            Self::Switch
        } else {
            Self::Text
        }
    }
}

impl Parameter {
    fn read(&self, text: &str) -> Result<Value, ProblemError> {
        match self.kind {
            ParameterKind::Text => Ok(Value::from(text)),
            ParameterKind::List => Ok(text.split(',').map(Value::from).collect()),
            ParameterKind::Switch => match text {
                "true" => Ok(Value::Bool(true)),
                "false" => Ok(Value::Bool(false)),
                _ => {
                    let message = format!("`{}` is `true` or `false`, not `{text}`.", self.name);
                    Err(ProblemError::parameter(&self.name, "wrong_type", message))
                }
            },
            ParameterKind::Integer => {
                let digits = text.strip_prefix('-').unwrap_or(text);
                let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
                let number = if plain { text.parse::<i64>().ok() } else { None };
                number.map(Value::from).ok_or_else(|| {
                    let message = format!("`{}` is a whole number, not `{text}`.", self.name);
                    ProblemError::parameter(&self.name, "wrong_type", message)
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn operation(path: &str) -> &'static Operation {
        match contract().find(&Method::GET, path) {
            Found::Operation(operation) => operation,
            _ => panic!("no route {path}"),
        }
    }

    #[test]
    fn a_literal_wins_over_a_parameter() {
        let id = operation("/delivery/v1/articles/01930000-0000-7000-8000-000000000001");
        let slug = operation("/delivery/v1/articles/by-slug/why-tides-turn");
        let moment = "as_of=2026-01-01T00:00:00Z";
        assert!(id.read_query(moment).is_ok());
        assert!(slug.read_query(moment).is_err());
    }

    #[test]
    fn an_address_tells_which_methods_it_takes() {
        let Found::OtherMethods(methods) = contract().find(&Method::PUT, "/delivery/v1/articles") else {
            panic!()
        };
        assert_eq!(methods, [Method::GET]);
        assert!(matches!(
            contract().find(&Method::GET, "/delivery/v1/nothing"),
            Found::Nothing
        ));
        assert!(matches!(
            contract().find(&Method::GET, "/delivery/v1/articles/"),
            Found::Nothing
        ));
    }

    #[test]
    fn a_query_names_everything_that_is_wrong() {
        let error = operation("/delivery/v1/articles")
            .read_query("limit=0&nonsense=1&sort=size&count=all")
            .unwrap_err();
        assert_eq!(error.0.code, ProblemCode::InvalidParameter);
        let mut wrong: Vec<_> = error
            .0
            .errors
            .iter()
            .map(|e| (e.parameter.clone().unwrap(), e.code.clone()))
            .collect();
        wrong.sort();
        let expected = [
            ("count", "unknown_value"),
            ("limit", "out_of_range"),
            ("nonsense", "unknown_parameter"),
            ("sort", "unknown_value"),
        ];
        assert_eq!(
            wrong,
            expected.map(|(name, code)| (name.to_owned(), code.to_owned()))
        );
    }

    #[test]
    fn a_parameter_stands_once_and_is_text() {
        let list = operation("/delivery/v1/articles");
        assert_eq!(
            list.read_query("limit=1&limit=2").unwrap_err().0.errors[0].code,
            "duplicate"
        );
        let repeated = list.read_query("sort=title&sort=-published_at");
        assert_eq!(
            repeated.unwrap(),
            list.read_query("sort=title,-published_at").unwrap()
        );
        assert_eq!(
            list.read_query("tag=%ff").unwrap_err().0.code,
            ProblemCode::MalformedRequest
        );
        assert_eq!(
            list.read_query("tag=%00").unwrap_err().0.code,
            ProblemCode::MalformedRequest
        );
        assert_eq!(
            list.read_query("x=1").unwrap_err().0.code,
            ProblemCode::UnknownParameter
        );
        for limit in ["+1", "1.0", "1e1", "", "ten", "99999999999999999999", "-1", "101"] {
            assert!(list.read_query(&format!("limit={limit}")).is_err(), "{limit}");
        }
    }
}
