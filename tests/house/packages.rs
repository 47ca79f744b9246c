//! What the server is built from: licences, duplicates, one TLS provider, and a reason for every dependency.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    process::Command,
};

use serde::Deserialize;

use crate::{assert_kept, source::ROOT};

/// Licences that ask for no more than their text beside the binary.
const LICENCES: [&str; 12] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// The client of the engine speaks TLS, by rustls on ring: a second provider makes rustls fail at run time, and the
/// system's library makes the binary depend on its machine.
const NO_TLS_BY_THESE: [&str; 5] = ["aws-lc-rs", "aws-lc-sys", "native-tls", "openssl", "openssl-sys"];

/// Packages that are there in more than one version, and who holds the older one. Nothing of ours can help it.
const DUPLICATES: [(&str, &str); 11] = [
    ("block-buffer", SIGNER),
    ("const-oid", SIGNER),
    ("cpufeatures", SIGNER),
    ("crypto-common", SIGNER),
    ("digest", SIGNER),
    ("getrandom", "ring 0.17 and nkeys 0.4"),
    ("hashbrown", "dashmap 6"),
    ("rand", SIGNER),
    ("rand_core", SIGNER),
    ("sha2", SIGNER),
    ("syn", "tracing-attributes 0.1"),
];

/// What signs with a credentials file: an older generation of the same family of packages.
const SIGNER: &str = "nkeys 0.4, by async-nats";

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    resolve: Resolve,
}

#[derive(Deserialize)]
struct Package {
    id: String,
    name: String,
    version: String,
    license: Option<String>,
}

#[derive(Deserialize)]
struct Resolve {
    root: String,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    id: String,
    deps: Vec<Edge>,
}

#[derive(Deserialize)]
struct Edge {
    pkg: String,
    dep_kinds: Vec<Kind>,
}

#[derive(Deserialize)]
struct Kind {
    kind: Option<String>,
}

impl Metadata {
    /// What `cargo metadata` says for the machine this runs on.
    fn of_this_machine() -> Self {
        let said = run("rustc", &["-vV"]);
        let host = said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let arguments = ["metadata", "--format-version=1", "--locked", "--filter-platform", host];
        serde_json::from_str(&run(env!("CARGO"), &arguments)).unwrap()
    }

    /// Everything that becomes part of the binary or of its building; not what only tests need.
    fn built(&self) -> Vec<&Package> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![self.resolve.root.as_str()];
        while let Some(id) = waiting.pop() {
            if found.insert(id) {
                let node = self.resolve.nodes.iter().find(|node| node.id == id).unwrap();
                let lasting = |edge: &&Edge| edge.dep_kinds.iter().any(|kind| kind.kind.as_deref() != Some("dev"));
                waiting.extend(node.deps.iter().filter(lasting).map(|edge| edge.pkg.as_str()));
            }
        }
        self.packages.iter().filter(|package| found.contains(package.id.as_str())).collect()
    }
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).current_dir(ROOT).output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// The names in one table of `Cargo.toml`.
pub(crate) fn direct_dependencies(table: &str) -> Vec<String> {
    let manifest: toml::Table = fs::read_to_string(format!("{ROOT}/Cargo.toml")).unwrap().parse().unwrap();
    manifest[table].as_table().unwrap().keys().cloned().collect()
}

/// Whether one may take something under this licence: one side of each OR, and both sides of each AND.
fn is_allowed(licence: &str) -> bool {
    let licence = licence.replace('/', " OR ");
    let plain = |text: &str| LICENCES.contains(&text.trim().trim_matches(['(', ')']).trim());
    let side = |text: &str| text.split(" OR ").any(plain);
    // Either `A AND B OR C`, where AND binds tighter, or `(A OR B) AND C`.
    if licence.contains('(') {
        licence.split(" AND ").all(side)
    } else {
        licence.split(" OR ").any(|choice| choice.split(" AND ").all(plain))
    }
}

/// The packages that are there in more than one version.
fn duplicates(packages: &[&Package]) -> BTreeMap<String, Vec<String>> {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages {
        versions.entry(package.name.clone()).or_default().push(package.version.clone());
    }
    versions.retain(|_, versions| versions.len() > 1);
    versions
}

/// The names that have a line of their own: `` - `name`: ``.
fn explained(paper: &str) -> BTreeSet<String> {
    let name = |line: &str| Some(line.strip_prefix("- `")?.split_once("`: ")?.0.to_owned());
    paper.lines().filter_map(name).collect()
}

#[test]
fn every_licence_is_one_we_may_pass_on() {
    let metadata = Metadata::of_this_machine();
    let licence = |package: &Package| package.license.clone().unwrap_or_default();
    let bad = metadata.packages.iter().filter(|package| !is_allowed(&licence(package)));
    assert_kept(&bad.map(|package| format!("{}: \"{}\"", package.name, licence(package))).collect::<Vec<_>>());
}

#[test]
fn no_second_tls_provider_and_no_avoidable_duplicate() {
    let metadata = Metadata::of_this_machine();
    let built = metadata.built();
    let foreign = built.iter().filter(|package| NO_TLS_BY_THESE.contains(&package.name.as_str()));
    assert_kept(&foreign.map(|package| package.name.clone()).collect::<Vec<_>>());
    let known: BTreeSet<_> = DUPLICATES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found = duplicates(&built);
    assert_eq!(found.keys().cloned().collect::<BTreeSet<_>>(), known, "{found:?}");
}

#[test]
fn every_dependency_has_its_reason_and_nothing_else_has_one() {
    let tables = ["dependencies", "dev-dependencies"];
    let mut direct: BTreeSet<_> = tables.into_iter().flat_map(direct_dependencies).collect();
    let package = fs::read_to_string(format!("{ROOT}/tests/package.json")).unwrap();
    let package: serde_json::Value = serde_json::from_str(&package).unwrap();
    direct.extend(package["devDependencies"].as_object().unwrap().keys().cloned());
    let paper = fs::read_to_string(format!("{ROOT}/docs/DEPENDENCIES.md")).unwrap();
    assert_eq!(explained(&paper), direct);
}

#[test]
fn a_licence_is_read_as_it_is_meant() {
    for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(MIT OR GPL-3.0) AND Unicode-3.0", "MIT AND ISC"] {
        assert!(is_allowed(good), "{good}");
    }
    for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(MIT OR ISC) AND GPL-3.0", "GPL-3.0 OR MIT AND MPL-2.0"] {
        assert!(!is_allowed(bad), "{bad}");
    }
}

#[test]
fn two_versions_of_one_package_are_seen() {
    let package = |name: &str, version: &str| Package {
        id: String::new(),
        name: name.to_owned(),
        version: version.to_owned(),
        license: None,
    };
    let all = [package("a", "1.0.0"), package("b", "1.0.0"), package("a", "2.0.0")];
    let found = duplicates(&all.iter().collect::<Vec<_>>());
    assert_eq!(found, BTreeMap::from([("a".to_owned(), vec!["1.0.0".to_owned(), "2.0.0".to_owned()])]));
    assert_eq!(explained("- `a`: why\nb `c`: no\n- `d` and `e`\n"), BTreeSet::from(["a".to_owned()]));
}
