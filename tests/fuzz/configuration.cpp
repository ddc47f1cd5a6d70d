// The configuration files of the agent, of the scaler and of the emulated cloud.

#include "agent/config/config.h"
#include "fuzz/input.h"
#include "scaler/config/config.h"
#include "scaler/local/cloud/config.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const fuzz::InputFile file(fuzz::Text(data, size));
  (void)agent::config::ReadConfig(file.Path());
  (void)scaler::config::ReadConfig(file.Path());
  (void)scaler::local::cloud::ReadConfig(file.Path());
  return 0;
}
