//! The document: all services, and the definitions of their types.

use crate::schema::{ErrorInfo, Json, MethodSchemas, Methods, Schemas};
use crate::service::{MethodRef, ServiceRef};

/// Describes services as one JSON document; see [the module](crate::reflection).
///
/// ```
/// use rpcx::reflection::describe;
/// use rpcx::services::{Service, ServiceRef};
///
/// # fn f(arith: &impl Service) {
/// let document = describe([arith.info()]);
/// println!("{document}");
/// # }
/// ```
pub fn describe(services: impl IntoIterator<Item = ServiceRef>) -> Json {
    let named = services
        .into_iter()
        .map(|service| (service.name().to_owned(), service));
    Described::new(named).document()
}

/// Services with the schemas of their types.
#[derive(Debug)]
pub(super) struct Described {
    pub(super) services: Vec<DescribedService>,
    pub(super) schemas: Schemas,
}

#[derive(Debug)]
pub(super) struct DescribedService {
    pub(super) path: String,
    pub(super) info: ServiceRef,
    pub(super) methods: Vec<DescribedMethod>,
}

#[derive(Debug)]
pub(super) struct DescribedMethod {
    pub(super) info: MethodRef,
    pub(super) args: Json,
    /// `None` for a method that is not answered.
    pub(super) reply: Option<Json>,
    pub(super) codecs: Vec<&'static str>,
    pub(super) errors: &'static [ErrorInfo],
}

impl Described {
    pub(super) fn new(services: impl IntoIterator<Item = (String, ServiceRef)>) -> Self {
        let mut schemas = Schemas::new();
        let services = services.into_iter().map(|(path, info)| {
            let methods = methods(&info, &mut schemas);
            DescribedService {
                path,
                info,
                methods,
            }
        });
        let services = services.collect();
        Self { services, schemas }
    }

    /// Adds handlers of which nothing but the name is known, unless a service has a method of that name.
    pub(super) fn add(&mut self, handlers: Vec<(String, MethodRef)>) {
        for (path, info) in handlers {
            let place = self.services.binary_search_by(|one| one.path.cmp(&path));
            let place = place.unwrap_or_else(|place| {
                let service = DescribedService {
                    info: ServiceRef::owned(path.as_str(), Vec::new()),
                    path,
                    methods: Vec::new(),
                };
                self.services.insert(place, service);
                place
            });
            let methods = &mut self.services[place].methods;
            if methods.iter().all(|one| one.info.name() != info.name()) {
                methods.push(described(info, None));
            }
        }
    }

    pub(super) fn document(&self) -> Json {
        let resolved = self.schemas.finish("#/$defs/");
        let service = |service: &DescribedService| {
            let methods = service.methods.iter().map(|method| {
                let args = resolved.resolve(&method.args);
                let reply = method.reply.as_ref();
                let reply = reply.map_or(Json::NULL, |reply| resolved.resolve(reply));
                self::method(method, args, reply)
            });
            let version = service.info.version().map_or(Json::NULL, Json::from);
            Json::object()
                .with("name", service.path.clone())
                .with("docs", service.info.docs())
                .with("version", version)
                .with("methods", methods.collect::<Json>())
        };
        let services = self.services.iter().map(service).collect::<Json>();
        Json::object()
            .with("services", services)
            .with("$defs", resolved.definitions.clone())
    }
}

fn methods(info: &ServiceRef, schemas: &mut Schemas) -> Vec<DescribedMethod> {
    let said = info.schemas().map_or_else(Vec::new, |describe| {
        let mut methods = Methods::new(schemas);
        describe(&mut methods);
        methods.all
    });
    let described = info.methods().map(|info| {
        let found = said.iter().find(|one| one.id == info.id());
        described(info, found)
    });
    described.collect()
}

fn described(info: MethodRef, said: Option<&MethodSchemas>) -> DescribedMethod {
    let oneway = info.options().oneway;
    match said {
        Some(said) => DescribedMethod {
            info,
            args: said.args.clone(),
            reply: said.reply.clone().filter(|_| !oneway),
            codecs: said.codecs.clone(),
            errors: said.errors,
        },
        None => DescribedMethod {
            info,
            args: Json::object(),
            reply: (!oneway).then(Json::object),
            codecs: Vec::new(),
            errors: &[],
        },
    }
}

fn method(method: &DescribedMethod, args: Json, reply: Json) -> Json {
    let options = method.info.options();
    let codecs = method.codecs.iter().map(|name| Json::from(*name));
    let errors = method.errors.iter().map(|error| {
        Json::object()
            .with("code", error.code)
            .with("name", error.name)
            .with("docs", error.docs)
    });
    Json::object()
        .with("name", method.info.name().to_owned())
        .with("docs", method.info.docs())
        .with("args", args)
        .with("reply", reply)
        .with("idempotent", options.idempotent)
        .with("one_way", options.oneway)
        .with("codecs", codecs.collect::<Json>())
        .with("errors", errors.collect::<Json>())
}
