//! What functions of the files register with a server, as far as a look at their tokens tells: directly, in a loop over
//! a literal, or through a function that passes its parameters on.

use super::At;
use super::lexer::{Kind, Token};
use super::loops::{Turn, elements, range};
use super::package::Package;
use super::syntax::Function;
use super::values::{Scene, Values, group, list};

/// One thing that is registered.
#[derive(Debug)]
pub(super) struct Registered<'a> {
    pub(super) at: At,
    /// The service path; `None` for an expression whose value is not known here.
    pub(super) path: Option<String>,
    /// The methods that are registered of a type, if not all are.
    pub(super) methods: Listed,
    pub(super) what: What<'a>,
}

/// Which methods of a type are registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Listed {
    All,
    These(Vec<String>),
    /// A list whose value is not known here.
    Unknown,
}

/// What is registered.
#[derive(Debug)]
pub(super) enum What<'a> {
    /// A value of this type.
    Type(String),
    /// A function, and the name of the method; `None` for a name that is not known here.
    Function {
        function: &'a Function,
        method: Option<String>,
    },
    /// A function that reads and writes messages itself.
    Handler {
        file: usize,
        function: &'a Function,
        method: Option<String>,
    },
    /// A function that is not in the files, by what is written.
    NoFunction(String),
    /// A value whose type cannot be told here.
    Unknown,
}

/// What a function registers.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Value,
    Function,
    Handler,
}

/// Where a function that registers has a part of it from.
#[derive(Clone, Copy)]
enum Slot<'a> {
    Nothing,
    Argument(usize),
    /// Each of the arguments from this one on.
    Rest(usize),
    /// An expression of its own.
    Own(&'a [Token], Scene<'a>),
}

/// A function that registers.
#[derive(Clone)]
struct Form<'a> {
    name: &'a str,
    /// A function of the files, and the file; not one of rpcx.
    of: Option<(usize, &'a Function)>,
    sort: Sort,
    path: Slot<'a>,
    what: Slot<'a>,
    method: Slot<'a>,
    methods: Slot<'a>,
}

/// A call of a function.
struct Call<'a> {
    name: &'a Token,
    /// What stands before the dot.
    of: Option<&'a Token>,
    /// The name with all that stands before it.
    callee: &'a [Token],
    arguments: Vec<&'a [Token]>,
    scene: Scene<'a>,
}

/// How often a function that registers is called by another one that does.
const WRAPPED: usize = 4;

/// All that is registered, in source order.
pub(super) fn registered<'a>(package: &Package<'a>) -> Vec<Registered<'a>> {
    let calls = calls(package);
    let mut forms = of_rpcx();
    let known = forms.len();
    for _ in 0..WRAPPED {
        let derived: Vec<Form<'a>> = calls
            .iter()
            .filter_map(|call| wrapper(call, form(call, &forms, package)?))
            .collect();
        let before = forms.len();
        for new in derived {
            let at = |form: &Form<'_>| form.of.map(|(_, function)| function.at);
            if forms.iter().all(|form| at(form) != at(&new)) {
                forms.push(new);
            }
        }
        if forms.len() == before {
            break;
        }
    }
    let called = |function: &Function| {
        let wrappers = &forms[known..];
        calls.iter().any(|call| {
            let form = form(call, wrappers, package);
            form.is_some_and(|form| form.of.is_some_and(|(_, own)| own.at == function.at))
        })
    };
    let mut found = Vec::new();
    for call in &calls {
        let Some(form) = form(call, &forms, package) else {
            continue;
        };
        // what is passed on is known where the function around is called
        if wrapper(call, form).is_none() || !called(call.scene.function) {
            expand(call, form, package, &mut found);
        }
    }
    found
}

/// The functions of a Go server.
fn of_rpcx<'a>() -> Vec<Form<'a>> {
    use Slot::{Argument, Nothing};
    let form = |name, sort, path, what, method, methods| Form {
        name,
        of: None,
        sort,
        path,
        what,
        method,
        methods,
    };
    let (none, first, second, third) = (Nothing, Argument(0), Argument(1), Argument(2));
    vec![
        form("Register", Sort::Value, none, first, none, none),
        form("RegisterName", Sort::Value, first, second, none, none),
        form(
            "RegisterWithMethods",
            Sort::Value,
            none,
            first,
            none,
            second,
        ),
        form(
            "RegisterNameWithMethods",
            Sort::Value,
            first,
            second,
            none,
            third,
        ),
        form(
            "RegisterFunction",
            Sort::Function,
            first,
            second,
            none,
            none,
        ),
        form(
            "RegisterFunctionName",
            Sort::Function,
            first,
            third,
            second,
            none,
        ),
        form("AddHandler", Sort::Handler, first, third, second, none),
    ]
}

