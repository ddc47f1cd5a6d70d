#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/executor.h"
#include "exporters/http_handler.h"
#include "scaler/local/cloud/async_server.h"
#include "scaler/local/cloud/cloud.h"

namespace scaler::local::cloud {

/// The cloud's HTTP API, for the scaler and for operators:
///   GET    /v1/nodes[?after=REVISION&wait=MILLISECONDS]   a Listing; with `after`, once it changes
///   POST   /v1/orders           a NodeOrder; 200, or 409 with a Refusal
///   DELETE /v1/nodes/NAME       200, also where there is none
///   POST   /v1/mischief         a Mischief; 200, or 400 with the reason in words
///
/// Belongs to the executor's thread.
class Api {
 public:
  /// `commit` makes what has changed durable, before it is answered, and calls Changed.
  Api(common::Executor& executor, Cloud& cloud, std::function<common::Result<void>()> commit);
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void Handle(const exporters::HttpRequest& request, Reply reply);

  /// Answers those who wait for a list that is new.
  void Changed();

 private:
  struct Waiter {
    Reply reply;
    std::int64_t after = 0;
    std::unique_ptr<common::Timer> deadline;
  };

  void List(const exporters::HttpRequest& request, Reply reply);
  void Order(const std::string& body, const Reply& reply);
  void Remove(const std::string& node, const Reply& reply);
  void DoMischief(const std::string& body, const Reply& reply);
  /// Sends the answer after the delay that troubles ask for.
  void Answer(const Reply& reply, exporters::HttpResponse response);
  void AnswerList(const Reply& reply);
  [[nodiscard]] Listing CurrentList();
  [[nodiscard]] Now Time() const;

  common::Executor& executor_;
  Cloud& cloud_;
  std::function<common::Result<void>()> commit_;
  std::optional<Listing> stale_;  ///< What is told while the list is to be stale.
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Waiter> waiters_;
  std::map<std::uint64_t, std::unique_ptr<common::Timer>> delayed_;
};

}  // namespace scaler::local::cloud
