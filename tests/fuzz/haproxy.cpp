// What HAProxy answers on its runtime socket.

#include "common/haproxy/stat.h"
#include "fuzz/input.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto answer = fuzz::Text(data, size);
  (void)common::haproxy::ParseStat(answer);
  (void)common::haproxy::ParseInfo(answer);
  (void)common::haproxy::ParseServersState(answer);
  return 0;
}
