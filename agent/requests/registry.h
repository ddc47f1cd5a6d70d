#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "common/result.h"

namespace agent::requests {

struct Tenant {
  std::string id;                    ///< The label of its metrics.
  std::vector<std::string> hosts{};  ///< "shop.example.com", or "*.example.com" for all below it.
  std::string backend{};             ///< Its backend in HAProxy; empty means the id.

  friend bool operator==(const Tenant&, const Tenant&) = default;
};

/// Which host belongs to which tenant: the guard of the metrics' cardinality.
///
/// Immutable, so that threads may share it. To reload, make another one aside, and hand it over
/// only if it is good (AccessLog::UseRegistry).
class TenantRegistry {
 public:
  TenantRegistry() = default;

  /// Fails with a sentence that names the tenant, and both tenants of a host that two claim.
  [[nodiscard]] static common::Result<std::shared_ptr<const TenantRegistry>> Make(
      std::vector<Tenant> tenants);

  /// Index into Tenants() for a host as NormalizeHost gives it. An exact host wins over a
  /// wildcard, a longer wildcard over a shorter one.
  [[nodiscard]] std::optional<std::size_t> FindHost(std::string_view host) const;

  /// Index into Tenants() of the tenant that has this backend in HAProxy.
  [[nodiscard]] std::optional<std::size_t> FindBackend(std::string_view backend) const;

  /// As given to Make, with every backend filled in and every host normalised.
  [[nodiscard]] const std::vector<Tenant>& Tenants() const { return tenants_; }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  using Index = std::unordered_map<std::string, std::uint32_t, Hash, std::equal_to<>>;

  common::Result<void> AddHost(std::uint32_t tenant, std::string& host);

  std::vector<Tenant> tenants_;
  Index hosts_;
  Index suffixes_;  ///< Without "*.".
  Index backends_;
  std::size_t shortest_suffix_ = SIZE_MAX;
  std::size_t longest_suffix_ = 0;
};

}  // namespace agent::requests
