#include <fmt/format.h>

#include <algorithm>

#include "common/text.h"
#include "scaler/policy/schema/generate.h"

namespace scaler::policy::schema {
namespace {

std::string Seconds(double seconds) {
  return common::FormatDuration(std::chrono::milliseconds(static_cast<long long>(seconds * 1000)));
}

std::string Bounds(const Type& type, const std::string& unit) {
  const auto text = [&](double value) {
    return type.form == Form::kDuration ? Seconds(value) : fmt::format("{:.10g}{}", value, unit);
  };
  const auto* const above = type.above_least ? "more than " : "";
  const auto* const below = type.below_most ? "less than " : "";
  return fmt::format("{}{} to {}{}", above, text(*type.least), below, text(*type.most));
}

/// What may stand there, for people.
std::string Words(const Type& type) {
  switch (type.form) {
    case Form::kText:
      return "text";
    case Form::kWord:
      return fmt::format("`{}`", fmt::join(type.words, "`, `"));
    case Form::kInteger:
      return "whole number, " + Bounds(type, "");
    case Form::kNumber:
      return "number, " + Bounds(type, "");
    case Form::kDuration:
      return "duration, " + Bounds(type, "");
    case Form::kQuantity:
      return "quantity, more than 0";
    case Form::kRate:
      return "rate, " + Bounds(type, "/s");
    case Form::kShare:
      return "share, " + Bounds(type, "%");
    case Form::kMap:
      return "map";
    case Form::kNames:
      return type.items[0].form == Form::kMap ? "names, each with" : "labels";
    case Form::kList:
      return "list of " + (type.items[0].form == Form::kMap ? "maps" : Words(type.items[0]));
    case Form::kChoice:
      break;
  }
  std::string text;
  for (const auto& alternative : type.items) {
    text += (text.empty() ? "" : ", or ") + Words(alternative);
  }
  return text;
}

void AddKeys(const std::vector<Key>& keys, const std::string& path, std::string& out);

void AddBelow(const Type& type, const std::string& path, std::string& out) {
  if (path == "overrides") {
    out +=
        "| `overrides.NAME.selector` | map, required | | For which of the policy's workloads. "
        "|\n| `overrides.NAME.…` | | the policy's | Every key from `replicas` to `mode`. |\n";
    return;
  }
  AddKeys(type.keys, path, out);
  for (const auto& item : type.items) {
    if (type.form == Form::kNames || type.form == Form::kMap) {
      AddBelow(item, path + ".NAME", out);
    } else {
      AddBelow(item, path + (type.form == Form::kList ? "[]" : ""), out);
    }
  }
}

void AddKeys(const std::vector<Key>& keys, const std::string& path, std::string& out) {
  for (const auto& key : keys) {
    const auto full = path.empty() ? key.name : path + "." + key.name;
    out += fmt::format("| `{}` | {}{} | {} | {} |\n", full, Words(key.type),
                       key.required ? ", required" : "", key.otherwise, key.doc);
    AddBelow(key.type, full, out);
  }
}

}  // namespace

std::string Reference(const std::vector<Kind>& kinds) {
  std::string out;
  for (const auto& kind : kinds) {
    out += fmt::format(
        "{}## {}\n\n{} {}\n\n| key of `spec` | holds | default | |\n|---|---|---|---|\n",
        out.empty() ? "" : "\n", kind.name, kind.doc,
        kind.namespaced ? "Belongs to a namespace." : "Belongs to no namespace.");
    AddKeys(kind.spec.keys, "", out);
  }
  return out;
}

}  // namespace scaler::policy::schema
