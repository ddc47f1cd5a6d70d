#include "agent/collect/proxy_ledger.h"

namespace agent::collect {

void ProxyLedger::Observe(const std::vector<common::haproxy::StatLine>& lines) {
  Miss();
  for (const auto& line : lines) {
    if (line.server != "BACKEND") {
      continue;
    }
    auto [entry, is_new] = backends_.try_emplace(line.proxy);
    auto& [last_count, reading] = entry->second;
    if (is_new && !answered_) {
      last_count = line.stot;
    }
    // A fall is another process, which has counted from 0; so has a backend that is new.
    reading.arrivals_total += line.stot < last_count ? line.stot : line.stot - last_count;
    last_count = line.stot;
    reading.in_flight = line.scur > line.qcur ? line.scur - line.qcur : 0;
    reading.queued = line.qcur;
  }
  answered_ = true;
}

void ProxyLedger::Miss() {
  for (auto& [name, backend] : backends_) {
    backend.reading.in_flight.reset();
    backend.reading.queued.reset();
  }
}

std::optional<ProxySnapshot> ProxyLedger::Find(const std::string& backend) const {
  const auto found = backends_.find(backend);
  if (found != backends_.end()) {
    return found->second.reading;
  }
  return answered_ ? std::nullopt : std::optional(ProxySnapshot{});
}

}  // namespace agent::collect
