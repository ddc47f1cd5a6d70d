#include "support/fake_api/link.h"

#include <utility>
#include <vector>

namespace tests {

class Link::Call final : public common::kubernetes::WireCall {
 public:
  explicit Call(LinePtr line) : line_(std::move(line)) {}
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() override {
    line_->given_up = true;
    line_->events = {};
    if (!line_->writes) {
      line_->call.reset();
    }
  }

 private:
  LinePtr line_;
};

void Link::Later(std::function<void()> call) {
  const auto key = next_++;
  travelling_[key] = world_.After(latency_, [this, key, call = std::move(call)] {
    const auto timer = std::move(travelling_[key]);
    travelling_.erase(key);
    call();
  });
}

std::unique_ptr<common::kubernetes::WireCall> Link::Start(common::kubernetes::WireRequest request,
                                                          common::kubernetes::WireEvents events) {
  auto line = std::make_shared<Line>();
  line->events = std::move(events);
  line->writes = request.method != "GET";
  Later([this, line, request = std::move(request)] { Arrive(line, request); });
  return std::make_unique<Call>(line);
}

void Link::Arrive(const LinePtr& line, common::kubernetes::WireRequest request) {
  if (line->given_up && !line->writes) {
    return;
  }
  if (cut_) {
    Break(line);
    return;
  }
  lines_[line.get()] = line;
  common::kubernetes::WireEvents events;
  const auto weak = std::weak_ptr<Line>(line);
  events.on_head = [this, weak](int status, const common::http::Headers& headers) {
    if (const auto known = weak.lock()) {
      Back(known, [status, headers](Line& to) { to.events.on_head(status, headers); });
    }
  };
  events.on_bytes = [this, weak](std::string_view bytes) {
    if (const auto known = weak.lock()) {
      Back(known, [text = std::string(bytes)](Line& to) { to.events.on_bytes(text); });
    }
  };
  events.on_end = [this, weak](common::Result<void> result) {
    if (const auto known = weak.lock()) {
      lines_.erase(known.get());
      Back(known, [result](Line& to) {
        to.over = true;
        const auto end = to.events.on_end;
        end(result);
      });
    }
  };
  line->call = api_.Start(std::move(request), std::move(events));
}

void Link::Back(const LinePtr& line, std::function<void(Line&)> event) {
  Later([this, line, event = std::move(event)] {
    process_.Post([line, event] {
      if (!line->given_up && !line->over) {
        event(*line);
      }
    });
  });
}

void Link::Break(const LinePtr& line) {
  Back(line, [](Line& to) {
    to.over = true;
    const auto end = to.events.on_end;
    end(common::Fail(std::errc::connection_reset, "the network is down"));
  });
}

void Link::Cut(bool cut) {
  cut_ = cut;
  if (!cut) {
    return;
  }
  for (const auto& [key, line] : std::exchange(lines_, {})) {
    line->call.reset();
    Break(line);
  }
}

}  // namespace tests
