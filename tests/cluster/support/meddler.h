#pragma once

#include <chrono>
#include <cstdint>
#include <memory>

#include "tests/cluster/support/control_plane.h"

namespace cluster {

/// Stands between scalers and the real API server, ends the TLS of both, passes on what is said,
/// and does to it what networks, proxies and servers under load do. Safe from any thread.
class Meddler {
 public:
  /// What it does from now on.
  struct Manners {
    std::chrono::milliseconds delay{0};  ///< Each piece of an answer takes so much longer.
    bool refuses_scale = false;  ///< Writes of /scale get 429, with Retry-After of a second.
    bool keeps_scale = false;    ///< Writes of /scale are not passed on before Release.
    bool keeps_answers = false;  ///< Writes of /scale are, their answers never.
    bool old_versions = false;   ///< Watches ask for everything since version 1.
  };

  /// How often it has done what.
  struct Counts {
    int cut = 0;       ///< Watches in the middle of a line.
    int refused = 0;   ///< With 429.
    int too_soon = 0;  ///< The same object again within less than the Retry-After.
    int kept = 0;      ///< Writes, or their answers.
    int gone = 0;      ///< The server said 410.
  };

  /// Listens with the server's certificate. Throws std::runtime_error where it cannot.
  explicit Meddler(const ControlPlane& plane);
  ~Meddler();
  Meddler(const Meddler&) = delete;
  Meddler& operator=(const Meddler&) = delete;

  [[nodiscard]] std::uint16_t Port() const;

  void Behave(const Manners& manners);
  /// Every watch that is open now ends in the middle of the next that it says.
  void CutWatches();
  /// Every connection breaks.
  void BreakAll();
  /// What was kept goes to the server now, though whoever sent it may be dead.
  void Release();

  [[nodiscard]] Counts Done() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace cluster
