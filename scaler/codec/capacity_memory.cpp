#include "scaler/codec/capacity_memory.h"

#include "scaler/codec/capacity_fields.h"
#include "scaler/codec/reader.h"
#include "scaler/codec/writer.h"

namespace scaler::codec {

template <typename V, typename T>
void Fields(V& visit, const OpenOrder&, T& value) {
  visit("token", value.token);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("nodes", value.nodes);
  visit("at_ms", value.at);
  visit("taken", value.taken);
  visit("seen", value.seen);
}

template <typename V, typename T>
void Fields(V& visit, const KnownNode&, T& value) {
  visit("name", value.name);
  visit("pool", value.pool);
  visit("zone", value.zone);
  visit("was_ready", value.was_ready);
  visit("noticed", value.noticed);
  visit("removing", value.removing);
  visit("emptied", value.emptied);
  visit("missed", value.missed);
}

template <typename V, typename T>
void Fields(V& visit, const CapacityMemory&, T& value) {
  visit("policy", value.policy);
  visit("state", value.state);
  visit("orders", value.orders);
  visit("nodes", value.nodes);
  visit("unwanted", value.unwanted);
}

std::string EncodeCapacityMemory(const CapacityMemory& memory) { return ToJson(memory); }

common::Result<CapacityMemory> DecodeCapacityMemory(std::string_view text) {
  return Decode<CapacityMemory>(text, "memory");
}

}  // namespace scaler::codec
