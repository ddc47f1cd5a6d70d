#include "scaler/kubernetes/policies/status_writer.h"

#include <algorithm>
#include <utility>

#include "common/log.h"
#include "scaler/kubernetes/policies/make_status.h"

namespace scaler::kubernetes::policies {
namespace {

constexpr int kNotFound = 404;
constexpr int kConflict = 409;
constexpr auto kDeadline = std::chrono::seconds(15);

/// Kubernetes' own times have no fractions.
std::string WholeSeconds(common::WallTime time) {
  return common::FormatRfc3339(time).substr(0, 19) + "Z";
}

}  // namespace

StatusWriter::StatusWriter(common::Executor& executor, common::kubernetes::Client& client,
                           PolicyObjects& objects, const loop::StatusBoard& board,
                           std::function<bool()> may_write, StatusWriterOptions options)
    : executor_(executor),
      client_(client),
      objects_(objects),
      board_(board),
      may_write_(std::move(may_write)),
      options_(options) {}

void StatusWriter::LookLater() {
  timer_ = executor_.After(options_.look_every, [this] {
    LookLater();
    Look();
  });
}

/// Goes on where the last look ended, and around.
void StatusWriter::Look() {
  waiting_.clear();  // It is made anew from what holds now.
  const auto status = board_.Get();
  if (!may_write_() || !objects_.Known() || status->wall == common::WallTime()) {
    return;
  }
  const auto now = executor_.Monotonic();
  std::erase_if(not_before_, [&](const auto& entry) { return entry.second <= now; });
  const StatusMaker maker(*status, objects_.Set(), objects_.Refused());
  const auto& all = objects_.Store().Objects();
  const auto most = std::min(static_cast<std::size_t>(options_.objects_a_look), all.size());
  auto at = all.lower_bound(next_);
  for (std::size_t seen = 0; seen < most; ++seen) {
    at = at == all.end() ? all.begin() : at;
    if (!not_before_.contains(at->first)) {
      Consider(at->first, at->second, maker.Make(at->first, at->second));
    }
    if (static_cast<int>(waiting_.size()) >= options_.writes_a_look) {
      ++at;
      break;
    }
    ++at;
  }
  next_ = at == all.end() ? ObjectRef() : at->first;
  Send();
}

void StatusWriter::Consider(const ObjectRef& ref, const StoredObject& object,
                            const ObjectStatus& status) {
  const auto fingerprint = FingerprintOf(status);
  if (fingerprint == object.seen.fingerprint) {
    return;
  }
  const auto now = WholeSeconds(executor_.Wall());
  const auto before = Unpack(object.seen.transitions);
  waiting_.push_back(
      {ref,
       object.uid,
       StatusPatch(status, before, now),
       {fingerprint, Pack(TransitionsOf(status, before, now)), LastOfNodes(status)}});
}

void StatusWriter::Send() {
  while (!waiting_.empty() && static_cast<int>(sent_.size()) < options_.at_once) {
    auto write = std::move(waiting_.front());
    waiting_.pop_front();
    not_before_[write.ref] = executor_.Monotonic() + options_.object_interval;
    common::kubernetes::Request request;
    request.method = "PATCH";
    request.target = PathOf(write.ref) + "/status?fieldManager=trimtab-scaler";
    request.body = write.patch;
    request.content_type = "application/merge-patch+json";
    request.priority = common::kubernetes::Priority::kList;
    request.deadline = kDeadline;
    const auto id = ++ids_;
    sent_[id] = client_.Send(
        std::move(request),
        [this, id, write = std::move(write)](
            const common::kubernetes::Outcome<std::string>& outcome) { Done(id, write, outcome); });
  }
}

void StatusWriter::Done(std::uint64_t id, const Write& write,
                        const common::kubernetes::Outcome<std::string>& outcome) {
  // NOLINTNEXTLINE(performance-unnecessary-copy-initialization): `write` dies with the next line.
  const Write done = write;
  sent_.erase(id);
  auto* const object = objects_.Store().Find(done.ref);
  if (outcome) {
    problem_.clear();
    if (object != nullptr && object->uid == done.uid) {
      object->seen = done.after;
    }
  } else if (outcome.error().status != kNotFound && outcome.error().status != kConflict) {
    not_before_[done.ref] = executor_.Monotonic() + options_.refused_interval;
    if (std::exchange(problem_, outcome.error().message) != outcome.error().message) {
      common::log::Warning("the status of a policy cannot be written",
                           {{"object", SourceName(done.ref)}, {"why", outcome.error().message}});
    }
  }
  Send();
}

}  // namespace scaler::kubernetes::policies
