#include "support/fake_api/selector.h"

#include <algorithm>

namespace tests {
namespace {

/// Of something that may be missing, which a field selector takes for empty.
std::optional<std::string> ValueOf(const json::Object& object, const std::string& key,
                                   bool is_label) {
  if (!is_label) {
    const auto* const value = json::At(object, key);
    if (value != nullptr && value->is_bool()) {
      return value->get_bool() ? "true" : "false";
    }
    if (value == nullptr && key == "spec.unschedulable") {
      return "false";
    }
    return json::TextAt(object, key);
  }
  const auto* const labels = json::At(object, "metadata.labels");
  if (labels == nullptr || !labels->is_object()) {
    return std::nullopt;
  }
  const auto* const value = labels->get_object().if_contains(key);
  return value != nullptr && value->is_string()
             ? std::optional<std::string>(std::string(value->get_string()))
             : std::nullopt;
}

bool IsKey(std::string_view key) {
  return !key.empty() && key.find_first_of(" ()!=,") == std::string_view::npos;
}

}  // namespace

std::optional<std::string> ApiSelector::Add(std::string_view text, bool is_label) {
  const auto refuse = [&] {
    return "unable to parse requirement: " + std::string(text) +
           " (this server knows a=b, a!=b, a and !a)";
  };
  Term term{Term::Kind::kEqual, "", "", is_label};
  const auto sign = text.find('=');
  if (sign == std::string_view::npos) {
    const bool absent = text.starts_with('!');
    term.kind = absent ? Term::Kind::kAbsent : Term::Kind::kPresent;
    term.key = text.substr(absent ? 1 : 0);
  } else {
    const bool negative = sign > 0 && text[sign - 1] == '!';
    term.kind = negative ? Term::Kind::kNotEqual : Term::Kind::kEqual;
    term.key = text.substr(0, sign - (negative ? 1 : 0));
    const bool twice = sign + 1 < text.size() && text[sign + 1] == '=' && !negative;
    term.value = text.substr(sign + (twice ? 2 : 1));
  }
  if (!IsKey(term.key) || (!is_label && sign == std::string_view::npos)) {
    return refuse();
  }
  terms_.push_back(std::move(term));
  return std::nullopt;
}

std::optional<std::string> ApiSelector::Parse(std::string_view labels, std::string_view fields,
                                              const ApiKind& kind) {
  for (const bool is_label : {true, false}) {
    auto rest = is_label ? labels : fields;
    while (!rest.empty()) {
      const auto term = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), term.size() + 1));
      if (auto problem = Add(term, is_label)) {
        return problem;
      }
      const auto& key = terms_.back().key;
      if (!is_label && key != "metadata.name" && key != "metadata.namespace" &&
          std::find(kind.fields.begin(), kind.fields.end(), key) == kind.fields.end()) {
        return "field label not supported: " + key;
      }
    }
  }
  return std::nullopt;
}

bool ApiSelector::Matches(const json::Object& object) const {
  return std::all_of(terms_.begin(), terms_.end(), [&](const Term& term) {
    const auto value = ValueOf(object, term.key, term.is_label);
    switch (term.kind) {
      case Term::Kind::kEqual:
        return value == term.value;
      case Term::Kind::kNotEqual:
        return value != term.value;
      case Term::Kind::kPresent:
        return value.has_value();
      case Term::Kind::kAbsent:
        return !value.has_value();
    }
    return false;
  });
}

}  // namespace tests
