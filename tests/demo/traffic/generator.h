#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "tests/demo/traffic/course.h"
#include "tests/demo/traffic/events.h"

namespace demo {

struct GeneratorOptions {
  std::string host = "127.0.0.1";  ///< Numeric; of the ingress.
  std::uint16_t port = 0;
  std::uint64_t seed = 1;
};

/// Visitors of all tenants, open loop: they come when the course says so, whether or not the ones
/// before have their answers. A visitor who gets the waking page comes back after its Retry-After,
/// as a browser does, until it is served; each of these is a request of its own.
///
/// Has a thread and a bounded pool of keep-alive connections of its own.
class Generator {
 public:
  static constexpr std::size_t kMostConnections = 512;
  static constexpr std::size_t kMostWaiting = 4096;
  static constexpr auto kDeadline = std::chrono::seconds(10);
  static constexpr int kMostReturns = 20;  ///< Of one visitor to a waking tenant.

  /// `sink` is called on the generator's thread, in no strict order of times.
  Generator(const Course& course, const GeneratorOptions& options, std::function<void(Event)> sink);
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  /// Stops at once; requests under way are dropped without an outcome.
  ~Generator();

  /// Begins the course now.
  void Start();

  /// No new visitors from now on; returns when every request has its answer (at most kDeadline).
  void Finish();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace demo
