#include "scaler/kubernetes/nodes/node_marker.h"

#include <utility>

namespace scaler::kubernetes::nodes {
namespace {

using common::kubernetes::Outcome;
using common::kubernetes::Refused;

constexpr int kMostConflicts = 5;
constexpr auto kDeadline = std::chrono::seconds(10);

common::kubernetes::Request RequestFor(const std::string& name, const char* method) {
  common::kubernetes::Request request;
  request.method = method;
  request.target = "/api/v1/nodes/" + name;
  request.priority = common::kubernetes::Priority::kWrite;
  request.deadline = kDeadline;
  return request;
}

tl::unexpected<common::Error> Failed(const Refused& refused) {
  return common::Fail(std::errc::io_error, refused.message);
}

}  // namespace

void NodeMarker::Write(const ClusterNode& node, Patch patch, Done done) {
  if (jobs_.contains(node.name)) {
    End(node.name, common::Fail(std::errc::operation_canceled, "another wish took its place"));
  }
  jobs_[node.name] = Job{std::move(patch), std::move(done), 0, nullptr};
  Send(node.name, node);
}

void NodeMarker::Send(const std::string& name, const ClusterNode& node) {
  auto& job = jobs_.at(name);
  auto body = job.patch(node);
  if (body.empty()) {
    End(name, {});
    return;
  }
  auto request = RequestFor(name, "PATCH");
  request.content_type = "application/merge-patch+json";
  request.body = std::move(body);
  job.pending = client_.Send(std::move(request), [this, name](Outcome<std::string> outcome) {
    if (outcome) {
      if (auto written = ReadNode(*outcome); written.name == name) {
        written_(std::move(written));
      }
      End(name, {});
    } else if (outcome.error().status == 409 && jobs_.at(name).conflicts < kMostConflicts) {
      ++jobs_.at(name).conflicts;
      ReadAgain(name);
    } else {
      End(name, Failed(outcome.error()));
    }
  });
}

void NodeMarker::ReadAgain(const std::string& name) {
  jobs_.at(name).pending =
      client_.Send(RequestFor(name, "GET"), [this, name](Outcome<std::string> outcome) {
        if (!outcome) {
          End(name, Failed(outcome.error()));
          return;
        }
        const auto node = ReadNode(*outcome);
        if (node.name != name) {
          End(name, common::Fail(std::errc::bad_message, "GET of node " + name + " gave no node"));
          return;
        }
        Send(name, node);
      });
}

void NodeMarker::End(const std::string& name, common::Result<void> result) {
  auto job = jobs_.extract(name);
  if (const auto done = std::move(job.mapped().done)) {
    done(std::move(result));
  }
}

}  // namespace scaler::kubernetes::nodes
