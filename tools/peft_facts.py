#!/usr/bin/env python3
"""Reads from PEFT's source what its configs are, and compares it with what is recorded in tests/facts/peft-fields.json.

    peft_facts.py show SOURCE                print the methods, fields, types, defaults, choices of one release
    peft_facts.py compare SOURCE             print what the release has and the records have not, and the other way round
    peft_facts.py record SOURCE              write the release into the records

SOURCE is a source tree, a wheel or an sdist. Nothing is imported or run: the source is parsed with `ast`, so neither torch nor PEFT
need be installed, and any release can be read by any Python from 3.10 on. `compare` exits with 1 where there is a difference.
"""

import argparse
import ast
import json
import sys
import tarfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

RECORDS = Path(__file__).parent.parent / "tests" / "facts" / "peft-fields.json"
JSON_TYPES = {"int": "integer", "float": "number", "str": "string", "bool": "boolean", "dict": "object", "list": "array",
              "Any": "any", "None": "null"}
GENERIC = {"List": "list", "Dict": "dict", "Tuple": "tuple", "Set": "set"}


# The source: modules, and what their names mean.


def python_files(source):
    """The Python files of a tree, wheel or sdist: path from `peft/` on, text."""
    path = Path(source)
    if path.is_dir():
        files = {file.relative_to(path).as_posix(): file.read_text(encoding="utf-8") for file in path.rglob("*.py")}
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            files = {name: archive.read(name).decode() for name in archive.namelist() if name.endswith(".py")}
    else:
        with tarfile.open(path) as archive:
            members = [member for member in archive.getmembers() if member.isfile() and member.name.endswith(".py")]
            files = {member.name: archive.extractfile(member).read().decode() for member in members}
    # A tree may have `src/`, an sdist a folder with the version around that.
    starts = [name.removesuffix("peft/__init__.py") for name in files if name.endswith("peft/__init__.py")]
    if not starts:
        sys.exit(f"{source}: there is no peft/__init__.py in it")
    start = min(starts, key=len)
    return {name[len(start):]: text for name, text in files.items() if name.startswith(start + "peft/")}


