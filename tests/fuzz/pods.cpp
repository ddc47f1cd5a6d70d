// Pods and events as an API server sends them, the file of their counts, and names of cgroups.

#include "agent/cgroup/pods.h"

#include "agent/kubernetes/event.h"
#include "agent/kubernetes/pod.h"
#include "agent/kubernetes/restart_book.h"
#include "agent/kubernetes/restart_file.h"
#include "fuzz/input.h"
#include "scaler/kubernetes/agents/agent_finder.h"
#include "scaler/kubernetes/agents/pod_fields.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace agent::kubernetes;
  const auto text = fuzz::Text(data, size);
  const RestartBook::Now now{common::MonotonicTime(std::chrono::seconds(1000)),
                             common::WallTime(std::chrono::seconds(1'790'000'000))};
  const auto events = ParseEvents(text);
  if (const auto pod = ParsePod(text)) {
    fuzz::Require(pod->containers.size() <= kMostContainers);
    RestartBook book;
    book.Synced(now);
    book.Put(*pod, now);
    const auto once = book.Save();
    book.Put(*pod, now);
    fuzz::Require(book.Save() == once);  // The same told again is no other end.
    for (const auto& question : book.TakeQuestions(now)) {
      book.Answer(question.uid, std::vector<PodEvent>(), now);
    }
    book.Remove(pod->uid, now);
  }
  if (const auto saved = DecodeRestarts(text)) {
    const auto again = DecodeRestarts(Encode(*saved));
    fuzz::Require(again && Encode(*again) == Encode(*saved));
  }
  if (const auto pod = scaler::kubernetes::agents::ParsePodFields(text)) {
    (void)scaler::kubernetes::agents::AgentOf(*pod, {});
  }
  (void)agent::cgroup::PodUidOf(text);
  (void)agent::cgroup::ContainerIdOf(text);
  return 0;
}
