#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/executor.h"
#include "common/kubernetes/transport.h"
#include "support/fake_api/answer.h"
#include "support/fake_api/kinds.h"
#include "support/fake_api/target.h"

namespace tests {

/// An API server in the memory of a test: lists whole and by pages, watches with bookmarks, writes,
/// and the faults that a real one cannot be made to show at will. What it is not asked for in the
/// right way it refuses with 400, 404, 405, 409, 415 or 422, as the real one does.
///
/// Collections are named by their path over all namespaces, "/apis/apps/v1/deployments".
class FakeApi final : public common::kubernetes::Transport {
 public:
  struct Seen {
    std::string method;
    std::string target;
    common::http::Headers headers;
    std::string body;
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

  explicit FakeApi(common::Executor& executor);
  FakeApi(const FakeApi&) = delete;
  FakeApi& operator=(const FakeApi&) = delete;
  ~FakeApi() override;

  /// There is such a kind: of a real server (see KnownKind), or a custom resource.
  void Serve(const std::string& collection) { Serve(collection, KnownKind(collection)); }
  void Serve(const std::string& collection, ApiKind kind);

  /// What others do (people, controllers, kubelets), past all checks: makes or changes an object;
  /// its uid is new where it was not there. `spec` is JSON.
  void Put(const std::string& collection, const std::string& name_space, const std::string& name,
           const std::string& spec = "{}");
  /// The same of a whole object, with its metadata (name, namespace, labels, ...) and status.
  void PutObject(const std::string& collection, const std::string& object);
  /// Changes an object that is there by a merge patch, its status included.
  void Merge(const std::string& collection, const std::string& name_space, const std::string& name,
             const std::string& patch);
  /// The object as JSON, with kind and apiVersion; empty: there is none.
  [[nodiscard]] std::string Get(const std::string& collection, const std::string& name_space,
                                const std::string& name) const;
  /// "namespace/name" (or the name) of every object, in order.
  [[nodiscard]] std::vector<std::string> Names(const std::string& collection) const;
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
  /// Every request of this method (empty: any), whose target begins so, meets this until Relent.
  void FailAll(const std::string& method, const std::string& prefix, Fault fault);
  void Relent() { standing_.clear(); }
  /// From now on only these tokens are good; none: all are.
  void AcceptTokens(std::vector<std::string> tokens) { tokens_ = std::move(tokens); }
  void UseGzip(bool gzip) { gzip_ = gzip; }

  [[nodiscard]] const std::vector<Seen>& Requests() const { return seen_; }
  [[nodiscard]] int Count(std::string_view method, std::string_view part_of_target) const;

  [[nodiscard]] std::unique_ptr<common::kubernetes::WireCall> Start(
      common::kubernetes::WireRequest request, common::kubernetes::WireEvents events) override;

 private:
  struct Parts;  ///< What is kept, and who writes it.
  struct Open;
  class Call;
  using OpenPtr = std::shared_ptr<Open>;
  struct StandingFault {
    std::string method;
    std::string prefix;
    Fault fault;
  };

  void Answer(const OpenPtr& open, const common::kubernetes::WireRequest& request);
  void Reply(const OpenPtr& open, int status, const std::string& body,
             common::http::Headers headers = {});
  void Reply(const OpenPtr& open, const ApiAnswer& answer) {
    Reply(open, answer.status, answer.body);
  }
  void AnswerMany(const OpenPtr& open, const ApiTarget& target);
  void List(const OpenPtr& open, const ApiTarget& target);
  void ListFromCache(const OpenPtr& open, const ApiTarget& target);
  void Watch(const OpenPtr& open, const ApiTarget& target);
  void End(const OpenPtr& open, common::Result<void> result);
  void Meet(const OpenPtr& open, const Fault& fault);
  [[nodiscard]] bool TakeFault(const OpenPtr& open, const common::kubernetes::WireRequest& request);
  [[nodiscard]] bool IsKnown(const common::kubernetes::WireRequest& request) const;

  common::Executor& executor_;
  std::unique_ptr<Parts> parts_;
  std::vector<OpenPtr> watches_;
  std::deque<std::pair<std::pair<std::string, std::string>, Fault>> faults_;
  std::vector<StandingFault> standing_;
  std::vector<std::string> tokens_;
  bool gzip_ = false;
  std::vector<Seen> seen_;
};

}  // namespace tests
