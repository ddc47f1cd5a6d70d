#include "scaler/kubernetes/nodes/node_marker.h"

#include <utility>

namespace scaler::kubernetes::nodes {
namespace {

using common::kubernetes::Outcome;

constexpr int kMostConflicts = 5;
constexpr auto kDeadline = std::chrono::seconds(10);

/// A watch tells of a change within milliseconds.
constexpr auto kUntilItIsTold = std::chrono::milliseconds(100);

}  // namespace

void NodeMarker::Write(const std::string& node, Patch patch, Done done) {
  if (jobs_.contains(node)) {
    End(node, common::Fail(std::errc::operation_canceled, "another wish took its place"));
  }
  auto& job = jobs_[node];
  job.patch = std::move(patch);
  job.done = std::move(done);
  Send(node);
}

void NodeMarker::Send(const std::string& name) {
  auto& job = jobs_.at(name);
  const auto* const node = find_(name);
  if (node == nullptr) {
    End(name, common::Fail(std::errc::invalid_argument, "there is no node " + name));
    return;
  }
  common::kubernetes::Request request;
  request.method = "PATCH";
  request.target = "/api/v1/nodes/" + name;
  request.content_type = "application/merge-patch+json";
  request.body = job.patch(*node);
  request.priority = common::kubernetes::Priority::kWrite;
  request.deadline = kDeadline;
  job.pending = client_.Send(std::move(request), [this, name](Outcome<std::string> outcome) {
    auto& answered = jobs_.at(name);
    if (outcome) {
      if (auto written = ReadNode(*outcome); written.name == name) {
        written_(std::move(written));
      }
      End(name, {});
    } else if (outcome.error().status == 409 && answered.conflicts < kMostConflicts) {
      ++answered.conflicts;
      answered.again =
          executor_.After(kUntilItIsTold * answered.conflicts, [this, name] { Send(name); });
    } else {
      End(name, common::Fail(std::errc::io_error, outcome.error().message));
    }
  });
}

void NodeMarker::End(const std::string& name, common::Result<void> result) {
  auto job = jobs_.extract(name);
  if (const auto done = std::move(job.mapped().done)) {
    done(std::move(result));
  }
}

}  // namespace scaler::kubernetes::nodes