@dataclass
class Module:
    name: str
    file: str
    tree: ast.Module
    classes: dict = field(default_factory=dict)
    aliases: dict = field(default_factory=dict)
    imports: dict = field(default_factory=dict)

    def read(self):
        package = self.name.split(".") if self.file.endswith("__init__.py") else self.name.split(".")[:-1]
        for node in self.tree.body:
            if isinstance(node, ast.ClassDef):
                self.classes[node.name] = node
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.aliases[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value:
                self.aliases[node.target.id] = node.value
        for node in ast.walk(self.tree):
            if isinstance(node, ast.ImportFrom):
                base = package[: len(package) - node.level + 1] if node.level else []
                origin = ".".join(base + ([node.module] if node.module else []))
                self.imports |= {name.asname or name.name: (origin, name.name) for name in node.names}


class Release:
    """One release of PEFT as its source tells it."""

    def __init__(self, source):
        files = python_files(source)
        self.modules = {}
        for file, text in files.items():
            path = PurePosixPath(file)
            # Python prefers a package; the wheel of 0.6.2 has stale modules beside some.
            if path.name != "__init__.py" and str(path.with_suffix("") / "__init__.py") in files:
                continue
            name = ".".join(path.parent.parts if path.name == "__init__.py" else path.with_suffix("").parts)
            self.modules[name] = Module(name, file, ast.parse(text))
            self.modules[name].read()
        self.version = next(
            ast.literal_eval(value) for name, value in self.modules["peft"].aliases.items() if name == "__version__"
        )

    def find(self, module, name, seen=()):
        """The module that defines a class or alias which `module` calls `name`, and its name there."""
        if (module.name, name) in seen:
            return None
        if name in module.classes or name in module.aliases:
            return module, name
        if name not in module.imports:
            return None
        origin, original = module.imports[name]
        if origin in self.modules:
            return self.find(self.modules[origin], original, (*seen, (module.name, name)))
        return None

    def find_class(self, module, name):
        found = self.find(module, name)
        return found if found and found[1] in found[0].classes else None

    def lineage(self, module, name):
        """A class and those it inherits from, as far as they are PEFT's: (module, class), nearest first."""
        node = module.classes[name]
        line = [(module, node)]
        for base in node.bases:
            if found := self.find_class(module, ast.unparse(base).split(".")[-1]):
                line += [ancestor for ancestor in self.lineage(*found) if ancestor not in line]
        return line

    def enum_values(self, module, name):
        """The values of an enum by member name; `None` for any other class."""
        node = module.classes[name]
        if not any(ast.unparse(base).split(".")[-1] in ("Enum", "StrEnum") for base in node.bases):
            return None
        members = [item for item in node.body if isinstance(item, ast.Assign) and isinstance(item.value, ast.Constant)]
        return {member.targets[0].id: member.value.value for member in members}

    def methods(self):
        """Every method by `peft_type`: the module and name of its config class."""
        methods = {}
        mapping = self.modules.get("peft.mapping")
        table = mapping and mapping.aliases.get("PEFT_TYPE_TO_CONFIG_MAPPING")
        if isinstance(table, ast.Dict):
            for key, value in zip(table.keys, table.values):
                name = key.value if isinstance(key, ast.Constant) else key.attr
                methods[name] = self.find_class(mapping, value.id)
        for module in self.modules.values():
            for call in ast.walk(module.tree):
                if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("register_peft_method") and call.keywords:
                    given = {keyword.arg: keyword.value for keyword in call.keywords}
                    methods[given["name"].value.upper()] = self.find_class(module, given["config_cls"].id)
        return methods

    def facts(self):
        """Everything that is recorded of a release."""
        methods, nested, enums = {}, {}, {}
        # These are recorded whatever fields use them.
        types = self.modules.get("peft.utils.peft_types") or self.modules.get("peft.utils.config")
        for name in ("PeftType", "TaskType"):
            enums[name] = sorted(self.enum_values(types, name).values())
        for peft_type, (module, name) in self.methods().items():
            reader = Fields(self, module, name)
            methods[peft_type] = {"config_class": name, "file": module.file, "fields": reader.read()}
            enums |= reader.enums
            for inner, (inner_module, inner_name) in reader.nested.items():
                nested[inner] = {"file": inner_module.file, "fields": Fields(self, inner_module, inner_name).read()}
        return {"version": self.version, "peft_types": methods, "nested_configs": nested, "enums": enums}


# The fields of a config class.


class Fields:
    """Reads the fields of a config class, those that it inherits included."""

    def __init__(self, release, module, name):
        self.release, self.name = release, name
        self.line = release.lineage(module, name)
        self.enums, self.nested = {}, {}

    def read(self):
        fields = {}
        dropped = self.dropped()
        for module, node in reversed(self.line):
            is_dataclass = any(ast.unparse(item).split("(")[0].endswith("dataclass") for item in node.decorator_list)
            for item in node.body if is_dataclass else []:
                if isinstance(item, ast.AnnAssign) and not ast.unparse(item.annotation).startswith("ClassVar"):
                    name = item.target.id
                    fields[name] = self.one(module, item) | {
                        "class": node.name,
                        "serialized": name not in dropped,
                    }
        return fields

    def dropped(self):
        """The keys that `to_dict` takes out, so that no file has them."""
        functions = [item for _, node in self.line for item in node.body if getattr(item, "name", "") == "to_dict"]
        calls = [call for function in functions for call in ast.walk(function) if isinstance(call, ast.Call)]
        return {call.args[0].value for call in calls if getattr(call.func, "attr", "") == "pop"}

    def one(self, module, item):
        annotation = item.annotation
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            annotation = ast.parse(annotation.value, mode="eval").body
        members = self.members(module, annotation)
        default, init = self.default(module, item.value)
        read = {"type": " | ".join(members), "annotation": ast.unparse(annotation), "default": default, "init": init,
                "json_type": [], "nested": None}
        for member in members:
            self.describe(module, member, read)
        if default is None and "null" not in read["json_type"]:
            read["json_type"].append("null")
            read["null_only_from_default"] = True
        if "choices" in read:
            read["choices_open"] = "str" in members
        return read

    def default(self, module, value):
        """The default as JSON, and whether `__init__` takes the field."""
        if value is None:
            return {"$required": True}, True
        if not (isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[-1] == "field"):
            return self.literal(module, value), True
        given = {keyword.arg: keyword.value for keyword in value.keywords}
        init = ast.literal_eval(given["init"]) if "init" in given else True
        if "default" in given:
            return self.literal(module, given["default"]), init
        factory = given.get("default_factory")
        if factory is None:
            return {"$required": True}, init
        if isinstance(factory, ast.Lambda):
            return self.literal(module, factory.body), init
        name = ast.unparse(factory)
        return {"dict": {}, "list": [], "set": []}.get(name, {"$factory": name}), init

    def literal(self, module, value):
        try:
            read = ast.literal_eval(value)
            return sorted(read) if isinstance(read, set) else list(read) if isinstance(read, tuple) else read
        except ValueError:
            pass
        if isinstance(value, ast.Attribute) and isinstance(value.value, ast.Name):
            if found := self.release.find_class(module, value.value.id):
                values = self.release.enum_values(*found)
                if values:
                    return values[value.attr]
        return {"$not_json": ast.unparse(value)}

    def members(self, module, node):
        """The alternatives of an annotation as normalised texts, None last."""
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str):
                return self.members(module, ast.parse(node.value, mode="eval").body)
            return ["None"]
        if isinstance(node, ast.BinOp):
            return unique(self.members(module, node.left) + self.members(module, node.right))
        if isinstance(node, ast.Attribute):
            return [node.attr]
        if isinstance(node, ast.Name):
            found = self.release.find(module, node.id)
            if found and found[1] in found[0].aliases and ast.unparse(found[0].aliases[found[1]]).startswith("Literal["):
                return self.members(found[0], found[0].aliases[found[1]])
            return [GENERIC.get(node.id, node.id)]
        return self.generic(module, node)

    def generic(self, module, node):
        head = ast.unparse(node.value).split(".")[-1]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if head == "Literal":
            return [f"Literal[{', '.join(repr(ast.literal_eval(value)) for value in inner)}]"]
        alternatives = [self.members(module, item) for item in inner]
        if head in ("Union", "Optional"):
            none = ["None"] if head == "Optional" else []
            return unique([member for members in alternatives for member in members] + none)
        return [f"{GENERIC.get(head, head)}[{', '.join(' | '.join(members) for members in alternatives)}]"]

    def describe(self, module, member, read):
        """Adds what one alternative of an annotation says: JSON types, choices, nested classes."""
        for json_type in self.json_types(module, member, read):
            if json_type not in read["json_type"]:
                read["json_type"].append(json_type)
        if "null" in read["json_type"]:
            read["json_type"].sort(key=lambda json_type: json_type == "null")

    def json_types(self, module, member, read):
        if member in JSON_TYPES:
            return [JSON_TYPES[member]]
        node = ast.parse(member, mode="eval").body
        if isinstance(node, ast.Name):
            return [self.class_type(module, member, read)]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        head = node.value.id
        if head == "Literal":
            values = [ast.literal_eval(value) for value in inner]
            read.setdefault("choices", []).extend(values)
            return unique([{str: "string", bool: "boolean", int: "integer"}[type(value)] for value in values])
        if head == "tuple":
            fixed = [item for item in inner if not isinstance(item, ast.Constant)]
            kinds = sorted({self.union(module, item, read) for item in fixed})
            return [f"array<{'|'.join(kinds)}{'' if len(fixed) < len(inner) else f';{len(inner)}'}>"]
        if head == "dict":
            return [f"object<{self.union(module, inner[1], read)}>"]
        return [f"array<{self.union(module, inner[0], read)}>"]

    def union(self, module, node, read):
        inner = {"json_type": []}
        for member in self.members(module, node):
            self.describe(module, member, inner)
        return "|".join(inner["json_type"])

    def class_type(self, module, name, read):
        found = self.release.find_class(module, name)
        if not found:
            sys.exit(f"PEFT {self.release.version}: {module.file} uses a type {name} that is defined nowhere")
        values = self.release.enum_values(*found)
        if values is None:
            read["nested"] = name
            self.nested[name] = found
            return "object"
        read["enum"] = name
        read["choices"] = sorted(values.values())
        self.enums[name] = read["choices"]
        return "string"


