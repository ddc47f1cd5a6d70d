#include "scaler/kubernetes/leadership/checkpoint.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "common/kubernetes/object.h"
#include "common/log.h"
#include "scaler/kubernetes/leadership/at_rest.h"
#include "scaler/kubernetes/leadership/lease_object.h"
#include "scaler/kubernetes/leadership/packing.h"

namespace scaler::kubernetes::leadership {
namespace {

using common::kubernetes::Outcome;
using common::kubernetes::Priority;
using common::kubernetes::Request;

constexpr auto kWriteWithin = std::chrono::seconds(10);
/// So old may be what only counts how long nodes were looked at.
constexpr auto kCountsWithin = std::chrono::minutes(10);
constexpr int kConflict = 409;
constexpr int kNotFound = 404;
constexpr std::size_t kMix = 1099511628211U;

}  // namespace

void Checkpoint::Start(const loop::Loop& loop) {
  loop_ = &loop;
  next_ = 0;
  round_failed_ = false;
  Look();
}

void Checkpoint::Stop() {
  timer_.reset();
  loop_ = nullptr;
  for (auto& shard : shards_) {
    shard.pending.reset();
    shard.written = false;  // Another may write them now.
  }
}

/// One shard at a time, so that the interval's writes are spread over it.
void Checkpoint::Look() {
  const auto places = static_cast<int>(shards_.size());
  timer_ = executor_.After(options_.interval / places, [this] { Look(); });
  if (next_ == 0) {
    round_failed_ = false;
    round_began_ = loop_->Now();
  }
  const auto place = std::exchange(next_, (next_ + 1) % shards_.size());
  if (shards_[place].pending) {
    round_failed_ = true;  // Slower than the interval; its turn comes again.
    return;
  }
  const auto done = [this](bool good) { round_failed_ = round_failed_ || !good; };
  if (place != IndexPlace()) {
    Write(place, done);
  } else if (!round_failed_) {
    WriteIndex(done);
  }
}

std::size_t Checkpoint::HashOf(std::size_t place) const {
  if (place == NodesPlace()) {
    return HashOfNodes();
  }
  std::size_t hash = 0;
  loop_->ForEachKnown([&](const std::string& workload, const loop::KnownView& known) {
    if (ShardOf(workload, options_.shards) == place) {
      hash = hash * kMix + std::hash<std::string>()(EncodeAtRest(workload, known));
    }
  });
  return hash;
}

std::size_t Checkpoint::HashOfNodes() const {
  const auto* const nodes = loop_->KnownNodes();
  if (nodes == nullptr || !nodes->state.seen_until) {
    return 0;
  }
  const auto age = nodes->state.seen_until->time_since_epoch() / kCountsWithin;
  return std::hash<std::string>()(codec::EncodeCapacityMemory(AtRest(*nodes))) +
         static_cast<std::size_t>(age);
}

std::string Checkpoint::TextOf(std::size_t place) {
  if (place != NodesPlace()) {
    return StatesOf(place);
  }
  const auto* const nodes = loop_->KnownNodes();
  return nodes == nullptr || !nodes->state.seen_until ? "" : EncodeNodes(*nodes);
}

std::string Checkpoint::StatesOf(std::size_t place) {
  std::vector<std::string> lines;
  loop_->ForEachKnown([&](const std::string& workload, const loop::KnownView& known) {
    if (ShardOf(workload, options_.shards) == place) {
      lines.push_back(EncodeKnown(workload, known));
    }
  });
  auto joined = JoinLines(std::move(lines), options_.largest_text_bytes);
  if (joined.left_out > left_out_) {
    common::log::Warning("states too large for a checkpoint are left out of it",
                         {{"shard", NameOf(place)}, {"states", std::to_string(joined.left_out)}});
  }
  left_out_ = std::max(left_out_, joined.left_out);
  return std::move(joined.text);
}

void Checkpoint::Write(std::size_t place, std::function<void(bool)> done) {
  auto& shard = shards_[place];
  const auto hash = HashOf(place);
  if (shard.written && shard.hash == hash) {
    done(true);
    return;
  }
  const auto text = TextOf(place);
  if (shard.version.empty() && text.empty()) {
    done(true);
    return;
  }
  auto packed = Pack(text);
  if (packed.size() > options_.largest_packed_bytes) {
    common::log::Warning("a shard of the checkpoint is too large to be written",
                         {{"shard", NameOf(place)}, {"bytes", std::to_string(packed.size())}});
    ++failures_;
    done(false);
    return;
  }
  Send(place, Body(place, packed), hash, std::move(done));
}

void Checkpoint::WriteIndex(std::function<void(bool)> done) {
  Send(IndexPlace(), Body(IndexPlace(), Pack(IndexText())), 0, std::move(done));
}

std::string Checkpoint::IndexText() const {
  return Header() +
         fmt::format(R"({{"true_until_ms":{}}})", round_began_.time_since_epoch().count());
}

void Checkpoint::Send(std::size_t place, const std::string& body, std::size_t hash,
                      std::function<void(bool)> done) {
  auto& shard = shards_[place];
  Request request;
  const bool makes = shard.version.empty();
  request.method = makes ? "POST" : "PUT";
  request.target = Target(makes ? "" : NameOf(place));
  request.body = body;
  request.content_type = "application/json";
  request.priority = Priority::kList;  // Nothing waits for it.
  request.deadline = kWriteWithin;
  shard.pending = client_.Send(std::move(request), [this, place, hash, done = std::move(done)](
                                                       const Outcome<std::string>& outcome) {
    auto& sent = shards_[place];
    const auto finished = std::move(sent.pending);
    auto version = outcome ? VersionOf(*outcome) : "";
    if (!version.empty()) {
      ++writes_;
      sent.version = std::move(version);
      sent.hash = hash;
      sent.written = true;
      done(true);
      return;
    }
    ++failures_;
    sent.written = false;
    if (!outcome && (outcome.error().status == kConflict || outcome.error().status == kNotFound)) {
      Learn(place, done);  // Another has written, made or deleted it; written at the next turn.
      return;
    }
    common::log::Warning("the checkpoint cannot be written",
                         {{"shard", NameOf(place)},
                          {"why", outcome ? "a strange answer" : outcome.error().message}});
    done(false);
  });
}

/// At which version it is.
void Checkpoint::Learn(std::size_t place, std::function<void(bool)> done) {
  Request request;
  // A list of one: so the right to get config maps is not needed.
  request.target = Target("") + "?fieldSelector=metadata.name%3D" + NameOf(place) + "&limit=1";
  request.priority = Priority::kRead;
  request.deadline = kWriteWithin;
  shards_[place].pending = client_.Send(
      std::move(request),
      [this, place, done = std::move(done)](const Outcome<std::string>& outcome) {
        auto& shard = shards_[place];
        const auto finished = std::move(shard.pending);
        shard.version.clear();
        if (outcome) {
          static_cast<void>(common::kubernetes::ReadPage(
              *outcome, [&](const auto& object) { shard.version = object.resource_version; }));
        }
        done(false);
      });
}

void Checkpoint::Flush(std::function<void()> done) {
  timer_.reset();
  const auto left = std::make_shared<std::size_t>(IndexPlace());
  const auto good = std::make_shared<bool>(true);
  const auto finished = std::make_shared<std::function<void()>>(std::move(done));
  round_began_ = loop_->Now();
  for (std::size_t place = 0; place < IndexPlace(); ++place) {
    shards_[place].pending.reset();
    const auto count = [this, left, good, finished](bool written) {
      *good = *good && written;
      if (--*left == 0) {
        if (*good) {
          WriteIndex([this, finished](bool index_written) {
            if (index_written) {
              (*finished)();
            } else {
              WriteIndex([finished](bool) { (*finished)(); });
            }
          });
        } else {
          (*finished)();
        }
      }
    };
    // There is no next turn for what somebody has deleted meanwhile.
    Write(place, [this, place, count](bool written) {
      if (written) {
        count(true);
      } else {
        Write(place, count);
      }
    });
  }
}

}  // namespace scaler::kubernetes::leadership
