#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/transport.h"

namespace tests {

/// An API server in the memory of a test: lists by pages, watches with bookmarks, and the faults
/// that a real one cannot be made to show at will. What it is not asked for in the right way it
/// refuses with 400 or 404, as the real one does.
class FakeApi final : public common::kubernetes::Transport {
 public:
  struct Seen {
    std::string method;
    std::string target;
    common::http::Headers headers;
    common::MonotonicTime at;
  };

  /// A refusal instead of an answer.
  struct Fault {
    int status = 500;
    common::http::Headers headers = {};
    std::string body = {};
    bool breaks = false;  ///< No answer: the connection is reset.
    bool hangs = false;   ///< No answer for ever.
  };

  explicit FakeApi(common::Executor& executor) : executor_(executor) {}

  /// There is such a kind; "/apis/apps/v1/deployments".
  void Serve(const std::string& collection) { collections_[collection]; }

  /// Makes or changes an object; its uid is new where it was not there.
  void Put(const std::string& collection, const std::string& name_space, const std::string& name,
           const std::string& spec = "{}");
  void Remove(const std::string& collection, const std::string& name_space,
              const std::string& name);

  /// Forgets what happened: a watch from an older version and the rest of a list are gone (410).
  void Compact();

  /// Ends every watch: at the end of a line, or in the middle of one.
  void CutWatches(bool in_mid_line);
  /// Every watch is told that it is too old.
  void ExpireWatches();
  void SendBookmarks();
  [[nodiscard]] int OpenWatches() const;

  /// The next request of this method, whose target begins so, meets this.
  void FailNext(const std::string& method, const std::string& prefix, Fault fault);
  /// From now on only these tokens are good; none: all are.
  void AcceptTokens(std::vector<std::string> tokens) { tokens_ = std::move(tokens); }
  void UseGzip(bool gzip) { gzip_ = gzip; }

  [[nodiscard]] const std::vector<Seen>& Requests() const { return seen_; }
  [[nodiscard]] int Count(std::string_view method, std::string_view part_of_target) const;

  [[nodiscard]] std::unique_ptr<common::kubernetes::WireCall> Start(
      common::kubernetes::WireRequest request, common::kubernetes::WireEvents events) override;

 private:
  struct Object {
    std::string uid;
    std::uint64_t version = 0;
    std::string json;
  };
  struct Change {
    std::uint64_t version = 0;
    std::string line;
  };
  struct Collection {
    std::map<std::pair<std::string, std::string>, Object> objects;
    std::deque<Change> changes;
  };
  struct Open {
    common::kubernetes::WireEvents events;
    bool over = false;
    std::string collection;  ///< Of a watch.
  };
  class Call;
  using OpenPtr = std::shared_ptr<Open>;

  void Answer(const OpenPtr& open, const common::kubernetes::WireRequest& request);
  void Reply(const OpenPtr& open, int status, const std::string& body,
             common::http::Headers headers = {});
  void List(const OpenPtr& open, const Collection& collection,
            const std::map<std::string, std::string>& query);
  void Watch(const OpenPtr& open, const std::string& name, const Collection& collection,
             const std::map<std::string, std::string>& query);
  void Tell(const std::string& collection, const std::string& type, const std::string& json);
  void End(const OpenPtr& open, common::Result<void> result);
  [[nodiscard]] bool TakeFault(const OpenPtr& open, const common::kubernetes::WireRequest& request);

  common::Executor& executor_;
  std::map<std::string, Collection> collections_;
  std::uint64_t version_ = 100;
  std::uint64_t compacted_ = 0;
  std::uint64_t uids_ = 0;
  std::vector<OpenPtr> watches_;
  std::deque<std::pair<std::pair<std::string, std::string>, Fault>> faults_;
  std::vector<std::string> tokens_;
  bool gzip_ = false;
  std::vector<Seen> seen_;
};

}  // namespace tests