fn calls<'a>(package: &Package<'a>) -> Vec<Call<'a>> {
    let mut found = Vec::new();
    for (file, own) in package.files.iter().enumerate() {
        for function in &own.functions {
            let scene = Scene { file, function };
            let body = &function.body;
            found.extend((0..body.len()).filter_map(|at| call(body, at, scene)));
        }
    }
    found
}

fn call<'a>(body: &'a [Token], at: usize, scene: Scene<'a>) -> Option<Call<'a>> {
    let name = &body[at];
    // what is defined under such a name is no call of it
    let is_definition = at > 0 && body[at - 1].is("func");
    if name.kind != Kind::Word || is_definition || !body.get(at + 1)?.is("(") {
        return None;
    }
    let length = group(&body[at + 1..])?;
    let dotted = at >= 2 && body[at - 1].is(".");
    Some(Call {
        name,
        of: dotted.then(|| &body[at - 2]),
        callee: &body[start_of(body, at)..=at],
        arguments: list(&body[at + 2..at + length]),
        scene,
    })
}

/// Where `a.b.name` begins that ends here.
fn start_of(body: &[Token], end: usize) -> usize {
    let mut start = end;
    while start >= 2 && body[start - 1].is(".") && body[start - 2].kind == Kind::Word {
        start -= 2;
    }
    start
}

/// Whether a call by a name of rpcx is one of something else: of a function of the files, or of another library.
fn is_other(call: &Call<'_>, package: &Package<'_>) -> bool {
    let values = Values(package);
    let library = call.of.and_then(|of| values.library(of, call.scene));
    library.is_some_and(|path| !path.contains("rpcx"))
        || values.function(call.callee, call.scene).is_some()
}

/// The form of a call; one of the files before one of rpcx.
fn form<'a, 'b>(
    call: &Call<'a>,
    forms: &'b [Form<'a>],
    package: &Package<'a>,
) -> Option<&'b Form<'a>> {
    let fits = |form: &&Form<'a>| {
        if !call.name.is(form.name) {
            return false;
        }
        let slots = [form.path, form.what, form.method, form.methods];
        let enough = slots.iter().all(|slot| match slot {
            Slot::Argument(number) => *number < call.arguments.len(),
            _ => true,
        });
        let file = &package.files[call.scene.file];
        enough
            && match (form.of, call.of) {
                (None, None) => form.name != "Register",
                (None, Some(_)) => form.name != "Register" || call.arguments.len() <= 2,
                (Some((number, own)), None) => own.receiver.is_none() && file.own.contains(&number),
                (Some((number, own)), Some(of)) => match file.reach.get(&of.text) {
                    Some(files) => own.receiver.is_none() && files.contains(&number),
                    None => own.receiver.is_some(),
                },
            }
    };
    let found = forms.iter().rev().find(fits)?;
    (found.of.is_some() || !is_other(call, package)).then_some(found)
}

/// The function around a call as one that registers, if it passes parameters on.
fn wrapper<'a>(call: &Call<'a>, form: &Form<'a>) -> Option<Form<'a>> {
    let function = call.scene.function;
    let mut passes = false;
    let mut slot = |slot: Slot<'a>| {
        let Slot::Argument(number) = slot else {
            return slot;
        };
        let own = Slot::Own(call.arguments[number], call.scene);
        let [only] = call.arguments[number] else {
            return own;
        };
        let position = |name: &Token| {
            let mut all = function.parameters.iter();
            all.position(|parameter| name.is(&parameter.name))
        };
        let found = match position(only) {
            Some(position) => Slot::Argument(position),
            None => {
                let range = range(only, function).map(|range| range.over);
                match range {
                    Some([over]) => match position(over) {
                        Some(at) if function.parameters[at].variadic => Slot::Rest(at),
                        _ => own,
                    },
                    _ => own,
                }
            }
        };
        passes |= !matches!(found, Slot::Own(..));
        found
    };
    let derived = Form {
        name: &function.name,
        of: Some((call.scene.file, function)),
        sort: form.sort,
        path: slot(form.path),
        what: slot(form.what),
        method: slot(form.method),
        methods: slot(form.methods),
    };
    passes.then_some(derived)
}

/// An expression with its place.
type Written<'a> = (&'a [Token], Scene<'a>);

