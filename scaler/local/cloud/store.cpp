#include "scaler/local/cloud/store.h"

#include "common/file_system.h"
#include "common/log.h"
#include "common/replace_file.h"
#include "scaler/local/spawn.h"

namespace scaler::local::cloud {

using common::Result;

Result<Store> Store::Open(std::filesystem::path directory) {
  std::error_code error;
  directory = std::filesystem::absolute(directory, error);
  std::filesystem::create_directories(directory / "nodes", error);
  if (error) {
    return common::FailErrno(directory.string(), error.value());
  }
  return Lock(directory / "lock").map([&](common::UniqueFd lock) {
    return Store(std::move(directory), std::move(lock));
  });
}

Result<State> Store::Load(const std::string& boot_id) const {
  State fresh;
  fresh.boot_id = boot_id;
  const auto path = directory_ / "cloud.json";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    return fresh;
  }
  return common::FileSystem("/").Read(path).and_then([&](const std::string& text) -> Result<State> {
    auto state = DecodeState(text);
    if (!state) {
      return tl::make_unexpected(
          common::Error{state.error().code, path.string() + ": " + state.error().what});
    }
    if (state->boot_id != boot_id) {
      common::log::Warning("the machine was booted anew: its nodes are gone",
                           {{"nodes", std::to_string(state->nodes.size())}});
      fresh.revision = state->revision + 1;
      fresh.launches = state->launches;
      fresh.accounts = state->accounts;
      return fresh;
    }
    return state;
  });
}

Result<void> Store::Save(const State& state) const {
  return common::ReplaceFile(directory_ / "cloud.json", Encode(state), common::Survives::kOurEnd);
}

}  // namespace scaler::local::cloud
