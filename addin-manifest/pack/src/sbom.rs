//! The bill of materials: what is compiled into the libraries of an archive, as CycloneDX. No time and no random number
//! in it: the same sources give the same text.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package, PackageId, TargetKind};
use cyclonedx_bom::external_models::uri::Purl;
use cyclonedx_bom::models::bom::{Bom, SpecVersion};
use cyclonedx_bom::models::component::{Classification, Component, Components};
use cyclonedx_bom::models::dependency::{Dependencies, Dependency};
use cyclonedx_bom::models::license::{LicenseChoice, Licenses};
use cyclonedx_bom::models::metadata::Metadata as BomMetadata;
use cyclonedx_bom::models::property::{Properties, Property};
use cyclonedx_bom::validation::Validate as _;

use crate::build::rustc;
use crate::targets::Target;

/// A package and the rows it is in.
struct Part {
    package: Package,
    rows: BTreeSet<&'static str>,
    needs: BTreeSet<String>,
}

/// The text for libraries of these targets.
pub(crate) fn text(root: &Path, targets: &[&'static Target]) -> Result<Vec<u8>, String> {
    let mut parts = BTreeMap::new();
    for target in targets {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(["--locked", "--filter-platform", target.triple].map(String::from).to_vec())
            .exec()
            .map_err(|error| format!("cargo metadata: {error}"))?;
        walk(&metadata, target.triple, &mut parts)?;
    }
    let own = parts.remove(&reference_of("httpconnector", crate::version::VERSION));
    let own = own.ok_or("cargo metadata: no package httpconnector")?;
    let mut component = component(&own, targets.len());
    component.component_type = Classification::Library;
    let mut components: Vec<Component> =
        parts.values().map(|part| self::component(part, targets.len())).collect();
    components.push(standard_library()?);
    let dependencies = std::iter::once(&own)
        .chain(parts.values())
        .map(|part| Dependency {
            dependency_ref: reference(&part.package),
            dependencies: part.needs.iter().cloned().collect(),
        })
        .collect();
    let bom = Bom {
        serial_number: None,
        metadata: Some(BomMetadata { component: Some(component), ..BomMetadata::default() }),
        components: Some(Components(components)),
        dependencies: Some(Dependencies(dependencies)),
        spec_version: SpecVersion::V1_5,
        ..Bom::default()
    };
    let checked = bom.validate_version(SpecVersion::V1_5);
    if !checked.passed() {
        return Err(format!("the bill of materials is not valid CycloneDX: {checked:?}"));
    }
    let mut text = Vec::new();
    bom.output_as_json_v1_5(&mut text).map_err(|error| format!("the bill of materials: {error}"))?;
    text.push(b'\n');
    Ok(text)
}

/// Adds what the library needs on one target: not what builds or tests it.
fn walk(metadata: &Metadata, row: &'static str, parts: &mut BTreeMap<String, Part>) -> Result<(), String> {
    let packages: BTreeMap<&PackageId, &Package> =
        metadata.packages.iter().map(|package| (&package.id, package)).collect();
    let resolve = metadata.resolve.as_ref().ok_or("cargo metadata: nothing was resolved")?;
    let nodes: BTreeMap<&PackageId, _> = resolve.nodes.iter().map(|node| (&node.id, node)).collect();
    let own = metadata.packages.iter().find(|package| package.name.as_str() == "httpconnector");
    let mut waiting: Vec<&PackageId> = own.map(|package| &package.id).into_iter().collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        let (Some(package), Some(node)) = (packages.get(id), nodes.get(id)) else { continue };
        if !seen.insert(id) {
            continue;
        }
        let needs: Vec<&PackageId> = node
            .deps
            .iter()
            .filter(|dep| dep.dep_kinds.iter().any(|kind| kind.kind == DependencyKind::Normal))
            .map(|dep| &dep.pkg)
            .filter(|id| packages.get(id).is_some_and(|package| !is_macro(package)))
            .collect();
        let part = parts.entry(reference(package)).or_insert_with(|| Part {
            package: (*package).clone(),
            rows: BTreeSet::new(),
            needs: BTreeSet::new(),
        });
        part.rows.insert(row);
        part.needs.extend(needs.iter().filter_map(|id| packages.get(id)).map(|package| reference(package)));
        waiting.extend(needs);
    }
    Ok(())
}

/// Runs in the compiler and leaves only what it writes.
fn is_macro(package: &Package) -> bool {
    package.targets.iter().any(|target| target.kind.contains(&TargetKind::ProcMacro))
}

fn component(part: &Part, rows: usize) -> Component {
    let package = &part.package;
    let version = package.version.to_string();
    let mut component =
        Component::new(Classification::Library, package.name.as_str(), &version, Some(reference(package)));
    component.purl = Purl::new("cargo", package.name.as_str(), &version).ok();
    component.licenses = package.license.as_deref().map(|text| licence(&text.replace('/', " OR ")));
    if part.rows.len() < rows {
        let only = part.rows.iter().copied().collect::<Vec<_>>().join(" ");
        component.properties = Some(Properties(vec![Property::new("httpconnector:targets", &only)]));
    }
    component
}

/// Linked into every library, and in nobody's list of packages.
fn standard_library() -> Result<Component, String> {
    let version = rustc(&[], &["--version"])?;
    let number = version.split(' ').nth(1).unwrap_or_default();
    let mut component =
        Component::new(Classification::Library, "std", number, Some(reference_of("std", number)));
    component.licenses = Some(licence("MIT OR Apache-2.0"));
    Ok(component)
}

fn licence(expression: &str) -> Licenses {
    Licenses(vec![LicenseChoice::expression(expression)])
}

fn reference(package: &Package) -> String {
    reference_of(package.name.as_str(), &package.version.to_string())
}

fn reference_of(name: &str, version: &str) -> String {
    format!("{name}@{version}")
}