/// Adds what a call registers.
fn expand<'a>(
    call: &Call<'a>,
    form: &Form<'a>,
    package: &Package<'a>,
    found: &mut Vec<Registered<'a>>,
) {
    let what = part(form.what, call);
    if let Slot::Rest(from) = form.what {
        for argument in call.arguments.iter().skip(from) {
            found.extend(one(call, form, package, Some((argument, call.scene)), None));
        }
        return;
    }
    let turns = what.and_then(|(tokens, scene)| Turn::all(tokens, scene, &Values(package)));
    if let Some(turns) = turns {
        found.extend(
            turns
                .iter()
                .filter_map(|turn| one(call, form, package, what, Some(turn))),
        );
        return;
    }
    found.extend(one(call, form, package, what, None));
}

/// What a call registers with this value, in a turn of the loop that it is in.
fn one<'a>(
    call: &Call<'a>,
    form: &Form<'a>,
    package: &Package<'a>,
    what: Option<Written<'a>>,
    turn: Option<&Turn<'a>>,
) -> Option<Registered<'a>> {
    let values = Values(package);
    let in_turn = |(tokens, scene): Written<'a>| match turn {
        Some(turn) => turn.resolve(tokens, scene),
        None => Some((tokens, scene)),
    };
    let what = what.and_then(in_turn);
    let text = |slot| {
        let (tokens, scene) = part(slot, call).and_then(in_turn)?;
        values.text(tokens, scene)
    };
    let what = what.map_or(What::Unknown, |(tokens, scene)| {
        let method = match form.method {
            Slot::Nothing => own_name(tokens, scene, &values),
            slot => text(slot),
        };
        self::what(form.sort, tokens, scene, method, &values)
    });
    let path = match (form.path, &what) {
        // an instance of a generic type has the path of its package in its name
        (Slot::Nothing, What::Type(name)) => {
            let go = package.originals.of(name);
            (!go.contains('[')).then(|| go.to_owned())
        }
        (slot, _) => text(slot),
    };
    // `Register` is a name that many libraries use
    let imports = &package.files[call.scene.file].imports;
    let of_rpcx = imports.iter().any(|(_, path)| path.contains("rpcx"));
    let metadata = call
        .arguments
        .get(1)
        .is_none_or(|tokens| matches!(tokens, [_]) || values.text(tokens, call.scene).is_some());
    let of_others = form.of.is_none() && form.name == "Register" && !(of_rpcx && metadata);
    let is_known = match &what {
        What::Type(name) => {
            let mut functions = package.files.iter().flat_map(|file| &file.functions);
            functions.any(|one| one.receiver.as_ref() == Some(name) && one.parameters.len() == 3)
        }
        _ => false,
    };
    (is_known || !of_others).then(|| Registered {
        at: call.name.at,
        path,
        methods: listed(part(form.methods, call), form.methods, &values),
        what,
    })
}

fn part<'a>(slot: Slot<'a>, call: &Call<'a>) -> Option<Written<'a>> {
    match slot {
        Slot::Argument(number) => Some((*call.arguments.get(number)?, call.scene)),
        Slot::Own(tokens, scene) => Some((tokens, scene)),
        Slot::Nothing | Slot::Rest(_) => None,
    }
}

/// What Go calls a function that is registered without a name.
fn own_name<'a>(tokens: &'a [Token], scene: Scene<'a>, values: &Values<'a, '_>) -> Option<String> {
    let (_, function) = values.function(tokens, scene)?;
    match (&function.receiver, &*function.name) {
        (_, "") => None,
        // Go makes a function of its own for a method of a value
        (Some(_), name) => Some(format!("{name}-fm")),
        (None, name) => Some(name.to_owned()),
    }
}

fn what<'a>(
    sort: Sort,
    tokens: &'a [Token],
    scene: Scene<'a>,
    method: Option<String>,
    values: &Values<'a, '_>,
) -> What<'a> {
    match sort {
        Sort::Value => values
            .type_of(tokens, scene)
            .map_or(What::Unknown, What::Type),
        Sort::Function | Sort::Handler => match values.function(tokens, scene) {
            None => {
                let written: Vec<&str> = tokens.iter().map(|token| &*token.text).collect();
                What::NoFunction(written.concat())
            }
            Some((_, function)) if sort == Sort::Function => What::Function { function, method },
            Some((file, function)) => What::Handler {
                file,
                function,
                method,
            },
        },
    }
}

fn listed<'a>(tokens: Option<Written<'a>>, slot: Slot<'_>, values: &Values<'a, '_>) -> Listed {
    if matches!(slot, Slot::Nothing) {
        return Listed::All;
    }
    let names = tokens.and_then(|(tokens, scene)| {
        let all = elements(tokens, scene)?;
        all.into_iter().map(|one| values.text(one, scene)).collect()
    });
    names.map_or(Listed::Unknown, Listed::These)
}
