#include "agent/kubernetes/restart_file.h"

#include <simdjson.h>

#include <utility>

#include "common/file_system.h"
#include "common/json_writer.h"
#include "common/kubernetes/json_fields.h"
#include "common/log.h"
#include "common/replace_file.h"

namespace agent::kubernetes {
namespace {

namespace json = common::kubernetes::json;

using common::Result;
using common::lifecycle::EndReason;
using common::lifecycle::ReasonName;

constexpr int kVersion = 1;
/// Far more than what a node of the largest size has.
constexpr std::size_t kMostEntries = 100'000;

void Write(common::JsonWriter& json, const runtime::WorkloadKey& key,
           const WorkloadCounts& counts) {
  json.BeginObject().Key("namespace").String(key.name_space);
  json.Key("workload").String(key.workload).Key("container").String(key.container);
  json.Key("seen_ms").Integer(counts.seen_at.time_since_epoch().count());
  json.Key("oom_kills").Integer(static_cast<std::int64_t>(counts.oom_kills));
  json.Key("restarts").BeginObject();
  for (std::size_t i = 0; i < runtime::kRestartReasons.size(); ++i) {
    if (counts.restarts.at(i) > 0) {
      json.Key(ReasonName(runtime::kRestartReasons.at(i)))
          .Integer(static_cast<std::int64_t>(counts.restarts.at(i)));
    }
  }
  json.EndObject().EndObject();
}

void Write(common::JsonWriter& json, const ContainerRef& ref, const CountedContainer& counted) {
  json.BeginObject().Key("pod").String(ref.uid).Key("container").String(ref.container);
  json.Key("ends").Integer(static_cast<std::int64_t>(counted.ends));
  json.Key("last_end").String(counted.last_end).Key("id").String(counted.id);
  json.Key("oom_kills").Integer(static_cast<std::int64_t>(counted.oom_kills)).EndObject();
}

void ReadWorkload(simdjson::ondemand::value value, SavedRestarts& saved) {
  runtime::WorkloadKey key;
  WorkloadCounts counts;
  json::EachField(value.get_object(), [&](std::string_view name, simdjson::ondemand::value field) {
    if (name == "namespace") {
      key.name_space = json::TextOf(field);
    } else if (name == "workload") {
      key.workload = json::TextOf(field);
    } else if (name == "container") {
      key.container = json::TextOf(field);
    } else if (name == "seen_ms") {
      counts.seen_at = common::WallTime(std::chrono::milliseconds(json::NumberOf(field)));
    } else if (name == "oom_kills") {
      counts.oom_kills = json::CountOf(field);
    } else if (name == "restarts") {
      json::EachField(field.get_object(),
                      [&](std::string_view reason, simdjson::ondemand::value count) {
                        for (std::size_t i = 0; i < runtime::kRestartReasons.size(); ++i) {
                          if (ReasonName(runtime::kRestartReasons.at(i)) == reason) {
                            counts.restarts.at(i) = json::CountOf(count);
                          }
                        }
                      });
    }
  });
  if (!key.workload.empty()) {
    saved.workloads[std::move(key)] = counts;
  }
}

void ReadContainer(simdjson::ondemand::value value, SavedRestarts& saved) {
  ContainerRef ref;
  CountedContainer counted;
  json::EachField(value.get_object(), [&](std::string_view name, simdjson::ondemand::value field) {
    if (name == "pod") {
      ref.uid = json::TextOf(field);
    } else if (name == "container") {
      ref.container = json::TextOf(field);
    } else if (name == "ends") {
      counted.ends = json::CountOf(field);
    } else if (name == "last_end") {
      counted.last_end = json::TextOf(field);
    } else if (name == "id") {
      counted.id = json::TextOf(field);
    } else if (name == "oom_kills") {
      counted.oom_kills = json::CountOf(field);
    }
  });
  if (!ref.container.empty()) {
    saved.containers[std::move(ref)] = std::move(counted);
  }
}

}  // namespace

std::string Encode(const SavedRestarts& saved) {
  common::JsonWriter json;
  json.BeginObject().Key("version").Integer(kVersion).Key("complete").Bool(saved.complete);
  json.Key("workloads").BeginArray();
  for (const auto& [key, counts] : saved.workloads) {
    Write(json, key, counts);
  }
  json.EndArray().Key("containers").BeginArray();
  for (const auto& [ref, counted] : saved.containers) {
    Write(json, ref, counted);
  }
  json.EndArray().EndObject();
  return json.Take() + "\n";
}

Result<SavedRestarts> DecodeRestarts(std::string_view text) {
  const simdjson::padded_string padded(text);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  SavedRestarts saved;
  std::int64_t version = 0;
  const bool whole =
      parser.iterate(padded).get(document) == simdjson::SUCCESS &&
      json::EachField(document.get_object(), [&](std::string_view key,
                                                 simdjson::ondemand::value value) {
        if (key == "version") {
          version = json::NumberOf(value);
        } else if (key == "complete" && value.get_bool().get(saved.complete) != simdjson::SUCCESS) {
          saved.complete = false;
        } else if (key == "workloads") {
          json::EachItem(value, kMostEntries,
                         [&](simdjson::ondemand::value each) { ReadWorkload(each, saved); });
        } else if (key == "containers") {
          json::EachItem(value, kMostEntries,
                         [&](simdjson::ondemand::value each) { ReadContainer(each, saved); });
        }
      });
  if (!whole || version != kVersion) {
    return common::Fail(std::errc::bad_message, "no counts of restarts, or of another version");
  }
  return saved;
}

Result<SavedRestarts> LoadRestarts(const std::filesystem::path& path) {
  const auto text = common::FileSystem("/").Read(std::filesystem::absolute(path));
  if (!text) {
    return text.error().code == std::errc::no_such_file_or_directory
               ? Result<SavedRestarts>(SavedRestarts{})
               : tl::make_unexpected(text.error());
  }
  auto saved = DecodeRestarts(*text);
  if (!saved) {
    common::log::Warning("the counts of restarts are of no use and begin anew",
                         {{"file", path.string()}, {"reason", saved.error().what}});
    return SavedRestarts{};
  }
  return saved;
}

Result<void> SaveRestarts(const std::filesystem::path& path, const SavedRestarts& saved) {
  return common::ReplaceFile(path, Encode(saved), common::Survives::kOurEnd);
}

}  // namespace agent::kubernetes
