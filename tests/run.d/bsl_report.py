"""Reads a report of the BSL Language Server (bsl_report.py REPORT FOLDER): prints what was found and the figures, and
fails on anything that is not expected.

What is off everywhere stands, with its reason, in FOLDER/.bsl-language-server.json; a rule without a reason fails too.
What is off in tests or examples only stands here, since the server has one configuration for a run.
"""

import collections
import json
import pathlib
import sys
import urllib.parse

IN_TESTS = {
    "CognitiveComplexity": "a branch for each function under test",
    "UsingHardcodeSecretInformation": "passwords of the test server",
    "UsingHardcodeNetworkAddress": "addresses to be taken apart",
    "UsingHardcodePath": "a file name sent as text",
    "NestedConstructorsInStructureDeclaration": "data of a case in one place",
    "NestedFunctionInParameters": "an expectation reads as one line",
    "NumberOfValuesInStructureConstructor": "data of a case in one place",
}
IN_EXAMPLES = {
    "DeprecatedMessage": "what a code console shows; its successor wants a library",
    "UsingHardcodeSecretInformation": "passwords of the test server",
    "UsingHardcodePath": "a path says where the reader's own belongs",
    "NestedConstructorsInStructureDeclaration": "one line to read",
    "NumberOfValuesInStructureConstructor": "one line to read",
}
IN_SMOKE_TEST = {
    "CognitiveComplexity": "a branch for each check",
    "NestedFunctionInParameters": "a line of the report in one place",
    "NumberOfValuesInStructureConstructor": "what a check counts, in one place",
    "UsingHardcodeNetworkAddress": "an address where nobody answers",
}
IN_CLIENTS = {
    "CommonModuleInvalidType": "managed clients only: the ordinary one has the synchronous module",
}
ALLOWED = {
    "tests/": IN_TESTS,
    "examples/": IN_EXAMPLES,
    "src/epf/": IN_SMOKE_TEST,
    "src/cf/CommonModules/HTTPConnectorClient": IN_CLIENTS,
    "src/cf/CommonModules/КоннекторHTTPКлиент": IN_CLIENTS,
}
# Not modules: the client module is made of it, and there it is analysed.
PIECES = {"client.bsl"}
SEVERITIES = ["Error", "Warning", "Information", "Hint"]


def main(report, folder):
    folder = pathlib.Path(folder)
    settings = json.loads((folder / ".bsl-language-server.json").read_text("utf-8"))
    changed, reasons = settings["diagnostics"]["parameters"], settings["reasons"]
    if changed.keys() != reasons.keys():
        sys.exit(f"rules and reasons differ: {sorted(changed.keys() ^ reasons.keys())}")
    files = json.loads(pathlib.Path(report).read_text("utf-8"))["fileinfos"]
    there = len(list(folder.rglob("*.bsl")))
    if len(files) != there or there == 0:
        sys.exit(f"{len(files)} files were analysed, but {there} are there")
    # Without the configuration's own description rules about kinds of modules are silent.
    if not any(str(file["mdoRef"]).startswith(("CommonModule.", "ОбщийМодуль.")) for file in files):
        sys.exit("the configuration was not recognised: no module has a place in it")
    found, allowed = collections.Counter(), 0
    for file in files:
        path = place(file["path"], folder)
        if path in PIECES:
            continue
        for one in file["diagnostics"]:
            if any(path.startswith(below) and one["code"] in codes for below, codes in ALLOWED.items()):
                allowed += 1
                continue
            found[one["severity"]] += 1
            line = one["range"]["start"]["line"] + 1
            print(f"{folder}/{path}:{line}: {one['severity']}: {one['code']}: {one['message']}")
    figures = ", ".join(f"{severity} {found[severity]}" for severity in SEVERITIES)
    print(f"FIGURE bsl: {there} files; {figures}; {allowed} allowed in tests and examples; {len(changed)} rules off or tuned")
    print(f"CHECKS {there}")
    return 1 if found else 0


def place(address, folder):
    """The report's address of a file: percent-encoded, relative to something of its own."""
    path = pathlib.PurePosixPath(urllib.parse.unquote(address))
    for file in folder.rglob(path.name):
        below = file.relative_to(folder).as_posix()
        if path.as_posix().endswith(below):
            return below
    return path.as_posix()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
