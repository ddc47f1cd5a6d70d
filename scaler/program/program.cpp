#include "scaler/program/program.h"

#include "scaler/program/cluster_program.h"
#include "scaler/program/local_program.h"

namespace scaler::program {

common::Result<PlatformChoice> Choose(const Options& options, const config::Config& config) {
  if (options.platform != PlatformChoice::kByConfig) {
    return options.platform;
  }
  if (!config.kubernetes) {
    return PlatformChoice::kLocal;
  }
  if (config.local != local::Spec{}) {
    return common::Fail(std::errc::invalid_argument,
                        options.config +
                            ": has both 'local' and 'kubernetes'; a scaler has one platform: give "
                            "--platform local or --platform kubernetes");
  }
  return PlatformChoice::kKubernetes;
}

std::unique_ptr<Program> MakeProgram(PlatformChoice platform) {
  if (platform == PlatformChoice::kKubernetes) {
    return std::make_unique<ClusterProgram>();
  }
  return std::make_unique<LocalProgram>();
}

}  // namespace scaler::program
