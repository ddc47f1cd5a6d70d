#include "tests/demo/stage/fault_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <string_view>
#include <utility>

#include "common/text.h"

namespace demo {
namespace {

using common::Result;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds kUsualKill = seconds(1);
constexpr milliseconds kUsualPause = seconds(5);

constexpr std::array<std::pair<FaultKind, std::string_view>, 4> kKinds = {
    {{FaultKind::kKill, "kill"},
     {FaultKind::kPause, "pause"},
     {FaultKind::kAbsent, "absent"},
     {FaultKind::kRotate, "rotate"}}};

const std::map<std::string, std::string>& Programs() {
  static const std::map<std::string, std::string> kPrograms = {
      {"agent", "trimtab-agent"},   {"alertmanager", "prometheus-alertmanager"},
      {"haproxy", "haproxy"},       {"log_writer", "trimtab-log-writer"},
      {"prometheus", "prometheus"}, {"scaler", "trimtab-scaler"}};
  return kPrograms;
}

std::string PartNames() {
  std::vector<std::string> names;
  for (const auto& [name, program] : Programs()) {
    names.push_back(name);
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

std::vector<std::string> Split(const std::string& text) {
  std::vector<std::string> fields;
  std::string_view rest = text;
  for (auto colon = rest.find(':'); colon != std::string_view::npos; colon = rest.find(':')) {
    fields.emplace_back(rest.substr(0, colon));
    rest.remove_prefix(colon + 1);
  }
  fields.emplace_back(rest);
  return fields;
}

tl::unexpected<common::Error> Refuse(const std::string& text, const std::string& why) {
  return common::Fail(std::errc::invalid_argument, fmt::format("\"{}\": {}", text, why));
}

/// The time for which the part is away, or stands still.
Result<milliseconds> LengthOf(FaultKind kind, const std::vector<std::string>& fields) {
  const bool may_say = kind == FaultKind::kKill || kind == FaultKind::kPause;
  if (fields.size() == 3) {
    return kind == FaultKind::kKill    ? kUsualKill
           : kind == FaultKind::kPause ? kUsualPause
                                       : milliseconds(0);
  }
  if (!may_say) {
    return common::Fail(std::errc::invalid_argument,
                        fmt::format("{} takes no second time", fields[1]));
  }
  return common::ParseDuration(fields[3]);
}

Result<PlannedFault> ParseFault(const std::string& text) {
  const auto fields = Split(text);
  if (fields.size() < 3 || fields.size() > 4) {
    return Refuse(text, "must be TIME:KIND:PART or TIME:KIND:PART:TIME, e.g. 12s:kill:scaler");
  }
  const auto at = common::ParseDuration(fields[0]);
  if (!at) {
    return Refuse(text, at.error().what);
  }
  const auto* const kind =
      std::ranges::find(kKinds, fields[1], [](const auto& each) { return each.second; });
  if (kind == kKinds.end()) {
    return Refuse(text, fmt::format("there is no fault \"{}\"; there are kill, pause, absent and "
                                    "rotate",
                                    fields[1]));
  }
  if (!Programs().contains(fields[2])) {
    return Refuse(text,
                  fmt::format("there is no part \"{}\"; there are {}", fields[2], PartNames()));
  }
  if (kind->first == FaultKind::kRotate && fields[2] != "log_writer") {
    return Refuse(text, "only log_writer has a log to rotate");
  }
  const auto length = LengthOf(kind->first, fields);
  if (!length) {
    return Refuse(text, length.error().what);
  }
  return PlannedFault{.at = *at, .kind = kind->first, .part = fields[2], .length = *length};
}

std::string ToText(const PlannedFault& fault) {
  return fmt::format("{}:{}:{}", common::FormatDuration(fault.at), FaultKindName(fault.kind),
                     fault.part);
}

/// What is absent is away from the beginning.
milliseconds BeginOf(const PlannedFault& fault) {
  return fault.kind == FaultKind::kAbsent ? milliseconds(0) : fault.at;
}

Result<void> CheckOverlaps(const std::vector<PlannedFault>& faults) {
  std::map<std::string, const PlannedFault*> last;
  for (const auto& fault : faults) {
    auto& before = last[fault.part];
    if (before != nullptr && BeginOf(fault) <= before->at + before->length) {
      return Refuse(ToText(fault), fmt::format("{} is not over by then", ToText(*before)));
    }
    before = &fault;
  }
  return {};
}

}  // namespace

std::string FaultKindName(FaultKind kind) {
  const auto* const found =
      std::ranges::find(kKinds, kind, [](const auto& each) { return each.first; });
  return std::string(found->second);
}

std::string ProgramOf(const std::string& part) { return Programs().at(part); }

Result<std::vector<PlannedFault>> ParseFaults(const std::vector<std::string>& texts,
                                              std::optional<milliseconds> duration) {
  std::vector<PlannedFault> faults;
  for (const auto& text : texts) {
    const auto fault = ParseFault(text);
    if (!fault) {
      return tl::make_unexpected(fault.error());
    }
    if (duration && fault->at + fault->length >= *duration) {
      return Refuse(text, fmt::format("it is not over when the run ends, after {}",
                                      common::FormatDuration(*duration)));
    }
    faults.push_back(*fault);
  }
  std::ranges::stable_sort(faults, {}, &PlannedFault::at);
  if (auto apart = CheckOverlaps(faults); !apart) {
    return tl::make_unexpected(apart.error());
  }
  return faults;
}

std::string FaultHelp() {
  return "Hurt a part in mid-run; may be repeated. 12s:kill:scaler[:1s] kills it 12 s after the "
         "traffic began, and starts it again after 1 s; 20s:pause:agent[:5s] stops and continues "
         "it; 5s:absent:prometheus does not start it before; 30s:rotate:log_writer renames the "
         "access log. Parts: " +
         PartNames();
}

}  // namespace demo
