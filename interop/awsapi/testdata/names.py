"""Holds the table of facts about CloudTrail's operations against botocore's model: the
names of operations, members and errors, what is required, and the bounds."""

import sys

import botocore.session

TYPES = {"s": "string", "i": "integer", "b": "boolean", "t": "timestamp", "l": "list", "O": "list", "r": "list"}

NEWER = {"RecursiveLogging"}  # some SDKs have it before botocore does

model = botocore.session.get_session().get_service_model("cloudtrail")
errors = {shape for shape in model.shape_names if shape.endswith("Exception")}
common = {"ValidationException", "SerializationException", "AccessDeniedException", "ThrottlingException"}
wrong, operation, seen, given = [], None, set(), {}


def done():
    if operation is None:
        return
    members = operation.input_shape.members if operation.input_shape else {}
    for name in sorted(set(members) - given.keys()):
        wrong.append(f"{operation.name} has the member {name}")


for line in open(sys.argv[1]):
    fields = line.split()
    if not fields or fields[0].startswith("#"):
        continue
    if len(fields) == 3 and fields[1] in ("query", "manage", "audit"):
        done()
        operation, given = model.operation_model(fields[0]), {}
        seen.add(fields[0])
        codes = [fields[2]]
    elif fields[0] == "input":
        codes = []
    elif fields[0] in ("none", "state"):
        codes = [fields[-2]]
    else:
        name, kind, rules = fields[0], fields[1], fields[2:]
        given[name] = True
        shape = operation.input_shape.members.get(name)
        if shape is None and name in NEWER:
            continue
        if shape is None:
            wrong.append(f"{operation.name} has no member {name}")
            continue
        if TYPES.get(kind, shape.type_name) != ("integer" if shape.type_name == "long" else shape.type_name):
            wrong.append(f"{operation.name}.{name} is a {shape.type_name}")
        if ("*" in rules) != (name in operation.input_shape.required_members):
            wrong.append(f"{operation.name}.{name}: required is {'*' not in rules}")
        for rule in rules:
            least, dash, most = rule.partition("-")
            if dash and least.isdigit() and most.isdigit() and "min" in shape.metadata and int(least) != shape.metadata["min"]:
                wrong.append(f"{operation.name}.{name}: min is {shape.metadata['min']}")
        codes = [rule.partition("=")[2] for rule in rules if "=" in rule]
    for code in codes:
        if code != "200" and code not in errors | common:
            wrong.append(f"no error is called {code}")
done()
wrong += [f"the operation {name} is missing" for name in sorted(set(model.operation_names) - seen)]
print("\n".join(wrong) if wrong else f"{len(seen)} operations")
