#pragma once

namespace cluster {

/// From now on this process, and whatever it starts, has a network of its own, which goes with it:
/// loopback alone, where the addresses of KWOK's pods (10.0.0.0/16) are ours too. So a program of
/// this host can be the one in a pod, at the pod's own address and port, and an API server finds it
/// there; addresses of 127.0.0.0/8 it refuses to pass anything on to.
///
/// Call it while there is one thread and before Plane(). Throws std::runtime_error; needs root.
void EnterOwnNetwork();

}  // namespace cluster
