#include "scaler/kubernetes/workloads/scale_writer.h"

#include <fmt/format.h>

#include <utility>

#include "common/json_writer.h"
#include "common/log.h"
#include "scaler/kubernetes/workloads/scale_object.h"

namespace scaler::kubernetes::workloads {
namespace {

using common::Result;
using common::kubernetes::Outcome;
using common::kubernetes::Refused;
using common::kubernetes::Request;
using common::kubernetes::Sent;

constexpr int kForbidden = 403;
constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr int kInvalid = 422;

constexpr auto kDeadline = std::chrono::seconds(10);
/// A decision is acted on so long; a process that slept over it must decide anew.
constexpr auto kFresh = std::chrono::seconds(2);
/// The status of an object in a ramp changes many times a second.
constexpr int kMostTries = 5;

std::string PatchOf(const std::string& resource_version, int replicas) {
  common::JsonWriter json;
  json.BeginObject();
  json.Key("metadata").BeginObject().Key("resourceVersion").String(resource_version).EndObject();
  json.Key("spec").BeginObject().Key("replicas").Integer(replicas).EndObject();
  json.EndObject();
  return json.Take();
}

tl::unexpected<common::Error> Refusal(const platform::WorkloadId& id, const Kind& kind,
                                      const Refused& refused) {
  const auto what = kind.name + " " + platform::ToString(id);
  switch (refused.status) {
    case kForbidden:
      return common::Fail(std::errc::permission_denied,
                          fmt::format("{} may not be scaled: {}; grant patch on {}/scale", what,
                                      refused.message, kind.plural));
    case kNotFound:
      return common::Fail(std::errc::no_such_device, what + " is gone");
    case kInvalid:
      return common::Fail(std::errc::invalid_argument,
                          fmt::format("{} refuses the number: {}", what, refused.message));
    case 0:
      return common::Fail(
          std::errc::timed_out,
          fmt::format("{}: whether it was scaled is not known: {}", what, refused.message));
    default:
      return common::Fail(std::errc::io_error,
                          fmt::format("{} was not scaled: {}", what, refused.message));
  }
}

tl::unexpected<common::Error> ChangedBy(const platform::WorkloadId& id, int from, int now) {
  return common::Fail(
      std::errc::resource_unavailable_try_again,
      fmt::format("{} has been set from {} to {} by somebody else meanwhile; it is decided anew",
                  platform::ToString(id), from, now));
}

}  // namespace

ScaleWriter::ScaleWriter(common::Executor& executor, common::kubernetes::Client& client,
                         Inventory& inventory, std::function<void()> changed)
    : executor_(executor), client_(client), inventory_(inventory), changed_(std::move(changed)) {}

void ScaleWriter::Scale(const platform::WorkloadId& id, int replicas, Done done) {
  auto* const scalable = inventory_.Find(id);
  if (scalable == nullptr) {
    done(common::Fail(std::errc::no_such_device, platform::ToString(id) + " is gone"));
    return;
  }
  if (const auto owner = inventory_.OwnerOf(*scalable); !owner.empty()) {
    done(common::Fail(
        std::errc::operation_not_permitted,
        fmt::format("{} is scaled by {}; it is left alone", platform::ToString(id), owner)));
    return;
  }
  const auto under_way = writes_.find(scalable->uid);
  if (under_way == writes_.end()) {
    if (scalable->fields.replicas == replicas) {
      done({});
      return;
    }
    std::vector<Done> all;
    all.push_back(std::move(done));
    Begin(*scalable, replicas, std::move(all));
    return;
  }
  auto& write = under_way->second;
  if (!write.next && write.to == replicas) {
    write.done.push_back(std::move(done));
    return;
  }
  write.next = replicas;
  write.next_done.push_back(std::move(done));
  inventory_.SetWish(*scalable, replicas);
}

void ScaleWriter::Begin(Scalable& scalable, int replicas, std::vector<Done> done) {
  auto& write = writes_[scalable.uid];
  write.id = scalable.id;
  write.uid = scalable.uid;
  write.kind = scalable.kind;
  write.key = scalable.key;
  write.from = scalable.fields.replicas;
  write.to = replicas;
  write.begun = executor_.Monotonic();
  write.done = std::move(done);
  inventory_.SetWish(scalable, replicas);
  Send(write);
}

Scalable* ScaleWriter::StillThere(const Write& write) {
  auto* const scalable = inventory_.Find(write.id);
  return scalable != nullptr && scalable->uid == write.uid ? scalable : nullptr;
}

void ScaleWriter::Send(Write& write) {
  ++write.tries;
  Request request;
  request.method = "PATCH";
  request.target = ScalePathOf(write.kind, write.key) + "?fieldManager=trimtab-scaler";
  request.body = PatchOf(StillThere(write)->resource_version, write.to);
  request.content_type = "application/merge-patch+json";
  request.priority = common::kubernetes::Priority::kWrite;
  request.deadline = kDeadline;
  request.on_sent = [&write](const Sent& sent) { write.sent = sent; };
  write.pending = client_.Send(
      std::move(request),
      [this, uid = write.uid](const Outcome<std::string>& answer) { OnAnswer(uid, answer); });
}

void ScaleWriter::OnAnswer(const std::string& uid, const Outcome<std::string>& answer) {
  auto& write = writes_.at(uid);
  auto* const scalable = StillThere(write);
  if (!answer) {
    if (answer.error().status == kConflict && scalable != nullptr && write.tries < kMostTries) {
      LookAgain(write);
    } else {
      Finish(uid, Refusal(write.id, write.kind, answer.error()));
    }
    return;
  }
  const auto now = ReadScale(*answer);
  if (scalable != nullptr && now && now->uid == uid) {
    inventory_.TakeScale(*scalable, now->resource_version, now->replicas);
  }
  Say(write);
  Finish(uid, {});
}

/// Where the time went, for who wonders whether it is the rate limit, the network or the server.
void ScaleWriter::Say(const Write& write) const {
  const auto milliseconds = [](common::MonotonicTime from, common::MonotonicTime to) {
    return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(to - from).count());
  };
  common::log::Debug("the API server has taken the number",
                     {{"workload", platform::ToString(write.id)},
                      {"replicas", std::to_string(write.to)},
                      {"tries", std::to_string(write.tries)},
                      {"waited_ms", milliseconds(write.begun, write.sent.let_go)},
                      {"connection", write.sent.kept ? "kept" : "new"},
                      {"sending_ms", milliseconds(write.sent.let_go, write.sent.at)},
                      {"answer_ms", milliseconds(write.sent.at, executor_.Monotonic())}});
}

