#include "scaler/local/replica_files.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <utility>

namespace scaler::local {
namespace {

namespace json = boost::json;
using common::Result;
using std::chrono::milliseconds;

constexpr std::int64_t kVersion = 1;

/// Reads the fields of an object; remembers whether all of them were what they should be.
class Reader {
 public:
  explicit Reader(const json::object& object) : object_(object) {}

  void Text(std::string_view key, std::string& to) {
    if (const auto* const value = Find(key); value != nullptr && Expect(value->is_string())) {
      to = value->get_string();
    }
  }
  void Path(std::string_view key, std::filesystem::path& to) {
    std::string text;
    Text(key, text);
    to = text;
  }
  template <typename T>
  void Number(std::string_view key, T& to) {
    const auto* const value = Find(key);
    if (value != nullptr && Expect(value->is_int64() && std::in_range<T>(value->get_int64()))) {
      to = static_cast<T>(value->get_int64());
    }
  }
  template <typename T>
  void Number(std::string_view key, std::optional<T>& to) {
    if (Find(key) != nullptr) {
      Number(key, to.emplace());
    }
  }
  void Number(std::string_view key, std::optional<double>& to) {
    if (const auto* const value = Find(key); value != nullptr && Expect(value->is_number())) {
      to = value->to_number<double>();
    }
  }
  void Duration(std::string_view key, milliseconds& to) {
    std::int64_t count = 0;
    Number(key, count);
    to = milliseconds(count);
  }
  void Time(std::string_view key, common::WallTime& to) {
    milliseconds since_epoch{};
    Duration(key, since_epoch);
    to = common::WallTime(since_epoch);
  }
  void Flag(std::string_view key, bool& to) {
    if (const auto* const value = Find(key); value != nullptr && Expect(value->is_bool())) {
      to = value->get_bool();
    }
  }
  void Texts(std::string_view key, std::vector<std::string>& to) {
    const auto* const value = Find(key);
    if (value == nullptr || !Expect(value->is_array())) {
      return;
    }
    for (const auto& item : value->get_array()) {
      if (Expect(item.is_string())) {
        to.emplace_back(item.get_string());
      }
    }
  }
  void Map(std::string_view key, std::map<std::string, std::string>& to) {
    const auto* const value = Find(key);
    if (value == nullptr || !Expect(value->is_object())) {
      return;
    }
    for (const auto& [name, item] : value->get_object()) {
      if (Expect(item.is_string())) {
        to.emplace(name, item.get_string());
      }
    }
  }
  [[nodiscard]] const json::object* Object(std::string_view key) {
    const auto* const value = Find(key);
    return value != nullptr && Expect(value->is_object()) ? &value->get_object() : nullptr;
  }
  void Take(const Reader& inner) { good_ = good_ && inner.good_; }
  [[nodiscard]] bool Good() const { return good_; }

 private:
  [[nodiscard]] const json::value* Find(std::string_view key) const {
    return object_.if_contains(key);
  }
  bool Expect(bool holds) {
    good_ = good_ && holds;
    return holds;
  }

