#include "scaler/kubernetes/leadership/checkpoint_watch.h"

#include <utility>

#include "common/log.h"
#include "scaler/kubernetes/leadership/checkpoint_object.h"
#include "scaler/kubernetes/leadership/shards.h"

namespace scaler::kubernetes::leadership {

CheckpointWatch::CheckpointWatch(common::Executor& executor, common::kubernetes::Client& client,
                                 const CheckpointOptions& options,
                                 std::function<engine::Time()> now,
                                 std::function<void(Workloads)> on_news)
    : options_(options),
      now_(std::move(now)),
      on_news_(std::move(on_news)),
      watcher_(executor, client, {CheckpointsOf(options.name_space), kCheckpointSelector},
               {.on_put = [this](const auto& object) { OnPut(object); },
                .on_gone = {},
                .on_synced = {},
                .on_trouble = {}}) {}

void CheckpointWatch::OnPut(const common::kubernetes::ObjectView& object) {
  // What was there before is no news: its time is over, and who leads next reads it.
  if (!watcher_.Synced() || !IsShard(options_.name, object.name)) {
    return;
  }
  const auto limit = options_.largest_text_bytes * 2;
  auto content = CheckpointText(object.json, limit).and_then([&](const std::string& text) {
    return DecodeShard(text, now_() + kAheadAtMost);
  });
  if (!content || content->broken > 0) {
    if (!std::exchange(said_, true)) {
      common::log::Warning("what the leader has learnt cannot be followed",
                           {{"shard", std::string(object.name)},
                            {"why", content ? content->first_problem : content.error().what}});
    }
  }
  if (content) {
    on_news_(std::move(content->known));
  }
}

}  // namespace scaler::kubernetes::leadership