/// Something of the object is not as we knew it: is it the number?
void ScaleWriter::LookAgain(Write& write) {
  Request request;
  request.target = ScalePathOf(write.kind, write.key);
  request.priority = common::kubernetes::Priority::kWrite;
  request.deadline = kDeadline;
  write.pending = client_.Send(
      std::move(request),
      [this, uid = write.uid](const Outcome<std::string>& answer) { OnLook(uid, answer); });
}

void ScaleWriter::OnLook(const std::string& uid, const Outcome<std::string>& answer) {
  auto& write = writes_.at(uid);
  auto* const scalable = StillThere(write);
  if (!answer) {
    Finish(uid, Refusal(write.id, write.kind, answer.error()));
    return;
  }
  const auto now = ReadScale(*answer);
  if (scalable == nullptr || !now || now->uid != uid) {
    Finish(uid, common::Fail(std::errc::no_such_device,
                             platform::ToString(write.id) + " has been replaced by another"));
    return;
  }
  inventory_.TakeScale(*scalable, now->resource_version, now->replicas);
  if (now->replicas == write.to) {
    Finish(uid, {});
  } else if (now->replicas != write.from || executor_.Monotonic() - write.begun > kFresh) {
    Finish(uid, ChangedBy(write.id, write.from, now->replicas));
  } else {
    Send(write);
  }
}

void ScaleWriter::Finish(const std::string& uid, Result<void> result) {
  auto node = writes_.extract(uid);
  auto& write = node.mapped();
  auto* const scalable = StillThere(write);
  if (scalable != nullptr) {
    inventory_.SetWish(*scalable, {});
  }
  // A newer wish stands whatever became of this one, unless it was made from what is no more.
  if (write.next && scalable != nullptr && result) {
    if (scalable->fields.replicas != *write.next) {
      Begin(*scalable, *write.next, std::move(write.next_done));
      write.next_done.clear();
    }
  }
  for (const auto& done : write.done) {
    done(result);
  }
  for (const auto& done : write.next_done) {
    done(result);
  }
  changed_();
}

}  // namespace scaler::kubernetes::workloads