def unique(items):
    """The items once each, None last."""
    kept = list(dict.fromkeys(items))
    return [item for item in kept if item != "None"] + (["None"] if "None" in kept else [])


# The records.


def key(version):
    return tuple(int(part) for part in version.split("."))


def is_alive(record, version):
    """Whether a recorded thing exists in a release."""
    since, until = record["since"], record["until"]
    return since is not None and key(since) <= key(version) and (until is None or key(version) <= key(until))


def differences(facts, records):
    """What differs between a release and the records of it, a line each: `+` new, `-` gone, `~` changed."""
    version = facts["version"]
    for part in ("peft_types", "nested_configs"):
        yield from one_part(facts[part], records[part], version)
    for enum, values in facts["enums"].items():
        recorded = records["enums"].get(enum, {"values": {}})["values"]
        known = {value for value, record in recorded.items() if is_alive(record, version)}
        yield from (f"+ {enum}.{value}" for value in sorted(set(values) - known))
        yield from (f"- {enum}.{value}" for value in sorted(known - set(values)))


def one_part(facts, records, version):
    known = {name for name, record in records.items() if is_alive(record, version)}
    for name in sorted(known - set(facts)):
        yield f"- {name}"
    for name in sorted(facts):
        fields = facts[name]["fields"]
        if name not in known:
            yield f"+ {name}: {len(fields)} fields"
            continue
        recorded = records[name]["fields"]
        alive = {field for field, record in recorded.items() if is_alive(record, version)}
        yield from (f"- {name}.{field}" for field in sorted(alive - set(fields)))
        for field in sorted(fields):
            new = fields[field]
            if field not in alive:
                yield f"+ {name}.{field}: {new['type']} = {json.dumps(new['default'])}"
            else:
                yield from changes(f"{name}.{field}", new, recorded[field], version)


