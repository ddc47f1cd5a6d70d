#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "common/result.h"

namespace boost::asio {
class io_context;
}  // namespace boost::asio

namespace scaler::local {

/// Asks a replica on loopback whether it is well, one question at a time.
///
/// Belongs to the loop's thread. Destroying it forgets a pending question.
class HealthProbe {
 public:
  using Done = std::function<void(common::Result<void>)>;

  explicit HealthProbe(boost::asio::io_context& context);
  HealthProbe(const HealthProbe&) = delete;
  HealthProbe& operator=(const HealthProbe&) = delete;
  ~HealthProbe();

  /// GET `path` over a new connection; well is 200 to 399, as in Kubernetes. With an empty path
  /// the connection alone is the answer. `done` runs once from the loop, within `timeout`; a
  /// question that was still pending is forgotten.
  void Ask(int port, const std::string& path, std::chrono::milliseconds timeout, Done done);

  /// Forgets a pending question.
  void Cancel();

 private:
  class Question;

  boost::asio::io_context& context_;
  std::shared_ptr<Question> question_;
};

}  // namespace scaler::local
