"""Runs checkov over template.yaml and infrastructure/, once for each way in which they are deployed.

Checkov decides a template's conditions by the defaults of its parameters, so that whatever is off by default would
never be seen. Hence copies whose defaults are the values given. What is suppressed stands beside the resource, with its
reason."""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from made import MADE_DR, MADE_PRIMARY
from stack import DR_MOST, LEAST, MOST, ROOT, Stack

GRADUAL = {"GradualDeployment": "true"}
WAYS = {
    "a migration, with the defaults": LEAST,
    "a migration, with all there is": MOST | MADE_PRIMARY | GRADUAL,
    "a DR region, with all there is": DR_MOST | MADE_DR | GRADUAL,
}

SUPPRESSION = re.compile(r"# checkov:skip=(CKV_\w+):(.+)")


def with_default(text: str, name: str, value: str) -> str:
    """A template whose parameter has another default."""
    found = re.search(rf"^  {name}:(?P<body>(?: .*)?\n(?:    .*\n)*)", text, re.MULTILINE)
    assert found, name
    body = re.sub(r'Default: ("[^"]*"|[^,}\n]+)(, |\n +)', "", found["body"], count=1)
    default = f"Default: {json.dumps(value)}"
    body = body.replace("{ ", f"{{ {default}, ", 1) if "{ " in body else f"\n    {default}{body}"
    return text[: found.start("body")] + body + text[found.end("body") :]


def copy(stack: Stack, source: Path, target: Path) -> None:
    text = source.read_text()
    for name in stack.template.get("Parameters", {}):
        text = with_default(text, name, stack.values[name])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text)


def copies(stack: Stack, folder: Path) -> list[Path]:
    """The stack's own template and one of each nested stack."""
    copy(stack, ROOT / "template.yaml", folder / "template.yaml")
    for name, inner in stack.all_nested().items():
        copy(inner, ROOT / stack.properties(name)["TemplateURL"], folder / f"{name}.yaml")
    return sorted(folder.glob("*.yaml"))


def scan(checkov: str, files: list[Path]) -> dict[str, list[dict]]:
    command = [checkov, "--framework", "cloudformation", "--skip-download", "--compact", "--output", "json"]
    for file in files:
        command += ["--file", str(file)]
    # It answers 1 when it finds something.
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    results = json.loads(done.stdout)["results"]
    assert not results["parsing_errors"], results["parsing_errors"]
    return results


def main(checkov: str) -> int:
    unused = {
        (path.name, check)
        for path in [ROOT / "template.yaml", *ROOT.glob("infrastructure/*.yaml")]
        for check, _ in SUPPRESSION.findall(path.read_text())
    }
    failed = 0
    for way, parameters in WAYS.items():
        with tempfile.TemporaryDirectory() as folder:
            stack = Stack(parameters)
            results = scan(checkov, copies(stack, Path(folder)))
        counts = {kind: len(results[f"{kind}_checks"]) for kind in ("passed", "failed", "skipped")}
        print(f"{way}: {counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} suppressed")
        for found in results["failed_checks"]:
            print(f"  {found['check_id']} {found['resource']}: {found['check_name']}")
        failed += counts["failed"]
        for found in results["skipped_checks"]:
            name = Path(found["file_path"]).stem
            source = "template" if name == "template" else Path(stack.properties(name)["TemplateURL"]).stem
            unused.discard((f"{source}.yaml", found["check_id"]))
    for file, check in sorted(unused):
        print(f"  {file}: nothing needs the suppression of {check} any more")
    return 1 if failed or unused else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
