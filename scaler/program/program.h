#pragma once

#include <memory>

#include "common/result.h"
#include "scaler/config/config.h"
#include "scaler/program/options.h"

namespace scaler::program {

/// A scaler put together from its parts.
class Program {
 public:
  Program() = default;
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  virtual ~Program() = default;

  /// Once, before Run. `options` and `config` must outlive the program.
  [[nodiscard]] virtual common::Result<void> Start(const Options& options,
                                                   const config::Config& config) = 0;

  /// Where its API listens.
  [[nodiscard]] virtual int Port() const = 0;

  /// Until SIGTERM or SIGINT, or a failure that leaves nothing to do.
  [[nodiscard]] virtual common::Result<void> Run() = 0;
};

/// Which platform it is. Fails with invalid_argument where the configuration is for both and the
/// command line does not choose.
[[nodiscard]] common::Result<PlatformChoice> Choose(const Options& options,
                                                    const config::Config& config);

/// For a platform as Choose says it.
[[nodiscard]] std::unique_ptr<Program> MakeProgram(PlatformChoice platform);

}  // namespace scaler::program