def changes(name, new, record, version):
    """What differs in one field."""
    old = [entry for entry in record["history"] if key(entry["release"]) <= key(version)][-1]
    if new["type"] != old["type"]:
        yield f"~ {name}: type {old['type']} -> {new['type']}"
    if not same_default(new["default"], old["default"]):
        yield f"~ {name}: default {json.dumps(old['default'])} -> {json.dumps(new['default'])}"
    if new["init"] != old.get("init", True):
        yield f"~ {name}: init {new['init']}"
    if "serialized" in record and new["serialized"] != record["serialized"]:
        yield f"~ {name}: serialized {new['serialized']}"
    # What follows is recorded of the newest release only.
    if record["history"][-1] is old:
        # The values of an enum have records of their own.
        for what in ["json_type", "nested"] + ([] if "enum" in new else ["choices"]):
            if new.get(what) != record.get(what):
                yield f"~ {name}: {what} {record.get(what)} -> {new.get(what)}"


def same_default(new, old):
    """`true` and `1` differ, and so do `1` and `1.0`; what is no JSON at all is recorded in words."""
    if isinstance(old, dict) and "$not_json" in old:
        return isinstance(new, dict) and "$not_json" in new
    return json.dumps(new) == json.dumps(old)


def record(facts, records):
    """Writes a release that is newer than all recorded ones into the records."""
    version = facts["version"]
    newest = records["releases"][-1]
    if key(version) < key(newest):
        sys.exit(f"PEFT {version} is older than the newest recorded release, {newest}; only newer ones can be added")
    for part in ("peft_types", "nested_configs"):
        for name, new in facts[part].items():
            old = records[part].setdefault(name, {"since": version, "until": None, "fields": {}})
            old |= {what: new[what] for what in ("config_class", "file") if what in new}
            for field, read in new["fields"].items():
                update_field(old["fields"].setdefault(field, {"history": []}), read, version, new.get("config_class"))
            end(old["fields"], set(new["fields"]), newest, version)
        end(records[part], set(facts[part]), newest, version)
    for enum, values in facts["enums"].items():
        recorded = records["enums"].setdefault(enum, {"values": {}})["values"]
        for value in values:
            recorded.setdefault(value, {"since": version, "until": None})
        end(recorded, set(values), newest, version)
    if version != newest:
        records["releases"].append(version)
    records["generated_from"]["newest"] = version


def update_field(record, read, version, config_class):
    entry = {"release": version, "type": read["type"], "default": read["default"]} | ({} if read["init"] else {"init": False})
    last = record["history"][-1] if record["history"] else None
    is_same = last and last["type"] == read["type"] and same_default(read["default"], last["default"])
    if not (is_same and last.get("init", True) == read["init"]):
        record["history"].append(entry)
    described = {name: value for name, value in read.items() if name != "class"}
    for gone in ("choices", "choices_open", "enum", "null_only_from_default"):
        record.pop(gone, None)
    record |= described
    record.setdefault("since", version)
    record["until"] = None
    if config_class:
        record["inherited_from"] = None if read["class"] == config_class else read["class"]


def end(records, alive, last, version):
    """Notes the last release of what is gone."""
    for name, record in records.items():
        if version != last and name not in alive and record["since"] is not None and record["until"] is None:
            record["until"] = last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["show", "compare", "record"])
    parser.add_argument("source", help="a source tree, a wheel or an sdist of PEFT")
    parser.add_argument("--records", type=Path, default=RECORDS, help="the recorded facts [%(default)s]")
    arguments = parser.parse_args()
    facts = Release(arguments.source).facts()
    if arguments.action == "show":
        json.dump(facts, sys.stdout, indent=1, sort_keys=True)
        print()
        return 0
    records = json.loads(arguments.records.read_text(encoding="utf-8"))
    found = list(differences(facts, records))
    print(f"PEFT {facts['version']}: {len(facts['peft_types'])} methods, "
          f"{sum(len(method['fields']) for method in facts['peft_types'].values())} fields, {len(found)} differences")
    print("\n".join(found), end="\n" if found else "")
    if arguments.action == "record":
        record(facts, records)
        text = json.dumps(records, indent=1, sort_keys=True, ensure_ascii=False)
        arguments.records.write_text(text + "\n", encoding="utf-8")
        return 0
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