  const json::object& object_;
  bool good_ = true;
};

/// Parses `text`, checks its version and lets `read` fill a T.
template <typename T, typename Read>
Result<T> Decode(std::string_view text, std::string_view what, Read read) {
  boost::system::error_code error;
  const json::value value = json::parse({text.data(), text.size()}, error);
  T result;
  if (!error && value.is_object()) {
    Reader reader(value.get_object());
    std::int64_t version = 0;
    reader.Number("version", version);
    read(reader, result);
    if (reader.Good() && version == kVersion) {
      return result;
    }
  }
  return common::Fail(std::errc::bad_message,
                      std::string(what) + ": damaged or of another version");
}

template <typename T>
void Put(json::object& object, std::string_view key, const std::optional<T>& value) {
  if (value) {
    object[key] = *value;
  }
}

json::object FromResources(const Resources& resources) {
  json::object object;
  Put(object, "cpu_request_cores", resources.cpu_request_cores);
  Put(object, "memory_request_bytes", resources.memory_request_bytes);
  Put(object, "cpu_limit_cores", resources.cpu_limit_cores);
  Put(object, "memory_limit_bytes", resources.memory_limit_bytes);
  return object;
}

void ReadResources(Reader& outer, Resources& resources) {
  if (const auto* const object = outer.Object("resources")) {
    Reader reader(*object);
    reader.Number("cpu_request_cores", resources.cpu_request_cores);
    reader.Number("memory_request_bytes", resources.memory_request_bytes);
    reader.Number("cpu_limit_cores", resources.cpu_limit_cores);
    reader.Number("memory_limit_bytes", resources.memory_limit_bytes);
    outer.Take(reader);
  }
}

json::object FromEnd(const ReplicaEnd& end) {
  json::object object;
  object["reason"] = common::lifecycle::ReasonName(end.reason);
  object["time_ms"] = end.time.time_since_epoch().count();
  Put(object, "exit_code", end.status.exit_code);
  Put(object, "signal", end.status.signal);
  return object;
}

void ReadEnd(Reader& outer, std::optional<ReplicaEnd>& end) {
  if (const auto* const object = outer.Object("end")) {
    Reader reader(*object);
    std::string reason;
    reader.Text("reason", reason);
    reader.Time("time_ms", end.emplace().time);
    reader.Number("exit_code", end->status.exit_code);
    reader.Number("signal", end->status.signal);
    end->reason =
        common::lifecycle::FindReason(reason).value_or(common::lifecycle::EndReason::kUnknown);
    outer.Take(reader);
  }
}

}  // namespace

std::string Encode(const Launch& launch) {
  json::object object;
  object["version"] = kVersion;
  object["namespace"] = launch.name_space;
  object["workload"] = launch.workload;
  object["replica"] = launch.replica;
  object["attempt"] = launch.attempt;
  object["port"] = launch.port;
  object["command"] = json::array(launch.command.begin(), launch.command.end());
  json::object env;
  for (const auto& [name, value] : launch.env) {
    env[name] = value;
  }
  object["env"] = std::move(env);
  object["node"] = launch.node;
  object["cgroup"] = launch.cgroup;
  object["resources"] = FromResources(launch.resources);
  object["root"] = launch.root.string();
  object["lifecycle"] = launch.lifecycle.string();
  object["state"] = launch.state.string();
  object["log"] = launch.log.string();
  object["grace_period_ms"] = launch.grace_period.count();
  object["back_off_ms"] = launch.back_off.count();
  return json::serialize(object) + "\n";
}

std::string Encode(const ReplicaState& state) {
  json::object object;
  object["version"] = kVersion;
  object["workload"] = state.workload;
  object["replica"] = state.replica;
  object["attempt"] = state.attempt;
  object["port"] = state.port;
  object["cgroup"] = state.cgroup;
  object["shim_pid"] = state.shim_pid;
  object["pid"] = state.pid;
  object["pid_start_ticks"] = static_cast<std::int64_t>(state.pid_start_ticks);
  object["boot_id"] = state.boot_id;
  object["started_ms"] = state.started.time_since_epoch().count();
  object["back_off_ms"] = state.back_off.count();
  object["stopping"] = state.stopping;
  if (state.end) {
    object["end"] = FromEnd(*state.end);
  }
  return json::serialize(object) + "\n";
}

std::string Encode(const WorkloadState& state) {
  json::object object;
  object["version"] = kVersion;
  object["desired"] = state.desired;
  object["next"] = static_cast<std::int64_t>(state.next);
  return json::serialize(object) + "\n";
}

Result<Launch> DecodeLaunch(std::string_view text) {
  return Decode<Launch>(text, "launch file", [](Reader& reader, Launch& launch) {
    reader.Text("namespace", launch.name_space);
    reader.Text("workload", launch.workload);
    reader.Text("replica", launch.replica);
    reader.Number("attempt", launch.attempt);
    reader.Number("port", launch.port);
    reader.Texts("command", launch.command);
    reader.Map("env", launch.env);
    reader.Text("node", launch.node);
    reader.Text("cgroup", launch.cgroup);
    ReadResources(reader, launch.resources);
    reader.Path("root", launch.root);
    reader.Path("lifecycle", launch.lifecycle);
    reader.Path("state", launch.state);
    reader.Path("log", launch.log);
    reader.Duration("grace_period_ms", launch.grace_period);
    reader.Duration("back_off_ms", launch.back_off);
  });
}

Result<ReplicaState> DecodeReplicaState(std::string_view text) {
  return Decode<ReplicaState>(text, "replica state", [](Reader& reader, ReplicaState& state) {
    reader.Text("workload", state.workload);
    reader.Text("replica", state.replica);
    reader.Number("attempt", state.attempt);
    reader.Number("port", state.port);
    reader.Text("cgroup", state.cgroup);
    reader.Number("shim_pid", state.shim_pid);
    reader.Number("pid", state.pid);
    reader.Number("pid_start_ticks", state.pid_start_ticks);
    reader.Text("boot_id", state.boot_id);
    reader.Time("started_ms", state.started);
    reader.Duration("back_off_ms", state.back_off);
    reader.Flag("stopping", state.stopping);
    ReadEnd(reader, state.end);
  });
}

Result<WorkloadState> DecodeWorkloadState(std::string_view text) {
  return Decode<WorkloadState>(text, "workload state", [](Reader& reader, WorkloadState& state) {
    reader.Number("desired", state.desired);
    reader.Number("next", state.next);
  });
}

}  // namespace scaler::local
