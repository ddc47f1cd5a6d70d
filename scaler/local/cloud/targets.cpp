#include "scaler/local/cloud/targets.h"

#include <fmt/format.h>

#include "common/json_writer.h"
#include "common/replace_file.h"
#include "scaler/local/cloud/cloud.h"

namespace scaler::local::cloud {

std::string AgentTargets(const Spec& spec, const std::vector<Node>& nodes) {
  common::JsonWriter out;
  out.BeginArray();
  for (const auto& node : nodes) {
    if (spec.agent.command.empty() || !node.running_at || node.going) {
      continue;
    }
    out.BeginObject();
    out.Key("targets").BeginArray().String(fmt::format("127.0.0.1:{}", AgentPort(spec, node)));
    out.EndArray();
    out.Key("labels").BeginObject().Key("instance").String(node.name).EndObject();
    out.EndObject();
  }
  out.EndArray();
  return out.Take() + "\n";
}

common::Result<void> TargetsFile::Write(const std::string& targets) {
  if (path_.empty() || targets == written_) {
    return {};
  }
  std::error_code ignored;  // Writing says so better.
  std::filesystem::create_directories(path_.parent_path(), ignored);
  return common::ReplaceFile(path_, targets, common::Survives::kOurEnd)
      .and_then([&]() -> common::Result<void> {
        using std::filesystem::perms;
        std::error_code error;  // Prometheus may be another user; nothing here is secret.
        std::filesystem::permissions(
            path_, perms::owner_read | perms::owner_write | perms::group_read | perms::others_read,
            error);
        if (error) {
          return common::FailErrno(path_.string(), error.value());
        }
        written_ = targets;
        return {};
      });
}

}  // namespace scaler::local::cloud
