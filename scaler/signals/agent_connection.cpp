#include "scaler/signals/agent_connection.h"

#include <algorithm>
#include <utility>

#include "common/log.h"

namespace scaler::signals {

AgentConnection::AgentConnection(common::Executor& executor, StreamTransport& transport,
                                 std::string address, ConnectionOptions options,
                                 std::function<void(bool news)> on_frame)
    : executor_(executor),
      transport_(transport),
      address_(std::move(address)),
      options_(options),
      on_frame_(std::move(on_frame)),
      view_(options.rate_window) {}

void AgentConnection::Dial() {
  retry_.reset();
  decoder_ = std::make_unique<common::signal::Decoder>();
  ended_ = false;
  stream_ = transport_.Open(
      address_, [this](std::string_view bytes) { OnBytes(bytes); },
      [this](const common::Error& error) { DialAgainLater(error.what); });
  WatchSilence();
}

void AgentConnection::OnBytes(std::string_view bytes) {
  if (ended_ || retired_) {
    return;
  }
  WatchSilence();
  decoder_->Append(bytes);
  while (!retired_) {
    auto frame = decoder_->Next();
    if (!frame) {
      DialAgainLater(frame.error().what);
      return;
    }
    if (!*frame) {
      return;
    }
    switch (view_.Fold(**frame, executor_.Monotonic())) {
      case AgentView::Verdict::kRepeated:
        break;
      case AgentView::Verdict::kGap:
        DialAgainLater("a frame of the stream is missing");
        return;
      case AgentView::Verdict::kTaken:
        if (!connected_) {
          common::log::Info("agent connected", {{"agent", view_.Name()}, {"address", address_}});
        }
        connected_ = true;
        failures_ = 0;
        problem_.clear();
        on_frame_(view_.ToldNews());
    }
  }
}

void AgentConnection::DialAgainLater(const std::string& why) {
  if (retired_ || std::exchange(ended_, true)) {
    return;
  }
  if (connected_ || failures_ == 0) {
    common::log::Warning("agent lost", {{"address", address_}, {"why", why}});
  }
  connected_ = false;
  problem_ = why;
  view_.Disconnected();
  silence_.reset();
  // Not here: the stream that calls us must outlive the call.
  retry_ = executor_.After(NextDelay(), [this] { Dial(); });
}

void AgentConnection::WatchSilence() {
  silence_ = executor_.After(options_.silence, [this] { DialAgainLater("it has fallen silent"); });
}

std::chrono::milliseconds AgentConnection::NextDelay() {
  const auto doublings = std::min<std::uint32_t>(failures_++, 16);
  const auto delay = std::min(options_.longest_retry, options_.first_retry * (1U << doublings));
  // Many connections must not dial in step after one fault; spread by address, so that a
  // simulation gives the same run again.
  const auto spread = std::hash<std::string>{}(address_ + std::to_string(failures_)) % 256;
  return delay - delay * static_cast<int>(spread) / 1024;
}

}  // namespace scaler::signals
