#!/usr/bin/env python3
"""Asks python3-jsonschema what the generated schemas say of documents.

check_schema.py INPUT    prints a line for every document that a schema judges otherwise than
expected. Ends with 0 if there is none, 1 if there are some, 77 if jsonschema is not installed.
INPUT: {"schema": ..., "crds": {kind: schema}, "cases": [...]}, each case with "name", "document",
"good", "beyond" (why no schema can see that it is bad, or "") and "crd_cannot" (the CRD's cannot).
"""
import json
import sys

try:
    from jsonschema import Draft7Validator
except ImportError:
    sys.exit(77)


def as_kubernetes_judges(node):
    """Unknown fields are refused, and Kubernetes' own keywords mean what they mean there."""
    if isinstance(node, list):
        return [as_kubernetes_judges(item) for item in node]
    if not isinstance(node, dict):
        return node
    made = {}
    for key, value in node.items():
        if key == "properties":
            made[key] = {name: as_kubernetes_judges(inner) for name, inner in value.items()}
        else:
            made[key] = as_kubernetes_judges(value)
    if made.get("exclusiveMinimum") is True:  # OpenAPI 3.0
        made["exclusiveMinimum"] = made.pop("minimum")
    keeps = made.get("x-kubernetes-preserve-unknown-fields")
    if "properties" in made and not keeps and "additionalProperties" not in made:
        made["additionalProperties"] = False
    return made


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        task = json.load(file)
    Draft7Validator.check_schema(task["schema"])
    everything = Draft7Validator(task["schema"])
    crds = {}
    for kind, schema in task["crds"].items():
        crds[kind] = Draft7Validator(as_kubernetes_judges(schema))
    wrong = 0
    for case in task["cases"]:
        document = case["document"]
        verdicts = [("JSON Schema", everything, document, case["beyond"])]
        if isinstance(document, dict) and document.get("kind") in crds:
            beyond = case["beyond"] or case["crd_cannot"]
            # Kubernetes looks at metadata by itself.
            verdicts.append(("CRD", crds[document["kind"]], dict(document, metadata={}), beyond))
        for name, validator, judged, beyond in verdicts:
            errors = [f"{'.'.join(map(str, e.path))}: {e.message[:200]}"
                      for e in validator.iter_errors(judged)]
            if case["good"] and errors:
                print(f"{name} refuses {case['name']}: {errors[0]}")
                wrong += 1
            elif not case["good"] and not errors and not beyond:
                print(f"{name} accepts {case['name']}")
                wrong += 1
    print(f"{len(task['cases'])} documents, {wrong} judged otherwise")
    sys.exit(1 if wrong else 0)


main()
