#include "agent/requests/registry.h"

#include <algorithm>
#include <utility>

#include "agent/requests/host.h"

namespace agent::requests {
namespace {

using common::Fail;
using common::Result;

constexpr std::size_t kMaxIdBytes = 253;
constexpr std::string_view kWildcard = "*.";

bool IsIdByte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' || byte == '/' ||
         byte == ':';
}

/// Ids become labels and words of the checkpoint: no blanks, no control bytes, no '_' in front.
Result<void> CheckId(const std::string& id) {
  if (id.empty() || id.size() > kMaxIdBytes || !std::ranges::all_of(id, IsIdByte)) {
    return Fail(
        std::errc::invalid_argument,
        "tenant \"" + id + "\": an id is 1 to 253 letters, digits, '-', '_', '.', '/' or ':'");
  }
  if (id.front() == '_') {
    return Fail(std::errc::invalid_argument,
                "tenant \"" + id + "\": ids that begin with '_' are reserved");
  }
  return {};
}

}  // namespace

Result<std::shared_ptr<const TenantRegistry>> TenantRegistry::Make(std::vector<Tenant> tenants) {
  auto registry = std::make_shared<TenantRegistry>();
  registry->tenants_ = std::move(tenants);
  Index ids;
  for (std::uint32_t index = 0; index < registry->tenants_.size(); ++index) {
    auto& tenant = registry->tenants_[index];
    if (auto checked = CheckId(tenant.id); !checked) {
      return tl::make_unexpected(std::move(checked.error()));
    }
    if (!ids.emplace(tenant.id, index).second) {
      return Fail(std::errc::invalid_argument,
                  "tenant \"" + tenant.id + "\" is listed twice; merge the two");
    }
    for (auto& host : tenant.hosts) {
      if (auto added = registry->AddHost(index, host); !added) {
        return tl::make_unexpected(std::move(added.error()));
      }
    }
    if (tenant.backend.empty()) {
      tenant.backend = tenant.id;
    }
    const auto [entry, is_new] = registry->backends_.emplace(tenant.backend, index);
    if (!is_new) {
      return Fail(std::errc::invalid_argument,
                  "backend \"" + tenant.backend + "\" belongs to two tenants, \"" +
                      registry->tenants_[entry->second].id + "\" and \"" + tenant.id + "\"");
    }
  }
  return registry;
}

Result<void> TenantRegistry::AddHost(std::uint32_t tenant, std::string& host) {
  const bool wildcard = host.starts_with(kWildcard);
  HostBuffer buffer;
  const auto name =
      NormalizeHost(std::string_view(host).substr(wildcard ? kWildcard.size() : 0), buffer);
  if (!name) {
    return Fail(std::errc::invalid_argument, "tenant \"" + tenants_[tenant].id + "\": \"" + host +
                                                 "\" is neither a host name nor \"*.\" and one");
  }
  host = (wildcard ? std::string(kWildcard) : std::string()).append(*name);
  const auto [entry, is_new] = (wildcard ? suffixes_ : hosts_).emplace(std::string(*name), tenant);
  if (!is_new && entry->second == tenant) {
    return Fail(std::errc::invalid_argument,
                "tenant \"" + tenants_[tenant].id + "\" lists the host \"" + host + "\" twice");
  }
  if (!is_new) {
    return Fail(std::errc::invalid_argument, "host \"" + host + "\" belongs to two tenants, \"" +
                                                 tenants_[entry->second].id + "\" and \"" +
                                                 tenants_[tenant].id + "\"");
  }
  if (wildcard) {
    shortest_suffix_ = std::min(shortest_suffix_, name->size());
    longest_suffix_ = std::max(longest_suffix_, name->size());
  }
  return {};
}

std::optional<std::size_t> TenantRegistry::FindHost(std::string_view host) const {
  if (const auto found = hosts_.find(host); found != hosts_.end()) {
    return found->second;
  }
  for (auto dot = host.find('.'); dot != std::string_view::npos; dot = host.find('.')) {
    host.remove_prefix(dot + 1);
    if (host.size() < shortest_suffix_) {
      break;
    }
    if (host.size() > longest_suffix_) {
      continue;
    }
    if (const auto found = suffixes_.find(host); found != suffixes_.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

std::optional<std::size_t> TenantRegistry::FindBackend(std::string_view backend) const {
  const auto found = backends_.find(backend);
  return found == backends_.end() ? std::nullopt : std::optional<std::size_t>(found->second);
}

}  // namespace agent::requests
