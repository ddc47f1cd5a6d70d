#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "common/kubernetes/access.h"
#include "common/result.h"

namespace common::kubernetes {

/// The files that kubectl would read: those of `kubeconfig` (the value of $KUBECONFIG, separated by
/// colons), or .kube/config below `home`.
[[nodiscard]] std::vector<std::filesystem::path> KubeconfigFiles(std::string_view kubeconfig,
                                                                 std::string_view home);

/// What `context` says (empty: the current one), from files that are merged as kubectl merges
/// them: of what several define the first counts, and files that do not exist are left out.
///
/// Blocking. Relative paths are relative to the file that has them. Fails with invalid_argument
/// and all problems with file, line and column, or with the contexts that there are.
[[nodiscard]] Result<Access> ReadKubeconfig(const std::vector<std::filesystem::path>& files,
                                            const std::string& context);

/// What a pod is given: the server of the environment's `host` and `port` (the values of
/// KUBERNETES_SERVICE_HOST and _PORT), and token, ca.crt and namespace below `directory`
/// (/var/run/secrets/kubernetes.io/serviceaccount). Fails where they are not there.
[[nodiscard]] Result<Access> InClusterAccess(const std::string& host, const std::string& port,
                                             const std::filesystem::path& directory);

}  // namespace common::kubernetes
