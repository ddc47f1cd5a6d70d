#include "support/fake_api/validate.h"

#include <fmt/format.h>

#include <cctype>

namespace tests {
namespace {

constexpr std::size_t kMostConfigMapBytes = 1024 * 1024;
constexpr std::size_t kLongestName = 253;
constexpr std::size_t kMicroTime = 27;  ///< "2026-11-21T03:10:12.345678Z"

bool IsName(const std::string& name) {
  const auto good = [](char c) {
    return std::islower(static_cast<unsigned char>(c)) != 0 ||
           std::isdigit(static_cast<unsigned char>(c)) != 0;
  };
  return !name.empty() && name.size() <= kLongestName && good(name.front()) && good(name.back()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return good(c) || c == '-' || c == '.'; });
}

std::optional<std::string> LeaseProblem(const json::Object& lease) {
  for (const auto* const time : {"spec.acquireTime", "spec.renewTime"}) {
    const auto* const value = json::At(lease, time);
    if (value != nullptr && !value->is_null() && !IsMicroTime(json::TextAt(lease, time))) {
      return fmt::format("{}: no time with microseconds: {}", time, json::TextAt(lease, time));
    }
  }
  if (auto problem = NumberProblem(lease, "spec.leaseDurationSeconds", 1)) {
    return problem;
  }
  return NumberProblem(lease, "spec.leaseTransitions", 0);
}

bool IsBase64(const std::string& text) {
  const auto end = text.find_last_not_of('=');
  const auto body = end == std::string::npos ? 0 : end + 1;
  return text.size() % 4 == 0 && text.size() - body <= 2 &&
         std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(body), [](char c) {
           return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '+' || c == '/';
         });
}

std::optional<std::string> ConfigMapProblem(const json::Object& map) {
  std::size_t bytes = 0;
  for (const auto* const part : {"data", "binaryData"}) {
    const auto* const entries = json::At(map, part);
    if (entries == nullptr || !entries->is_object()) {
      continue;
    }
    for (const auto& [key, value] : entries->get_object()) {
      if (!value.is_string()) {
        return fmt::format("{}[{}]: must be a text", part, std::string(key));
      }
      const std::string text(value.get_string());
      const bool packed = std::string_view(part) == "binaryData";
      if (packed && !IsBase64(text)) {
        return fmt::format("binaryData[{}]: illegal base64 data", std::string(key));
      }
      bytes += packed ? text.size() / 4 * 3 : text.size();
    }
  }
  return bytes > kMostConfigMapBytes
             ? std::optional<std::string>("[]: Too long: may not be more than 1048576 bytes")
             : std::nullopt;
}

/// Those of the core are hardly looked at, as old clients write them.
bool IsStrictEvent(const ApiStore::Collection& collection) {
  return collection.kind.kind == "Event" && collection.kind.api_version == "events.k8s.io/v1";
}

}  // namespace

bool IsMicroTime(const std::string& text) {
  const std::string form = "dddd-dd-ddTdd:dd:dd.ddddddZ";
  if (text.size() != kMicroTime) {
    return false;
  }
  for (std::size_t i = 0; i < kMicroTime; ++i) {
    const bool digit = std::isdigit(static_cast<unsigned char>(text[i])) != 0;
    if (form[i] == 'd' ? !digit : text[i] != form[i]) {
      return false;
    }
  }
  return true;
}

std::optional<std::string> NumberProblem(const json::Object& object, const char* path, int least) {
  const auto* const value = json::At(object, path);
  if (value == nullptr || value->is_null()) {
    return std::nullopt;
  }
  if (!value->is_int64() && !value->is_uint64()) {
    return fmt::format("{}: Invalid value: must be a whole number", path);
  }
  if (value->is_int64() && value->get_int64() < least) {
    return fmt::format("{}: Invalid value: {}: must be greater than or equal to {}", path,
                       value->get_int64(), least);
  }
  return std::nullopt;
}

std::optional<std::string> ProblemOf(const ApiStore::Collection& collection,
                                     const json::Object& object) {
  const auto name = KeyOf(object).second;
  if (!IsName(name)) {
    return fmt::format(
        R"(metadata.name: Invalid value: "{}": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.')",
        name);
  }
  if (collection.kind.kind == "Lease") {
    return LeaseProblem(object);
  }
  if (collection.kind.kind == "ConfigMap") {
    return ConfigMapProblem(object);
  }
  if (IsStrictEvent(collection)) {
    return EventProblem(object);
  }
  return collection.kind.has_scale ? NumberProblem(object, "spec.replicas", 0) : std::nullopt;
}

std::optional<std::string> ProblemOfChange(const ApiStore::Collection& collection,
                                           const json::Object& before, const json::Object& after) {
  return IsStrictEvent(collection) ? EventChangeProblem(before, after) : std::nullopt;
}

}  // namespace tests
