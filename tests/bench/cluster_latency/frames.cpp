#include "tests/bench/cluster_latency/frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>

#include "scaler/signals/http_transport.h"
#include "tests/bench/cluster_latency/times.h"

namespace cluster::latency {

using common::MonotonicTime;

Frames::Frames(const std::string& agent)
    : transport_(std::make_unique<scaler::signals::HttpTransport>(io_.Context())) {
  stream_ = transport_->Open(
      agent, [this](std::string_view bytes) { Take(bytes); },
      [](const common::Error& error) {
        std::fputs(fmt::format("  the agent's stream ended: {}\n", error.what).c_str(), stderr);
      });
  thread_ = std::thread([this] { io_.Run(); });
}

Frames::~Frames() {
  io_.Stop();
  thread_.join();
}

void Frames::Take(std::string_view bytes) {
  decoder_.Append(bytes);
  for (auto frame = decoder_.Next(); frame && *frame; frame = decoder_.Next()) {
    Note(**frame);
  }
}

void Frames::Note(const common::signal::Frame& frame) {
  const std::lock_guard lock(mutex_);
  const auto made = MonotonicOf(frame.sampled_at);
  made_.push_back(made);
  for (const auto& tenant : frame.tenants) {
    if (tenant.arrivals_total.value_or(0) + tenant.completions_total > 0) {
      first_.emplace(tenant.tenant, made);
    }
  }
}

std::optional<MonotonicTime> Frames::FirstOf(const std::string& tenant) const {
  const std::lock_guard lock(mutex_);
  const auto found = first_.find(tenant);
  return found == first_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<MonotonicTime> Frames::LastBefore(MonotonicTime time) const {
  const std::lock_guard lock(mutex_);
  const auto after = std::upper_bound(made_.begin(), made_.end(), time);
  return after == made_.begin() ? std::nullopt : std::optional(*std::prev(after));
}

}  // namespace cluster::latency
