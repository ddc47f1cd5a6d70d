#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "common/executor.h"
#include "common/signal/frame.h"
#include "scaler/signals/agent_view.h"
#include "scaler/signals/transport.h"

namespace scaler::signals {

struct ConnectionOptions {
  std::chrono::milliseconds rate_window = std::chrono::seconds(2);
  /// Agents send a frame at least once a second; after this silence the stream is dialled anew.
  std::chrono::milliseconds silence = std::chrono::seconds(5);
  std::chrono::milliseconds first_retry{100};
  std::chrono::milliseconds longest_retry = std::chrono::seconds(5);
};

/// Keeps one agent's stream open, for ever, and its view up to date.
///
/// Belongs to the executor's thread.
class AgentConnection {
 public:
  /// `on_frame` is called after each frame that was taken; with true where it said more than that
  /// the agent is there.
  AgentConnection(common::Executor& executor, StreamTransport& transport, std::string address,
                  ConnectionOptions options, std::function<void(bool news)> on_frame);
  AgentConnection(const AgentConnection&) = delete;
  AgentConnection& operator=(const AgentConnection&) = delete;

  void Start() { Dial(); }

  /// Nothing is told any more. For one that cannot be destroyed yet, because it is what calls.
  void Retire() { retired_ = true; }

  [[nodiscard]] const std::string& Address() const { return address_; }
  [[nodiscard]] const AgentView& View() const { return view_; }
  [[nodiscard]] bool Connected() const { return connected_; }
  /// Why there is no connection; empty while there is one.
  [[nodiscard]] const std::string& Problem() const { return problem_; }

 private:
  void Dial();
  void OnBytes(std::string_view bytes);
  void DialAgainLater(const std::string& why);
  void WatchSilence();
  [[nodiscard]] std::chrono::milliseconds NextDelay();

  common::Executor& executor_;
  StreamTransport& transport_;
  std::string address_;
  ConnectionOptions options_;
  std::function<void(bool news)> on_frame_;
  AgentView view_;
  std::unique_ptr<common::signal::Decoder> decoder_;
  std::unique_ptr<Stream> stream_;
  std::unique_ptr<common::Timer> retry_;
  std::unique_ptr<common::Timer> silence_;
  bool connected_ = false;
  bool retired_ = false;
  bool ended_ = false;  ///< The stream is spent and waits to be replaced.
  std::uint32_t failures_ = 0;
  std::string problem_ = "not connected yet";
};

}  // namespace scaler::signals
