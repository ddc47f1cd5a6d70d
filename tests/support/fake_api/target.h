#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace tests {

/// What a request is about: "/apis/apps/v1/namespaces/shops/deployments/shop-1/scale?dryRun=All".
struct ApiTarget {
  std::string collection;                    ///< "/apis/apps/v1/deployments".
  std::string api_version;                   ///< "apps/v1".
  std::string group;                         ///< "apps"; empty: the core.
  std::string resource;                      ///< "deployments".
  std::string name_space;                    ///< Empty: none, or all.
  std::string name;                          ///< Empty: the collection.
  std::string sub;                           ///< "scale"; empty: the object itself.
  std::map<std::string, std::string> query;  ///< Unescaped.

  /// "deployments.apps", as refusals say it.
  [[nodiscard]] std::string Qualified() const {
    return group.empty() ? resource : resource + "." + group;
  }
  [[nodiscard]] std::string Query(const std::string& key) const {
    const auto found = query.find(key);
    return found == query.end() ? "" : found->second;
  }
};

/// Nothing where no server has such a path.
[[nodiscard]] std::optional<ApiTarget> ParseTarget(std::string_view target);

}  // namespace tests
