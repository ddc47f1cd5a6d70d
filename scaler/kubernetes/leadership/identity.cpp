#include "scaler/kubernetes/leadership/identity.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <random>

namespace scaler::kubernetes::leadership {
namespace {

std::string Environment(const char* name) {
  const char* const value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe)
  return value == nullptr ? "" : value;
}

std::string Random() {
  constexpr const char* kDigits = "0123456789abcdef";
  constexpr int kLength = 16;
  std::random_device random;
  std::string text;
  for (int i = 0; i < kLength; ++i) {
    text += kDigits[random() % 16];
  }
  return text;
}

}  // namespace

std::string OwnIdentity() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  const auto pod = Environment("POD_NAME");
  const auto uid = Environment("POD_UID");
  return (pod.empty() ? host.data() : pod) + "_" + (uid.empty() ? Random() : uid);
}

}  // namespace scaler::kubernetes::leadership
