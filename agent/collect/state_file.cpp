#include "agent/collect/state_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <string>

#include "common/file_system.h"
#include "common/replace_file.h"
#include "common/text.h"

namespace agent::collect {
namespace {

namespace json = boost::json;

constexpr int kVersion = 1;

std::string Format(const AgentState& state) {
  auto text = fmt::format(R"({{"version":{},"epoch":{},"oomKills":[)", kVersion, state.epoch);
  bool first = true;
  for (const auto& [key, kills] : state.oom_kills) {
    text += fmt::format(R"({}{{"namespace":{},"workload":{},"container":{},"kills":{}}})",
                        first ? "" : ",", common::QuoteJson(key.name_space),
                        common::QuoteJson(key.workload), common::QuoteJson(key.container), kills);
    first = false;
  }
  return text + "]}\n";
}

/// Throws json's exceptions where the document is not as Format writes it.
AgentState Read(const json::value& document) {
  if (document.at("version").to_number<int>() != kVersion) {
    throw std::invalid_argument("another version");
  }
  AgentState state;
  state.epoch = document.at("epoch").to_number<std::uint64_t>();
  for (const auto& entry : document.at("oomKills").as_array()) {
    const runtime::WorkloadKey key{std::string(entry.at("namespace").as_string()),
                                   std::string(entry.at("workload").as_string()),
                                   std::string(entry.at("container").as_string())};
    state.oom_kills[key] = entry.at("kills").to_number<std::uint64_t>();
  }
  return state;
}

}  // namespace

common::Result<AgentState> LoadState(const std::filesystem::path& path) {
  const auto text = common::FileSystem("/").Read(std::filesystem::absolute(path));
  if (!text) {
    return text.error().code == std::errc::no_such_file_or_directory
               ? common::Result<AgentState>(AgentState{})
               : tl::make_unexpected(text.error());
  }
  try {
    return Read(json::parse(*text));
  } catch (const std::exception& error) {
    return common::Fail(std::errc::bad_message, fmt::format("{}: {}", path.string(), error.what()));
  }
}

common::Result<void> SaveState(const std::filesystem::path& path, const AgentState& state) {
  return common::ReplaceFile(path, Format(state), common::Survives::kOurEnd);
}

std::uint64_t NextEpoch(std::uint64_t last, common::WallTime now) {
  const auto milliseconds = std::max<std::int64_t>(now.time_since_epoch().count(), 1);
  return std::max(last + 1, static_cast<std::uint64_t>(milliseconds));
}

}  // namespace agent::collect
