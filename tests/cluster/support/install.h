#pragma once

#include <string>

namespace cluster {

/// Applies deploy/kubernetes/base and its Secrets as a user does, and waits until the policies'
/// kinds are served. Does nothing where that was done. Throws std::runtime_error.
///
/// No agents and no scalers of the manifests run: KWOK plays pods, and would have the scaler of a
/// test believe in them. `pods` lets them.
void Install(bool pods = false);

/// Takes all of it away again, and waits until it is gone.
void Uninstall();

/// A namespace that is made for one test. What is in it goes with the control plane.
[[nodiscard]] std::string NewNamespace(const std::string& test);

/// A Deployment of pods that KWOK has ready at once.
[[nodiscard]] std::string Deployment(const std::string& name, int replicas);

}  // namespace cluster
