//! How the code reads, where a machine can tell: the house rules of `CONTRIBUTING.md`.

use std::path::PathBuf;

use syn::visit::{self, Visit};
use syn::{Expr, ExprMethodCall, ImplItemFn, ItemFn, ItemMod, Local};

use crate::harness::root;

/// A reader holds two local functions in the head, not more.
const NAMED_CLOSURES: usize = 2;
/// A longer chain of calls wants a loop or a named function.
const ADAPTORS: usize = 4;

/// What of one file is hard to read.
struct Reader {
    file: String,
    /// Named closures of the functions that are open, the innermost last.
    closures: Vec<usize>,
    findings: Vec<String>,
}

impl Reader {
    fn function(&mut self, name: &str, read: impl FnOnce(&mut Self)) {
        self.closures.push(0);
        read(self);
        let closures = self.closures.pop().expect("a function that ends has begun");
        if closures > NAMED_CLOSURES {
            self.findings.push(format!(
                "{}: {name} has {closures} named closures",
                self.file
            ));
        }
    }
}

impl Visit<'_> for Reader {
    fn visit_item_mod(&mut self, module: &ItemMod) {
        let is_test = module
            .attrs
            .iter()
            .any(|attribute| attribute.path().is_ident("cfg"));
        if !is_test {
            visit::visit_item_mod(self, module);
        }
    }

    fn visit_item_fn(&mut self, function: &ItemFn) {
        let name = function.sig.ident.to_string();
        self.function(&name, |reader| visit::visit_item_fn(reader, function));
    }

    fn visit_impl_item_fn(&mut self, function: &ImplItemFn) {
        let name = function.sig.ident.to_string();
        self.function(&name, |reader| visit::visit_impl_item_fn(reader, function));
    }

    fn visit_local(&mut self, local: &Local) {
        let is_closure = local
            .init
            .as_ref()
            .is_some_and(|init| matches!(*init.expr, Expr::Closure(_)));
        if let Some(closures) = self.closures.last_mut().filter(|_| is_closure) {
            *closures += 1;
        }
        visit::visit_local(self, local);
    }

    fn visit_expr_method_call(&mut self, call: &ExprMethodCall) {
        let mut adaptors = adaptor(call);
        let mut receiver = &*call.receiver;
        while let Expr::MethodCall(inner) = receiver {
            adaptors += adaptor(inner);
            receiver = &inner.receiver;
        }
        if adaptors > ADAPTORS {
            self.findings.push(format!(
                "{}: `{}` ends a chain of {adaptors} adaptors",
                self.file, call.method
            ));
        }
        visit::visit_expr_method_call(self, call);
    }
}

/// Whether a call takes a function, as `map` and `filter` do.
fn adaptor(call: &ExprMethodCall) -> usize {
    let is_function = |argument: &Expr| matches!(argument, Expr::Closure(_) | Expr::Path(_));
    usize::from(call.args.iter().any(is_function))
}

fn files() -> Vec<PathBuf> {
    let entries = walkdir::WalkDir::new(root().join("src"))
        .sort_by_file_name()
        .into_iter()
        .flatten();
    let paths = entries.map(walkdir::DirEntry::into_path);
    paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect()
}

#[test]
fn a_function_has_two_named_closures_at_most_and_no_chain_of_more_than_four_adaptors() {
    let mut findings = Vec::new();
    for path in files() {
        let syntax = syn::parse_file(&std::fs::read_to_string(&path).unwrap()).unwrap();
        let file = path.strip_prefix(root()).unwrap().display().to_string();
        let mut reader = Reader {
            file,
            closures: Vec::new(),
            findings: Vec::new(),
        };
        reader.visit_file(&syntax);
        findings.extend(reader.findings);
    }
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}
